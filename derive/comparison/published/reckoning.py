"""A number calculated again as its readers would: by its own line, from the numbers that are printed before it.

What is not printed is calculated from what is printed further back, in the end from what the network states.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache

from flint import arb, fmpq

from derive.calculus.local import RESULT, argument_names, shape_derivative, sibling_names
from derive.calculus.partials import Partial
from derive.comparison.published.spelling import BUFFER, VELOCITY
from derive.comparison.published.tokens import (
    ERROR,
    GRADIENT,
    LOCAL,
    PART,
    PARTIAL,
    PATH,
    STEP,
    USED,
    VALUE,
    Token,
    updates_counted,
)
from derive.comparison.published.variants import BITS, Variant
from derive.computation.equations import Computation, Equation
from derive.computation.shapes import Shape
from derive.errors import InputError
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.local import term_function
from derive.evaluation.update import step_formula
from derive.numbers.arithmetic import ZERO, OutsideDomain, Value, function, rational, times, total
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits

RECKONING_BITS = 256
MOST_STEPS = 40  # updates, over which what is not printed is calculated again from what is
MOST_VALUES = 4000  # the same, counted in values that it takes
Read = Callable[[Value], Value]


class Unknown(Exception):
    """The number cannot be calculated from those before it."""


@dataclass(frozen=True)
class Way:
    """How a reader goes on with numbers: with a printed one as ``printed`` makes it, with a result as ``result`` does.

    ``skipped`` are printed numbers that are calculated again all the same, ``has_steps`` says that the change of a
    weight is a result of its own. Of the number's own line ``swapped`` puts
    other quantities in the places of some, and ``step`` gives the new weight of the old one, the rate and the gradient.
    """

    printed: Callable[[Token], Value | None]
    result: Read = lambda value: value
    skipped: frozenset[Token] = frozenset()
    has_steps: bool = False
    swapped: Mapping[str, str] = field(default_factory=dict)
    step: Callable[[Value, Value, Value], Value] | None = None


Find = Callable[[str], Value]
Memory = dict[Token, tuple[Value, tuple[Token, ...]]]


def local_value(equation: Equation, by: str, find: Find) -> Value:
    """Return a local derivative as it is written, of those values alone that stand in it."""
    parts = []
    for term in equation.terms_with[by]:
        places = (*argument_names(term.shape), *sibling_names(term.shape))
        names = dict(zip(places, (*term.names, *term.siblings), strict=True))
        names[RESULT.name] = equation.name
        for place, name in enumerate(term.names):
            if name == by:
                symbols, compute = _derivative(term.shape, place)
                parts.append(compute(*(find(names[symbol]) for symbol in symbols)))
    return total(parts)


@lru_cache(maxsize=1024)
def _derivative(shape: Shape, place: int) -> tuple[tuple[str, ...], Callable[..., Value]]:
    formula = shape_derivative(shape, place)
    symbols = sorted(formula.free_symbols, key=str)
    return tuple(map(str, symbols)), function(symbols, formula)


class Reckoning:
    """One calculation of a number in one way; ``used`` are the printed numbers that it needed.

    ``memory`` holds what calculations in the same way, of the same variant, found before, with what each needed.
    """

    def __init__(self, variant: Variant, way: Way, memory: Memory | None = None) -> None:
        self.variant, self.way = variant, way
        self.used: dict[Token, None] = {}
        self.memory: Memory = {} if memory is None else memory

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation whose equations are calculated."""
        return self.variant.evaluation

    @property
    def computation(self) -> Computation:
        """Its equations."""
        return self.evaluation.computation

    def of(self, token: Token) -> Value:
        """Return the number by its own line; raises `Unknown` where it has none that can be calculated."""
        try:
            at_bits(RECKONING_BITS, self._walk, token.updates)
            return at_bits(RECKONING_BITS, self._by_line, token, self.way.swapped)
        except NONE:
            raise Unknown from None

    def _walk(self, updates: int) -> None:
        """Calculate update by update the parameters that are not printed, so that no recursion is deep."""
        trained = self.computation.trained
        start = updates
        while start > 1 and any(self._is_missing(Token(VALUE, name, 0, start - 1)) for name in trained):
            start -= 1
        for count in range(start, updates):
            for name in trained:
                with suppress(*NONE):  # it is raised again where the number needs it
                    self.value(Token(VALUE, name, 0, count))
        self.used = {}

    def _is_missing(self, token: Token) -> bool:
        return token not in self.memory and not self._is_printed(token) and not self._is_old(token)

    def value(self, token: Token) -> Value:
        """Return a number that the line needs: as it is printed, or calculated."""
        if token not in self.memory:
            outer, self.used = self.used, {}
            found = None if token in self.way.skipped else self.way.printed(token)
            if found is not None:
                self.used[token] = None
            else:
                found = self._true(token) if self._is_old(token) else self._by_line(token, {})
                if not self._is_given(token):
                    found = _brief(self.way.result(found))
            self.memory[token] = found, tuple(self.used)
            self.used = outer
        value, used = self.memory[token]
        self.used |= dict.fromkeys(used)
        return value

    def _is_old(self, token: Token) -> bool:
        """Whether a number that is not printed is taken to be right: too far from where it is printed or given.

        Of online updates that is so where a pass ends.
        """
        is_kept = token.kind == PART and token.of in self._kept
        if token.updates < 2 or not (is_kept or (token.kind == VALUE and token.name in self.computation.trained)):
            return False
        return token.updates % self._counted == 0 and token.updates - self._since(token) > self._reach

    def _since(self, token: Token) -> int:
        """Return after how many updates, at most as many, the same quantity is printed last; 0 where it is given."""
        near = range(token.updates - 1, max(token.updates - self._reach, 1) - 1, -1)
        return next((count for count in near if self._is_printed(replace(token, updates=count))), 0)

    @cached_property
    def _reach(self) -> int:
        computation = self.computation
        terms = sum(len(equation.terms) for equation in computation.equations)
        samples = 1 if self.evaluation.plan.is_online else len(computation.samples)
        return max(self._counted, min(MOST_STEPS, MOST_VALUES // (len(computation.trained) + 2 * terms * samples)))

    @cached_property
    def _counted(self) -> int:
        return updates_counted(self.variant)

    @property
    def _kept(self) -> tuple[str, ...]:
        return self.evaluation.plan.optimizer.rule.state

    def _is_given(self, token: Token) -> bool:
        return token.kind == VALUE and token.name not in self.computation.by_name and not token.updates

    def _by_line(self, token: Token, swapped: Mapping[str, str]) -> Value:
        name, sample, updates = token.name, token.sample, token.updates
        if token.kind == VALUE:
            return self._quantity(token, swapped)
        if token.kind == ERROR:
            return self._reduced(VALUE, self.computation.objective, updates)
        if token.kind == PARTIAL:
            return self._partial(name, sample, updates, swapped, name if token.of == USED else "")
        if token.kind == GRADIENT:
            return self._reduced(PARTIAL, name, updates)
        if token.kind == LOCAL:
            return local_value(self.computation.by_name[token.of], name, self._values(sample, updates, swapped))
        if token.kind == PATH:
            return self._path(token)
        if token.kind == STEP:
            before = self.value(Token(VALUE, name, 0, updates - token.span))
            if token.span > 1:
                return self.value(Token(VALUE, name, 0, updates)) - before
            return self._updated(name, updates, swapped) - before
        if token.kind == PART:
            return self._part(token, swapped)
        raise Unknown

    def _reduced(self, kind: str, name: str, updates: int) -> Value:
        samples = range(len(self.computation.samples))
        found = [self.value(Token(kind, name, sample, updates)) for sample in samples]
        return total(found) / len(found) if self.computation.is_mean else total(found)

    def _quantity(self, token: Token, swapped: Mapping[str, str]) -> Value:
        computation, name, sample, updates = self.computation, token.name, token.sample, token.updates
        if name in computation.by_name:
            values = self._values(sample, updates, swapped)
            return total(
                term_function(term.shape)(*(values(each) for each in term.names))
                for term in computation.by_name[name].terms
            )
        if updates and name in computation.trained:
            return self._updated(name, updates, swapped)
        return rational(computation.samples[sample][name])

    def _values(self, sample: int, updates: int, swapped: Mapping[str, str], late: str = "") -> Find:
        """Return the values that lines take: of one sample, and ``late`` for a partial with weights that are new."""
        parameters = frozenset(self.computation.parameters)

        def find(name: str) -> Value:
            name = swapped.get(name, name)
            if name not in parameters:
                return self.value(Token(VALUE, name, sample, updates))
            is_new = late and name in self.computation.trained and self._order[name] < self._order[late]
            return self.value(Token(VALUE, name, 0, updates + bool(is_new)))

        return find

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.evaluation.derivation.partials)}

    def _partial(self, by: str, sample: int, updates: int, swapped: Mapping[str, str], late: str = "") -> Value:
        partial = self.evaluation.derivation.partials[by]
        values = self._values(sample, updates, swapped, late)
        short = self.evaluation.derivation.short_deltas.get(by)
        if short and not any(self._is_printed(Token(PARTIAL, each, sample, updates)) for each in _upstream(partial)):
            symbols = sorted(short[-1].free_symbols, key=str)
            return function(symbols, short[-1])(*(values(str(symbol)) for symbol in symbols))
        return total(
            self._product(partial, index, sample, updates, values, late) for index in range(len(partial.paths))
        )

    def _product(self, partial: Partial, index: int, sample: int, updates: int, values: Find, late: str) -> Value:
        path = partial.paths[index]
        whole = Token(PATH, path.name, sample, updates, partial.by)
        if len(partial.paths) > 1 and self._is_printed(whole):
            return self.value(whole)
        token = Token(LOCAL, partial.by, sample, updates, path.local.equation.name)
        is_printed = self._is_printed(token)
        local = self.value(token) if is_printed else local_value(path.local.equation, partial.by, values)
        if path.upstream is None:
            return local
        above = Token(PARTIAL, path.upstream.by, sample, updates)
        if late and self._is_printed(replace(above, of=USED)):
            return times(self.value(replace(above, of=USED)), local)
        if late and not self._is_printed(above):
            return times(self._partial(path.upstream.by, sample, updates, {}, path.upstream.by), local)
        return times(self.value(above), local)

    def _path(self, token: Token) -> Value:
        partial = self.evaluation.derivation.partials[token.of]
        (index,) = (index for index, path in enumerate(partial.paths) if path.name == token.name)
        path, values = partial.paths[index], self._values(token.sample, token.updates, {})
        local = local_value(path.local.equation, partial.by, values)
        if path.upstream is None:
            return local
        return times(self.value(Token(PARTIAL, path.upstream.by, token.sample, token.updates)), local)

    def _is_printed(self, token: Token) -> bool:
        return token not in self.way.skipped and self.way.printed(token) is not None

    def _updated(self, name: str, updates: int, swapped: Mapping[str, str]) -> Value:
        """Return a weight or bias after so many updates, by the last one."""
        plan = self.evaluation.plan
        if self.way.step is not None and swapped is self.way.swapped:
            if plan.optimizer.rule.state:
                raise Unknown
            weight = self.value(Token(VALUE, name, 0, updates - 1))
            return self.way.step(weight, rational(plan.learning_rate), self._gradient(name, updates - 1, swapped))
        new = self._made("w+", name, updates, swapped)
        if not self.way.has_steps:
            return new
        before = self.value(Token(VALUE, name, 0, updates - 1))
        return before + self.way.result(new - before)

    def _part(self, token: Token, swapped: Mapping[str, str]) -> Value:
        """Return what the optimizer keeps or makes in the step of an update; it starts from nothing kept."""
        if not token.updates:
            return ZERO
        if token.of == VELOCITY:
            rate = rational(self.evaluation.plan.learning_rate)
            return -rate * self._made(f"{BUFFER}+", token.name, token.updates, swapped)
        is_kept = token.of in self._kept
        return self._made(f"{token.of}+" if is_kept else token.of, token.name, token.updates, swapped)

    def _made(self, target: str, name: str, updates: int, swapped: Mapping[str, str]) -> Value:
        """Return what one equation of the optimizer's step gives, of those values alone that stand in it."""
        plan = self.evaluation.plan
        optimizer = plan.optimizer.of(self.computation.kinds[name])
        given = {symbol: rational(value) for symbol, value in optimizer.symbols.items()}
        given |= {"eta": rational(plan.learning_rate), "t": rational(Fraction(updates))}
        symbols, compute = step_formula(optimizer, target)
        return compute(
            *(given[each] if each in given else self._in_step(each, name, updates, swapped) for each in symbols)
        )

    def _in_step(self, symbol: str, name: str, updates: int, swapped: Mapping[str, str]) -> Value:
        if symbol == "w":
            return self.value(Token(VALUE, name, 0, updates - 1))
        if symbol == "g":
            return self._gradient(name, updates - 1, swapped)
        token = Token(PART, name, 0, updates - (symbol in self._kept), symbol.removesuffix("+"))
        velocity = replace(token, of=VELOCITY)
        if token.of == BUFFER and not self._is_printed(token) and self._is_printed(velocity):
            return self.value(velocity) / -rational(self.evaluation.plan.learning_rate)
        if swapped and symbol not in self._kept and not self._is_printed(token):
            return self._part(token, swapped)
        return self.value(token)

    def _true(self, token: Token) -> Value:
        updates = token.updates // self._counted
        if token.kind == VALUE:
            return at_bits(BITS, self.variant.parameter, token.name, updates)
        if updates > 1:
            return at_bits(BITS, self.variant.kept, token.name, token.of, updates)
        return at_bits(BITS, lambda: self.evaluation.table(BITS).steps[token.name][f"{token.of}+"])

    def _gradient(self, name: str, updates: int, swapped: Mapping[str, str]) -> Value:
        """Return the gradient of an update, as it is printed or by the delta and the signal; online, of one sample."""
        count = len(self.computation.samples)
        samples: Sequence[int] = [updates % count] if self.evaluation.plan.is_online else range(count)
        if len(samples) > 1 and self._is_printed(Token(GRADIENT, name, 0, updates)):
            return self.value(Token(GRADIENT, name, 0, updates))
        late = name if self.evaluation.plan.is_sequential else ""
        found = []
        for sample in samples:
            token = Token(PARTIAL, name, sample, updates)
            if late and self._is_printed(replace(token, of=USED)):
                token = replace(token, of=USED)
            is_printed = self._is_printed(token) and not swapped
            found.append(self.value(token) if is_printed else self._partial(name, sample, updates, swapped, late))
        found = list(map(self.way.result, found))
        return total(found) / len(found) if self.computation.is_mean else total(found)


NONE = (Undecided, OutsideDomain, ZeroDivisionError, InputError, KeyError, Unknown)


def _brief(value: Value) -> Value:
    """Return the value, a fraction of very many digits as a ball: such ones double from update to update."""
    if isinstance(value, fmpq) and int(value.q).bit_length() > 4 * RECKONING_BITS:
        return arb(value)
    return value


def _upstream(partial: Partial) -> list[str]:
    return [path.upstream.by for path in partial.paths if path.upstream is not None]
