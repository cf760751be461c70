"""``derive grade``: what it writes, what it says of what it cannot read, its exit codes; no traceback."""

import csv
import json

import pytest

import derive
from derive.api.key import Key

STUDENTS = ("007", "042", "100")


@pytest.fixture(scope="module")
def keyed():
    worksheet = derive.Worksheet.from_file("article", secret="rosebud", course="NN 1")
    sheets = [worksheet.sheet(student, f"Name {student}") for student in STUDENTS]
    return Key.of(worksheet, sheets).json(), {sheet.student: dict(sheet.key) for sheet in sheets}


@pytest.fixture
def folder(keyed, tmp_path):
    (tmp_path / "key.json").write_bytes(keyed[0])
    return tmp_path


def answers(folder, right, *changes, name="answers.csv", names=STUDENTS):
    names_of_blanks = list(right["007"])
    with open(folder / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *names_of_blanks])
        for student in names:
            given = right[student] | dict(change[1:] for change in changes if change[0] == student)
            writer.writerow([student, *(given[each] for each in names_of_blanks)])
    return name


def points(folder, place="grades"):
    with open(folder / place / "grades.csv", encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row["points"] for row in csv.DictReader(file)}


def test_a_class_is_graded(command, folder, keyed):
    turned = str(keyed[1]["042"]["dE_total_dw5"])
    turned = turned[1:] if turned.startswith("-") else f"-{turned}"
    name = answers(folder, keyed[1], ("042", "dE_total_dw5", turned), ("100", "w8+", ""))
    done = command("grade", "key.json", name, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    for file in ("grades.csv", "canvas.csv", "moodle.csv", "summary.md", "summary.svg"):
        assert f"wrote grades/{file}\n" in done.stdout
    assert done.stdout.endswith("3 sheets graded: on average 32.33 of 33 points\n")
    assert points(folder) == {"007": "33", "042": "32", "100": "32"}
    assert "Name 042 (042)" in (folder / "grades/feedback/042.md").read_text()
    assert "Wrong sign" in (folder / "grades/feedback/042.md").read_text()


def test_points_roster_and_language(command, folder, keyed):
    (folder / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Language\nAda,007,S7,ada,A,es\nBob,042,S42,bob,B,tlh\n"
    )
    name = answers(folder, keyed[1], ("007", "w8+", ""))
    done = command("grade", "key.json", name, "--points", "10", "--roster", "class.csv", "-o", "out", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("derive: class.csv, row 3: ")  # a language that there is not
    assert points(folder, "out") == {"007": "9.70", "042": "10", "100": "10"}
    assert "S7" in (folder / "out/canvas.csv").read_text()
    assert "9,70" in (folder / "out/feedback/007.md").read_text()


def test_what_cannot_be_read_is_said_and_the_others_are_graded(command, folder, keyed):
    name = answers(folder, keyed[1], ("042", "net_h1", "1/3"))
    again = answers(folder, keyed[1], name="again.csv", names=["100"])
    done = command("grade", "key.json", name, again, "nothing.csv", cwd=folder)
    assert done.returncode == 2
    assert points(folder) == {"007": "33"}
    said = done.stderr.splitlines()
    assert said[0] == (
        "derive: answers.csv, row 3, column net_h1: found '1/3'; expected a decimal number, such as 0.5 or -1.2e-3."
    )
    assert said[1].startswith("derive: nothing.csv: the file cannot be read")
    assert said[2].startswith("derive: answers.csv, row 4 and again.csv, row 2: found answers of '100' in both")
    assert "2 students of the key have no graded sheet." in (folder / "grades/summary.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.json", "answers.csv"), "none.json: the file cannot be read"),
        (("answers.csv", "answers.csv"), "answers.csv: found no key"),
        (("key.json", "key.json"), "no sheet could be graded."),
        (("key.json", "answers.csv", "--decimal", "dot"), "--decimal: found 'dot'; expected one of comma, point."),
        (("key.json", "answers.csv", "--points", "ten"), "--points: found 'ten'; expected a decimal number"),
        (("key.json", "answers.csv", "--points", "0"), "--points: found '0'; expected a number above 0"),
        (("key.json", "answers.csv", "--roster", "none.csv"), "none.csv: the file cannot be read"),
        (("key.json",), "Missing argument"),
    ],
)
def test_what_cannot_be_graded(command, folder, keyed, arguments, said):
    answers(folder, keyed[1])
    done = command("grade", *arguments, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith(f"derive: {said}")
    assert "Traceback" not in done.stderr
    assert not (folder / "grades").exists()


def test_json(command, folder, keyed):
    name = answers(folder, keyed[1], ("042", "net_h1", "abc"))
    done = command("grade", "key.json", name, "--json", cwd=folder)
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert found["format"] == "derive-grades/1"
    assert [(each["id"], each["points"]) for each in found["students"]] == [("007", "33"), ("100", "33")]
    assert set(found["students"][0]["verdicts"].values()) == {"right"}
    assert f"derive: {found['refused'][0]}\n" == done.stderr
    failed = command("grade", "none.json", name, "--json", cwd=folder)
    assert list(json.loads(failed.stdout)) == ["format", "error"]


def test_a_folder_that_cannot_be_written(command, folder, keyed):
    name = answers(folder, keyed[1])
    (folder / "grades").write_text("")
    done = command("grade", "key.json", name, cwd=folder)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
