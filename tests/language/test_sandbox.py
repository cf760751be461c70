"""What a template of somebody else's cannot do, and that no text is evaluated anywhere in the package.

The walks run in a child process that notes, by Python's own audit events, what it writes, starts, connects to and
evaluates; see ``watched.py``. The child has no other knowledge of the sandbox than how a template asks it.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import derive
from derive.language.folder import FOLDER
from derive.language.own_templates import copy_to
from derive.language.sandbox import BASIC, LONGEST
from derive.language.templates import HANDOUT, MAX_BYTES, SECTIONS
from derive.story import context
from derive.story.offered import OFFERED
from derive.training.code import program
from tests.watched import CODE

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "derive").rglob("*.py"))


def child(*arguments, cwd, timeout=300):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=timeout, check=False
    )


FILES = [name for name in HANDOUT if name not in SECTIONS]


@pytest.fixture(scope="module")
def small():
    """The derivation of a network of one neuron."""
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])]).derive()


@pytest.fixture
def refused(small, tmp_path, monkeypatch):
    """Write an article of one's own, and return what is said where it is refused."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "own"
    folder.mkdir()

    def say(text):
        (folder / "article.md.j2").write_text(f"# T\n\n{text}\n", encoding="utf-8")
        with pytest.raises(derive.InputError) as caught:
            _ = small.handout(template=folder).markdown
        assert {path.name for path in tmp_path.iterdir()} == {"own"}
        assert str(folder / "article.md.j2") in str(caught.value)
        return str(caught.value)

    return say


