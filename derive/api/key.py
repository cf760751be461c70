"""The key of a class: what every blank of every sheet accepts, in one JSON file that `derive grade` reads."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from derive.api.computation import Computation
from derive.api.network import Network
from derive.api.worksheet import Sheet, Worksheet
from derive.comparison.expected import Expected
from derive.comparison.grading import WRONG, Answer, Grader, Grading, first_verdicts
from derive.errors import InputError, Message, UnsupportedError, reason, shown
from derive.numbers.decimals import decimal
from derive.reading import sources
from derive.reading.answers import Answers, Asked
from derive.reading.files import placed, readable

ENOUGH = Fraction(4, 5)  # of somebody's answers, which are then those of another sheet
FORMAT, VERSION = "derive-key", 1
MOST_DECIMALS = 1000  # of a bound
ENTRY = ("name", "code", "numbers", "accepted")  # what an entry has beside the id
SETTINGS = ("vary", "blanks", "hints", "digits", "rounding", "course", "name")


@dataclass(frozen=True)
class KeySheet:
    """What the key has of one student's sheet: numbers by sample and name, and what each blank accepts, as text."""

    student: str
    name: str
    code: str
    numbers: Sequence[Mapping[str, str]]
    accepted: Sequence[Sequence[str]]

    @property
    def entry(self) -> dict[str, Any]:
        """The sheet as JSON has it."""
        return {"id": self.student, **{name: getattr(self, name) for name in ENTRY}}

    @classmethod
    def of_entry(cls, entry: Mapping[str, Any]) -> "KeySheet":
        """Return the sheet of such an entry."""
        return cls(entry["id"], *(entry[name] for name in ENTRY))


class Accepted(Expected):
    """What a blank accepts, with its bounds as the key has them: most answers need no more than decimals."""

    def __init__(self, name: str, text: str, low: str, high: str) -> None:
        self.__dict__.update(name=name, text=text, slips=(), written=(low, high))

    @cached_property
    def low(self) -> Fraction:
        """The least number that is accepted."""
        return Fraction(self.written[0])

    @cached_property
    def high(self) -> Fraction:
        """The greatest."""
        return Fraction(self.written[1])

    written: tuple[str, str]

    def accepts(self, answer: str) -> bool:
        """Whether honest rounding can give an answer; decimals are compared exactly."""
        low, high = self.written
        return Decimal(low) <= Decimal(answer) <= Decimal(high)


