"""Where a function has a corner there is no derivative, only one from each side: which parameters that touches.

A net lies at a corner of its activation, or an out at one of the error, where it is there exactly, or so near that a
double may come to lie on the other side. Then every value between the derivatives of the two sides is as right as any
other; a handout takes that of one side, as PyTorch does. With several corners in one sample the derivatives of all
combinations of sides are taken, and of these the least and the largest; with too many corners for that, intervals are
carried backwards, which contain all of them. Samples add up, so each has its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod

from flint import arb, fmpq
from sympy import Expr, Rational

from derive.calculus.partials import Partial, Path
from derive.computation.equations import Computation, Term
from derive.errors import Message
from derive.evaluation.carried import Values
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.float_errors import Held, backward_errors, forward_errors, total
from derive.evaluation.kinks import Reach, has_kinks, kinks_of, slope_values
from derive.evaluation.local import local_value
from derive.evaluation.table import Table
from derive.functions.activations import Activation
from derive.functions.losses import Loss
from derive.numbers.arithmetic import Value, rational
from derive.numbers.decimals import Undecided, nearest_float
from derive.numbers.facts import guard, is_zero
from derive.numbers.number import Number
from derive.numbers.precision import present_bits

MOST_PRODUCTS = 200_000  # of a combination's partials, before intervals take the place of combinations
MOST_BITS = 4096  # at which a bound is taken as it comes: a value that is 0 by chance has none of its own
Sides = tuple[Value, Value]  # the least and the largest


@dataclass(frozen=True)
class Corner:
    """A corner that a sample (counted from 0) comes to lie at: of which function, and at which of its net or outs.

    ``sides`` are the slopes of its sides: of each by every place of the term, None where a place has but one slope.
    ``is_exact`` says whether it lies there exactly, ``tied`` what is equal, where it is the largest of several.
    """

    sample: int
    name: str
    function: str
    is_exact: bool
    term: Term = field(repr=False, compare=False)
    sides: tuple[tuple[Expr | None, ...], ...] = field(repr=False, compare=False)
    tied: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities by which the slope jumps."""
        slopes = zip(self.term.names, self.sides[0], strict=True)
        return tuple(dict.fromkeys(name for name, slope in slopes if slope is not None))

    def slopes(self, values: Values) -> list[dict[str, Value]]:
        """Return the slopes of each side by name, at flint's present precision."""
        return [slope_values(side, self.term, values) for side in self.sides]

    @property
    def sentence(self) -> Message:
        """What there is to say of it."""
        if self.tied:
            tied = {"values": ", ".join(self.tied), "function": self.function}
            if self.is_exact:
                return Message(
                    "{values} are exactly equal, where {function} has a kink: it is not differentiable there and has "
                    "only one-sided derivatives.",
                    tied,
                )
            return Message(
                "{values} are so nearly equal that floating point may take the derivative of either side of "
                "{function}.",
                tied,
            )
        names = {"name": self.name, "function": self.function}
        if self.is_exact:
            return Message(
                "{name} lies exactly at a kink of {function}: it is not differentiable there and has only "
                "one-sided derivatives.",
                names,
            )
        return Message(
            "{name} lies so close to a kink of {function} that floating point may take the derivative of either side.",
            names,
        )


@dataclass(frozen=True)
class Jump:
    """A place at which a slope jumps: of which function, of which quantity at which value, and the two slopes."""

    function: str
    name: str
    at: Fraction
    left: Fraction
    right: Fraction
    term: Term
    target: str = ""  # the quantity that is this value, where one is