def test_all_that_a_template_reaches_is_plain_and_does_nothing(tmp_path):
    copy_to(tmp_path / "own")
    run = tmp_path / "run"
    run.mkdir()
    done = child("-m", "tests.watched_template", tmp_path / "own", "article", "softmax_classifier", cwd=run)
    count, _, happened = done.stdout.partition("\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert int(count.split()[0]) > 10_000
    assert happened.strip() == ""
    assert [*run.iterdir()] == []


def test_no_text_is_evaluated_in_the_whole_package(tmp_path):
    done = child("-m", "tests.watched_texts", cwd=tmp_path)
    count, _, happened = done.stdout.partition("\n")
    assert done.returncode == 0, done.stderr
    assert int(count.split()[0]) > 1_000
    assert happened.strip() == ""


# How a text becomes code, or comes from elsewhere, in Python and in SymPy.
EVALUATING = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "sympify",
    "S",
    "parse_expr",
    "parse_latex",
    "lambdify",
    "symbols",
}
EVALUATING |= {
    "nsimplify",
    "literal_eval",
    "import_module",
    "resolve_name",
    "run_module",
    "run_path",
    "system",
    "popen",
    "Popen",
}
MODULES = ("pickle.", "marshal.", "shelve.", "yaml.", "subprocess.", "socket.", "urllib.request.", "http.", "runpy.")
# The code that is made of derive's own trees, with numbered names, and a notebook's, of which every node is known.
KNOWN = {("ways.py", "eval"), ("ways.py", "compile"), ("program.py", "exec"), ("program.py", "compile")}
# A command, and a public name, by the name that stands in a table.
KNOWN |= {("help.py", "import_module"), ("__init__.py", "import_module")}
KNOWN |= {("bounds.py", "exec")}
# Jinja compiles a template, a user's by the sandbox's own generator; its loader would call the same method.
KNOWN |= {("templates.py", "compile")}
# Modules by the names in the table of formats, and by what installed packages name in their entry points.
KNOWN |= {("formats.py", "import_module"), ("formats.py", "resolve_name")}
# pandoc and pdftoppm, by these names and with fixed arguments: what a user writes is never one of them.
KNOWN |= {("programs.py", "subprocess")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_evaluates_texts_but_the_places_that_run_generated_code(source):
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            of_re = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in EVALUATING and not (of_re and node.func.value.id == "re"):
                found.add((source.name, name))
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        found |= {(source.name, name) for name in names if f"{name}.".startswith(MODULES) or name in EVALUATING}
    assert found <= KNOWN


def test_no_name_and_no_title_reaches_generated_code():
    own = ["alpha_zzq", "beta_zzq", "gamma_zzq", "delta_zzq", "omega_zzq", "input_zzq", "theta_zzq"]
    layer = derive.Layer(weights=[[0.5], [0.25]], bias=[0.1, 0.2], neurons=own[:2], weight_names=[own[2:3], own[3:4]])
    last = derive.Layer(weights=[[0.5, 0.25]], bias=0.1, neurons=own[4:5])
    network = derive.Network([layer, last], [derive.Sample([1], [0])], title="zzq title", learning_rate_name=own[6])
    assert "zzq" not in program(network.derive().evaluation).source


@pytest.mark.parametrize("name", [CODE, "x = 1", "w; 1", "a b", "a.b", "__class__", "f()"])
def test_a_name_is_a_letter_or_a_word_and_never_code(name):
    with pytest.raises(derive.InputError):
        derive.Network([derive.Layer([[0.5]], neurons=[name])], [derive.Sample([1], [0])])


RUN = "__import__('os').mkdir('ran')"
NOT_THERE = "has no attribute"
DENIED = [
    (f'{{{{ layers[0].activation.entry.formula("{RUN}", 1) }}}}', "'formula'"),
    (f'{{{{ layers[0].activation.entry.lines("{RUN}", 1, 1) }}}}', "'lines'"),
    ("{{ layers[0].activation._entry }}", "'_entry'"),
    (f'{{{{ network.optimizer.rule.steps("{RUN}") }}}}', "'steps'"),
    ("{{ network.derive() }}", "'derive'"),
    ("{{ formulas.derivation }}", "'derivation'"),
    ("{{ matrices.formulas }}", "'formulas'"),
    ("{{ derivation['w1'].formula }}", "'formula'"),
    (f"{{{{ derivation['w1'].formula.subs(\"{RUN}\", 1) }}}}", "'formula'"),
    ("{{ derivation['w1'].derivation }}", "'derivation'"),
    ("{{ derivation['w1'].composed }}", "'composed'"),
    ("{{ derivation['w1'].factors[0].rule }}", "'rule'"),
    ("{{ derivation._derivation }}", "'_derivation'"),
    ("{{ graph.by_target['net_o1'].expression }}", "'expression'"),
    ("{{ evaluation.error_at('w1', 1) }}", "'error_at'"),
    ("{{ evaluation.table(10000) }}", "'table'"),
    ("{{ error.composed }}", "'composed'"),
    (f'{{{{ formulas.chain("{RUN}") }}}}', "expected Partial"),
    (f'{{{{ formulas.equal("{RUN}") }}}}', "expected Number"),
    (f'{{{{ matrices.net("{RUN}") }}}}', "expected LayerView"),
    (f'{{{{ evaluation.derivative("{RUN}") }}}}', "expected Partial or LocalDerivative"),
    ("{{ evaluation.quantity(1) }}", "expected str"),
    ("{{ evaluation.quantity('w1', 0, 1) }}", "at most 2"),
    ("{{ evaluation.learning_rate.latex(10 ** 9) }}", "from 0 to 1000"),
    ("{{ evaluation.learning_rate.latex(digits=-1) }}", "from 0 to 1000"),
    ("{{ evaluation.learning_rate.hex() }}", "'hex'"),
    ("{{ name(['w1']) }}", "expected str"),
    ("{{ rational('1/3') }}", "expected int or Fraction"),
    ("{{ name.function }}", "'function'"),
    ("{{ numbering.displayed }}", "'displayed'"),
    ("{{ gettext.__globals__ }}", "'__globals__'"),
    ("{{ range.__init__ }}", "'__init__'"),
    ("{{ self.__init__ }}", "'__init__'"),
    ("{{ '{0.__class__}'.format(1) }}", "'format'"),
    ("{{ '{x.__class__}'.format_map({'x': 1}) }}", "'format_map'"),
    ("{{ '' | attr('__class__') }}", "'__class__'"),
    ("{{ [network] | map(attribute='optimizer.__init__.__globals__') | list }}", "'__init__'"),
    ("{{ [network] | map('attr', '__class__') | join }}", ""),
    ("{{ [network, graph] | groupby('__class__') }}", "'__class__'"),
    ("{{ [network, graph] | sort(attribute='__class__') }}", "'__class__'"),
    ("{{ network['__class__'] }}", "'__class__'"),
    ("{{ (1).__class__ }}", "'__class__'"),
    ("{{ [].extend([1]) }}", "'extend'"),
    ("{{ graph.kinds.clear() }}", "'clear'"),
    ("{{ lipsum(10 ** 9) }}", "'lipsum'"),
    ("{% from 'article.md.j2' import __class__ %}", "underline"),
    ("{% include '../../etc/passwd' %}", "no template"),
    ("{% include '/etc/passwd' %}", "no template"),
    ("{% extends '//etc/passwd' %}", "no template"),
    ("{% import '..' as x %}", "no template"),
    ("{{ range(10 ** 9) }}", "MAX_RANGE"),
    ("{{ 'x' * 10 ** 9 }}", "characters or items"),
    ("{{ 10 ** 9 * [1] }}", "characters or items"),
    ("{{ 10 ** (10 ** 9) }}", "bits"),
    ("{{ (2 ** 9999) * (2 ** 9999) }}", "bits"),
    ("{{ 'x' | center(10 ** 9) }}", "at most 1,000"),
    ("{{ 'x'.ljust(1000000000) }}", "from 0 to 1000"),
    ("{{ '%1000000000d' | format(1) }}", "widths"),
    ("{{ '%.*f' % (1000000000, 1) }}", "widths"),
    ("{{ '%(a(b)c)1000000000d' % {'a(b)c': 1} }}", "widths"),
    ("{{ _('%(x)1000000000d', x=1) }}", "widths"),
    ("{{ 1 | round(-1000000000) }}", "at most 1,000"),
    ("{{ [1] | slice(1000000000) | list }}", "at most 1,000"),
    ("{{ [1] | tojson(indent=1000000000) }}", "at most 1,000"),
    ("{{ 'a b' | wordwrap(1, wrapstring='x' * 100000) }}", "at most 1,000"),
    ("{{ ('a' * 100000).replace('a', 'a' * 100000) }}", "characters or items"),
    ("{{ ('a' * 100000) | replace('a', 'a' * 100000) }}", "characters or items"),
    ("{{ (['a' * 100000] * 100000) | join }}", "characters or items"),
    ("{{ ''.join(['a' * 100000] * 100000) }}", "characters or items"),
    ("{{ ([[1] * 100000] * 100000) | sum(start=[]) | length }}", "characters or items"),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
    ("{% include 'article.md.j2' %}", "recursion"),
]
GROWING = ("ns.s ~ ns.s", "ns.s + ns.s", "(ns.s, ns.s) | join", "ns.s.replace('a', 'aa')", "caller(ns.s)")


@pytest.mark.parametrize(("text", "reason"), DENIED, ids=[text for text, _ in DENIED])
def test_what_is_not_offered_is_refused_with_file_line_and_reason(refused, text, reason):
    message = refused(text)
    assert reason in message
    assert "line 3" in message or "recursion" in reason


@pytest.mark.parametrize("step", GROWING)
def test_a_text_that_doubles_with_each_turn_ends(refused, step):
    twice = "{% macro twice() %}{{ caller('') }}{% endmacro %}"
    block = "{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}" if "caller" in step else f"{{% set ns.s = {step} %}}"
    message = refused(f"{twice}{{% set ns = namespace(s='a') %}}{{% for i in range(99) %}}{block}{{% endfor %}}")
    assert f"{LONGEST:,}" in message


def test_what_a_template_writes_in_all_is_bounded(refused):
    refused("{% set x = 'x' * 1000000 %}{% for i in range(100000) %}{{ x }}{% endfor %}")


def test_what_is_offered_works(small, tmp_path):
    lines = """
    {{ layers[0].activation.entry.kinks | length }} {{ derivation["w1"].value.latex(digits=3) }} {{ "ab"[1:] }}
    {{ "%05.2f %s %%" | format(1.5, "x") }} {{ ("a", "b") | join("-") }} {{ "a-b".split("-") | length }} {{ 2 ** 10 }}
    {% set ns = namespace(n=1) %}{% set ns.n = ns.n + 1 %}{{ ns.n }} {{ dict(a=1).a }} {{ {"b": 2}["b"] }}
    {% for i in range(2) %}{{ loop.index }}{{ loop.cycle("x", "y") }}{% endfor %} {{ network.nothing is defined }}
    {{ [network] | map(attribute="optimizer.name") | first | replace("_", " ") }} {{ derivation | length }}
    {% set c = cycler("p", "q") %}{{ c.next() }}{{ c.next() }}{% set j = joiner("+") %}{{ j() }}{{ j() }}
    """
    (tmp_path / "article.md.j2").write_text("# T\n" + lines, encoding="utf-8")
    words = " ".join(small.handout(template=tmp_path).markdown.split())
    assert words == "# T 0 0.146 b 01.50 x % a-b 2 1,024 2 1 2 1x2y False gradient descent 1 pq+"


@pytest.mark.parametrize("name", [*FILES, "article/update.md.j2"])
@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "endless", "large", "link to itself"])
def test_a_file_of_the_folder_that_is_none_is_refused_at_once(tmp_path, name, kind):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if kind in ("pipe", "link to a pipe"):
        os.mkfifo(tmp_path / "pipe" if kind != "pipe" else path)
    if kind == "large":
        with path.open("wb") as file:
            file.truncate(3 << 30)
    targets = {"link to a pipe": tmp_path / "pipe", "endless": "/dev/zero", "link to itself": path}
    if kind in targets:
        path.symlink_to(targets[kind])
    text = "from pathlib import Path; import sys; from derive.language.templates import read; read(Path(sys.argv[1]))"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)); {text}"
    done = child("-c", limited, path, cwd=tmp_path, timeout=60)
    expected = f"more than {MAX_BYTES:,} bytes" if kind == "large" else "cannot be read"
    assert f"derive.errors.InputError: {path}: " in done.stderr
    assert expected in done.stderr


