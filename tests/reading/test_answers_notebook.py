"""Answers read from notebooks as students save them, and what is said of those that cannot be read."""

import json

import pytest

from derive.errors import InputError
from derive.reading.answers_notebook import answers_of_notebook

ABOUT = {"derive": {"student": "0017", "code": "1a2b3c4d"}}


def blank(number, source, variable="a"):
    return {"cell_type": "code", "metadata": {"derive": {"blank": number, "variable": variable}}, "source": source}


def check(number, *outputs):
    return {
        "cell_type": "code",
        "metadata": {"derive": {"check": number}},
        "source": f"check({number}, a)",
        "outputs": [{"output_type": "stream", "name": "stdout", "text": text} for text in outputs],
    }


def read(*cells, **more):
    return answers_of_notebook(json.dumps({"nbformat": 4, "metadata": ABOUT, "cells": cells} | more).encode())


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("a = 0.25  # 1", "0.25"),
        (["a = -.5\n", "\n"], "-.5"),
        ("a=1e-5", "1e-5"),
        ("a = +3;", "+3"),
        ("# a = 7\nb = 1\na = 2\na = 3 # a = 4", "3"),
        ("  a\t=  −0.5", "−0.5"),
        # No numbers of Python's, but what somebody meant as one: it is judged where answers are.
        ("a = 0,25", "0,25"),
        ("a = 1.234,5", "1.234,5"),
    ],
)
def test_a_number_is_read_as_it_is_written(source, answer):
    assert read(blank(1, source)) == ("0017", "1a2b3c4d", {1: answer})


@pytest.mark.parametrize("source", ["a = ...  # 1", "a =", "", "b = 3", "# a = 3", "a == 3", "aa = 3"])
def test_what_is_left_blank_is_no_answer(source):
    assert read(blank(1, source), check(1, "1: 9 – old\n"))[2] == {}


def test_an_expression_is_read_off_what_its_check_has_printed():
    cells = [
        blank(1, "a = b * 2"),
        check(1, ["1: ", "0.5 – right\n"]),
        blank(11, "a = x"),
        check(11, "11: 7 – right\n"),
    ]
    assert read(*cells)[2] == {1: "0.5", 11: "7"}
    outputs = check(1)["outputs"] + [{"output_type": "execute_result", "data": {}}]
    assert read(blank(1, "a = 2"), {**check(1), "outputs": outputs})[2] == {1: "2"}


def test_a_number_goes_before_an_older_output():
    assert read(blank(1, "a = 0.7"), check(1, "1: 0.5 – right\n"))[2] == {1: "0.7"}


def test_the_same_answer_twice_is_one():
    assert read(blank(1, "a = 2"), blank(1, "a = 2"), blank(1, "a = ..."))[2] == {1: "2"}


def test_nothing_is_evaluated():
    source = "a = __import__('os').abort()"
    with pytest.raises(InputError, match=r"^blank 1: found .*__import__.*, and no number that its check has printed;"):
        read(blank(1, source))


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            [blank(2, "a = b * 2"), check(2, "2: this is not a number\n")],
            "blank 2: found 'b * 2', and no number that its check has printed; expected a number, or run all cells and "
            "save the notebook.",
        ),
        (
            [blank(3, "a = 1"), blank(3, "a = 2")],
            "blank 3: found '1' and '2' in two cells; expected one answer, so delete one of the cells.",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_one_sentence(cells, sentence):
    with pytest.raises(InputError) as raised:
        read(*cells)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'"a"',
        b'{"cells": []}',
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "cells": {}}',
    ],
)
def test_what_is_no_notebook_is_refused(content):
    with pytest.raises(InputError, match=r"cannot be read as a notebook|is not a notebook of format 4"):
        answers_of_notebook(content)


@pytest.mark.parametrize(
    "metadata",
    [None, [], {}, {"derive": 3}, {"derive": {"code": "1a2b3c4d"}}, {"derive": {"student": 17, "code": "1a2b3c4d"}}],
)
def test_a_notebook_of_no_sheet_is_refused(metadata):
    with pytest.raises(InputError, match="does not say which sheet it is"):
        read(metadata=metadata)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        7,
        {},
        {"cell_type": "markdown", "metadata": {"derive": {"blank": 1, "variable": "a"}}, "source": "a = 1"},
        {"cell_type": "code", "metadata": {"derive": {"blank": True, "variable": "a"}}, "source": "a = 1"},
        {"cell_type": "code", "metadata": {"derive": {"blank": 1}}, "source": "a = 1"},
        {"cell_type": "code", "metadata": {"derive": {"blank": 1, "variable": "("}}, "source": [3, "a = 1"]},
    ],
)
def test_cells_of_other_kinds_are_passed_over(cell):
    assert read(cell, blank(2, "a = 2"))[2] == {2: "2"}
