"""The worksheet as a user holds it: a network, what varies, which blanks are asked for; sheets, keys and grading."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from derive.api.computation import Computation
from derive.api.network import Network
from derive.checks import Synonyms, check_digits_by_hand, one_of, sequence, truth, whole
from derive.comparison.draws import Draw, Drawing, Rules, names_of
from derive.comparison.expected import Expected
from derive.comparison.grading import Answer, Grader, Grading
from derive.comparison.line_slips import LineSlip
from derive.errors import InputError, Message, shown
from derive.evaluation.calculation import Calculation
from derive.evaluation.evaluation import Evaluation
from derive.lines.blanks import Blank, blanks_of
from derive.numbers.decimals import decimal
from derive.numbers.drawn import Secret
from derive.numbers.exact import exact
from derive.reading import sources
from derive.reading.files import base_name, folder_path, parsed, placed, readable
from derive.reading.network_file import network_file
from derive.reading.worksheet_file import BLANKS, MOST_HINTS, ROUNDINGS, worksheet_settings
from derive.reading.written_number import plain_number
from derive.render import files
from derive.render.formats import FORMATS, OTHER_WORDS
from derive.render.press import Entry, SheetPress
from derive.render.sheet import RenderedSheet
from derive.stored import Stored, unlocked_property
from derive.story.worksheet import SheetOptions
from derive.verification import Report, verify

PAGES = ("pdf", "html", "tex", "md", "docx")
MOST_DECIMALS = 40  # of an answer that is given as a fraction
DIGITS = 6
LONGEST = 200  # characters of a course, a secret or an id
MOST_TRIES = 10_000
A_FRACTION = ("apart", "least", "saturated")


def rules_of(given: "Rules | Mapping[str, Any]") -> Rules:
    """Return rules, or those that a table says; raises `InputError` for a key or a value that is none."""
    if isinstance(given, Rules):
        return given
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = one_of(key, (field.name for field in attrs.fields(Rules)), "rules")
        place = Message("rules, {name}", {"name": name})
        if name in A_FRACTION:
            found[name] = exact(value, place)
            if found[name] < 0:
                raise InputError("{place}: found {found}; expected 0 or more.", place=place, found=shown(value))
        elif name == "most_draws":
            found[name] = whole(value, place, least=1, most=MOST_TRIES)
        else:
            found[name] = truth(value, place)
    return Rules(**found)


def _blanks(word: str) -> str:
    return one_of(word, BLANKS, "blanks")


def _rounding(word: str) -> str:
    return one_of(word, ROUNDINGS, "rounding")


def _hints(number: int) -> int:
    return whole(number, "hints", least=0, most=MOST_HINTS)


def _vary(words: Iterable[str] | None) -> tuple[str, ...] | None:
    if words is None:
        return None
    found = sequence(words, "vary", Message("a list of names of given numbers"))
    for word in found:
        if not isinstance(word, str):
            raise InputError("vary: found {found}; expected the name of a given number.", found=shown(word))
    return found


def _line(text: str, place: str) -> str:
    if not isinstance(text, str) or not text.isprintable() or len(text) > LONGEST:
        raise InputError(
            "{place}: found {found}; expected a line of text of at most {longest} characters.",
            place=place,
            found=shown(text),
            longest=LONGEST,
        )
    return text


def _secret(text: str) -> str:
    return _line(text, "secret")


def _course(text: str) -> str:
    return _line(text, "course")


def _name(text: str) -> str:
    return _line(text, "name")


@attrs.frozen(slots=False, repr=False)
class Worksheet(Stored):
    """A worksheet: the numbers of a network's derivation as blanks, and for each student other numbers in it.

    ``vary`` says what is drawn anew for each student: names of given numbers, or "weights", "biases", "inputs" and
    "targets"; None for what `derive.comparison.draws.names_of` says. ``blanks`` are "values", "formulas" or "both",
    ``hints`` 0 (none) to 3 (the numbers put in). Results are asked for to ``digits`` decimals, with ``rounding``
    "significant" to so many significant digits. The numbers are drawn from ``secret`` and ``course``, ``name`` (the
    network's title) and the student's id; draws that make no fair sheet are refused by the ``rules``. Raises
    `InputError` for anything else.

    >>> import derive
    >>> worksheet = derive.Worksheet(derive.load("article"), secret="rosebud", course="NN 1")
    >>> sheet = worksheet.sheet("0042")
    >>> sheet.code, len(sheet.blanks), sheet.expected[0].text
    ('707f0079', 33, '0.258')
    >>> worksheet.grade({"net_h1": "0.258", "net_h2": "1"}, student="0042").points
    1
    """

    network: Network | Computation
    vary: tuple[str, ...] | None = attrs.field(default=None, converter=_vary, kw_only=True)
    blanks: str = attrs.field(default="values", converter=_blanks, kw_only=True)
    hints: int = attrs.field(default=1, converter=_hints, kw_only=True)
    digits: int = attrs.field(default=DIGITS, converter=check_digits_by_hand, kw_only=True)
    rounding: str = attrs.field(default="by-hand", converter=_rounding, kw_only=True)
    secret: str = attrs.field(default="", converter=_secret, kw_only=True)
    course: str = attrs.field(default="", converter=_course, kw_only=True)
    name: str = attrs.field(default="", converter=_name, kw_only=True)
    rules: Rules = attrs.field(factory=Rules, converter=rules_of, kw_only=True)
    language: str | None = attrs.field(default=None, kw_only=True)
    paper: str = attrs.field(default="a4", kw_only=True)
    author: str = attrs.field(default="", kw_only=True)
    date: str = attrs.field(default="", kw_only=True)
    source: str | None = attrs.field(default=None, kw_only=True)  # the text of the network's file

    def __attrs_post_init__(self) -> None:
        _ = self.options  # refuses what is none of a page's

    @classmethod
    def from_file(cls, source: str | PathLike[str], **settings: Any) -> "Worksheet":
        """Return the worksheet of a network's file, with the settings of its [worksheet]; others take their place.

        Raises `InputError` for whatever is wrong with the file.
        """
        path = network_file(source)
        with placed(readable(path.name)):
            file = parsed(path)
            found = worksheet_settings(file)
            given = sources.load(path, Network, Computation)
            return cls(given, source=file.text, **{**found, **settings})

    @cached_property
    def options(self) -> SheetOptions:
        """The options of every sheet, without what is one student's own."""
        return SheetOptions(
            blanks=self.blanks,
            hints=self.hints,
            digits=self.digits,
            rounding=self.rounding,
            language=self.language,
            paper=self.paper,
            author=self.author,
            course=self.course,
            date=self.date,
        )

    @property
    def title(self) -> str:
        """What the numbers are drawn for, beside the course: the name, else the network's title."""
        return self.name or self.network.title

    @cached_property
    def evaluation(self) -> Evaluation:
        """The network's own numbers, each result rounded as students round."""
        return self.network.derive().evaluation.by_hand(self.digits, significant=self.rounding == "significant")

    @cached_property
    def asked(self) -> tuple[Blank, ...]:
        """The blanks, in the order of their numbers."""
        return blanks_of(self.evaluation)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the numbers that vary."""
        return names_of(self.evaluation.computation, self.vary)

    @cached_property
    def report(self) -> Report:
        """What was checked: every line of the derivation; `VerificationError` where one does not hold."""
        return verify(self.evaluation.in_full)

    @cached_property
    def _drawing(self) -> Drawing:
        return Drawing(self.evaluation, self.asked, self.names, self.rules)

    def slips(self, calculation: Calculation) -> Sequence[LineSlip]:
        """Return the slips that lines of a sheet with these numbers can suffer from."""
        return self._drawing.slips(calculation)

    @cached_property
    def _source(self) -> Secret:
        return Secret(self.secret, self.course, self.title)

    def sheet(self, student: str = "", name: str = "") -> "Sheet":
        """Return the sheet of a student, by the id; without one, the sheet with the network's own numbers.

        ``name`` is printed on it. Raises `InputError` for an id without a secret, as students could then draw their own
        key, and where no draw keeps the rules.
        """
        if not student:
            return Sheet(self, "", name, self.sheet_code("") if self.secret else "", self._drawing.own)
        if not self.secret:
            raise InputError(
                "secret: no value is given; expected a text that only you know. Without it, anybody who has the "
                "network could draw the numbers of {student} and make the key.",
                student=shown(student),
            )
        checked = _line(student, "id")
        return Sheet(self, checked, name, self.sheet_code(checked), self._drawing.draw(self._source, checked))

    def sheet_code(self, student: str) -> str:
        """Return the code of a student's sheet, which is known before its numbers are drawn."""
        return self._source.code(student)

    def preview(self, count: int) -> Iterator[Draw]:
        """Yield so many draws for nobody, as students get them, and for each why draws before it were refused."""
        for number in range(1, count + 1):
            yield self._drawing.draw(self._source, f"preview {number}")

    def press(self, *, is_key: bool) -> SheetPress:
        """Return what writes the PDFs of students, laid out once for all of them."""
        if is_key not in self._presses:
            own = self.sheet().rendered(is_key=is_key)
            # A student's sheet has a code, that of the network's own numbers may have none: the pages have room for it.
            self._presses[is_key] = SheetPress(attrs.evolve(own, options=attrs.evolve(own.options, code="0" * 8)))
        return self._presses[is_key]

    @unlocked_property
    def _presses(self) -> dict[bool, SheetPress]:
        return {}

    @property
    def key(self) -> Mapping[str, str]:
        """The answers of the sheet with the network's own numbers, by the names of the blanks."""
        return self.sheet().key

    def grade(self, answers: Mapping[str | int, Any], student: str = "") -> Grading:
        """Return the verdicts on a student's answers, by the name or the number of the blank.

        An answer is a number or text such as "0.5933". Raises `InputError` for one that is none, and for an unknown
        name.
        """
        return self.sheet(student).grade(answers)

    def __repr__(self) -> str:
        return f"<Worksheet on {self.title}: {len(self.asked)} blanks, {len(self.names)} numbers vary>"


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """One student's sheet: their numbers, its blanks, and what these accept."""

    worksheet: Worksheet
    student: str
    name: str
    code: str
    draw: Draw

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """The blanks, in the order of their numbers."""
        return self.worksheet.asked

    @property
    def expected(self) -> tuple[Expected, ...]:
        """What each blank accepts."""
        return self.draw.expected

    @property
    def key(self) -> Mapping[str, str]:
        """The answers of a student who rounds each result correctly, by the names of the blanks."""
        return {each.name: each.text for each in self.expected}

    @property
    def numbers(self) -> tuple[Mapping[str, Fraction], ...]:
        """The given numbers of the sheet, by name, of each sample."""
        return self.draw.numbers

    @cached_property
    def evaluation(self) -> Evaluation:
        """All numbers of the sheet, each result rounded as students round."""
        calculation = self.draw.calculation
        return Evaluation(calculation.computation, calculation.plan, calculation.rounding)

    def grade(self, answers: Mapping[str | int, Any]) -> Grading:
        """Return the verdicts on answers by the name or the number of the blank; see `Worksheet.grade`."""
        given = {self._blank(key).name: _answer(value, self._blank(key)) for key, value in answers.items()}
        return self.grader.grade({name: answer for name, answer in given.items() if answer is not None})

    @cached_property
    def grader(self) -> Grader:
        """What grades it."""
        calculation = self.draw.calculation
        return Grader(calculation, self.blanks, self.expected, lambda: self.worksheet.slips(calculation))

    def _blank(self, key: str | int) -> Blank:
        for blank in self.blanks:
            if key in (blank.name, blank.number, str(blank.number)):
                return blank
        raise InputError(
            "answers: found {found}; expected the name or the number of a blank, such as {example}.",
            found=shown(key),
            example=self.blanks[0].name,
        )

    def rendered(self, *, is_key: bool = False, name: str = "sheet", pdf_variant: str | None = None) -> RenderedSheet:
        """Return the sheet as every renderer takes it; in a key, the answers stand in its blanks."""
        texts = {blank.number: each.text for blank, each in zip(self.blanks, self.expected, strict=True)}
        bounds = {blank.number: (each.low, each.high) for blank, each in zip(self.blanks, self.expected, strict=True)}
        options = attrs.evolve(
            self.worksheet.options,
            student=self.student,
            name=self.name,
            code=self.code,
            is_key=is_key,
            answers=texts,
            bounds={} if is_key else bounds,
        )
        return RenderedSheet(self.evaluation, self.blanks, options, name, pdf_variant)

    def render(
        self, format_: str, *, is_key: bool = False, name: str = "sheet", pdf_variant: str | None = None
    ) -> dict[str, bytes]:
        """Return the files of one format, name and content: "pdf", "html", "tex", "md" or "docx".

        Raises `InputError` for another format, and `VerificationError` where a line of the derivation does not hold.
        """
        wanted = one_of(format_, PAGES, "format", Synonyms(same=OTHER_WORDS))
        rendered = self.rendered(is_key=is_key, name=base_name(name, "name"), pdf_variant=pdf_variant)
        _ = self.worksheet.report  # nothing is written that was not verified
        if wanted == "pdf" and self.student:
            press = self.worksheet.press(is_key=is_key)
            pressed = None if self._recorded is None else press.pdf(rendered, self._recorded)
            if pressed is not None:
                return {f"{rendered.name}.pdf": pressed}
        return FORMATS[wanted].render(rendered)

    @cached_property
    def _recorded(self) -> Sequence[Entry] | None:
        """What stands in the places of the sheet's pages, the same in its key; None where it has pages of its own."""
        return self.worksheet.press(is_key=False).recorded(self.rendered())

    def write(
        self, folder: str | PathLike[str] = "output", formats: Iterable[str] = ("pdf",), *, name: str = "sheet"
    ) -> list[Path]:
        """Write the sheet and its key as ``folder/name.format`` and ``folder/name-key.format``; return the paths."""
        made: dict[str, bytes] = {}
        for format_ in [formats] if isinstance(formats, str) else formats:
            made |= self.render(format_, name=name) | self.render(format_, is_key=True, name=f"{name}-key")
        return files.write(folder_path(folder), made)

    def __repr__(self) -> str:
        return f"<Sheet of {self.student or 'the network itself'}: {len(self.blanks)} blanks>"


def _answer(value: Any, blank: Blank) -> Answer | None:
    """Return a number as it was written; None for an empty one."""
    if isinstance(value, Answer):
        return value
    if not isinstance(value, str):
        return Answer(decimal(exact(value, blank.name), MOST_DECIMALS))
    if not value.strip():
        return None
    try:
        return Answer(plain_number(value))
    except InputError as error:
        raise error.inside(blank.name) from None
