"""Every format of questions is in the table, and its files end as the table says."""

from pathlib import Path

import pytest
from quizzes import quiz, sheet

import derive.render.quiz
from derive.errors import InputError
from derive.render.quiz import formats

WRITERS = {"moodle", "gift", "qti", "notebook"}


@pytest.mark.parametrize("name", formats.QUIZ_FORMATS)
def test_files_end_as_the_table_says(name):
    made = formats.render(quiz(sheet(), sheet("18", "Bo", "00c0ffee"), name="sheets"), name)
    assert all(file.endswith(formats.QUIZ_FORMATS[name].ending) and content for file, content in made.items())
    assert list(made) == (
        ["0017.ipynb", "18.ipynb"] if name == "ipynb" else [f"sheets{formats.QUIZ_FORMATS[name].ending}"]
    )


def test_each_writer_is_in_the_table():
    found = {
        path.stem
        for path in Path(derive.render.quiz.__file__).parent.glob("*.py")
        if "def render(quiz: Quiz) " in path.read_text()
    }
    assert found == WRITERS == {each.module.rpartition(".")[2] for each in formats.QUIZ_FORMATS.values()}


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nbformat", None)
    with pytest.raises(InputError, match=r"^The format ipynb needs nbformat, which is not installed;"):
        formats.render(quiz(), "ipynb")
