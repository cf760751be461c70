"""Answers in every kind of file; what is wrong gets a sentence with its place, and the other students are read."""

import io
import json
import time

import pytest

from derive.errors import InputError
from derive.reading.answers import Asked, read_answers
from derive.reading.answers_pdf import keywords_of

BLANKS = {1: "net_h1", 2: "out_h1", 3: "E_total", 4: "dE_total_dw5", 5: "w5+"}
ASKED = Asked(BLANKS, {"007": "0badc0de", "042": "12345678", "x y": "deadbeef"})


def blank_pdf():
    from pypdf import PdfWriter

    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(made)
    return made.getvalue()


@pytest.fixture
def read(tmp_path):
    def read(text, name="answers.csv", asked=ASKED, mark=""):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = read_answers([path], asked, mark)
        return (
            {each.student: dict(each.given) for each in found.answers},
            [str(message).replace(f"{path}, ", "").replace(f"{path}", name) for message in found.refused],
        )

    return read


@pytest.mark.parametrize("heads", ["1,2,4,w5+", "net_h1,out_h1,dE_total_dw5,5", "Blank 1,#2,NET_H1x4,(5)"])
def test_a_column_for_each_blank(read, heads):
    heads = heads.replace("NET_H1x4", "de_total_dw5")
    answers, refused = read(f"name,id,Code,{heads}\nAda,007,0BADC0DE,0.5,-1.2e-3,−0.30,\nEve,042,,0.25,,1/3,1\n")
    assert answers == {"007": {1: "0.5", 2: "-1.2e-3", 4: "-0.30"}}
    assert refused == [
        f"row 3, column {heads.split(',')[2]}: found '1/3'; expected a decimal number, such as 0.5 or -1.2e-3."
    ]


def test_a_row_for_each_blank(read):
    answers, refused = read(
        "id;blank;answer\n007;net_h1;0,50\n042;1;0,25\n007;w5+;1,234\n042;w9;1\nx y;2;abc\nx y;1;1\n042;1;7\n"
    )
    assert answers == {"007": {1: "0.50", 5: "1.234"}}
    assert [message.partition(";")[0] for message in refused] == [
        "row 5: found the blank 'w9', which the sheet does not have",
        "row 8: found a second answer for blank 1, after row 3",
        "row 6: found 'abc'",
    ]


def test_what_is_wrong_with_students(read):
    answers, refused = read("id,1\n7,0.5\n042,0.5\n\n042,0.6\n,0.1\nx y,0.1\n../..,1\n")
    assert answers == {"x y": {1: "0.1"}}
    assert refused[0].startswith("row 2: found the id '7', which the key does not have")
    assert refused[0].endswith("Did you mean '007'?")
    assert refused[1].startswith("row 6: found the id ''")
    assert refused[2].startswith("row 8: found the id '../..'")
    assert refused[3].startswith("row 3 and row 5: found answers of '042' in both")


def test_a_sheet_of_another_secret(read):
    answers, (refused,) = read("id,code,1\n007,00000000,0.5\n042,12345678,0.5\n")
    assert answers == {"042": {1: "0.5"}}
    assert refused.startswith("row 2: found a sheet with the code '00000000'; the key has '0badc0de' for '007'.")


def test_a_sheet_that_all_share(read):
    answers, refused = read("id,1\n7,0.5\nanyone,0.6\n,0.7\na/b,1\n", asked=Asked(BLANKS, {"": "0badc0de"}))
    assert answers == {"7": {1: "0.5"}, "anyone": {1: "0.6"}}
    assert [message.partition(";")[0] for message in refused] == ["row 4: found no id", "row 5: found the id 'a/b'"]


@pytest.mark.parametrize(
    ("row", "mark", "expected"),
    [
        ('"1,234",0.5', "", {1: "1234", 2: "0.5"}),
        ('"1,234","0,5"', "", {1: "1.234", 2: "0.5"}),
        ('"1,234",', "comma", {1: "1.234"}),
        ('"1,234",', "point", {1: "1234"}),
        ('"1,234",', "", None),
    ],
)
def test_a_comma_that_may_be_either(read, row, mark, expected):
    answers, refused = read(f"id,1,2\n007,{row}\n042,1,\n", mark=mark)
    assert answers == {"042": {1: "1"}} | ({"007": expected} if expected else {})
    if not expected:
        assert refused == [
            "row 2, column 1: found '1,234', which may be 1.234 or 1234; write it without the comma, or say what "
            "commas are with --decimal comma or --decimal point."
        ]


def test_columns_that_are_no_blank(read):
    answers, refused = read("Timestamp,id,1,net_h2,out_h1,2,E-mail\nx,007,0.5,0.1,0.2,0.3,a@b\n")
    assert answers == {"007": {1: "0.5", 2: "0.2"}}
    assert refused[0].startswith("row 1: found the blank 'net_h2'")
    assert refused[0].endswith("Did you mean 'net_h1'?")
    assert refused[1] == "row 1: found a second column for blank 2, after 'out_h1'; expected one."


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("", "a.csv", "a.csv: found no row"),
        ("1,2\n0.5,0.6\n", "a.csv", "row 1: found no column for the id"),
        ("id,name\n007,Ada\n", "a.csv", "row 1: found no column of answers"),
        ("x", "a.docx", "a.docx: unsupported file type '.docx'"),
        ("x", "a.pdf", "a.pdf: found no PDF that can be read"),
        (blank_pdf(), "a.pdf", "a.pdf: found no sheet in the file"),
        ("{", "a.json", "a.json: found no JSON"),
        ('{"a": 1}', "a.json", "a.json: found JSON of another shape"),
        ('[{"response1": "1"}]', "a.json", "row 1: found no ID number"),
    ],
)
def test_a_file_that_has_no_answers(read, text, name, said):
    answers, (refused,) = read(text, name)
    assert not answers
    assert refused.startswith(said)


