"""Each partial held against a central difference of the error alone, with a certified bound.

D(h) = (E(w + h) − E(w − h))/2h. By Taylor's theorem ∂E/∂w = D(h) − h²·E‴(ξ)/6 for some ξ within h of w, where E has
three derivatives there. The power series of E in t, its constant term being the ball [w − h, w + h], encloses E‴/6 over
the whole of that ball in its third coefficient; a case that is decided for the ball is decided for each number in it,
and where one is not, nothing is concluded. Nothing here knows the chain rule: only the forward pass is used.

A parameter changes few quantities, so only what lies behind it is calculated again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from flint import arb, arb_series, fmpq
from sympy import Dummy

from derive.computation.equations import Computation, Equation, Term
from derive.computation.shapes import BIAS, PRODUCT, SAME, Shape
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.table import Table
from derive.notation import partial_text
from derive.numbers.arithmetic import OutsideDomain, function, kept, times, total
from derive.numbers.decimals import START_BITS, Undecided
from derive.numbers.precision import at_bits
from derive.verification.checking import EXACT, Value, agree

# Bits of the partials and of the differences: with h = 2^(−bits/4) rounding and the fourth derivative weigh the same.
# Where the first do not tell, the last decide; what these leave open is a corner.
LEVELS = ((START_BITS, 192), (4096, 4096))
LOST_BITS = 1000
# Terms that are calculated again, three times each: a million take about ten seconds. With more, parameters are
# sampled evenly. 60-40-10 takes 0.1 million, 784-12-10 0.6 million.
MOST_TERMS = 1_000_000

LINEAR = (PRODUCT, BIAS, SAME)
Names = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """An equation that a parameter changes: the terms that change, and whether it stands in it itself.

    The terms of a sum of products change by what one factor changes times the other; others are calculated again.
    """

    equation: Equation
    terms: tuple[Term, ...]
    is_use: bool
    is_sum: bool


@dataclass(frozen=True)
class Differences:
    """What the differences say: how many agree of how many, to how many digits, and where they cannot tell.

    ``corners`` holds the samples, counted from 0, and the parameters at which the error has no derivative.
    """

    done: int
    wanted: int
    digits: int
    corners: frozenset[tuple[int, str]]


@dataclass(frozen=True, eq=False)
class Behind:
    """What lies behind each parameter of a computation."""

    computation: Computation
    _known: dict[Names, tuple[Change, ...]] = field(default_factory=dict)

    def changes(self, name: str) -> tuple[Change, ...]:
        """Return the equations that a parameter changes, in the order of the forward pass."""
        uses = self.computation.uses.get(name, ())
        if uses not in self._known:
            self._known[uses] = tuple(self._follow(frozenset(uses)))
        return self._known[uses]

    def cost(self, name: str) -> int:
        """Return how many terms have to be calculated again."""
        return sum(max(1, len(change.terms)) for change in self.changes(name))

    def _follow(self, uses: frozenset[str]) -> Iterator[Change]:
        changed: set[str] = set()
        for equation in self.computation.equations:
            terms = tuple([term for term in equation.terms if not changed.isdisjoint(term.names)])
            if terms or equation.name in uses:
                changed.add(equation.name)
                is_sum = all(term.shape in LINEAR for term in equation.terms)
                yield Change(equation, terms, equation.name in uses, is_sum)


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass of one sample, to be repeated with one parameter moved, at flint's present precision."""

    behind: Behind
    start: Mapping[str, Fraction]

    @cached_property
    def values(self) -> dict[str, Value]:
        """Every quantity where nothing is moved."""
        values: dict[str, Value] = {name: fmpq(v.numerator, v.denominator) for name, v in self.start.items()}
        for equation in self.behind.computation.equations:
            values[equation.name] = _value(equation, values)
        return values

    def moved(self, name: str, by: Value) -> Value:
        """Return the error where the parameter is moved by a number or a power series."""
        values, moves, output = self.values, {name: by}, self.behind.computation.objective
        for change in self.behind.changes(name):
            target = change.equation.name
            if change.is_sum:
                moves[target] = self._moved_sum(change, name, moves)
            elif len(change.equation.terms) == 1:
                (term,) = change.equation.terms
                moves[target] = kept(self._moved_term(term, moves) - values[target])
            else:
                moves[target] = total(self._moved_terms(change, name, moves))
        return values[output] + moves[output] if output in moves else values[output]

    def _moved_sum(self, change: Change, name: str, moves: Mapping[str, Value]) -> Value:
        """Return by how much a sum of products moves: (a + x)(b + y) − ab = xb + ay + xy."""
        names = tuple([term.names for term in change.terms])
        if change.is_use:
            names += tuple(t.names for t in change.equation.terms_with[name] if t.names not in names)
        return total(self._moved_product(factors, moves) for factors in names)

    def _moved_terms(self, change: Change, name: str, moves: Mapping[str, Value]) -> Iterator[Value]:
        """Yield by how much each term moves that does: of a mean of very many quantities that may be few."""
        terms = change.terms
        if change.is_use:
            known = frozenset(map(id, terms))
            terms += tuple(term for term in change.equation.terms_with[name] if id(term) not in known)
        for term in terms:
            before = _term(term.shape)(*[self.values[each] for each in term.names])
            yield kept(self._moved_term(term, moves) - before)

    def _moved_term(self, term: Term, moves: Mapping[str, Value]) -> Value:
        values = self.values
        new = [kept(values[each] + moves[each]) if each in moves else values[each] for each in term.names]
        return _term(term.shape)(*new)

    def _moved_product(self, factors: Names, moves: Mapping[str, Value]) -> Value:
        if len(factors) == 1:
            return moves[factors[0]]
        left, right = factors
        if left not in moves:
            return times(moves[right], self.values[left])
        moved = times(moves[left], self.values[right])
        if right not in moves:
            return moved
        return kept(moved + times(kept(self.values[left] + moves[left]), moves[right]))

    def derivative(self, name: str, step: fmpq) -> arb:
        """Return a ball that certainly holds the derivative of the error by the parameter."""
        difference = (self.moved(name, step) - self.moved(name, -step)) / (2 * step)
        series = self.moved(name, arb_series([arb(0, arb(step)), 1], 4))
        # A number in place of a series: the error does not depend on the parameter within the ball.
        bend = series[3] if isinstance(series, arb_series) else arb(0)
        return arb(difference) - step * step * bend


