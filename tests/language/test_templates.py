"""Templates of a user's own: they take the place of the package's, and a broken one is said with file and line."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import jinja2
import pytest

import derive
from derive.language.compiled import Compiled, Source
from derive.language.folder import FOLDER
from derive.language.templates import GRAPH, HANDOUT, SECTIONS, Templates

# Those that every handout reads: not each has samples or a training to tell of.
READ = [name for name in HANDOUT if name not in SECTIONS] + ["article/update.md.j2", "article/shared.md.j2"]


def run(*arguments, cwd):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


@pytest.fixture(scope="module")
def small():
    """The derivation of a network of one neuron."""
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])]).derive()


@pytest.fixture(scope="module")
def formula():
    """The derivation of one equation."""
    return derive.derive("(x + 1)^2", {"x": 2})


@pytest.fixture
def own(tmp_path):
    """Write a template of one's own and return its folder."""

    def write(name, text):
        folder = tmp_path / "own"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return write


def shipped(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def rendered(derivation, folder, format_):
    return derivation.handout(template=folder).render(format_)[f"handout.{format_}"].decode()


def refused(derivation, folder, format_="html"):
    with pytest.raises(derive.InputError) as caught:
        derivation.handout(template=folder).render(format_)
    assert "\n" not in str(caught.value)
    assert "derive:" not in str(caught.value)
    return str(caught.value)


def test_each_template_takes_the_place_of_the_package_s(small, own):
    own("article.md.j2", "# {{ network.title }}\n\nShort: $w = {{ evaluation.quantity('w1').latex(3) }}$\n")
    own("page.html.j2", "<title>{{ title }}</title><style>{{ style }}</style>MINE {{ body }}")
    own("style.css", "p { color: teal }")
    folder = own("document.tex.j2", "% MINE {{ title }}\n{{ body }}\n")
    page = rendered(small, folder, "html")
    assert "MINE" in page
    assert "p { color: teal }" in page
    assert "Short: <math" in page
    assert rendered(small, folder, "tex") == "% MINE A neural network\nShort: $w = 0.5$\n"


def test_what_is_missing_comes_from_the_package(small, own):
    folder = own("style.css", shipped("style.css") + "h1 { color: teal }")
    assert rendered(small, folder, "html").replace("h1 { color: teal }", "") == rendered(small, None, "html")
    assert rendered(small, folder, "tex") == rendered(small, None, "tex")


@pytest.mark.parametrize("name", ["article", "softmax_classifier", "regression", "single_neuron"])
def test_the_shipped_templates_do_the_same_as_templates_of_one_s_own(name, tmp_path):
    folder = tmp_path / "copied"
    assert run("template", folder, cwd=tmp_path).returncode == 0
    derivation = derive.load(name).derive()
    for format_ in ("md", "html", "tex"):
        options = {"form": "both", "detail": "full", "author": "A", "language": "en"}
        expected = derivation.handout(**options).render(format_)
        assert derivation.handout(**options, template=folder).render(format_) == expected


def test_a_template_may_include_its_own(small, own):
    own("part.j2", "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}")
    folder = own("article.md.j2", '{% from "part.j2" import twice %}# {{ twice("ab") }}\n')
    assert small.handout(template=folder).markdown == "# abab\n"


BROKEN = [
    ("{% for x in y %}", "line 3", "Unexpected end of template"),
    ("{{ nothing }}", "line 3", "'nothing' is undefined"),
    ("{{ network.nothing }}", "line 3", "has no attribute 'nothing'"),
    ("{{ 1 | nothing }}", "line 3", "No filter named 'nothing'"),
    ("{{ 1 / 0 }}", "line 3", "ZeroDivisionError"),
    ("{% include 'missing.j2' %}", "line 3", "no template 'missing.j2'"),
    ("{% include '../secret.j2' %}", "line 3", "no template '../secret.j2'"),
    ("{% endblock %}", "line 3", "endblock"),
    ("{{ derivation['w99'].value }}", "line 3", "w99"),
    ("{{ formulas.equation('w99') }}", "line 3", "w99"),
    ("```\ncode\n```", "article.md.j2", "fence (line 3 of the Markdown)"),
    ("# Another title", "article.md.j2", "2 titles"),
    ("![x](figure:nothing)", "article.md.j2", "'nothing'"),
    ("![x](figure:path-w99)", "article.md.j2", "'path-w99'"),
    ("![x](picture.png)", "article.md.j2", "'picture.png'"),
    ("[x](ftp://example.org)", "article.md.j2", "ftp://example.org"),
    ("$\\unknown$", "article.md.j2", "Unknown command"),
]


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN, ids=[text for text, _, _ in BROKEN])
def test_a_broken_article_is_said_with_its_place(small, own, text, place, reason):
    message = refused(small, own("article.md.j2", f"# Title\n\n{text}\n"))
    assert str(own("article.md.j2", "") / "article.md.j2") in message
    assert place in message
    assert reason in message


