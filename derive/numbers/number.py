"""A value: a float for calculating, and its certain digits for printing."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from flint import arb, fmpq

from derive.checks import check_digits
from derive.errors import Message, Text, UnsupportedError, VerificationError
from derive.notation import Latex, value_latex
from derive.notation.mathml import Mathematics
from derive.numbers.arithmetic import Value
from derive.numbers.decimals import (
    MOST_DECIMALS,
    Rounded,
    as_printed,
    at_enough_bits,
    enclosure,
    nearest_float,
    round_exact,
)
from derive.numbers.rounding import Rounding
from derive.numbers.slots import present_slots

T = TypeVar("T")
THE_VALUE = Message("the value")
DIGITS = 9  # decimals that are shown where none are asked for


class Source(Protocol):
    """Where numbers come from: tables of all values, at more and more bits; see `derive.evaluation`."""

    @property
    def rounding(self) -> Rounding | None:
        """How values are rounded by hand; None where they are carried in full."""

    def certain(self, read: Callable[[Any], Value], decide: Callable[[Value], T], place: Text = THE_VALUE) -> T:
        """Return what ``decide`` makes of the value that ``read`` finds in a table."""

    def written_down(self) -> Any:
        """Return a table of values in a calculation that is written down, see `derive.numbers.traced`."""

    def carried(self, value: Value) -> Value:
        """Return the value with which later lines are calculated: rounded by hand, or as it is."""


class Number(float, Mathematics):
    """A value: a float for calculating, and its certain digits for printing.

    >>> import derive
    >>> number = derive.load("article").derive()["w1"].value
    >>> number.decimal(9), number.decimal(30), number.exact is None
    ('0.000438568', '0.000438567734474346727048375599', True)
    """

    _evaluation: Source
    _read: Callable[[Any], Value]
    _place: Text

    def __new__(cls, evaluation: Source, read: Callable[[Any], Value], place: Text = THE_VALUE) -> "Number":
        """Make the number that ``read`` finds in the evaluation's tables; ``place`` names it where it is refused."""
        nearest = evaluation.certain(read, lambda value: nearest_float(evaluation.carried(value)), place)
        number = super().__new__(cls, nearest)
        number._evaluation, number._read, number._place = evaluation, read, place
        return number

    def rounded(self, digits: int = 9) -> Rounded:
        """Return the value rounded correctly to that many decimals, and whether that is exact.

        A tie is rounded away from zero. A value too small for four significant digits at that setting, and one of more
        than fifteen digits before the point, comes with a power of ten. Raises `UnsupportedError` where the digits
        cannot be made certain, and `InputError` for more than 10,000 of them. A value that is rounded by hand is what
        was carried on, rounded once more where these are fewer digits.
        """
        digits = check_digits(digits, least=0, most=MOST_DECIMALS)
        rounded, slots = self._rounded(digits), present_slots()
        return rounded if slots is None else slots.rounded(self, rounded, digits)

    def _rounded(self, digits: int) -> Rounded:
        carried = self._evaluation.rounding
        if carried is None:
            return self._certain(lambda value: _verified(round_exact(value, digits), value))
        rounded = self._certain(lambda value: _verified(carried.rounded(value), value))
        if digits >= carried.digits:
            return rounded
        again = at_enough_bits(lambda bits: carried.at_most(digits).rounded(as_printed(rounded.text)))
        return Rounded(again.text, rounded.exact and again.exact)

    def decimal(self, digits: int = 9) -> str:
        """Return the rounded value as text: "0.082167041", "0.3775", "4.387e-13"."""
        return self.rounded(digits).text

    def latex(self, digits: int = 9) -> Latex:
        """Return the rounded value in LaTeX."""
        return value_latex(self.decimal(digits))

    def is_exact(self, digits: int = 9) -> bool:
        """Whether the value printed with that many decimals is the value itself."""
        return self.rounded(digits).exact

    def _certain(self, decide: Callable[[Value], T]) -> T:
        return self._evaluation.certain(self._read, decide, self._place)

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value, at the first precision that does not raise `Undecided`."""
        return self._certain(lambda value: question(self._evaluation.carried(value)))

    @property
    def source(self) -> Source:
        """Where the number comes from."""
        return self._evaluation

    def found_in(self, table: Any) -> Value:
        """Return this number's value in a table."""
        return self._read(table)

    @property
    def rounding(self) -> Rounding | None:
        """How intermediate results were rounded on the way to it; None where they were carried in full."""
        return self._evaluation.rounding

    @property
    def by_hand(self) -> bool:
        """Whether intermediate results were rounded on the way to it."""
        return self._evaluation.rounding is not None

    @property
    def exact(self) -> Fraction | None:
        """The value as a fraction, where it is rational by its formula."""
        value = self._certain(self._evaluation.carried)
        return Fraction(int(value.p), int(value.q)) if isinstance(value, fmpq) else None

    def _repr_latex_(self) -> str | None:
        try:
            relation = "" if self.is_exact() else r"\approx "
            return f"${relation}{self.latex()}$"
        except UnsupportedError:  # no certain digits: the float is shown
            return None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._evaluation, self._read, self._place)


def _verified(rounded: Rounded, value: Value) -> Rounded:
    """Return the printed digits, after checking by another way that the value lies in what they enclose."""
    stands_for = enclosure(rounded)
    if not (stands_for == value if rounded.exact else arb(stands_for).overlaps(arb(value))):
        raise VerificationError(
            "{printed} is printed for {value}. Nothing was written. This is a bug in derive; please report it.",
            printed=rounded.text,
            value=str(arb(value).str(12)),
        )
    return rounded