@dataclass(frozen=True, eq=False)
class Corners:
    """The corners that a derivation's samples lie at, and between what its derivatives lie there.

    ``scale`` says how many times as coarse as doubles the floats are that may come to lie on the other side.

    >>> import derive
    >>> layer = derive.Layer(weights=[[0.5, -0.5]], activation="relu")
    >>> corners = derive.Network([layer], [derive.Sample([1, 1], [1])]).derive().corners
    >>> [(corner.name, corner.function, corner.is_exact) for corner in corners.found]
    [('net_o1', 'relu', True)]
    >>> corners.gradient_sides("w1")
    (-1.0, 0.0)
    """

    evaluation: Evaluation
    scale: int = 1
    _spans: dict[tuple[int, int], Mapping[str, Sides]] = field(default_factory=dict, repr=False)

    @cached_property
    def found(self) -> tuple[Corner, ...]:
        """The corners of all samples, in the order of the forward pass."""
        samples = range(len(self.evaluation.computation.samples))
        jumps = [list(_jumps(self.evaluation.computation, number)) for number in samples]
        terms = (term for equation in self.evaluation.computation.differentiated for term in equation.terms)
        if not any(jumps) and not any(has_kinks(term.shape) for term in terms):
            return ()
        return self.evaluation.of_table(
            lambda table: tuple(corner for number in samples for corner in self._at(number, jumps[number], table))
        )

    def _at(self, sample: int, jumps: Sequence[Jump], table: Table) -> Iterator[Corner]:
        evaluation = self.evaluation
        held = self._held(table, sample) if jumps else {}
        for jump in jumps:
            if sample == 0:
                exactly = table.passes[0][jump.name]
                guard(is_zero(evaluation, jump.name, isinstance(exactly, fmpq) and exactly == jump.at, jump.at))
            value, at = evaluation.carried(table.passes[sample][jump.name]), rational(jump.at)
            error = held[jump.name].error + (held[jump.target].error if jump.target else 0)
            is_exact = isinstance(value, fmpq) and value == at
            if is_exact or not abs(value - at) > _known(error) * self.scale:
                rest = (None,) * (len(jump.term.names) - 1)
                sides = tuple((*rest, Rational(s.numerator, s.denominator)) for s in (jump.left, jump.right))
                yield Corner(sample, jump.name, jump.function, is_exact, jump.term, sides)
        yield from self._of_formulas(sample, table)

    def _of_formulas(self, sample: int, table: Table) -> Iterator[Corner]:
        """Yield the kinks within formulas of the user's own, at which this sample lies."""
        terms = [t for e in self.evaluation.computation.differentiated for t in e.terms if has_kinks(t.shape)]
        if not terms:
            return
        values = {name: self.evaluation.carried(value) for name, value in table.passes[sample].items()}
        held = self._held(table, sample)
        for term in dict.fromkeys(terms):
            kinks, slopes = kinks_of(Reach(term, values, held, _known, self.scale))
            for kink in kinks:
                tied = kink.what if len(kink.what) > 1 else ()
                name = " = ".join(kink.what)
                yield Corner(sample, name, kink.function, kink.is_exact, term, tuple(slopes), tied)

    def _held(self, table: Table, sample: int) -> Mapping[str, Held]:
        leaves = {name: rational(value) for name, value in self.evaluation.computation.samples[sample].items()}
        return forward_errors(self.evaluation.computation, table.passes[sample], leaves)

    def touching(self, name: str, sample: int | None = 0) -> tuple[Corner, ...]:
        """Return the corners on the way from a quantity to the error, in one sample, or in any where it is None."""
        return tuple(
            corner
            for corner in self.found
            if sample in (None, corner.sample)
            and any(name in self.evaluation.computation.needed(each) for each in corner.names)
        )

    def sides(self, name: str, sample: int = 0) -> tuple[Number, Number] | None:
        """Return the least and the largest derivative of one sample's error; None where the sides do not differ."""
        if name not in self.evaluation.derivation.partials or not self.touching(name, sample):
            return None
        return self._pair(lambda table: self.span(table, sample)[name])

    def gradient_sides(self, name: str) -> tuple[Number, Number] | None:
        """Return the same of the error of all samples, by a parameter."""
        if not self.touching(name, None):
            return None
        return self._pair(lambda table: self._reduced([self._span_of(table, n, name) for n in self._samples]))

    @property
    def _samples(self) -> range:
        return range(len(self.evaluation.computation.samples))

    def _pair(self, read: Callable[[Table], Sides]) -> tuple[Number, Number] | None:
        evaluation = self.evaluation
        low, high = Number(evaluation, lambda table: read(table)[0]), Number(evaluation, lambda table: read(table)[1])
        return None if low == high else (low, high)

    def _span_of(self, table: Table, sample: int, name: str) -> Sides:
        value = table.partials[sample][name]
        return self.span(table, sample).get(name, (value, value))

    def _reduced(self, sides: Sequence[Sides]) -> Sides:
        low, high = _added(sides)
        count = len(sides) if self.evaluation.computation.is_mean else 1
        return low / count, high / count

    def span(self, table: Table, sample: int) -> Mapping[str, Sides]:
        """Return the least and the largest of each partial that a corner touches, out of a table."""
        key = (id(table), sample)  # the evaluation keeps its tables
        if key not in self._spans:
            self._spans[key] = self._span(table, sample)
        return self._spans[key]

    def _span(self, table: Table, sample: int) -> Mapping[str, Sides]:
        corners = [corner for corner in self.found if corner.sample == sample]
        if not corners:
            return {}
        values = {name: self.evaluation.carried(value) for name, value in table.passes[sample].items()}
        sides = {corner.term: corner.slopes(values) for corner in corners}
        between = {
            (term, name): (_least([way[name] for way in ways]), _largest([way[name] for way in ways]))
            for term, ways in sides.items()
            for name in ways[0]
        }
        sweep = _Sweep(self.evaluation, table, sample, frozenset(between))
        if len(sweep.partials) * prod(map(len, sides.values())) > MOST_PRODUCTS:
            return sweep.back(between)
        ways = [
            sweep.back({(t, n): (v, v) for t, way in zip(sides, chosen, strict=True) for n, v in way.items()})
            for chosen in product(*sides.values())
        ]
        return {
            name: (_least([way[name][0] for way in ways]), _largest([way[name][1] for way in ways])) for name in ways[0]
        }

    @cached_property
    def float_errors(self) -> Mapping[str, float]:
        """By how much the float of each parameter's gradient may be off: see `derive.evaluation.float_errors`."""
        return self.evaluation.of_table(self._float_errors)

    def _float_errors(self, table: Table) -> Mapping[str, float]:
        samples = [self._sample_errors(table, sample) for sample in self._samples]
        count = len(samples) if self.evaluation.computation.is_mean else 1
        found = {}
        for name in (*self.evaluation.computation.parameters, *self.evaluation.inputs):
            terms = [Held(arb(sizes[name]), errors[name]) for sizes, errors in samples]
            found[name] = _upper(_known(total(terms).error) * self.scale / count)
        return found

    def _sample_errors(self, table: Table, sample: int) -> tuple[Values, Mapping[str, arb]]:
        sizes = dict(table.partials[sample])
        for name, (low, high) in self.span(table, sample).items():
            sizes[name] = _largest([abs(low), abs(high)])
        values = {name: self.evaluation.carried(value) for name, value in table.passes[sample].items()}
        slopes = {
            (corner.term, name): _largest([abs(way[name]) for way in ways])
            for corner in self.found
            if corner.sample == sample
            for ways in (corner.slopes(values),)
            for name in ways[0]
        }
        return sizes, backward_errors(self.evaluation.derivation, self._held(table, sample), sizes, slopes)