def test_a_formula_in_too_many_others_is_refused(small, own):
    deep = r"\frac{" * 3000 + "x" + "}{1}" * 3000
    message = refused(small, own("article.md.j2", f"# T\n\n{{% raw %}}${deep}${{% endraw %}}\n"), "pdf")
    assert "recursion" in message


@pytest.mark.parametrize("text", ["$\\unknown$", "{% \x1b[2J %}", "{{ 1 | \x1b }}", "{{ derivation['\x1b[2J'] }}"])
def test_a_message_gives_no_commands_to_a_terminal(small, own, text):
    assert refused(small, own("article.md.j2", f"# T\n\n{text}\n")).isprintable()


def test_an_article_without_a_title_is_refused(small, own):
    assert "no title" in refused(small, own("article.md.j2", "Only text.\n"))


@pytest.mark.parametrize("name", ["page.html.j2", "document.tex.j2"])
def test_a_broken_page_is_said_with_its_line(small, own, name):
    folder = own(name, "\n\n\n{{ nothing }}")
    message = refused(small, folder, "tex" if name == "document.tex.j2" else "html")
    assert message.startswith(f"{folder / name}, line 4: ")


def test_the_line_is_that_of_an_included_file(small, own):
    own("part.j2", "\n\n\n\n{{ nothing }}")
    folder = own("article.md.j2", '# T\n{% include "part.j2" %}')
    assert refused(small, folder).startswith(f"{folder / 'part.j2'}, line 5: ")


@pytest.mark.parametrize("name", READ)
def test_what_is_no_utf8_is_said_with_its_line(small, formula, own, name):
    folder = own(name, b"line\nline \xff\n")
    format_ = {"document.tex.j2": "tex", "print.css": "pdf"}.get(name, "html")
    derivation = formula if name == GRAPH else small
    assert refused(derivation, folder, format_).startswith(f"{folder / name}, line 2: ")


@pytest.mark.parametrize("name", READ)
def test_a_folder_in_the_place_of_a_file_is_refused(small, formula, tmp_path, name):
    (tmp_path / name).mkdir(parents=True)
    format_ = {"document.tex.j2": "tex", "print.css": "pdf"}.get(name, "html")
    derivation = formula if name == GRAPH else small
    assert refused(derivation, tmp_path, format_).startswith(f"{tmp_path / name}: ")


STYLES = [
    ("p { color: teal", None, None),  # CSS closes what is open at its end
    ("p { color: url(data:,x) }", None, None),
    ("@media print { p { margin: 0 } @page { size: A4; @top-left { content: 'x' } } }", None, None),
    ("\np { color teal }", 2, "neither name: value"),
    ("\n\n} p { color: teal }", 3, "}"),
    ("@media print {\n p { color: ) }\n}", 2, ")"),
    ("\n@import 'x.css';", 2, "x.css"),
    ("@import url(http://localhost:1/x.css);", 1, "http://localhost:1/x.css"),
    ("p { background:\n url(picture.png) }", 2, "picture.png"),
    ("p { background: url('file:///etc/passwd') }", 1, "/etc/passwd"),
    ("@font-face { src: url(x.otf) }", 1, "x.otf"),
    ("\n</style><script>alert(1)</script>", 2, "</"),
]


