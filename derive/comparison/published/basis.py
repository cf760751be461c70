"""What the numbers of a publication are held against: the network's own way to calculate, and conventions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from derive.checks import one_of
from derive.comparison.published.conventions import (
    BIASES,
    CONVENTIONS,
    DELTAS,
    GRADIENTS,
    IN_DERIVATIVES,
    IN_ERRORS,
    Convention,
)
from derive.comparison.published.lookup import Reading
from derive.comparison.published.printed import Printed
from derive.comparison.published.spelling import plain
from derive.comparison.published.variants import Decidable, T, Variant
from derive.computation.equations import Computation
from derive.errors import InputError, shown
from derive.evaluation.evaluation import Evaluation
from derive.numbers.arithmetic import Value

DELTA = "delta_"  # before the name of a unit
PAIRS = (("online", "no_decay"), ("online", "decay_on_weights"), ("negative_bias", "online"))


@dataclass(frozen=True)
class Turned:
    """A number under the opposite sign."""

    number: Decidable

    def decide(self, question: Callable[[Value], T]) -> T:
        """Return the answer to a question about the value."""
        return self.number.decide(lambda value: question(-value))


@dataclass(frozen=True, eq=False)
class Basis:
    """What the numbers of a publication are held against: the network's own way to calculate, and conventions."""

    start: Variant
    conventions: tuple[Convention, ...] = ()

    def with_convention(self, convention: Convention) -> "Basis | None":
        """Return the basis with one convention more; None where it makes no difference here."""
        if convention.make is not None and _made(convention, self.variant) is None:
            return None
        return replace(self, conventions=(*self.conventions, convention))

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells its conventions apart, in the order in which they are made."""
        return tuple(convention.key for convention in self.conventions)

    @cached_property
    def variant(self) -> Variant:
        """The way to calculate, but for the errors that are printed."""
        return self._made(IN_DERIVATIVES)

    @cached_property
    def variant_of_errors(self) -> Variant:
        """The way to calculate the errors that are printed."""
        return self._made(IN_ERRORS)

    def _made(self, scope: str) -> Variant:
        found = self.start
        for convention in self.conventions:
            if convention.make is not None and convention.scope in ("", scope):
                found = _made(convention, found) or found
        return found

    def variant_for(self, printed: Printed) -> Variant:
        """Return the way to calculate a number of that name."""
        computation = self.start.evaluation.computation
        is_error = printed.name == computation.whole_objective_name or computation.kinds.get(printed.name) == "error"
        return self.variant_of_errors if is_error else self.variant

    def number(self, printed: Printed, reading: Reading) -> Decidable:
        """Return the number that stands under that name."""
        number = reading.number(self.variant_for(printed))
        return Turned(number) if self.factor(printed) < 0 else number

    def factor(self, printed: Printed) -> int:
        """Return −1 where the publication prints the opposite of the number, else 1."""
        if not self._turned:
            return 1
        return -1 if len(groups_of(self.start.evaluation, printed.name) & self._turned) % 2 else 1

    @cached_property
    def _turned(self) -> frozenset[str]:
        return frozenset(convention.turned for convention in self.conventions if convention.turned)


def _made(convention: Convention, variant: Variant) -> Variant | None:
    """Return the variant that calculates so, the same one each time: it derives and trains once."""
    if convention.key not in variant.made:
        variant.made[convention.key] = convention.make(variant) if convention.make else None
    return variant.made[convention.key]


def groups_of(evaluation: Evaluation, name: str) -> frozenset[str]:
    """Return the groups of names, of one sign, that a name belongs to."""
    computation, bare = evaluation.computation, plain(name).removesuffix("+")
    found = set()
    if bare.startswith(DELTA) and bare.removeprefix(DELTA) in computation.units.values():
        found.add(DELTAS)
    by = by_parameter(computation, bare)
    if by:
        found.add(GRADIENTS)
    if computation.kinds.get(by or bare) == "bias":
        found.add(BIASES)
    return frozenset(found)


def by_parameter(computation: Computation, name: str) -> str:
    """Return the weight or bias by which a name is the derivative of the error, "" where it is none."""
    for of in (computation.objective, computation.whole_objective_name):
        by = name.removeprefix(f"d{of}_d")
        if by != name and by in computation.parameters:
            return by
    return ""


def candidates(basis: Basis, groups: frozenset[str]) -> Iterator[Basis]:
    """Yield the bases with one convention more, or with two that only together make a difference.

    ``groups`` are those of which a number is printed.
    """
    for convention in CONVENTIONS.values():
        if convention in basis.conventions or (convention.turned and convention.turned not in groups):
            continue
        found = basis.with_convention(convention)
        if found is not None:
            yield found
    for pair in PAIRS:
        found = with_all(basis, [CONVENTIONS[name] for name in pair])
        if found is not None:
            yield found


def with_all(basis: Basis, conventions: Sequence[Convention]) -> Basis | None:
    """Return the basis with all of these conventions; None where one makes no difference here."""
    found: Basis | None = basis
    for convention in conventions:
        found = None if found is None or convention in found.conventions else found.with_convention(convention)
    return found


def declared(variant: Variant, names: Sequence[str]) -> Basis:
    """Return the basis that a file declares; raises `InputError` for an unknown convention and for a useless one."""
    basis = Basis(variant)
    for name in dict.fromkeys(names):
        convention = CONVENTIONS[one_of(name, CONVENTIONS, "convention")]
        found = basis.with_convention(convention)
        if found is None:
            raise InputError("convention: {name} makes no difference to this network; leave it out.", name=shown(name))
        basis = found
    return basis