@dataclass(frozen=True)
class _Sweep:
    """The backward pass of one sample over what the corners touch, with the slopes there left open."""

    evaluation: Evaluation
    table: Table
    sample: int
    corners: frozenset[tuple[Term, str]]

    @cached_property
    def partials(self) -> list[Partial]:
        """The partials that a corner touches, in the order of the backward pass."""
        touched: dict[str, Partial] = {}
        names = {name for _, name in self.corners}
        for name, partial in self.evaluation.derivation.partials.items():
            behind = (path.upstream.by for path in partial.paths if path.upstream)
            if name in names or any(by in touched for by in behind):
                touched[name] = partial
        return list(touched.values())

    @cached_property
    def locals(self) -> Mapping[tuple[str, int], Value]:
        """The local derivatives on the paths of those partials, without what is at a corner, by name and place."""
        carried = self.evaluation.carried
        values = {name: carried(value) for name, value in self.table.passes[self.sample].items()}
        return {
            (partial.by, place): local_value(path.local.equation, partial.by, values, self._at_corner(path))
            for partial in self.partials
            for place, path in enumerate(partial.paths)
        }

    def _at_corner(self, path: Path) -> list[Term]:
        terms = path.local.equation.terms_with[path.local.by]
        return [term for term in terms if (term, path.local.by) in self.corners]

    def back(self, slopes: Mapping[tuple[Term, str], Sides]) -> Mapping[str, Sides]:
        """Return the least and the largest of each partial, with the slope at each corner between two numbers."""
        found: dict[str, Sides] = {}
        known = self.table.partials[self.sample]
        for partial in self.partials:
            parts = []
            for place, path in enumerate(partial.paths):
                rest = (self.locals[partial.by, place],) * 2
                at_corner = [slopes[term, partial.by] for term in self._at_corner(path)]
                local = _added([rest, *at_corner]) if at_corner else rest
                if path.upstream is None:
                    parts.append(local)
                else:
                    by = path.upstream.by
                    parts.append(_times(found.get(by) or (known[by],) * 2, local))
            found[partial.by] = _added(parts)
        return found