@pytest.mark.parametrize(("style", "line", "reason"), STYLES, ids=[style for style, _, _ in STYLES])
def test_a_style_is_checked_and_fetches_nothing(small, own, style, line, reason):
    folder = own("style.css", style)
    if line is None:
        assert style in rendered(small, folder, "html")
    else:
        message = refused(small, folder)
        assert message.startswith(f"{folder / 'style.css'}, line {line}: ")
        assert reason in message


def test_a_page_that_asks_for_a_file_is_refused(small, own):
    folder = own("page.html.j2", '<title>x</title><img src="http://localhost:1/x.png"/>{{ body }}')
    message = refused(small, folder, "pdf")
    assert message.startswith(f"{folder}: ")
    assert "http://localhost:1/x.png" in message


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ derivation.handout().write('out') }}",
    "{{ derivation['w1'].formula.subs('__import__(\"os\").mkdir(\"escaped\")', 1) }}",
    "{{ derivation['w1'].formula.evalf(subs={'x': 1}) }}",
    "{{ formulas.equation.__func__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ [].append.__self__.__class__ }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_reads_and_does_nothing_else(small, own, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    message = refused(small, own("article.md.j2", f"# Title\n\n{text}\n"))
    assert "line 3" in message
    assert {path.name for path in tmp_path.iterdir()} == {"own"}


@pytest.mark.parametrize("found", ["missing", "file", "empty", 3])
def test_what_is_no_folder_of_templates_is_refused(small, tmp_path, found):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(derive.InputError, match=r"template"):
        small.handout(template=tmp_path / found if isinstance(found, str) else found)