@pytest.mark.parametrize("name", FILES)
def test_a_link_to_a_file_is_as_good_as_the_file(small, tmp_path, name):
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "elsewhere").write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    (own / name).symlink_to(tmp_path / "elsewhere")
    for format_ in ("html", "tex"):
        assert small.handout(template=own).render(format_) == small.handout().render(format_)


def test_what_a_template_takes_in_lies_in_its_folder(small, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (own / "real.j2").write_text("inside", encoding="utf-8")
    (own / "stays.j2").symlink_to("real.j2")
    (own / "leads.j2").symlink_to("../secret")
    (own / "article.md.j2").write_text("# T\n\n{% include 'stays.j2' %}\n", encoding="utf-8")
    assert small.handout(template=own).markdown == "# T\n\ninside\n"
    for tag in ("include 'leads.j2'", "import 'leads.j2' as x", "from 'leads.j2' import x", "extends 'leads.j2'"):
        (own / "article.md.j2").write_text(f"# T\n\n{{% {tag} %}}\n", encoding="utf-8")
        with pytest.raises(derive.InputError, match=r"line 3: .*'leads.j2' is a link that leads out of the folder"):
            _ = small.handout(template=own).markdown


@pytest.mark.parametrize("linked", ["article", "article/update.md.j2"])
def test_a_section_lies_in_the_folder_too(small, tmp_path, linked):
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other / "article"):
        folder.mkdir(parents=True)
    (other / "article" / "update.md.j2").write_text("secret", encoding="utf-8")
    (own / "style.css").write_text("", encoding="utf-8")
    (own / linked).parent.mkdir(exist_ok=True)
    (own / linked).symlink_to(other / linked)
    with pytest.raises(derive.InputError, match=r"'article/update.md.j2' is a link that leads out of") as found:
        _ = small.handout(template=own).markdown
    assert str(found.value).startswith(f"{own / 'article/update.md.j2'}: ")


