"""Values by name, as they are and as later lines go on with them where every line is rounded by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from derive.errors import Text
from derive.numbers.arithmetic import Value, rational
from derive.numbers.decimals import Undecided, Unprintable
from derive.numbers.rounding import Rounding

Values = Mapping[str, Value]


class Carried(Mapping[str, Value]):
    """Values as later lines go on with them: each rounded by hand.

    ``named`` says how a message calls the one of that key.
    """

    def __init__(self, given: Values, rounding: Rounding, named: Callable[[str], Text] = str) -> None:
        self.given, self.rounding, self.named = given, rounding, named

    def __getitem__(self, name: str) -> Value:
        try:
            return self.rounding.carried(self.given[name])
        except Undecided as undecided:
            raise Undecided(undecided.place or self.named(name)) from None
        except Unprintable as error:
            raise error.at(self.named(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


@dataclass(frozen=True)
class Late(Mapping[str, Value]):
    """Values as a partial finds them where updates are sequential: a parameter is new that was updated before.

    ``order`` numbers the partials as the backward pass finds them, and ``place`` is the number of this one.
    """

    given: Values
    updated: Values
    order: Mapping[str, int]
    place: int

    def __getitem__(self, name: str) -> Value:
        is_new = name in self.updated and self.order[name] < self.place
        return self.updated[name] if is_new else self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


def flint_values(values: Mapping[str, Fraction]) -> dict[str, Value]:
    """Return exact numbers as rationals of flint."""
    return {name: rational(value) for name, value in values.items()}
