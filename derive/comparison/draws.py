"""The numbers of each student's sheet, drawn until a fair one is found: no answers alike, no slip hidden."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import attrs

from derive.checks import unknown
from derive.comparison.expected import Expected, expected_of
from derive.comparison.line_slips import LineSlip, line_slips
from derive.comparison.own_numbers import OwnNumbers
from derive.computation.equations import Computation
from derive.computation.layers import Layers
from derive.errors import InputError, Message, UnsupportedError
from derive.evaluation.calculation import Calculation
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.kinks import has_kinks
from derive.evaluation.local import local_value
from derive.functions.activations import Activation
from derive.lines.blanks import BACKWARD, GRADIENT, Blank
from derive.numbers.arithmetic import rational
from derive.numbers.decimals import START_BITS, Undecided, nearest_float
from derive.numbers.drawn import Secret, around
from derive.numbers.precision import at_bits

Numbers = tuple[Mapping[str, Fraction], ...]  # by sample
Sides = tuple[tuple[bool, ...], ...]
KINDS = {"weights": "weight", "biases": "bias", "inputs": "input", "targets": "target"}
FIXED = (Fraction(0), Fraction(1), Fraction(-1))  # inputs and targets that are often a class or a switch


@attrs.frozen
class Rules:
    """When a draw is refused and the next is taken.

    ``distinct``: two derivatives are accepted at each other's blank. ``apart``: a known slip comes within so many
    tolerances of the right number (0: never refused). ``least``: an answer is smaller than so many tolerances.
    ``saturated``: the derivative of an activation is smaller than that, and not 0. ``same_sides``: a relu or another
    function with cases is on another side than in the network itself. ``most_draws`` is after how many draws there
    are none for the student.
    """

    distinct: bool = True
    apart: Fraction = Fraction(2)
    least: Fraction = Fraction(10)
    saturated: Fraction = Fraction(1, 100)
    same_sides: bool = True
    most_draws: int = 200


REASONS = {
    "alike": Message("two answers are alike"),
    "hidden": Message("a slip gives nearly the right number"),
    "tiny": Message("an answer is too small for the digits asked for"),
    "saturated": Message("a neuron is saturated"),
    "sides": Message("a function with cases is on another side"),
    "undefined": Message("a number is not defined, or at a kink"),
}


@dataclass(frozen=True)
class Draw:
    """The numbers of a sheet, by sample, what its blanks accept, and why draws before it were refused."""

    numbers: Numbers
    calculation: Calculation
    expected: tuple[Expected, ...]
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Drawing:
    """What draws: the network's own numbers, rounded by hand, its blanks, which names vary, and the rules."""

    evaluation: Evaluation
    blanks: tuple[Blank, ...]
    names: frozenset[str]
    rules: Rules

    @cached_property
    def own(self) -> Draw:
        """The network's own numbers, whatever the rules say of them."""
        calculation = self.evaluation.calculation
        samples = self.evaluation.computation.samples
        return Draw(samples, calculation, expected_of(calculation, self.blanks, self.slips(calculation)))

    def draw(self, secret: Secret, student: str) -> Draw:
        """Return the first draw of a student's numbers that keeps the rules; `InputError` where none of many does."""
        refused: Counter[str] = Counter()
        for counter in range(self.rules.most_draws):
            found = self._tried(self._numbers(secret, student, counter))
            if isinstance(found, Draw):
                return replace(found, refused=dict(refused))
            refused[found] += 1
        reason, times = refused.most_common(1)[0]
        raise InputError(
            "{student}: none of {count} draws keeps the rules ({times} times: {reason}); let other numbers vary, ask "
            "for more digits, or change the rules.",
            student=student,
            count=self.rules.most_draws,
            times=times,
            reason=REASONS[reason],
        )

    def _numbers(self, secret: Secret, student: str, counter: int) -> Numbers:
        numbers = secret.whole_numbers(student, counter)
        first, *others = self.evaluation.computation.samples
        parameters = self.evaluation.computation.parameters
        drawn = {name: around(first[name]).drawn(numbers) for name in sorted(self.names) if name in parameters}
        return tuple(
            {
                **sample,
                **drawn,
                **{
                    name: around(sample[name]).drawn(numbers)
                    for name in sorted(self.names)
                    if name not in drawn and sample[name] not in FIXED
                },
            }
            for sample in (first, *others)
        )

    def _tried(self, numbers: Numbers) -> Draw | str:
        """Return the draw, or why it is refused."""
        try:
            computation = attrs.evolve(self.evaluation.computation, samples=numbers)
            calculation = replace(self.evaluation.calculation, computation=computation)
            reason = self._refused_sides(calculation)
            if reason:
                return reason
            expected = expected_of(calculation, self.blanks, self.slips(calculation))
        except (InputError, UnsupportedError):
            return "undefined"
        return self._refused(expected) or Draw(numbers, calculation, expected)

    def slips(self, calculation: Calculation) -> Sequence[LineSlip]:
        """Return the slips that lines of these numbers can suffer from."""
        if calculation.computation.layers is not None:
            return self._layer_slips  # found by names
        return line_slips(Evaluation(calculation.computation, calculation.plan))

    @cached_property
    def _layer_slips(self) -> Sequence[LineSlip]:
        return line_slips(self.evaluation.in_full)

    def _refused(self, expected: Sequence[Expected]) -> str:
        rules = self.rules
        if rules.distinct and self._alike(expected) - self._alike_by_nature:
            return "alike"
        left = (each for each in expected if each.name not in self._vanishing)
        if any(0 < abs(each.middle) < rules.least * each.tolerance for each in left):
            return "tiny"
        is_hidden = rules.apart and set(_hidden(expected, rules.apart)) - self._hidden_by_nature
        return "hidden" if is_hidden else ""

    def _alike(self, expected: Sequence[Expected]) -> frozenset[frozenset[str]]:
        """Return the pairs of derivatives of which each is accepted at the blank of the other."""
        derivatives = sorted(
            (each for each, blank in zip(expected, self.blanks, strict=True) if blank.part in (BACKWARD, GRADIENT)),
            key=lambda each: each.low,
        )
        found, near = set[frozenset[str]](), list[Expected]()
        for each in derivatives:
            near = [other for other in near if other.high >= each.low]
            found.update(frozenset((each.name, other.name)) for other in near if each.high or each.low)
            near.append(each)
        return frozenset(found)

    @cached_property
    def _alike_by_nature(self) -> frozenset[frozenset[str]]:
        """The pairs that are alike in the network itself, as the derivative by a bias and the delta are."""
        return self._alike(self.own.expected)

    @cached_property
    def _hidden_by_nature(self) -> frozenset[tuple[str, str]]:
        """The slips that change nothing in the network itself, as a missing derivative of 1 does."""
        return frozenset(_hidden(self.own.expected, self.rules.apart))

    @cached_property
    def _vanishing(self) -> frozenset[str]:
        vanishing = self.evaluation.derivation.vanishing
        return frozenset(blank.name for blank in self.blanks if blank.quantity in vanishing)

    def _refused_sides(self, calculation: Calculation) -> str:
        try:
            sides, slopes = at_bits(START_BITS, self._sides_and_slopes, calculation)
        except Undecided:
            return "undefined"
        if any(0 < abs(slope) < self.rules.saturated for slope in slopes):
            return "saturated"
        return "sides" if self.rules.same_sides and sides != self._own_sides else ""

    @cached_property
    def _own_sides(self) -> Sides:
        return at_bits(START_BITS, self._sides_and_slopes, self.evaluation.calculation)[0]

    def _sides_and_slopes(self, calculation: Calculation) -> tuple[Sides, list[float]]:
        """Return on which side each function with cases is, and the derivatives of the activations."""
        own = OwnNumbers(calculation, self.blanks)
        sides, slopes = list[tuple[bool, ...]](), list[float]()
        for values in own.values:
            for equation in calculation.computation.equations:
                for term in equation.terms:
                    entry = term.shape.entry
                    if isinstance(entry, Activation):
                        net = values[term.names[0]]
                        slopes.append(nearest_float(local_value(equation, term.names[0], values)))
                        sides.append(tuple(bool(net > rational(Fraction(kink.net))) for kink in entry.kinks))
                    elif has_kinks(term.shape):
                        sides.append(tuple(bool(local_value(equation, n, values) == 0) for n in equation.names))
        return tuple(sides), slopes


