"""A class is made by any number of processes alike, goes on after a stop, and one who fails stops nobody."""

import io
import itertools
import json
import os

import pytest
import weasyprint
from class_recipes import KINDS, Stub

from derive.api.class_engine import engine_of
from derive.api.class_print import joined, print_files
from derive.api.class_set import make_class
from derive.errors import InputError
from derive.reading.roster import Student

STUDENTS = [Student(f"{number:03d}", f"Name {number}") for number in range(23)]


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_the_same_bytes_for_any_number_of_jobs(tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    one = make_class(Stub(), STUDENTS, tmp_path / "one")
    two = make_class(Stub(log=str(log)), STUDENTS, tmp_path / "two", jobs=2)
    assert one.done == two.done == tuple(STUDENTS)
    assert one.entries == two.entries
    assert list(one.entries) == [student.id for student in STUDENTS]
    made = files(tmp_path / "one")
    assert made == files(tmp_path / "two")
    assert len(made) == 2 * len(STUDENTS)
    assert {name.rpartition("/")[0] for name in made} == {"sheets", "keys"}
    counts = [name.split("-")[0] for name in os.listdir(log)]
    assert counts.count("made") == len(STUDENTS)
    assert counts.count("prepared") <= 2  # once in a process


def made_ids(log):
    return sorted(name.split("-")[1] for name in os.listdir(log) if name.startswith("made"))


def test_a_stopped_run_goes_on(tmp_path):
    log, folder = tmp_path / "log", tmp_path / "class"
    log.mkdir()

    def stop(done):
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_class(Stub(), STUDENTS, folder, progress=stop)
    there = files(folder)
    assert len(there) == 2 * 7
    damaged = folder / "keys" / "002.pdf"
    damaged.write_bytes(b"damaged")
    (folder / "sheets" / "003.pdf").unlink()
    renamed = [Student("004", "Another"), *(each for each in STUDENTS if each.id != "004")]
    run = make_class(Stub(log=str(log)), renamed, folder)
    assert run.kept == 4
    assert made_ids(log) == ["002", "003", "004", *(student.id for student in STUDENTS[7:])]
    assert damaged.read_bytes() == there["keys/002.pdf"]
    assert len(run.done) == len(run.entries) == len(STUDENTS)
    assert make_class(Stub(), renamed, folder).kept == len(STUDENTS)


def test_what_is_made_of_something_else_is_made_anew(tmp_path):
    make_class(Stub(), STUDENTS, tmp_path)
    before = files(tmp_path)
    run = make_class(Stub("b"), STUDENTS, tmp_path)
    assert run.kept == 0
    assert all(content != before[name] for name, content in files(tmp_path).items())
    for broken in ("", "[]", '{"format": "derive-class/1", "settings": "b"}', "[" * 100_000):
        (tmp_path / "manifest.json").write_text(broken)
        assert make_class(Stub("b"), STUDENTS[:2], tmp_path).kept == 0


def test_one_who_fails_stops_nobody(tmp_path):
    run = make_class(Stub(fails=("004",), breaks=("011",)), STUDENTS, tmp_path, jobs=2)
    assert len(run.done) == len(STUDENTS) - 2
    assert {student: str(message) for student, message in run.failed.items()} == {
        "004": "draw: found 004; expected luck.",
        "011": "This is a bug in derive; please report it: ZeroDivisionError: no luck",
    }
    assert json.loads((tmp_path / "manifest.json").read_text())["failed"]["004"] == str(run.failed["004"])
    again = make_class(Stub(), STUDENTS, tmp_path)
    assert (again.kept, len(again.done), again.failed) == (len(STUDENTS) - 2, len(STUDENTS), {})


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "sheets").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        make_class(Stub(), STUDENTS, tmp_path)


def test_large_classes_are_spread_over_folders(tmp_path):
    many = [Student(str(number)) for number in range(1001)]
    run = make_class(Stub(), many, tmp_path)
    paths = [path for kind in KINDS for path in run.paths(kind)]
    folders = {path.parent for path in paths}
    assert len(folders) > 400
    assert all(len(os.listdir(folder)) < 20 for folder in folders)
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("engine", ["slurm", "dask", "ray:x", "dask:"])
def test_an_engine_that_is_none(engine):
    with pytest.raises(InputError, match=r"--engine: found .*; expected dask:ADDRESS, ray or spark"):
        engine_of(engine)


def test_an_engine_whose_library_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "joblibspark", None)
    with pytest.raises(InputError, match="pip install joblibspark"):
        engine_of("spark")


def test_the_printers_file(tmp_path):
    import pymupdf

    paths = []
    for number, pages in enumerate([2, 1, 3, 1]):
        body = "".join(f'<p style="break-before: page">{number}.{page}<input name="1"></p>' for page in range(pages))
        paths.append(tmp_path / f"{number}.pdf")
        html = weasyprint.HTML(string=f'<html lang="en"><title>t</title>{body}')
        paths[-1].write_bytes(html.write_pdf(pdf_forms=True, pdf_variant="pdf/ua-1"))
    ((name, content),) = print_files(paths)
    assert name == "print.pdf"
    assert content == joined(paths)
    with pymupdf.open(stream=io.BytesIO(content)) as pdf:
        texts = [page.get_text().strip() for page in pdf]
        assert not any(list(page.widgets()) for page in pdf)
    assert texts == ["0.0", "0.1", "1.0", "", "2.0", "2.1", "2.2", "", "3.0"]


def test_the_printers_file_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("derive.api.class_print.MOST_SHEETS", 2)
    path = tmp_path / "a.pdf"
    path.write_bytes(weasyprint.HTML(string="a").write_pdf())
    assert [name for name, _ in print_files(list(itertools.repeat(path, 5)))] == [
        "print-1.pdf",
        "print-2.pdf",
        "print-3.pdf",
    ]
