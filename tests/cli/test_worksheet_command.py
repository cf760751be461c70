"""``derive worksheet``: what it writes and says, its exit codes; and the way of a class from roster to grades."""

import csv
import io
import json
import re

import pytest

import derive
from derive.api.key import Key

SECRET = {"DERIVE_SECRET": "rosebud"}
ROSTER = "id;name\n007;Ada\n042;Bob\n;Nobody\n"


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setenv("DERIVE_SECRET", "rosebud")


def test_a_sheet_its_key_and_what_grades_it(command, tmp_path):
    done = command("worksheet", "--format", "md,html", "--format", "moodle", "--hints", "0", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    made = files(tmp_path / "worksheet")
    assert {
        "article.md",
        "article-key.md",
        "article.html",
        "article-key.html",
        "article.moodle.xml",
        "key.json",
    } <= made
    assert {line.removeprefix("wrote worksheet/") for line in done.stdout.splitlines()} == made
    assert "0.593270" not in (tmp_path / "worksheet/article.md").read_text()
    assert "0.593270" in (tmp_path / "worksheet/article-key.md").read_text()
    (sheet,) = Key.read(tmp_path / "worksheet/key.json").sheets
    assert (sheet.student, sheet.code) == ("", "")


def test_language_digits_and_formulas(command, tmp_path):
    done = command(
        "worksheet",
        "article",
        "--language",
        "es",
        "--digits",
        "3",
        "--blanks",
        "both",
        "--format",
        "md",
        "-o",
        "x",
        cwd=tmp_path,
    )
    assert done.returncode == 0
    text = (tmp_path / "x/article-key.md").read_text()
    assert "0,593" in text
    assert "0,5932" not in text
    assert Key.read(tmp_path / "x/key.json").worksheet.digits == 3


def test_a_class(command, tmp_path, secret):
    (tmp_path / "class.csv").write_text(ROSTER)
    asked = ("worksheet", "--roster", "class.csv", "--course", "NN 1", "--format", "md,ipynb,gift", "-o", "c")
    done = command(*asked, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "derive: class.csv, row 4: found no id; expected one, as every sheet has its own.\n"
    assert done.stdout.endswith("2 sheets with their keys in c\n")
    made = files(tmp_path / "c")
    for student in ("007", "042"):
        assert {f"sheets/{student}.md", f"keys/{student}.md", f"sheets/{student}.ipynb"} <= made
    assert {"key.json", "article.gift.txt", "manifest.json"} <= made
    key = Key.read(tmp_path / "c/key.json")
    assert [(sheet.student, sheet.name) for sheet in key.sheets] == [("007", "Ada"), ("042", "Bob")]
    assert key.sheets[0].numbers != key.sheets[1].numbers
    assert "rosebud" not in "".join(path.read_text() for path in (tmp_path / "c").rglob("*") if path.is_file())
    before = {name: (tmp_path / "c" / name).read_bytes() for name in made}
    times = {name: (tmp_path / "c" / name).stat().st_mtime_ns for name in made}
    command(*asked, cwd=tmp_path)
    assert {name: (tmp_path / "c" / name).read_bytes() for name in made} == before
    sheets = [name for name in made if name.startswith(("sheets", "keys"))]
    assert all((tmp_path / "c" / name).stat().st_mtime_ns == times[name] for name in sheets)
    command(*asked[:3], "--course", "NN 2", *asked[5:], cwd=tmp_path)
    assert all((tmp_path / "c" / name).read_bytes() != before[name] for name in sheets if not name.endswith(".svg"))


def fill(path, values):
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(path))
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_from_the_roster_to_grades_on_paper_and_screen(command, tmp_path, secret):
    import pymupdf

    (tmp_path / "class.csv").write_text("id,name,language\n007,Ada,\n042,Bob,es\n")
    assert command("worksheet", "--roster", "class.csv", "-o", "c", cwd=tmp_path).returncode == 0
    assert files(tmp_path / "c") == {
        "key.json",
        "manifest.json",
        "print.pdf",
        *(f"{k}/{s}.pdf" for k in ("sheets", "keys") for s in ("007", "042")),
    }
    with pymupdf.open(tmp_path / "c/print.pdf") as pdf:
        texts = [page.get_text() for page in pdf]
    assert len(texts) % 2 == 0
    assert "Ada" in texts[0]
    assert "Bob" in texts[len(texts) // 2]
    assert "Un ejemplo paso a paso" in texts[len(texts) // 2]
    handed_in = tmp_path / "in"
    handed_in.mkdir()
    for sheet in Key.read(tmp_path / "c/key.json").sheets:
        values = {str(number): each[0] for number, each in enumerate(sheet.accepted, start=1)}
        if sheet.student == "042":
            values = {number: text.replace(".", ",") for number, text in values.items()} | {"1": "7,5"}
        (handed_in / f"{sheet.student}.pdf").write_bytes(fill(tmp_path / f"c/sheets/{sheet.student}.pdf", values))
    done = command("grade", "c/key.json", "in", "--roster", "class.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    with open(tmp_path / "grades/grades.csv", encoding="utf-8-sig", newline="") as file:
        points = {row["id"]: row["points"] for row in csv.DictReader(file)}
    assert points == {"007": "33", "042": "32"}
    assert "7,5" in (tmp_path / "grades/feedback/042.md").read_text()


def test_preview(command, tmp_path, secret):
    done = command("worksheet", "--preview", "2", "--vary", "weights", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    first, second, fair, *_ = done.stdout.splitlines()
    assert re.fullmatch(r"1: w1 = 0\.\d+, .*w8 = 0\.\d+", first)
    assert first[2:] != second[2:]
    assert "b1" not in first
    assert fair == "2 fair draws."
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--roster", "none.csv"), "none.csv: the file cannot be read"),
        (("--roster", "class.csv", "--engine", "slurm"), "--engine: found 'slurm'"),
        (("--engine", "ray"), "--engine: a single sheet needs none"),
        (("--format", "pfd"), "format: found 'pfd'"),
        (("--blanks", "words"), "blanks: found 'words'"),
        (("--hints", "4"), "hints: found 4"),
        (("--vary", "w99"), "found"),
        (("--format", "gift", "--blanks", "formulas"), "--blanks formulas: questions ask for numbers"),
        (("--jobs", "0"), "Invalid value for '--jobs'"),
    ],
)
def test_what_cannot_be_made(command, tmp_path, secret, arguments, said):
    (tmp_path / "class.csv").write_text("id\n1\n")
    done = command("worksheet", "article", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == {"class.csv"}


def test_without_a_secret(command, tmp_path, monkeypatch):
    monkeypatch.delenv("DERIVE_SECRET", raising=False)
    (tmp_path / "class.csv").write_text("id\n1\n")
    done = command("worksheet", "--roster", "class.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("derive: --secret: found none;")


def test_a_student_for_whom_no_draw_is_fair(command, tmp_path, secret):
    (tmp_path / "class.csv").write_text("id\n1\n")
    (tmp_path / "strict.toml").write_text(
        f"{derive.example()}\n[worksheet.rules]\nleast = 1000000000\nmost_draws = 2\n"
    )
    done = command("worksheet", "strict.toml", "--roster", "class.csv", "--format", "md", "-o", "c", cwd=tmp_path)
    assert done.returncode == 1
    assert "none of 2 draws keeps the rules" in done.stderr
    assert json.loads((tmp_path / "c/manifest.json").read_text())["failed"]["1"] in done.stderr
