"""Which terms of a long sum are shown: its first and last ones, and between them those that carry its value.

Where terms are left out stand dots, behind the sign that all of these have.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flint import arb
from sympy import Add, Expr, Mul, Symbol

from derive.evaluation.evaluation import Evaluation
from derive.notation.trees import LateSymbol, NewSymbol, PartialSymbol, add, mul, negative
from derive.notation.writer import leads_with_minus
from derive.numbers.arithmetic import OutsideDomain, function
from derive.numbers.decimals import Undecided
from derive.numbers.facts import guard, of_text
from derive.numbers.precision import at_bits

# A longer sum is cut: to its first and last terms, the largest, those of true classes unless these are many, and those
# with another sign than the rest, which a softmax has.
MOST_TERMS, FIRST_TERMS, LAST_TERMS, LARGEST_TERMS, MOST_TRUE, MOST_ODD = 9, 2, 2, 2, 9, 2
DOTS = Symbol("⋯")
BITS = 64  # which term is larger needs no certain digits


@dataclass
class Elision:
    """What shortens the trees of one line; sums of equally many terms show the same ones of them.

    ``value`` gives the float that a name stands for, ``classes`` the names that belong to true classes. ``sizes`` keeps
    how much each term adds, for all lines in which names stand for the same.
    """

    value: Callable[[Symbol], float]
    classes: frozenset[str]
    sizes: dict[Expr, float] = field(default_factory=dict)
    _shown: dict[int, list[int]] = field(default_factory=dict)

    def shortened(self, expression: Expr, *, is_within: bool = False) -> Expr:
        """Return the tree with some terms of its long sums, and dots between; a long chain alike."""
        if not expression.args:
            return expression
        if isinstance(expression, Add) and len(expression.args) > MOST_TERMS:
            return self._sum(expression, is_within=is_within)
        # Only what is multiplied or turned round leaves a sum the one that the line is about.
        inside = is_within or not isinstance(expression, Mul)
        parts = [self.shortened(part, is_within=inside) for part in expression.args]
        if len(parts) > MOST_TERMS and isinstance(expression, Mul) and all(isinstance(p, PartialSymbol) for p in parts):
            return mul(*parts[: FIRST_TERMS + 1], DOTS, *parts[-LAST_TERMS:])
        return expression.func(*parts, evaluate=False) if isinstance(expression, Expr) else expression.func(*parts)

    def places(self, terms: Sequence[Expr]) -> list[int]:
        """Return the places of the terms that are shown, in order; all where they are few."""
        count = len(terms)
        if count <= MOST_TERMS:
            return list(range(count))
        guard(of_text("start", True))  # with other numbers, other terms may be the largest
        sizes = [self._known_size(term) for term in terms]
        largest = sorted((place for place in range(count) if sizes[place]), key=lambda place: -sizes[place])
        ends = (*range(FIRST_TERMS), *range(count - LAST_TERMS, count))
        shown = {*ends, *largest[:LARGEST_TERMS], *self._true(terms), *_odd(terms)}
        # Dots are no shorter than the one term that they stand for.
        return [place for place in range(count) if place in shown or {place - 1, place + 1} <= shown]

    def _sum(self, expression: Expr, *, is_within: bool) -> Expr:
        terms = expression.args
        places = self._shown.get(len(terms)) if not is_within else None
        if places is None:
            places = self.places(terms)
            if not is_within:
                self._shown[len(terms)] = places
        shown = {place: self.shortened(terms[place], is_within=True) for place in places}
        return add(*_with_dots(terms, shown))

    def _known_size(self, term: Expr) -> float:
        if term not in self.sizes:
            self.sizes[term] = self._size(term)
        return self.sizes[term]

    def _size(self, term: Expr) -> float:
        """Return how much a term adds, without its sign; 0 where floats have no value for it."""
        symbols = sorted(term.free_symbols, key=str)
        values = [self.value(symbol) for symbol in symbols]
        try:
            found = at_bits(BITS, lambda: float(abs(arb(function(symbols, term)(*map(arb, values))))))
        except (OutsideDomain, ZeroDivisionError, Undecided):
            return 0.0
        return found if found == found else 0.0

    def _true(self, terms: Sequence[Expr]) -> list[int]:
        """Return the places of the terms that true classes have; none where these are most of a large layer's."""
        names = [frozenset(_names(term.free_symbols)) & self.classes for term in terms]
        of_all = frozenset.intersection(*names)
        found = [place for place, own in enumerate(names) if own - of_all]
        return found if len(found) <= MOST_TRUE else []


def _odd(terms: Sequence[Expr]) -> list[int]:
    """Return the places of the few terms that are subtracted where the others are added, or added among subtracted."""
    subtracted = [leads_with_minus(term) for term in terms]
    is_rare = 2 * sum(subtracted) < len(terms)
    found = [place for place, sign in enumerate(subtracted) if sign == is_rare]
    return found if len(found) <= MOST_ODD else []


def _with_dots(terms: Sequence[Expr], shown: dict[int, Expr]) -> Iterator[Expr]:
    places = sorted(shown)
    for place, after in pairwise([*places, len(terms)]):
        yield shown[place]
        left_out = terms[place + 1 : after]
        if left_out:
            yield negative(DOTS) if all(map(leads_with_minus, left_out)) else DOTS


def _names(symbols: Iterable[Symbol]) -> Iterator[str]:
    """Yield the quantities that names speak of."""
    for symbol in symbols:
        if isinstance(symbol, PartialSymbol):
            yield from (symbol.of, symbol.by, symbol.through)
        elif isinstance(symbol, LateSymbol | NewSymbol):
            yield symbol.of
        else:
            yield symbol.name


def true_classes(evaluation: Evaluation) -> frozenset[str]:
    """Return what belongs to the outputs whose target is 1: targets, outs, nets, deltas and errors by their names."""
    computation = evaluation.computation
    values = computation.samples[0]
    targets = {name for name, kind in computation.kinds.items() if kind == "target" and values.get(name) == 1}
    found = set(targets)
    for equation in computation.equations:
        for term in equation.terms:
            if targets.intersection(term.names):
                found |= {name for name in term.names if computation.kinds[name] != "target"}
        own = {name for name in equation.names if computation.kinds[name] == "target"}
        if len(own) == 1 and own <= targets:  # the error of one output
            found.add(equation.name)
    outputs = computation.layers.last.neurons if computation.layers else ()
    found |= {neuron.net for neuron in outputs if neuron.out in found}
    partials = evaluation.derivation.partials
    return frozenset(found | {partials[name].symbol.name for name in found if name in partials})
