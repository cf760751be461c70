"""CONTRIBUTING.md is true: its files are there, its table is the contract of layers, and its walk works.

The walk is made in a copy of the package, with the files that the table of the walk names and no others.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", TEXT, re.MULTILINE))
FILE = re.compile(r"`((?:derive|templates|tests|docs|\.ci)/[\w./-]*|[\w-]+(?:/[\w-]+)*\.(?:py|md|toml|j2|txt|sh))`")


def rows(section):
    """Return the rows of a section's table: their cells."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def is_there(name):
    """Whether a file is there: by its path from the root or in the package, or by its name alone."""
    folders = [ROOT, ROOT / "derive", ROOT / "templates" / "article"]
    return any((folder / name).exists() for folder in folders) or any((ROOT / "derive").glob(f"*/{name}"))


def test_every_file_that_is_named_is_there():
    now = "".join(text for name, text in SECTIONS.items() if name != "Where what comes next will live")
    named = set(FILE.findall(now))
    assert len(named) > 40
    assert {name for name in named if not is_there(name)} == set()


def test_what_is_to_come_is_not_there_yet():
    named = set(FILE.findall(SECTIONS["Where what comes next will live"])) - {"compile.py"}
    assert len(named) > 1
    assert {name for name in named if (ROOT / "derive" / name).exists()} == set()


def test_the_table_of_rooms_is_the_contract_of_layers():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = project["tool"]["importlinter"]["contracts"]
    assert contract["exhaustive"]
    assert not project["tool"]["importlinter"]["exclude_type_checking_imports"]
    layers = [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]
    assert [set(re.findall(r"`(\w+)`", row)) for row, _ in rows("The rooms")] == layers[::-1]


