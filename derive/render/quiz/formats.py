"""The formats of questions: a table as that of handouts, and what renders one of them."""

from collections.abc import Callable, Mapping
from typing import cast

from derive.render.formats import OWN, Format
from derive.render.quiz.quiz import Quiz

QUIZ_FORMATS: Mapping[str, Format] = {
    format_.name: format_
    for format_ in (
        Format("moodle", ".moodle.xml", "derive.render.quiz.moodle"),
        Format("gift", ".gift.txt", "derive.render.quiz.gift"),
        Format("qti", ".qti.zip", "derive.render.quiz.qti"),
        Format(
            "ipynb",
            OWN["ipynb"].ending,
            "derive.render.quiz.notebook",
            synonyms=OWN["ipynb"].synonyms,
            needs=OWN["ipynb"].needs,
        ),
    )
}


def render(quiz: Quiz, name: str) -> dict[str, bytes]:
    """Return the files of a format of `QUIZ_FORMATS`, by name; raises `InputError` where its library is missing.

    >>> list(render(Quiz("A", ()), "moodle"))
    ['worksheet.moodle.xml']
    """
    made = cast(Callable[[Quiz], dict[str, bytes]], QUIZ_FORMATS[name].renderer().render)
    return made(quiz)
