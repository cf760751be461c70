"""A number that is not simply right, and whether a candidate for its cause gives it by more than chance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial

from derive.comparison.published.consequences import Judged
from derive.comparison.published.judging import Judge
from derive.comparison.published.lookup import Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.variants import Decidable, Variant
from derive.comparison.published.verdicts import Cause, fits, is_cut, is_far, is_rounded, units_off
from derive.errors import InputError, Message, counted
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import Value

CHANCE = Fraction(1, 20)  # that one of the candidates so far gives the number, whatever they are
ROUNDED, CUT = "rounded", "cut off"


@dataclass(frozen=True, eq=False)
class Case:
    """A number that is not simply right, in the publication that it belongs to."""

    judge: Judge
    judged: Judged
    _tries: list[int] = field(default_factory=lambda: [0], repr=False)

    @cached_property
    def printed(self) -> Printed:
        """The number without the publication's own sign."""
        printed = self.judged.printed
        is_turned = self.judge.basis.factor(printed) < 0
        return replace(printed, number=-printed.number) if is_turned else printed

    @property
    def reading(self) -> Reading:
        """How its true value is found."""
        return self.judged.reading

    @property
    def variant(self) -> Variant:
        """The way to calculate."""
        return self.judge.basis.variant_for(self.judged.printed)

    @property
    def evaluation(self) -> Evaluation:
        """What the number is held against."""
        return self.variant.evaluation

    @cached_property
    def true(self) -> Decidable:
        """The true value."""
        return self.reading.number(self.variant)

    @cached_property
    def off(self) -> Fraction:
        """By how many units of its last digit the number is off."""
        return units_off(self.printed, self.true)

    @property
    def may_be_met(self) -> bool:
        """Whether another candidate would be likelier than chance."""
        return Fraction(self._tries[0] + 1) / (2 * self.off) <= CHANCE

    @property
    def tried(self) -> int:
        """How many candidates were tried: the more, the likelier that one gives the number by chance."""
        return self._tries[0]

    def try_as(self, number: int) -> None:
        """Let the next candidate be tried after so many, of which those that are left out are far from the number."""
        self._tries[0] = number

    def met(self, number: Decidable, chance: Fraction = CHANCE, printed: Printed | None = None) -> str:
        """Return whether a candidate gives the number, `ROUNDED` or `CUT`, and is likelier than chance; "" else."""
        printed = printed or self.printed
        self._tries[0] += 1
        if is_far(printed, number) or self._tries[0] > 2 * self.off * chance:
            return ""
        if is_rounded(printed, number) or number.decide(partial(fits, printed, slack=self._slack)):
            return CUT if not is_rounded(printed, number) and is_cut(printed, number) else ROUNDED
        return ""

    @cached_property
    def _slack(self) -> Value:
        return self.judge.slack(self.variant, self.judged.printed, self.reading)


def gives(case: Case, read: Callable[[], Decidable], chance: Fraction = CHANCE, printed: Printed | None = None) -> str:
    """Return how the number that is read gives the printed one; "" where it has no value.

    That is where training diverges, and where a parameter is not trained whose step is asked for.
    """
    try:
        return case.met(read(), chance, printed)
    except (InputError, KeyError):
        return ""


def told(case: Case, how: str, cause: Cause) -> Iterator[Cause]:
    """Yield the cause of a number that it gives, with that it is cut off where it is; see `gives`."""
    if how:
        yield with_cut(case, cause) if how == CUT else cause


def with_cut(case: Case, cause: Cause) -> Cause:
    """Return the cause with the other one, that the number is cut off as well."""
    both = Message("{cause} {other}", {"cause": cause.sentence, "other": cut_off(case.printed)})
    return Cause(f"{cause.kind} and {CUT}", both)


def cut_off(printed: Printed) -> Message:
    """Return that a number is cut off after its decimals."""
    return counted(
        "Truncated to {number} decimal instead of rounded.",
        "Truncated to {number} decimals instead of rounded.",
        printed.decimals,
    )
