"""What a handout is asked for: each option with its conversion and its check at the field."""

import os
from functools import cached_property
from typing import Any

import attrs

from derive.checks import check_digits, one_of, truth
from derive.language.language import Language, language
from derive.language.own_templates import user_folder
from derive.language.templates import Templates
from derive.story.offered import OFFERED
from derive.story.options import DETAILS, FORMS, ROUNDINGS
from derive.story.page import Page, author_line, course_line, date_line, has_notes_margin, paper_name


def _detail(word: str) -> str:
    return one_of(word, DETAILS, "detail")


def _digits(number: int) -> int:
    return check_digits(number)


def _form(word: str) -> str:
    return one_of(word, FORMS, "form")


def _rounding(word: str) -> str:
    return one_of(word, ROUNDINGS, "rounding")


def _hessian(value: bool) -> bool:
    return truth(value, "hessian")


def _check_language(options: "HandoutOptions", field: Any, code: str | None) -> None:
    language(code)


def _check_template(options: "HandoutOptions", field: Any, folder: "str | os.PathLike[str] | None") -> None:
    user_folder(folder)


@attrs.frozen(kw_only=True, slots=False)
class HandoutOptions:
    """The options of a handout.

    ``detail`` is "brief" (each formula once, the numbers in tables), "article" (the first weight of each layer in full,
    the others in a table) or "full" (each weight in full), ``digits`` the number of decimals (1 to 1,000), ``form``
    "scalar" (a line a quantity), "matrix" (a line a layer) or "both", ``rounding`` "exact", "by-hand" (each result to
    ``digits`` decimals) or "significant" (to so many significant digits), ``language`` "en", "pt-BR", "es", one with a
    region such as "es-MX", or None, the one of the environment. The page: ``paper`` "a4" or "letter", ``notes_margin``
    True for room beside the text, ``author``, ``course`` and ``date``, a line each under the title. ``template`` is a
    folder with templates that take the place of the package's; ``hessian`` True adds a section on second derivatives.
    Raises `InputError` for anything else.

    >>> HandoutOptions(detail="Full", digits=4).detail
    'full'
    """

    detail: str = attrs.field(default="article", converter=_detail)
    digits: int = attrs.field(default=9, converter=_digits)
    form: str = attrs.field(default="scalar", converter=_form)
    rounding: str = attrs.field(default="exact", converter=_rounding)
    language: str | None = attrs.field(default=None, validator=_check_language)
    paper: str = attrs.field(default="a4", converter=paper_name)
    notes_margin: bool = attrs.field(default=False, converter=has_notes_margin)
    author: str = attrs.field(default="", converter=author_line)
    course: str = attrs.field(default="", converter=course_line)
    date: str = attrs.field(default="", converter=date_line)
    template: str | os.PathLike[str] | None = attrs.field(default=None, validator=_check_template)
    hessian: bool = attrs.field(default=False, converter=_hessian)

    @cached_property
    def reader_language(self) -> Language:
        """The language of the sentences and numbers."""
        return language(self.language)

    @cached_property
    def page(self) -> Page:
        """The paper, the margins, and the lines under the title."""
        return Page(self.paper, self.notes_margin, self.author, self.course, self.date)

    @cached_property
    def templates(self) -> Templates:
        """The templates: the user's where they are there, else the package's."""
        return Templates(user_folder(self.template), OFFERED)