@dataclass(frozen=True, eq=False)
class Key:
    """The key of a worksheet; ``sheets`` are those of its students, or one for all with the id ""."""

    worksheet: Worksheet
    sheets: tuple[KeySheet, ...]

    @classmethod
    def of(cls, worksheet: Worksheet, sheets: Iterable[Sheet]) -> "Key":
        """Return the key of these sheets."""
        return cls(worksheet, tuple(key_sheet(sheet) for sheet in sheets))

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Key":
        """Return the key of a file; raises `InputError` where it is none, or was made for another network."""
        file = Path(path)
        with placed(readable(file.name)):
            try:
                data = json.loads(file.read_bytes())
            except OSError as error:
                raise InputError("the file cannot be read ({reason}).", reason=reason(error)) from None
            except (ValueError, RecursionError):
                raise _no_key() from None
            return _of_data(data)

    def json(self) -> bytes:
        """Return the file's content; raises `UnsupportedError` for a worksheet that was not made of a file."""
        worksheet = self.worksheet
        if worksheet.source is None:
            raise UnsupportedError(
                "this worksheet was made of a network in Python, which a key has no way to hold; write the network to "
                "a file and use Worksheet.from_file, or grade with Worksheet.grade.",
            )
        settings = {name: getattr(worksheet, name) for name in SETTINGS}
        head = {
            "format": FORMAT,
            "version": VERSION,
            "title": worksheet.title,
            "network": worksheet.source,
            "settings": settings,
            "blanks": [blank.name for blank in worksheet.asked],
        }
        # A line a student, so that a class can be read and compared.
        lines = ",\n".join(json.dumps(sheet.entry, ensure_ascii=False) for sheet in self.sheets)
        text = json.dumps(head, ensure_ascii=False, indent=1)
        return f'{text[:-2]},\n "sheets": [\n{lines}\n ]\n}}\n'.encode()

    @cached_property
    def asked(self) -> Asked:
        """What answers are read by: the numbers and names of blanks, and the code of each sheet."""
        blanks = {blank.number: blank.name for blank in self.worksheet.asked}
        return Asked(blanks, {sheet.student: sheet.code for sheet in self.sheets})

    @cached_property
    def _by_student(self) -> Mapping[str, KeySheet]:
        return {sheet.student: sheet for sheet in self.sheets}

    def sheet_of(self, student: str) -> KeySheet:
        """Return the sheet of a student; the one for all where all have the same."""
        return self._by_student[student if student in self._by_student else ""]

    @cached_property
    def _written(self) -> Mapping[tuple[int, str], Sequence[str]]:
        """The students in whose key an answer stands at a blank, by its number."""
        found: dict[tuple[int, str], list[str]] = {}
        for sheet in self.sheets:
            for number, (text, _, _) in enumerate(sheet.accepted, start=1):
                found.setdefault((number, text), []).append(sheet.student)
        return found

    def others_sheet(self, answers: Answers) -> str:
        """Return the id of the student whose numbers somebody else's answers are, "" where there is none."""
        fitting = Counter(
            student for number, text in answers.given.items() for student in self._written.get((number, text), ())
        )
        student, count = max(fitting.items(), key=lambda each: each[1], default=("", 0))
        is_other = student != answers.student and count >= ENOUGH * len(answers.given)
        return student if is_other else ""

    def grade(self, answers: Answers) -> Grading:
        """Return the verdicts on one student's answers."""
        names = self.asked.blanks
        given = {names[number]: Answer(text) for number, text in answers.given.items()}
        sheet = self.sheet_of(answers.student)
        expected = tuple(
            Accepted(name, text, low, high)
            for name, (text, low, high) in zip(names.values(), sheet.accepted, strict=True)
        )
        # Most sheets need no more than the bounds.
        verdicts = first_verdicts(expected, given)
        if not any(verdict.kind == WRONG for verdict in verdicts):
            return Grading(verdicts)
        return self._grader(sheet, expected).grade(given)

    def _grader(self, sheet: KeySheet, expected: tuple[Expected, ...]) -> Grader:
        """Return what grades a student's sheet."""
        worksheet = self.worksheet
        calculation = worksheet.evaluation.calculation
        if any(sheet.numbers):
            samples = [
                {**sample, **{name: Fraction(text) for name, text in numbers.items()}}
                for sample, numbers in zip(worksheet.evaluation.computation.samples, sheet.numbers, strict=True)
            ]
            computation = attrs.evolve(worksheet.evaluation.computation, samples=samples)
            calculation = replace(calculation, computation=computation)
        return Grader(calculation, worksheet.asked, expected, lambda: worksheet.slips(calculation))


def key_sheet(sheet: Sheet) -> KeySheet:
    """Return what a key has of a sheet."""
    own = sheet.worksheet.evaluation.computation.samples
    changed = [
        {name: str(value) for name, value in numbers.items() if value != sample[name]}
        for numbers, sample in zip(sheet.numbers, own, strict=True)
    ]
    accepted = [(each.text, _text(each.low), _text(each.high)) for each in sheet.expected]
    return KeySheet(sheet.student, sheet.name, sheet.code, changed, accepted)


def _text(value: Fraction) -> str:
    return decimal(value, MOST_DECIMALS)


def _no_key() -> InputError:
    return InputError("found no key; expected the key.json that derive worksheet wrote.")


def _of_data(data: Any) -> Key:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _no_key()
    if data.get("version") != VERSION:
        raise InputError(
            "found a key of version {found}; this derive reads version {version}. Make the worksheet again, or grade "
            "with the derive that made it.",
            found=shown(data.get("version")),
            version=VERSION,
        )
    try:
        source, settings = data["network"], data["settings"]
        network = sources.load_from(BytesIO(source.encode()), Network, Computation)
        worksheet = Worksheet(network, source=source, **{name: settings[name] for name in SETTINGS})
        sheets = tuple(_sheets(data["sheets"], len(worksheet.asked)))
        names = [blank.name for blank in worksheet.asked]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "the key is damaged ({reason}); make it again with derive worksheet.", reason=_said(error)
        ) from None
    if names != data.get("blanks"):
        raise InputError(
            "the key has other blanks than this derive makes of its network; make the worksheet again, or grade with "
            "the derive that made it."
        )
    return Key(worksheet, sheets)


def _said(error: Exception) -> Message:
    return Message("{kind}: {found}", {"kind": type(error).__name__, "found": shown(str(error))})


def _sheets(found: Any, blanks: int) -> Iterator[KeySheet]:
    for each in found:
        accepted = each["accepted"]
        if len(accepted) != blanks or not all(len(bounds) == 3 and all(map(_is_text, bounds)) for bounds in accepted):
            raise ValueError(each["id"])
        yield KeySheet.of_entry({**each, **{name: str(each[name]) for name in ("id", "name", "code")}})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