@pytest.mark.parametrize("ending", [".toml", ".json"])
def test_a_network_file_that_is_a_pipe_is_refused_at_once(tmp_path, ending):
    # Between the look at it and the opening another one may have been put in its place.
    os.mkfifo(tmp_path / f"pipe{ending}")
    text = "from pathlib import Path; import sys; from derive.reading.files import parsed; parsed(Path(sys.argv[1]))"
    done = child("-c", text, tmp_path / f"pipe{ending}", cwd=tmp_path, timeout=60)
    assert "derive.errors.InputError: the file cannot be read (it is a device or a pipe)" in done.stderr


def test_what_the_templates_use_is_offered(small):
    """Every attribute that a shipped template reads stands in a table, or is a field of a namespace of its own."""
    offered = {name for offer in (*OFFERED.values(), *BASIC.values()) for name in offer}
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for name in (name for name in HANDOUT if name.endswith(".j2")):
        tree = environment.parse((FOLDER / name).read_text(encoding="utf-8"))
        own = {(node.name, node.attr) for node in tree.find_all(nodes.NSRef)}
        read = tree.find_all(nodes.Getattr)
        assert {node.attr for node in read if (getattr(node.node, "name", ""), node.attr) not in own} <= offered


def test_the_list_for_readers_has_every_name():
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    missing = {name for offer in OFFERED.values() for name in offer} - words
    assert missing == set()
    assert set(context.FUNCTIONS) <= words
