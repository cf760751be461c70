"""Where `derive handout` writes to, and where networks come from: folders, files, standard input and output."""

import io
import json
import sys
from importlib.abc import MetaPathFinder

import pytest

import derive
from derive.cli.output import target
from derive.errors import InputError

NETWORK = "[[sample]]\ninputs = [1]\ntargets = [1]\n[[layer]]\nweights = [[0.5]]\n"


@pytest.fixture
def given(monkeypatch):
    """Put bytes on standard input."""

    def put(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8"))

    return put


@pytest.mark.parametrize(
    ("arguments", "made"),
    [
        (["-o", "notes.json"], ["notes.json"]),
        (["-o", "sub/notes.htm", "--format", "HTML"], ["sub/notes.htm"]),
        (
            ["-o", "notes", "--format", "JSON,md", "--detail", "brief"],
            ["notes/single_neuron.json", "notes/single_neuron.md"],
        ),
        (["-o", "v1.2", "--format", "json", "--format", "Json"], ["v1.2/single_neuron.json"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_file_is_written_under_its_name_and_a_folder_gets_the_formats(command, tmp_path, arguments, made):
    done = command("handout", "single_neuron", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert [name for name in found if "figures" not in name] == made


def test_a_folder_may_be_called_like_a_file(command, tmp_path):
    (tmp_path / "notes.json").mkdir()
    command("handout", "single_neuron", "-o", "notes.json", "--format", "json", cwd=tmp_path)
    assert (tmp_path / "notes.json" / "single_neuron.json").is_file()


@pytest.mark.parametrize(
    ("place", "formats", "message"),
    [
        (
            "notes.pdf",
            ("html",),
            "-o notes.pdf: its ending asks for the format pdf, and --format for html; give a folder",
        ),
        ("notes.pdf", ("pdf", "html"), "and --format for pdf, html"),
        ("-", (), "-o -: no format was given; add one, as in --format md."),
        ("-", ("md", "html"), "-o -: found md, html; expected one format"),
        ("notes", ("pfd",), "Did you mean 'pdf'?"),
    ],
)
def test_places_and_formats_that_do_not_fit_together_are_refused(place, formats, message):
    with pytest.raises(InputError) as caught:
        target(place, formats)
    assert message in str(caught.value)


def test_a_file_is_never_the_one_that_the_network_is_read_from(command, tmp_path):
    (tmp_path / "net.json").write_text('{"sample": [{"inputs": [1]}], "layer": [{"weights": [[0.5]]}]}')
    before = (tmp_path / "net.json").read_bytes()
    done = command("handout", "net.json", "-o", "net.json", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "net.json").read_bytes()) == (2, before)
    assert "net.json: this is the file that the network is read from; choose another place with -o." in done.stderr


def test_a_handout_goes_to_standard_output_as_the_file_would_be(command, tmp_path):
    handout = derive.load("single_neuron").derive().handout()
    done = command("handout", "single_neuron", "-o", "-", "--format", "markdown", cwd=tmp_path)
    assert (done.returncode, done.stdout.encode()) == (0, handout.render("md")["handout.md"])
    assert (
        done.stderr
        == "derive: The drawings are files of their own and were left out; -o handout.md writes them, too.\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [NETWORK, '\ufeff {"sample": [{"inputs": [1], "targets": [1]}], "layer": [{"weights": [[0.5]]}]}']
)
def test_a_network_comes_from_standard_input(command, tmp_path, given, content):
    given(content)
    assert command("show", "-", "w1", cwd=tmp_path).stdout.startswith("Weight w1\n\n    = 0.5\n")
    given(content)
    assert command("handout", "-", "--format", "json", cwd=tmp_path).stdout == "wrote output/handout.json\n"
    given(content)
    assert json.loads(command("train", "-", "--json", "--iterations", "1", cwd=tmp_path).stdout)["title"]
    given(content)
    assert command("check", "-", "--with", "numpy", cwd=tmp_path).returncode == 0


def test_a_mistake_on_standard_input_names_it(command, tmp_path, given):
    given("layer = 3")
    done = command("show", "-", "w1", "--language", "es", cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith("derive: entrada estándar: layer: ")) == (2, True)


def test_a_missing_pango_leaves_out_the_pdf_alone_where_nobody_asked_for_it(command, tmp_path, monkeypatch):
    class Missing(MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("sys.meta_path", [Missing(), *sys.meta_path])
    done = command("handout", "single_neuron", cwd=tmp_path)
    assert done.returncode == 0
    assert "brew install pango (macOS)" in done.stderr
    assert done.stderr.endswith(" The other formats were written.\n")
    made = {path.suffix for path in (tmp_path / "output").iterdir() if path.is_file()}
    assert made == {".html", ".tex", ".md", ".json"}
    asked = command("handout", "single_neuron", "-o", "x.pdf", cwd=tmp_path)
    assert (asked.returncode, "brew install pango (macOS)" in asked.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [[], ["--language", "en"]])
def test_derive_alone_prints_its_help(command, tmp_path, arguments):
    done = command(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == command("--help", cwd=tmp_path).stdout


def test_a_mistyped_ending_makes_no_folder(command, tmp_path):
    done = command("handout", "xor", "-o", "notes.xyz", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "-o notes.xyz: found the ending .xyz, which is no format's; expected one of .docx, .html, .ipynb" in done.stderr
    )
    assert not list(tmp_path.iterdir())
    assert command("handout", "xor", "--format", "md", "-o", "notes.xyz/", cwd=tmp_path).returncode == 0
    assert (tmp_path / "notes.xyz" / "xor.md").exists()