def _added(parts: Sequence[Sides]) -> Sides:
    low = sum((part[0] for part in parts[1:]), start=parts[0][0])
    if all(part[0] is part[1] for part in parts):
        return low, low
    return low, sum((part[1] for part in parts[1:]), start=parts[0][1])


def _times(left: Sides, right: Sides) -> Sides:
    if left[0] is left[1] and right[0] is right[1]:
        value = left[0] * right[0]
        return value, value
    products = [one * other for one in left for other in right]
    return _least(products), _largest(products)


def _least(values: Sequence[Value]) -> Value:
    if all(isinstance(value, fmpq) for value in values):
        return min(values)
    first, *rest = map(arb, values)
    for value in rest:
        first = first.min(value)
    return first


def _largest(values: Sequence[Value]) -> Value:
    return -_least([-value for value in values])


def _known(error: arb) -> arb:
    """Return the bound; raises `Undecided` where the balls are too wide for it, as long as more bits may help."""
    if present_bits() < MOST_BITS and error.is_finite() and error.rad() > error.mid():
        raise Undecided
    return error


def _upper(error: arb) -> float:
    """Return the bound as a float; 0 where there is none, for then nothing is known that would excuse a number."""
    upper = error.upper()
    return nearest_float(upper) if upper.is_finite() else 0.0


def _jumps(computation: Computation, sample: int) -> Iterator[Jump]:
    """Yield where a slope jumps: at the nets of activations, at the outs in errors."""
    values = computation.samples[sample]
    for equation in computation.differentiated:
        for term in equation.terms:
            entry, constant = term.shape.entry, term.shape.constant
            if isinstance(entry, Activation):
                for kink in entry.kinks:
                    if not kink.is_smooth(constant):
                        left, right = kink.sides(constant)
                        yield Jump(entry.name, term.names[0], Fraction(kink.net), left, right, term)
            elif isinstance(entry, Loss) and entry.sides and term.names[0] in values:
                target, out = term.names
                if target == out:
                    continue
                left, right = entry.sides(values[target])
                yield Jump(entry.name, out, values[target], left, right, term, target)
