"""The cause that is offered last: the number is that of another quantity."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from derive.comparison.published.case import ROUNDED, Case, gives
from derive.comparison.published.lookup import names, reading
from derive.comparison.published.variants import Decidable
from derive.comparison.published.verdicts import Cause, nearest_float
from derive.errors import InputError, Message

MOST_NAMES = 5000
MARGIN = 1e-8  # of a number, in which its float lies by far


@dataclass(frozen=True)
class Other:
    """A quantity: its name, how many are tried before it, its value, and the float next to that."""

    name: str
    place: int
    number: Decidable
    nearest: float | None  # None where it is known to too few digits


@dataclass(frozen=True, eq=False)
class Others:
    """All quantities with a name, by their values."""

    found: tuple[Other, ...]

    @cached_property
    def _sorted(self) -> list[tuple[float, int]]:
        known = enumerate(other.nearest for other in self.found)
        return sorted((nearest, index) for index, nearest in known if nearest is not None)

    @cached_property
    def _open(self) -> list[Other]:
        return [other for other in self.found if other.nearest is None]

    def near(self, number: float, unit: float) -> list[Other]:
        """Return those that may be a number, in the order in which they are tried."""
        away = 2 * unit + MARGIN * abs(number)
        start, end = (bisect_left(self._sorted, (edge, 0)) for edge in (number - away, number + away))
        found = [self.found[index] for _, index in self._sorted[start:end]]
        return sorted(found + self._open, key=lambda other: other.place)


def others(case: Case) -> Iterator[Cause]:
    """Yield the other quantities of this network whose value is printed."""
    printed = case.printed
    key = ("others", case.variant, printed.sample, printed.updates)
    if key not in case.judge.memory:  # the same for every number of a section
        case.judge.memory[key] = Others(tuple(_all(case)))
    tried = case.tried
    for other in case.judge.memory[key].near(float(printed.number), float(f"1e{-printed.decimals}")):
        if other.name != printed.name:
            case.try_as(tried + other.place)
            if gives(case, lambda other=other: other.number) == ROUNDED:  # type: ignore[misc]
                yield Cause("another quantity", Message("The value of {name}.", {"name": other.name}))


def _all(case: Case) -> Iterator[Other]:
    valid = list(names(case.evaluation, case.printed.updates))
    for place, name in enumerate(valid if len(valid) <= MOST_NAMES else ()):
        try:
            number = reading(case.evaluation, name, case.printed.sample, case.printed.updates).number(case.variant)
        except (InputError, KeyError):  # training diverges
            continue
        nearest = number if isinstance(number, float) else nearest_float(number)
        yield Other(name, place, number, None if nearest is None else float(nearest))
