"""The verdicts on all numbers of a publication: each by itself, then by conventions, then by what they follow from."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from derive.comparison.published.alone import Alone
from derive.comparison.published.basis import Basis
from derive.comparison.published.choosing import Choice
from derive.comparison.published.consequences import Consequences, Judged, Roundings
from derive.comparison.published.conventions import Convention
from derive.comparison.published.follows import Entry
from derive.comparison.published.lookup import Reading
from derive.comparison.published.precision import Floats
from derive.comparison.published.printed import Printed
from derive.comparison.published.tokens import Token
from derive.comparison.published.variants import Decidable, Variant
from derive.comparison.published.verdicts import RIGHT, WRONG, is_cut, is_rounded
from derive.errors import UnsupportedError
from derive.numbers.arithmetic import Value


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges the numbers of a publication, each with its reading, on a basis that its file declares."""

    declared: Basis
    numbers: Sequence[tuple[Printed, Reading]]

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self.declared, self.numbers)

    @cached_property
    def _choice(self) -> Choice:
        return Choice(self.declared, self._alone)

    @property
    def _best(self) -> Consequences:
        return self._choice.best

    @cached_property
    def memory(self) -> dict[Hashable, Any]:
        """What causes look up again for each number, by what it is."""
        return {}

    @property
    def basis(self) -> Basis:
        """The declared basis with the conventions that are found in the numbers."""
        return self._best.basis

    @property
    def found(self) -> tuple[Judged, ...]:
        """Every number with its verdict and what explains it, in the order of the publication."""
        return self._best.found

    def explained_by(self, convention: Convention) -> tuple[str, ...]:
        """Return the names of the numbers that a convention explains, or, where none shows it by itself, that it saves.

        Those are wrong without the conventions that are found.
        """
        found = [each for each in self.found if convention in each.conventions]
        if not found:
            before = self._choice.on(self.declared).found
            pairs = zip(self.found, before, strict=True)
            found = [now for now, old in pairs if old.verdict == WRONG != now.verdict]
        return tuple(dict.fromkeys(each.printed.name for each in found))

    @property
    def roundings(self) -> Roundings:
        """To how many decimals the publication rounds."""
        return self._best.roundings

    @property
    def entries(self) -> Mapping[Token, Entry]:
        """The printed numbers, without their own sign, by what they stand for."""
        return self._best.entries

    def token(self, printed: Printed, reading: Reading) -> Token | None:
        """Return what a number stands for; None for what no other number is calculated from."""
        return self._best.token(printed, reading)

    @cached_property
    def rounds_up(self) -> bool:
        """Whether a right number of the publication is rounded up, which one that cuts off would not be."""
        right = ((each.printed, each.reading) for each in self.found if each.verdict == RIGHT)
        numbers = ((printed, self.basis.number(printed, reading)) for printed, reading in right if not reading.is_given)
        return any(_is_rounded_up(*each) for each in numbers)

    def has_wrong(self, roots: Sequence[Printed]) -> bool:
        """Whether one of these numbers is wrong."""
        return self._best.has_wrong(roots)

    def follows(self, judged: Judged, number: Decimal) -> bool:
        """Whether another number would follow from those before it, in the place of the one that is printed."""
        other = replace(judged, printed=replace(judged.printed, number=number))
        return self._best.follows(other) is not None

    def floats(self, variant: Variant) -> Floats:
        """Return what floats may come to in one way to calculate."""
        return self._alone.floats(variant)

    def slack(self, variant: Variant, printed: Printed, reading: Reading) -> Value:
        """Return by how much another value under a name may be off from its formula where it is printed as a double."""
        return self._alone.slack(variant, printed, reading)


def _is_rounded_up(printed: Printed, number: Decidable) -> bool:
    try:
        return is_rounded(printed, number) and not is_cut(printed, number)
    except UnsupportedError:  # so near to all of its digits that this is open
        return False