def test_on_the_command_line_a_broken_one_is_one_sentence_and_nothing_is_written(tmp_path, own):
    own("article.md.j2", shipped("article.md.j2"))
    own("document.tex.j2", "\n{{ nothing }}")
    done = run("handout", "--template", "own", "-o", "out", "--format", "html", "--format", "tex", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("derive: own/document.tex.j2, line 2: ")
    assert "'nothing' is undefined" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_templates_are_copied_and_none_is_overwritten(tmp_path):
    done = run("template", "mine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"wrote mine/{name}" for name in HANDOUT]
    for name in HANDOUT:
        assert (tmp_path / "mine" / name).read_text(encoding="utf-8") == shipped(name)
    (tmp_path / "mine" / "style.css").write_text("mine")
    (tmp_path / "mine" / "print.css").unlink()
    again = run("template", "mine", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "mine/style.css" in again.stderr
    assert "mine/print.css" not in again.stderr
    assert (tmp_path / "mine" / "style.css").read_text() == "mine"
    assert not (tmp_path / "mine" / "print.css").exists()


def test_templates_go_into_a_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    done = run("template", "file/mine", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("derive: file/mine: ")


def headings(text):
    return [line for line in text.splitlines() if line.startswith("#")]


def test_one_section_takes_the_place_of_the_package_s(small, own):
    folder = own("article/update.md.j2", "## Mine\n\n{{ network.title }}\n\n")
    mine, shipped_text = small.handout(template=folder).markdown, small.handout().markdown
    assert "## Mine\n\nA neural network\n\n## Was it worth it?" in mine
    assert headings(mine) == [line.replace("The update", "Mine") for line in headings(shipped_text)]


def test_an_article_of_one_s_own_may_include_one_section(small, own):
    folder = own("article.md.j2", '# Only this\n\n{% include "article/forward.md.j2" %}\n')
    text = small.handout(template=folder).markdown
    assert headings(text) == ["# Only this", "## The forward pass", "### Output layer"]
    assert "The net input of" in text


def test_a_mistake_in_a_section_is_said_with_its_line(small, own):
    folder = own("article/update.md.j2", "\n\n\n{{ nothing }}")
    assert refused(small, folder).startswith(f"{folder / 'article/update.md.j2'}, line 4: ")
    own("article/update.md.j2", "\n{% endblock %}")
    assert refused(small, folder).startswith(f"{folder / 'article/update.md.j2'}, line 2: ")


def test_of_many_copies_the_one_that_was_changed_is_blamed(small, own):
    for name in SECTIONS:
        folder = own(name, shipped(name))
    own("article.md.j2", shipped("article.md.j2"))
    own("article/error.md.j2", shipped("article/error.md.j2") + "\n$\\unknown$\n\n")
    message = refused(small, folder)
    assert message.startswith(f"{folder / 'article/error.md.j2'}: ")
    assert "Unknown command" in message


def test_all_of_a_section_is_said_where_it_is_too_long_with_others(small, own, monkeypatch):
    monkeypatch.setattr("derive.language.sandbox.LONGEST", 2_000)
    folder = own("article/update.md.j2", "x" * 1_000)
    assert refused(small, folder).startswith(str(folder / "article/update.md.j2"))


def stamped(path, text):
    """Write a text and give it the time that the file had before."""
    before = path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


def test_a_changed_file_is_noticed_though_its_time_and_size_are_the_same(small, own):
    folder = own("article/update.md.j2", "## One\n")
    path = folder / "article" / "update.md.j2"
    first = small.handout(template=folder).markdown
    stamped(path, "## Two\n")
    second = small.handout(template=folder).markdown
    stamped(path, "## One\n")
    assert "## One" in first
    assert second == first.replace("## One", "## Two")
    assert small.handout(template=folder).markdown == first


def test_a_file_that_appears_or_goes_is_noticed(small, own):
    folder = own("style.css", "")
    shipped_text = small.handout(template=folder).markdown
    own("article/update.md.j2", "## Mine\n")
    assert "## Mine" in small.handout(template=folder).markdown
    (folder / "article" / "update.md.j2").unlink()
    assert small.handout(template=folder).markdown == shipped_text == small.handout().markdown


def test_a_second_handout_is_the_same_and_compiles_nothing(small, monkeypatch):
    first = {code: small.handout(language=code).markdown for code in ("en", "es", "pt-BR")}
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *_: pytest.fail("compiled again"))
    assert {code: small.handout(language=code).markdown for code in ("pt-BR", "en", "es")} == first


def test_folders_of_two_users_do_not_mix(small, tmp_path):
    """The same names and texts but for one file, one after the other and at once."""
    folders = [tmp_path / name / "own" for name in ("ada", "bob")]
    for folder in folders:
        (folder / "article").mkdir(parents=True)
        (folder / "article.md.j2").write_text('# T\n\n{% include "article/update.md.j2" %}\n', encoding="utf-8")
        (folder / "article" / "update.md.j2").write_text(folder.parent.name, encoding="utf-8")
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda number: small.handout(template=folders[number % 2]).markdown, range(20)))
    assert texts == ["# T\n\nada\n", "# T\n\nbob\n"] * 10


def test_a_template_of_a_user_s_leaves_the_package_s_as_they_are(small, own):
    before = small.handout().markdown
    other = "{% macro eq(latex, label='') %}{{ nothing }}{% endmacro %}"
    folder = own("article/shared.md.j2", shipped("article/shared.md.j2") + other)
    assert "'nothing' is undefined" in refused(small, folder)
    assert small.handout().markdown == before


def test_compiled_templates_are_kept_up_to_a_bound():
    kept = Compiled(most=10_000)
    sources = [Source("x", "x", f"{number:04}", False, False, False) for number in range(50)]
    for source in sources:
        kept.code(source, lambda: compile("1", "x", "eval"))
        assert kept.size <= 10_000
    assert len(kept) == 10
    assert kept.code(sources[-10], lambda: pytest.fail("it was used lately")) is not None
    kept.code(Source("x", "x", "y" * 20_000, False, False, False), lambda: compile("2", "x", "eval"))
    assert (len(kept), kept.size) == (0, 0)


@pytest.mark.parametrize("finalize", [None, str.upper])
@pytest.mark.parametrize("autoescape", [True, False])
def test_what_is_compiled_once_gives_each_its_own_constants(own, finalize, autoescape):
    """A constant is finalized as everything else; where all is escaped it stands as it is written, as Jinja has it."""
    templates = Templates(own("article.md.j2", "{{ 'a' }}{% set b = 'b' %}{{ b }}"))
    options = {"finalize": finalize, "autoescape": autoescape}
    text = templates.render("article.md.j2", templates.environment(**options))
    constant = "a" if finalize is None or autoescape else "A"
    assert text == constant + ("b" if finalize is None else "B")