MOODLE = (
    '"Last name","First name","ID number","Email address",Status,Started,Completed,"Time taken","Grade/10.00",'
    '"Response 1"\n'
    'Lovelace,Ada,007,a@b.c,Finished,"1 May 2026  10:00","1 May 2026  10:10","10 mins",5.00,'
    '"part 1: 0.377500; part 2: ; part 4: -1.2E-3"\n'
    "Bob,B,042,b@b.c,Finished,x,y,z,-,-\n"
)


def test_moodles_responses(read):
    assert read(MOODLE) == ({"007": {1: "0.377500", 4: "-1.2e-3"}, "042": {}}, [])
    assert read(MOODLE.replace("part", "parte").replace("Response", "Respuesta"))[0]["007"][4] == "-1.2e-3"
    attempts = [
        {"lastname": "Lovelace", "idnumber": "007", "grade1000": "5", "response1": "part 1: 0,5; part 2: 1,5"},
        {"lastname": "B", "idnumber": "042", "response1": "1/2", "response3": "2"},
    ]
    for data in (attempts, [attempts]):
        answers, (refused,) = read(json.dumps(data), "responses.json")
        assert answers == {"007": {1: "0.5", 2: "1.5"}}
        assert refused.startswith("row 2, blank 1: found '1/2'")
    questions = 'idnumber,"Response 1","Response 2"\n007,0.5,-\n'
    assert read(questions)[0] == {"007": {1: "0.5"}}


@pytest.fixture(scope="module")
def sheet():
    import weasyprint

    def sheet(student, code, *others):
        page = (
            f'<html lang="en"><head><title>t</title><meta name="keywords" content="{keywords_of(code, student)}">'
            "</head><body>"
            + "".join(f'<input name="{number}">' for number in (*BLANKS, 99, *others))
            + "</body></html>"
        )
        return weasyprint.HTML(string=page).write_pdf(pdf_forms=True)

    return sheet


def filled(pdf, values):
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.update_page_form_field_values(writer.pages[0], values)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_filled_pdfs_in_a_folder(sheet, tmp_path):
    folder = tmp_path / "sheets" / "00"
    folder.mkdir(parents=True)
    (folder / "a.pdf").write_bytes(filled(sheet("007", "0badc0de"), {"1": "0,5", "2": " 0.25 ", "99": "1"}))
    (folder / "b.pdf").write_bytes(filled(sheet("042", "00000000"), {"1": "0.5"}))
    (folder / "c.pdf").write_bytes(filled(sheet("x y", "deadbeef"), {"3": "x"}))
    (folder / "d.pdf").write_bytes(sheet("no", "code"))
    (folder / "notes.docx").write_bytes(b"")
    found = read_answers([tmp_path / "sheets"], ASKED)
    assert [(each.student, each.given, each.code) for each in found.answers] == [
        ("007", {1: "0.5", 2: "0.25"}, "0badc0de")
    ]
    said = [str(message).partition(str(folder))[2] for message in found.refused]
    assert said[0].startswith("/b.pdf: found a sheet with the code '00000000'")
    assert said[1].startswith("/c.pdf, blank 3: found 'x'")
    assert said[2].startswith("/d.pdf: found the id ''")


def test_filled_pdfs_that_all_share(sheet, tmp_path):
    (tmp_path / "eve.pdf").write_bytes(filled(sheet("", "", "student"), {"1": "0.5", "student": " 042 "}))
    (tmp_path / "ada.pdf").write_bytes(filled(sheet("", "", "student"), {"1": "0.6"}))
    found = read_answers([tmp_path], Asked(BLANKS, {"": ""}))
    assert [(each.student, each.given) for each in found.answers] == [("ada", {1: "0.6"}), ("042", {1: "0.5"})]
    assert not found.refused


def test_a_folder_without_answers(tmp_path):
    (refused,) = read_answers([tmp_path], ASKED).refused
    assert "found no file of answers" in str(refused)


def test_ten_thousand_rows(tmp_path):
    blanks = {number: f"b{number}" for number in range(1, 34)}
    asked = Asked(blanks, {f"{number:05d}": "" for number in range(10_000)})
    path = tmp_path / "all.csv"
    cells = ",".join(f"0.{number:06d}" for number in blanks)
    path.write_text(
        f"id,{','.join(map(str, blanks))}\n" + "".join(f"{number:05d},{cells}\n" for number in range(10_000))
    )
    start = time.process_time()
    found = read_answers([path], asked)
    assert time.process_time() - start < 3
    assert len(found.answers) == 10_000
    assert not found.refused


def test_a_long_file_is_refused(tmp_path, monkeypatch):
    from derive.reading import table

    path = tmp_path / "a.csv"
    path.write_text("id,1\n007,1\n")
    with pytest.raises(InputError, match="more than 5 bytes"):
        table.read_table(path, max_bytes=5)