def test_every_room_is_in_the_table():
    found = {
        path.stem for path in (ROOT / "derive").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert found - {"__init__"} == {name for row, _ in rows("The rooms") for name in re.findall(r"`(\w+)`", row)}


def test_the_folders_of_the_tests_are_those_of_the_package():
    of_tests = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    of_package = {path.parent.name for path in (ROOT / "derive").glob("*/__init__.py")}
    assert of_tests - of_package <= {"typed"}


NETWORK = """
title = "Walk"
{keys}
[[sample]]
inputs = [0.05, 0.1]
targets = [0.01]
[[layer]]
activation = "{activation}"
weights = [[0.15, 0.2]]
bias = 0.35
"""
TABLE = r"^_TABLE\b.*= \(\n"
HANDOUT = ("handout", "net.toml", "--format", "md")
# What is added, by its row in the table: in each file, behind what a pattern finds, a text; the network, the command,
# and what then stands in the output or in the handout.
WALK = {
    "an activation": (
        {
            "derive/functions/activations.py": [
                (
                    TABLE,
                    'Activation(name="algebraic", formula=lambda net, _: fraction(net, root(add(ONE, square(net)))), '
                    "derivative=lambda net, out, _: fraction(ONE, mul(add(ONE, square(net)), "
                    "root(add(ONE, square(net)))))),\n",
                )
            ]
        },
        {"activation": "algebraic"},
        HANDOUT,
        "This is the derivative of algebraic",
    ),
    "a loss": (
        {
            "derive/functions/losses.py": [
                (TABLE, 'Loss("fourth_power", lambda target, out, _: square(square(minus(target, out)))),\n')
            ]
        },
        {"keys": 'error = "fourth_power"'},
        HANDOUT,
        r"\left(\mathrm{target}_{o1} - \mathrm{out}_{o1}\right)^{2}\right)^{2}",
    ),
    "an optimizer": (
        {
            "derive/functions/optimizers.py": [
                (TABLE, 'UpdateRule("halved", lambda g: (("w+", minus(W, mul(ETA, fraction(g, ONE + ONE)))),), {}),\n')
            ]
        },
        {"keys": 'optimizer = "halved"'},
        HANDOUT,
        "This network is trained by halved.",
    ),
    "a function of one argument": (
        {
            "derive/notation/elementary.py": [
                (r"^from sympy import ", "atan, "),
                (
                    r"(?=^ABS = )",
                    'ATAN = Elementary(kind=atan, code="atan", numpy="arctan", look=named("arctan", r"\\arctan"), '
                    "floats=math.atan, ball=lambda x: x.atan(), exact=only_at(0, 0), rises=True, "
                    'rule="arc tangent", derivative=lambda x: (fraction(ONE, ONE + x**2),))\n',
                ),
                (r"for entry in \(", "ATAN, "),
            ],
            "derive/functions/activations.py": [
                (r"^from sympy import ", "atan, "),
                (
                    TABLE,
                    'Activation(name="arc", formula=lambda net, _: atan(net, evaluate=False), '
                    "derivative=lambda net, out, _: fraction(ONE, add(ONE, square(net)))),\n",
                ),
            ],
        },
        {"activation": "arc"},
        HANDOUT,
        "arc tangent",
    ),
    "a section of the handout": (
        {
            "templates/article/greeting.md.j2": "## Greeting\n\nHello, {{ network.title }}.\n",
            "templates/article.md.j2": [
                (r'{% include "article/after.md.j2" %}\n', '{% include "article/greeting.md.j2" %}\n')
            ],
        },
        {},
        HANDOUT,
        "Hello, Walk.",
    ),
    "a format": (
        {
            "derive/render/words.py": '"""Words."""\n\n\ndef render(handout):\n'
            '    return {f"{handout.name}.txt": b"some words"}\n',
            "derive/render/formats.py": [
                (r"for format_ in \(\n", 'Format("txt", ".txt", "derive.render.words", synonyms=("text",)),\n')
            ],
        },
        {},
        ("handout", "net.toml", "--format", "text"),
        "some words",
    ),
    "a check of every handout": (
        {
            "derive/verification/few.py": '"""Few."""\n\nfrom derive.errors import VerificationError\n\n\n'
            'def verify_few(evaluation):\n    raise VerificationError("too many parameters")\n',
            "derive/verification/__init__.py": [
                (r"^from dataclasses import dataclass\n", "from derive.verification.few import verify_few\n"),
                (r"(?=^    algebra, locals_ = )", "    verify_few(evaluation)\n"),
            ],
        },
        {},
        HANDOUT,
        "derive: too many parameters",
    ),
    "a command": (
        {
            "derive/cli/hello.py": 'import click\n\n\n@click.command(help="Say hello.")\ndef hello():\n'
            '    click.echo("hello, you")\n',
            "derive/cli/main.py": [(r"^COMMANDS = {\n", '    "hello": "derive.cli.hello",\n')],
        },
        {},
        ("hello",),
        "hello, you",
    ),
    "a language": (
        {
            "derive/language/language.py": [
                (r"^LANGUAGES: .*= {\n", '    "fr": Language("fr", ",", "\\u202f", "french"),\n'),
                (r"^NAMES = {\n", '    "fr": "fr",\n'),
            ],
            "templates/locale/fr/LC_MESSAGES/derive.mo": (
                ROOT / "templates/locale/es/LC_MESSAGES/derive.mo"
            ).read_bytes(),
        },
        {},
        (*HANDOUT, "--language", "fr-CA"),
        "El error",
    ),
    "an option of the handout": (
        {
            "derive/story/handout_options.py": [
                (r"(?=^    template: )", '    school: str = attrs.field(default="", converter=author_line)\n')
            ],
            "derive/api/derivation.py": [
                (r'^        date: str = "",\n', '        school: str = "",\n'),
                (r"^            date=date,\n", "            school=school,\n"),
            ],
            "derive/cli/options.py": [(r"^    options = \(\n", '        click.option("--school", default=""),\n')],
        },
        {},
        (*HANDOUT, "--school", "two\nlines"),
        "expected one line",
    ),
    "something a template may use": (
        {
            "derive/story/context.py": [(r'^ +"page": page,\n', '        "greeting": "Good morning",\n')],
        },
        {},
        (*HANDOUT, "--template", "mine"),
        "Good morning, Walk",
    ),
    "a built-in network": (
        {"derive/networks/walk.toml": "# A walk\n" + NETWORK.format(keys="", activation="tanh")},
        {},
        ("networks",),
        "walk: A walk",
    ),
    "a key of network files": (
        {
            "derive/network/network.py": [
                (r"(?=^    learning_rate_name: str = )", "    note: int = attrs.field(default=1)\n")
            ],
            "derive/reading/network_file.py": [(r"^PLAIN_KEYS = \(", '"note", ')],
        },
        {"keys": "note = 3"},
        HANDOUT,
        "# Walk",
    ),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the package beside its templates."""
    folder = tmp_path_factory.mktemp("walk")
    for name in ("derive", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.po", "*.pot"))
    return folder


def added(folder, file, what):
    """Add to a file of the copy, or make it."""
    path = folder / file
    if isinstance(what, bytes):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(what)
    elif isinstance(what, str):
        path.write_text(what, encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        for pattern, addition in what:
            text, found = re.subn(pattern, lambda match: match[0] + addition, text, flags=re.MULTILINE)  # noqa: B023
            assert found == 1, pattern
        path.write_text(text, encoding="utf-8")


def test_every_step_of_the_walk_that_writes_code_is_tried():
    assert set(WALK) < {what for what, _ in rows("Where do I add …?")}


@pytest.mark.parametrize("step", WALK)
def test_a_step_of_the_walk_touches_the_files_that_are_named(package, tmp_path, step):
    files, network, command, expected = WALK[step]
    where = dict(rows("Where do I add …?"))[step]
    if step == "a function of one argument":  # which an activation is made of
        where += dict(rows("Where do I add …?"))["an activation"]
    named = set(FILE.findall(where))
    assert {
        file for file in files if file not in named and not any(f"{up}/" in named for up in Path(file).parents)
    } == set()
    shutil.copytree(package, tmp_path / "copy")
    for file, what in files.items():
        added(tmp_path / "copy", file, what)
    (tmp_path / "net.toml").write_text(NETWORK.format(**{"keys": "", "activation": "logistic", **network}))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "article.md.j2").write_text("# T\n\n{{ greeting }}, {{ network.title }}\n")
    done = subprocess.run(
        [sys.executable, "-m", "derive", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "copy")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("output/*.*"))
    assert expected in done.stdout + done.stderr + written, done.stderr
    assert "Traceback" not in done.stderr