def _hidden(expected: Iterable[Expected], apart: Fraction) -> Iterator[tuple[str, str]]:
    """Yield the blanks at which a slip gives nearly the right number, with what is said of the slip."""
    for each in expected:
        room = apart * each.tolerance
        for slip in each.slips:
            if slip.low - room <= each.high and each.low <= slip.high + room:
                yield each.name, str(slip.sentence)


def names_of(computation: Computation, vary: Sequence[str] | None) -> frozenset[str]:
    """Return the names of what varies: of given numbers, or of kinds of them (weights, biases, inputs, targets).

    Without any these are weights, biases and inputs, and targets where the error is one of squares or of absolute
    values, which is defined for all; no parameter that is 0. Raises `InputError` for any other word.
    """
    kinds = computation.kinds
    given = [name for name in computation.samples[0] if name in kinds]
    if vary is None:
        words = ["weights", "biases", "inputs", *(["targets"] if _takes_any_target(computation.layers) else [])]
    else:
        words = list(vary)
    found: set[str] = set()
    for word in words:
        named = [name for name in given if KINDS.get(word) == kinds[name]]
        if not named and word not in KINDS:
            key = computation.named(word) if word not in given else word
            if key not in given:
                raise unknown(word, [*KINDS, *given])
            named = [key]
        found.update(name for name in named if any(sample[name] for sample in computation.samples))
    if not found and vary is not None:
        raise InputError(
            "vary: found {found}, and none of these numbers can vary; expected names of given numbers that are not 0.",
            found=", ".join(words),
        )
    return frozenset(found)


def _takes_any_target(layers: Layers | None) -> bool:
    return layers is not None and any(word in layers.loss for word in ("squared", "absolute", "huber"))
