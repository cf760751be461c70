"""Rosters as schools' programs write them, and what is wrong in them: a sentence with the row, the others are taken."""

import pytest

from derive.errors import InputError
from derive.reading.roster import read_roster


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8", name="class.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        found = read_roster(path)
        return [(student.id, student.name) for student in found.students], [
            str(message).removeprefix(f"{path}, ") for message in found.refused
        ]

    return read


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_encodings(read, separator, encoding, end):
    rows = [("id", "name"), ("007", "Añá"), ("042", '"Lovelace, Ada; 2"')]
    text = end.join(separator.join(row) for row in rows)
    assert read(text, encoding) == ([("007", "Añá"), ("042", "Lovelace, Ada; 2")], [])


@pytest.mark.parametrize(
    "head",
    ["ID;Name", "Student ID;Name", "student_id;NOMBRE", "Matrícula;Nombre completo", "matricula;Nome", "Student;name"],
)
def test_heads(read, head):
    assert read(f"{head}\n01;Ada\n")[0] == [("01", "Ada")]
    name_first = ";".join(reversed(head.split(";")))
    assert read(f"x;{name_first}\n9;Ada;01\n")[0] == [("01", "Ada")]


def test_without_a_head_the_first_two_columns(read):
    assert read("01,Ada\n02,Bob\n")[0] == [("01", "Ada"), ("02", "Bob")]
    assert read("01\n02\n")[0] == [("01", ""), ("02", "")]
    assert read("sep=;\n01;A,b\n")[0] == [("01", "A,b")]


def test_gradebooks(tmp_path):
    canvas = tmp_path / "canvas.csv"
    canvas.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (12)\n    Points Possible,,,,,10\n"
        '"Lovelace, Ada",101,0007,ada,"Group A",\n'
    )
    (student,) = read_roster(canvas).students
    assert (student.id, student.name, student.sis_id, student.login, student.section, student.row) == (
        "101",
        "Lovelace, Ada",
        "0007",
        "ada",
        "Group A",
        3,
    )
    moodle = tmp_path / "moodle.csv"
    moodle.write_text('"First name","Last name","ID number","Email address"\nAda,Lovelace,0007,a@b.c\n')
    (student,) = read_roster(moodle).students
    assert (student.id, student.name) == ("0007", "Ada Lovelace")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "row 3: found no id;"),
        ("a/b", "row 3: found the id 'a/b';"),
        ("..", "row 3: found the id '..';"),
        (".x", "row 3: found the id '.x';"),
        ("a\\b", "row 3: found the id"),
        ("a\x07b", "row 3: found the id"),
        ("a\u2028b", "row 3: found the id"),
        ("con", "row 3: found the id 'con';"),
        ("LPT1.x", "row 3: found the id 'LPT1.x';"),
        ("a:b", "row 3: found the id 'a:b';"),
        ("x" * 201, "row 3: found an id of 201 bytes; expected at most 200"),
        ("01", "row 3: found the id '01' a second time; row 2 has it, too."),
        ("1.23457E+11", "row 3: found the id '1.23457E+11', a long number that a spreadsheet has shortened;"),
    ],
)
def test_a_row_that_is_refused_leaves_the_others(read, cell, said):
    students, (refused,) = read(f"id,name\n01,Ada\n{cell},Eve\n02,Bob\n")
    assert students == [("01", "Ada"), ("02", "Bob")]
    assert refused.startswith(said)


def test_a_language_that_there_is_not(read):
    students, (refused,) = read("id;idioma\n1;es\n2;pt-BR\n3;xx\n4;\n")
    assert [student for student, _ in students] == ["1", "2", "4"]
    assert refused.startswith("row 4: ")


def test_ids_that_are_one_file_on_some_disks(read):
    students, refused = read("id\nab1\nAB1\n")
    assert students == [("ab1", "")]
    assert "capital letters alone" in refused[0]
    composed, decomposed = "é1", "e\u03011"
    students, refused = read(f"id\n{composed}\n{decomposed}\n")
    assert students == [(composed, "")]
    assert "a second time" in refused[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "id,name\n1,Ada\n2,Jos\xe9\n".encode("cp1252"),
            "row 3: found letters that are not UTF-8; save the file as UTF-8",
        ),
        ("id,name\n1,x\n".encode("utf-16-le"), "row 1: found a null character"),
        (b"", "found no row"),
        (b"id,name\n", "found no student below the head"),
        (b"first,second\nx,y\n", "row 1: found no column for the id among 'first, second'"),
        (b'id,name\n1,"Ada\n', "row 2: found quotation marks that do not close"),
    ],
)
def test_a_file_that_is_no_roster(read, text, said):
    with pytest.raises(InputError) as told:
        read(text)
    assert said in str(told.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
    with pytest.raises(InputError, match="it is a folder"):
        read_roster(tmp_path)
