"""The document for Word: what pandoc is given and makes of that, and what is said where it is missing."""

import io
import re
import shutil
import zipfile
from xml.etree import ElementTree

import pytest

import derive
from derive.render import docx, drawing, programs

MATH = re.compile(r'<script type="math/tex(; mode=display)?">')
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EQUATION = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"


@pytest.fixture
def given(monkeypatch):
    """Stand in for pandoc and for what makes pictures; keep what pandoc is given."""
    calls = []

    def made_by(program, arguments, content, format_):
        calls.append((program.name, arguments, content.decode()))
        return b"PK"

    monkeypatch.setattr(docx, "made_by", made_by)
    monkeypatch.setattr(docx, "path_of", lambda program, format_: program.name)
    monkeypatch.setattr(drawing, "render", lambda *_: b"\x89PNG")
    return calls


def network(title):
    return derive.load("single_neuron").replace(title=title).derive()


def test_pandoc_gets_latex_and_pictures(given):
    handout = network("A <b> \\(x\\) $y$").handout(language="es", author="M. Curie")
    assert handout.render("docx", "x") == {"x.docx": b"PK"}
    ((name, arguments, page),) = given
    assert (name, "html" in arguments) == ("pandoc", True)
    assert "<title>A &lt;b&gt; \\(x\\) $y$</title>" in page
    assert '<html lang="es">' in page
    assert "M. Curie" in page
    assert re.search(r'mode=display">[^<]*\\mathrm\{net\}', page)
    assert "0{,}" in page
    assert page.count("data:image/png;base64,") == len(handout.figures) > 0
    assert "<math" not in page
    assert "<svg" not in page


@pytest.mark.parametrize(
    ("missing", "command"), [("pandoc", "brew install pandoc"), ("pdftoppm", "brew install poppler")]
)
def test_what_is_missing_is_said_with_the_command_that_installs_it(monkeypatch, missing, command):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == missing else f"/usr/bin/{name}")
    error = network("t").handout().lacks("docx")
    assert f"needs {missing}, which is not installed" in str(error)
    assert f"{command} (macOS)" in str(error)


def test_a_program_that_fails_is_said_with_its_reason():
    shell = programs.Program("sh", "", "", "", "")
    assert programs.made_by(shell, ["-c", "cat"], b"x", "docx") == b"x"
    with pytest.raises(derive.InputError, match=r"docx was not made: sh failed \(no room\)"):
        programs.made_by(shell, ["-c", "echo no room >&2; exit 3"], b"", "docx")
    with pytest.raises(derive.InputError, match=r"sh failed \(3\)"):
        programs.made_by(shell, ["-c", "exit 3"], b"", "docx")


@pytest.mark.skipif(not (shutil.which("pandoc") and shutil.which("pdftoppm")), reason="pandoc makes the document")
def test_equations_are_words_own():
    from derive.api.handout import _Named

    handout = network("Größe").handout()
    with zipfile.ZipFile(io.BytesIO(handout.render("docx")["handout.docx"])) as file:
        root = ElementTree.fromstring(file.read("word/document.xml"))
        assert sum(name.startswith("word/media/") for name in file.namelist()) == len(handout.figures)
    assert len(list(root.iter(EQUATION))) == len(MATH.findall(docx.page(_Named(handout))))
    assert "Größe" in "".join(text.text or "" for text in root.iter(f"{WORD}t"))
    styles = {style.get(f"{WORD}val") for style in root.iter(f"{WORD}pStyle")}
    assert {"Title", "Heading1"} <= styles
