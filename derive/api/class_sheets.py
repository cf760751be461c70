"""The files of a worksheet: one sheet with its key, or those of a class, and what grades them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

import derive
from derive.api.class_engine import LOCAL, Engine, Made
from derive.api.class_print import print_files
from derive.api.class_set import ClassRun, make_class
from derive.api.key import Key, KeySheet, key_sheet
from derive.api.worksheet import PAGES, Sheet, Worksheet
from derive.checks import Synonyms, one_of
from derive.errors import InputError, Message
from derive.reading.roster import Student
from derive.render.files import write
from derive.render.formats import OTHER_WORDS
from derive.render.quiz import qti
from derive.render.quiz.formats import QUIZ_FORMATS
from derive.render.quiz.formats import render as render_quiz
from derive.render.quiz.quiz import Quiz
from derive.render.quiz.sheets import quiz_sheet

PDF, NOTEBOOK, QTI = "pdf", "ipynb", "qti"
FORMATS = (*PAGES, NOTEBOOK, *(name for name in QUIZ_FORMATS if name != NOTEBOOK))
SHEETS, KEYS, KEY_FILE = "sheets", "keys", "key.json"


Note = Callable[[Message], None]


def _unheard(message: Message) -> None:
    pass


def format_name(word: Any) -> str:
    """Return the format of worksheets that is meant; raises `InputError` for none.

    >>> format_name("LaTeX"), format_name("Moodle")
    ('tex', 'moodle')
    """
    return one_of(word, FORMATS, "format", Synonyms(same=OTHER_WORDS))


def quiz_of(worksheet: Worksheet, sheets: Iterable[Sheet], name: str) -> Quiz:
    """Return the sheets as questions; raises `InputError` where the worksheet asks for formulas alone."""
    if worksheet.blanks == "formulas":
        raise InputError(
            "--blanks formulas: questions ask for numbers, which a program can grade; expected {values} or {both}.",
            values="values",
            both="both",
        )
    asked = []
    for sheet in sheets:
        shown = sheet.rendered(name=name)
        asked.append(
            quiz_sheet(
                shown.document,
                sheet.expected,
                sheet.numbers,
                shown.figures,
                student=sheet.student,
                name=sheet.name,
                code=sheet.code,
            )
        )
    return Quiz(
        worksheet.title, tuple(asked), language=worksheet.options.reader_language, course=worksheet.course, name=name
    )


def questions(quiz: Quiz, format_: str, note: Note) -> dict[str, bytes]:
    """Return the files of a format of questions; ``note`` is told what a teacher should know of them."""
    if format_ == QTI:
        for message in qti.notes(quiz):
            note(message)
    return render_quiz(quiz, format_)


def write_sheet(
    worksheet: Worksheet, formats: Sequence[str], folder: Path, name: str, note: Note = _unheard
) -> list[Path]:
    """Write the sheet with the network's own numbers, its key and the key that grades it; return the paths.

    ``note`` is told what a teacher should know of the files. Raises `InputError` where they cannot be written.
    """
    sheet = worksheet.sheet()
    made: dict[str, bytes] = {}
    for format_ in formats:
        if format_ in PAGES:
            made |= sheet.render(format_, name=name) | sheet.render(format_, name=f"{name}-key", is_key=True)
        else:
            made |= questions(quiz_of(worksheet, [sheet], name), format_, note)
    return write(folder, made | {KEY_FILE: Key.of(worksheet, [sheet]).json()})


@dataclass(frozen=True)
class SheetRecipe:
    """What the files of each student are made of; the worksheet says its language, which no process may guess."""

    worksheet: Worksheet
    formats: tuple[str, ...]

    @cached_property
    def settings(self) -> str:
        """A hash of everything that the files depend on; of the secret as much as the sheets' codes tell."""
        sheet = self.worksheet
        parts = {
            each.name: repr(getattr(sheet, each.name)) for each in attrs.fields(Worksheet) if each.name != "secret"
        }
        said = [derive.__version__, sheet.sheet_code(""), self.formats, sorted(parts.items())]
        return sha256(json.dumps(said).encode()).hexdigest()

    def maker(self) -> "SheetMaker":
        """Return what makes one student's files."""
        return SheetMaker(self.formats, {"": self.worksheet})


@dataclass(frozen=True)
class SheetMaker:
    """Makes the files of one student after the other; a worksheet is prepared once in each language."""

    formats: tuple[str, ...]
    worksheets: dict[str, Worksheet] = field(repr=False)

    def __call__(self, student: Student) -> Made:
        """Return a student's sheet and key, and the part of the key that grades it."""
        worksheet = self._in(student.language)
        sheet = worksheet.sheet(student.id, student.name)
        files: dict[str, bytes] = {}
        for format_ in self.formats:
            if format_ in PAGES:
                files |= _filed(SHEETS, student, sheet.render(format_, name=student.id))
                files |= _filed(KEYS, student, sheet.render(format_, name=student.id, is_key=True))
            else:
                files |= _filed(SHEETS, student, render_quiz(quiz_of(worksheet, [sheet], student.id), format_))
        return Made(files, key_sheet(sheet).entry)

    def _in(self, language: str) -> Worksheet:
        if language not in self.worksheets:
            self.worksheets[language] = attrs.evolve(self.worksheets[""], language=language)
        return self.worksheets[language]


def _filed(folder: str, student: Student, made: dict[str, bytes]) -> dict[str, bytes]:
    """Return files by folder and ending; all begin with the student's id."""
    return {f"{folder}/{name.removeprefix(student.id)}": content for name, content in made.items()}


def write_class(
    worksheet: Worksheet,
    formats: Sequence[str],
    students: Sequence[Student],
    folder: Path,
    name: str,
    *,
    jobs: int = 1,
    engine: Engine = LOCAL,
    progress: Callable[[int], None] = lambda done: None,
    note: Note = _unheard,
) -> tuple[ClassRun, list[Path]]:
    """Write the files of a class; return what became of it, and the files that are not of one student.

    Question formats other than notebooks are one file for the class. Raises `InputError` as `make_class` does.
    """
    each = tuple(format_ for format_ in formats if format_ in (*PAGES, NOTEBOOK))
    together = [format_ for format_ in formats if format_ not in each]
    run = make_class(SheetRecipe(worksheet, each), students, folder, jobs=jobs, engine=engine, progress=progress)
    paths = write(folder, {KEY_FILE: Key(worksheet, tuple(map(KeySheet.of_entry, run.entries.values()))).json()})
    if together and run.done:
        quiz = quiz_of(worksheet, [worksheet.sheet(student.id, student.name) for student in run.done], name)
        for format_ in together:
            paths += write(folder, questions(quiz, format_, note))
    if PDF in formats:
        for printed, content in print_files(run.paths(f"{SHEETS}/.pdf")):
            paths += write(folder, {printed: content})
    return run, paths
