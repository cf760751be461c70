"""The table of formats, and those that packages add: found by name, loaded when asked for, never trusted with names."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import derive
from derive.render.files import checked, joined
from derive.render.formats import FORMATS, OWN, USUAL_FORMATS, format_name

ROOT = Path(derive.__file__).parent.parent
WORDS = """
def render(handout):
    count = len(handout.markdown.split())
    title = handout.evaluation.computation.title
    return {f"{handout.name}.words": f"{title}: {count}, {handout.options.digits} digits".encode()}
"""


def package(folder, name, formats, **modules):
    """Lay out a distribution as an installer leaves it: its metadata, and its modules beside."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    entries = "".join(f"{format_} = {place}\n" for format_, place in formats.items())
    (info / "entry_points.txt").write_text(f"[derive.formats]\n{entries}")
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return lambda name, formats, **modules: package(folder, name, formats, **modules)


def run(folder, *arguments):
    paths = os.pathsep.join([str(folder / "site"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        env=os.environ | {"PYTHONPATH": paths, "LANGUAGE": "en"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def handout():
    return derive.load("single_neuron").derive().handout(digits=4)


def test_each_format_of_the_table_makes_a_file_with_its_ending(handout):
    here = {name: format_ for name, format_ in OWN.items() if not handout.lacks(name)}
    assert set(OWN) - set(here) <= {"docx"}  # which pandoc makes, where it is installed
    for name, format_ in here.items():
        files = handout.render(name, "x")
        assert f"x{format_.ending}" in files
        assert all(file.startswith(("x.", "x-figures/")) and content for file, content in files.items())


def test_the_table_loads_no_renderer():
    source = (
        "import sys, types; package = types.ModuleType('derive'); package.__path__ = [sys.argv[1]]\n"
        "sys.modules['derive'] = package\n"
        "import derive.render.formats, derive.story.options\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[2:])))"
    )
    heavy = ["sympy", "weasyprint", "numpy", "jinja2", "nbformat", "flint", "attr", "importlib_metadata"]
    done = subprocess.run(
        [sys.executable, "-c", source, str(ROOT / "derive"), *heavy], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("PDF", "pdf"),
        ("LaTeX", "tex"),
        ("Markdown", "md"),
        ("note-book", "ipynb"),
        ("Jupyter", "ipynb"),
        ("HTM", "html"),
    ],
)
def test_a_format_has_other_names(word, name):
    assert format_name(word) == name


@pytest.mark.parametrize("word", ["pfd", "", None, 3, "odt", ["pdf"]])
def test_an_unknown_format_is_refused_with_all_names(word):
    with pytest.raises(derive.InputError, match="expected one of pdf, html, tex, md, json, ipynb"):
        format_name(word)


def test_a_package_adds_a_format(installed, handout, tmp_path):
    installed("wordy", {"words": "wordy_words"}, wordy_words=WORDS)
    assert "words" in FORMATS
    assert "words" not in USUAL_FORMATS
    assert "wordy_words" not in sys.modules
    paths = handout.write(tmp_path / "out", ["json", "Words"], name="x")
    assert [path.name for path in paths] == ["x.json", "x.words"]
    count = len(handout.markdown.split())
    assert paths[1].read_text() == f"A single neuron: {count}, 4 digits"


def test_the_example_of_the_documentation_works(installed, handout):
    text = (ROOT / "docs" / "formats.md").read_text()
    ((name, place),) = re.findall(r'^(\w+) = "(.*)"$', text, re.MULTILINE)
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    installed("wordy", {name: place.replace(".", "_")}, **{place.replace(".", "_"): source})
    assert handout.render(name, "x") == {"x.words": str(len(handout.markdown.split())).encode()}


def test_a_package_names_an_object(installed, handout):
    source = "class Words:\n    @staticmethod\n    def render(handout):\n        return {'a/b.txt': b'1'}\n"
    installed("wordy", {"words": "wordy_object:Words"}, wordy_object=source)
    assert handout.render("words") == {"a/b.txt": b"1"}


BROKEN = {
    "no module": ({"words": "not_there_at_all"}, {}, "the package wordy cannot be loaded .ModuleNotFoundError"),
    "no name": ({"words": "wordy_a:Missing"}, {"wordy_a": ""}, "the package wordy cannot be loaded .AttributeError"),
    "no place": ({"words": "not a place"}, {}, "the package wordy cannot be loaded .ValueError"),
    "import fails": ({"words": "wordy_b"}, {"wordy_b": "1 / 0"}, "the package wordy cannot be loaded .ZeroDivisionE"),
    "import ends": ({"words": "wordy_c"}, {"wordy_c": "raise SystemExit(0)"}, "cannot be loaded .SystemExit"),
    "no syntax": ({"words": "wordy_d"}, {"wordy_d": "def"}, "cannot be loaded .SyntaxError"),
    "no render": ({"words": "wordy_e"}, {"wordy_e": ""}, "has no function render in wordy_e"),
    "fails": ({"words": "wordy_f"}, {"wordy_f": "def render(h):\n    return h.nothing"}, "failed .AttributeError"),
    "no files": (
        {"words": "wordy_g"},
        {"wordy_g": "def render(h):\n    return 'text'"},
        "expected a dict from file names",
    ),
    "text": ({"words": "wordy_h"}, {"wordy_h": "def render(h):\n    return {'a': 'text'}"}, "expected a dict from"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_package_is_one_sentence(installed, handout, tmp_path, case):
    formats, modules, said = BROKEN[case]
    installed("wordy", formats, **modules)
    with pytest.raises(derive.InputError, match=f"^format words: .*{said}") as caught:
        handout.write(tmp_path / "out", ["json", "words"])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    assert handout.render("json")


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "a/../../x", "/tmp/x", "", ".", "..", "a//b", "a/", "./x", "a\\b", "C:x", "C:/x", "a\0b", "a\nb"),
        *("con", "a/nul.txt", "a.", "a ", 3, None, b"x"),
    ],
)
def test_a_package_names_files_inside_the_folder_alone(name):
    with pytest.raises(derive.InputError, match="expected one inside the output folder"):
        checked({"good.txt": b"", name: b""}, "words")


@pytest.mark.parametrize("name", ["x", "x.words", "x-figures/path-w1.svg", "Übung (1).words", ".hidden", "a/b/c.txt"])
def test_a_proper_name_is_taken(name):
    assert checked({name: b"1"}, "words") == {name: b"1"}


def test_a_file_outside_the_folder_is_never_written(installed, handout, tmp_path):
    installed("wordy", {"words": "wordy_out"}, wordy_out="def render(h):\n    return {'../stray.txt': b'1'}\n")
    with pytest.raises(derive.InputError, match="inside the output folder"):
        handout.write(tmp_path / "out", ["json", "words"])
    assert not list(tmp_path.glob("*.txt"))
    assert not (tmp_path / "out").exists()


def test_no_format_writes_over_the_file_of_another(installed, handout, tmp_path):
    installed("wordy", {"words": "wordy_over"}, wordy_over="def render(h):\n    return {f'{h.name}.json': b'1'}\n")
    with pytest.raises(derive.InputError, match=r"writes the file 'handout\.json', which another format writes"):
        handout.write(tmp_path / "out", ["json", "words"])
    assert joined({"a": b"1"}, {"b": b"2"}, "x") == {"a": b"1", "b": b"2"}


def test_two_packages_with_one_name_are_named(installed, handout):
    installed("wordy", {"words": "wordy_one"}, wordy_one=WORDS)
    installed("other", {"words": "wordy_two"}, wordy_two=WORDS)
    with pytest.raises(derive.InputError, match=r"several packages add it \(other, wordy\)"):
        handout.render("words")
    assert handout.lacks("words")


def test_a_package_says_what_it_lacks(installed, handout):
    source = "from derive import InputError\n\ndef lacks(handout):\n    return InputError(handout.options.author)\n"
    installed("wordy", {"words": "wordy_lacks"}, wordy_lacks=WORDS + source)
    assert str(attrs.evolve(handout, author="M. Curie").lacks("words")) == "M. Curie"
    assert handout.lacks("json") is None


def test_without_its_library_a_format_says_what_to_install(handout, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(
        derive.InputError, match=r"^The format ipynb needs nbformat, .* pip install 'derive-backprop\[notebook\]'"
    ):
        handout.render("notebook")
    assert "nbformat" in str(handout.lacks("ipynb"))


def test_on_the_command_line(tmp_path):
    (tmp_path / "site").mkdir()
    package(
        tmp_path / "site",
        "wordy",
        {"words": "wordy_cli", "pdf": "wordy_cli", "La-TeX": "wordy_cli", "latex": "wordy_cli", "bad": "wordy_bad"},
        wordy_cli=WORDS,
        wordy_bad="1 / 0",
    )
    for arguments in (["--help"], ["handout", "--help"], ["--version"]):
        done = run(tmp_path, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
    done = run(tmp_path, "handout", "single_neuron", "--format", "words", "--format", "json")
    assert done.returncode == 0
    assert done.stdout.split("\n")[:2] == ["wrote output/single_neuron.words", "wrote output/single_neuron.json"]
    assert sorted(done.stderr.splitlines()) == [
        "derive: The format 'La-TeX' of the package wordy is not used: its name may only have lowercase letters and "
        "digits.",
        "derive: The format 'latex' of the package wordy is not used: derive itself has a format with that name.",
        "derive: The format 'pdf' of the package wordy is not used: derive itself has a format with that name.",
    ]
    assert json.loads((tmp_path / "output" / "single_neuron.json").read_text())["title"] == "A single neuron"
    done = run(tmp_path, "handout", "single_neuron", "--format", "bad")
    assert done.returncode == 2
    assert "format bad: the package wordy cannot be loaded (ZeroDivisionError: division by zero); " in done.stderr
    assert "Traceback" not in done.stderr
    done = run(tmp_path, "handout", "single_neuron", "--format", "wrods")
    assert "Did you mean 'words'?" in done.stderr


def test_without_a_format_by_name_no_package_is_looked_at(tmp_path):
    (tmp_path / "site").mkdir()
    package(tmp_path / "site", "wordy", {"pdf": "wordy_cli"}, wordy_cli="raise SystemExit(9)")
    (tmp_path / "site" / "wordy-1.0.dist-info" / "entry_points.txt").write_text("no = entry\n[derive.formats]\nbroken")
    for arguments in (["--help"], ["show", "w5"]):
        assert run(tmp_path, *arguments).stderr == ""
    done = run(tmp_path, "handout", "single_neuron", "--format", "wrods")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