@dataclass(frozen=True, eq=False)
class _Work:
    evaluation: Evaluation

    @cached_property
    def behind(self) -> Behind:
        return Behind(self.evaluation.computation)

    def sampled(self) -> Sequence[str]:
        """Return the parameters, or evenly chosen ones where all together take too long; none without an objective."""
        names = self.evaluation.computation.parameters if self.evaluation.computation.objective else ()
        cost = sum(map(self.behind.cost, names)) * len(self.evaluation.computation.samples)
        return names[:: max(1, -(-cost // MOST_TERMS))]

    def at_level(self, level: tuple[int, int], waiting: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], int]:
        """Compare at one precision; return what is still open, and to how many digits the others agree."""
        bits, work_bits = level
        try:
            table = self.evaluation.table(bits)
        except Undecided:
            return waiting, EXACT
        return at_bits(work_bits, self._compared, waiting, table, fmpq(1, 2 ** (work_bits // 4)))

    def _compared(self, waiting: list[tuple[int, str]], table: Table, step: fmpq) -> tuple[list[tuple[int, str]], int]:
        open_: list[tuple[int, str]] = []
        digits = EXACT
        passes = [Pass(self.behind, start) for start in self.evaluation.computation.samples]
        for sample, name in waiting:
            try:
                digits = min(digits, self._agree(passes[sample], sample, name, table, step))
            except CANNOT_TELL:
                open_.append((sample, name))
        return open_, digits

    def _agree(self, forward: Pass, sample: int, name: str, table: Table, step: fmpq) -> int:
        left = partial_text(self.evaluation.computation.objective, name)
        where = f" in sample {sample + 1}" if len(table.passes) > 1 else ""
        return agree(
            table.partials[sample][name],
            forward.derivative(name, step),
            lambda: f"{left}{where} = {self.evaluation.derivation[name].formula}",
            lost=LOST_BITS,
            against=Message("a central difference of the error"),
        )


@lru_cache(maxsize=1024)
def _term(shape: Shape) -> Callable[..., Value]:
    """Return the formula of a shape as a function of the values in its places."""
    places = [Dummy() for _ in range(shape.arity)]
    return function(places, shape.build(*places))


def _value(equation: Equation, values: Mapping[str, Value]) -> Value:
    parts = [_term(term.shape)(*[values[name] for name in term.names]) for term in equation.terms]
    return total(parts)


# A case that the ball does not decide, a logarithm or a quotient that it does not keep from 0.
CANNOT_TELL = (Undecided, OutsideDomain, ZeroDivisionError)


def verify_differences(evaluation: Evaluation) -> Differences:
    """Hold the partial of each sample's error by each parameter against a certified central difference."""
    work = _Work(evaluation)
    waiting = [(sample, name) for sample in range(len(evaluation.computation.samples)) for name in work.sampled()]
    asked, digits = len(waiting), EXACT
    for level in LEVELS:
        if waiting:
            waiting, found = work.at_level(level, waiting)
            digits = min(digits, found)
    return Differences(
        asked - len(waiting),
        len(evaluation.computation.parameters) * len(evaluation.computation.samples)
        if evaluation.computation.objective
        else 0,
        digits,
        frozenset(waiting),
    )
