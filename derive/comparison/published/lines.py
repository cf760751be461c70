"""Slips in a number's own line: another quantity in the place of one, or a step that is made in another way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations

from derive.comparison.published.judging import Judge
from derive.comparison.published.reckoning import NONE, RECKONING_BITS, Memory, Reckoning, Unknown, Way
from derive.comparison.published.tokens import GRADIENT, PARTIAL, STEP, VALUE, Token
from derive.comparison.published.variants import Variant
from derive.computation.equations import Computation
from derive.errors import Message
from derive.evaluation.local import term_function
from derive.numbers.arithmetic import Value, rational
from derive.numbers.precision import at_bits

DIGITS = "0123456789"
MOST_SIBLINGS = 20  # of a kind; of more, one fits by chance

Step = Callable[[Value, Value, Value], Value]
Source = Callable[[Token], Value | None]
STEPS: tuple[tuple[str, Message, Step], ...] = (
    (
        "direction",
        Message(
            "The step goes in the wrong direction: the learning rate times the gradient is added instead of subtracted."
        ),
        lambda weight, rate, gradient: weight + rate * gradient,
    ),
    (
        "learning rate",
        Message("The learning rate is missing: the whole gradient is subtracted from the weight."),
        lambda weight, rate, gradient: weight - gradient,
    ),
    (
        "weight decay",
        Message("The weight decay is missing in this step."),
        lambda weight, rate, gradient: weight - rate * gradient,
    ),
    (
        "change",
        Message("This is the change of the weight, not its new value."),
        lambda weight, rate, gradient: -rate * gradient,
    ),
)


def swaps(judge: Judge, token: Token, variant: Variant) -> Iterator[tuple[str, str, str, Value]]:
    """Yield the kind, a name of the token's own line, another name in its place, and the value that comes of it."""
    computation = variant.evaluation.computation
    lines = [_line(variant, token, *source) for source in _sources(judge, token)]
    for name in _own_names(variant, token):
        kind = computation.kinds[name]
        for other in _siblings(computation, name):
            if _is_same(computation, name, other, token.sample):
                continue
            for line in lines:
                value = line({name: other})
                if value is not None:
                    yield kind, name, other, value


def exchanges(judge: Judge, token: Token, variant: Variant) -> Iterator[tuple[str, str, str, Value]]:
    """Yield the kind and the names of two signals of a weighted sum, and its value where they change places."""
    computation = variant.evaluation.computation
    if token.kind != VALUE or computation.kinds[token.name] != "net":
        return
    lines = [_line(variant, token, *source) for source in _sources(judge, token)]
    signals = [name for name in computation.by_name[token.name].names if name not in computation.parameters]
    for name, other in combinations(signals, 2) if len(signals) <= MOST_SIBLINGS else ():
        for line in lines:
            value = line({name: other, other: name})
            if value is not None and computation.kinds[name] == computation.kinds[other]:
                yield computation.kinds[name], name, other, value


def _line(
    variant: Variant, token: Token, printed: Source, memory: Memory
) -> Callable[[Mapping[str, str]], Value | None]:
    """Return what a number's line gives with others in the places of quantities; what is behind it is found once."""
    if token.kind == VALUE and token.name in variant.evaluation.computation.by_name:
        found = _Terms(variant, token, Reckoning(variant, Way(printed), memory))
        return found.swapped
    return lambda swapped: _value(variant, token, Way(printed, swapped=swapped), memory)


@dataclass(frozen=True, eq=False)
class _Terms:
    """A line of the forward pass, in which only those terms are calculated again that another quantity changes."""

    variant: Variant
    token: Token
    reckoning: Reckoning

    def swapped(self, by: Mapping[str, str]) -> Value | None:
        """Return what the line gives with others in the places of quantities; None where that is not known."""
        whole = self._whole
        return None if whole is None else at_bits(RECKONING_BITS, self._changed, whole, by)

    @cached_property
    def _whole(self) -> Value | None:
        try:
            return self.reckoning.of(self.token)
        except Unknown:
            return None

    def _changed(self, whole: Value, by: Mapping[str, str]) -> Value | None:
        try:
            for term in self.variant.evaluation.computation.by_name[self.token.name].terms:
                if not by.keys().isdisjoint(term.names):
                    compute = term_function(term.shape)
                    before = compute(*map(self._of, term.names))
                    whole = whole - before + compute(*(self._of(by.get(name, name)) for name in term.names))
        except NONE:
            return None
        return whole

    def _of(self, name: str) -> Value:
        is_parameter = name in self.variant.evaluation.computation.parameters
        return self.reckoning.value(Token(VALUE, name, 0 if is_parameter else self.token.sample, self.token.updates))


def steps(judge: Judge, token: Token, variant: Variant) -> Iterator[tuple[str, Message, Value]]:
    """Yield what another step makes of a weight or bias: a kind, a sentence and the value."""
    plan = variant.evaluation.plan
    if token.kind != VALUE or not token.updates or token.name not in variant.evaluation.computation.trained:
        return
    sources = _sources(judge, token)
    for kind, sentence, step in STEPS:
        if (kind == "weight decay") == bool(plan.optimizer.rate_of_decay) or kind == "change":
            for printed, memory in sources:
                value = _value(variant, token, Way(printed, step=step), memory)
                if value is not None:
                    yield kind, sentence, value


def _sources(judge: Judge, own: Token) -> list[tuple[Source, Memory]]:
    """Return where the line takes its numbers from, what is printed or the true ones alone, each with its memory."""
    return [(partial(_printed, judge, own), {}), (lambda token: None, {})]


def _printed(judge: Judge, own: Token, token: Token) -> Value | None:
    entry = judge.entries.get(token) if token != own else None
    return None if entry is None else rational(entry.value)


def _value(variant: Variant, token: Token, way: Way, memory: Memory) -> Value | None:
    try:
        return Reckoning(variant, way, memory).of(token)
    except Unknown:
        return None


def _own_names(variant: Variant, token: Token) -> Sequence[str]:
    """Return the names of the token's line in whose place another may have been put."""
    computation = variant.evaluation.computation
    if token.kind == VALUE and token.name in computation.by_name:
        names = computation.by_name[token.name].names
        return names if len(names) > 1 else ()  # of one, it is the other quantity's own value
    is_of_parameter = token.name in computation.parameters and (token.updates or token.kind in (PARTIAL, GRADIENT))
    if token.kind not in (VALUE, PARTIAL, GRADIENT, STEP) or not is_of_parameter:
        return ()
    users = (computation.by_name[user] for user in computation.uses.get(token.name, ()))
    beside = (name for user in users for term in user.terms_with[token.name] for name in term.names)
    return tuple(dict.fromkeys(name for name in beside if name != token.name))


def _siblings(computation: Computation, name: str) -> Sequence[str]:
    """Return the quantities of its kind that may be taken for it: of the same layer, where there are layers.

    Elsewhere they are those of the same name with another number, such as x_1 for x_2; where there are none, all.
    """
    kind, layers = computation.kinds[name], computation.layers
    rows = [] if layers is None else [names for row in layers.rows for names in (row.nets, row.outs, row.parameters)]
    alike = next((row for row in rows if name in row), tuple(computation.kinds))
    found = [other for other in alike if other != name and computation.kinds[other] == kind]
    if layers is None:
        stem = name.rstrip(DIGITS)
        found = [other for other in found if other.rstrip(DIGITS) == stem] or found
    return found if len(found) <= MOST_SIBLINGS else ()


def _is_same(computation: Computation, name: str, other: str, sample: int) -> bool:
    given = computation.samples[sample]
    return name in given and given[name] == given.get(other, Fraction(0))
