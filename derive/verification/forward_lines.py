"""The lines that show numbers: for every sample, the formula on the right must give the value that is printed.

They are the very lines of which a handout is made. What is printed, and where it is checked:

- forward pass and error: here; the same with the new weights: `update_lines`
- chain rule, local derivatives, as written and tidied; partials as formula, in deltas, as a sum over paths with each
  path's part; deltas, the short ones line by line; the same in sequential updates; a path's part that is shown as the
  derivative of one output's error: `derivative_lines`
- mean or sum over the samples, of the error and of each gradient; each equation of a step of the optimizer, for each
  parameter: `update_lines`
- each sample's turn in online updates: `turn_lines`
- matrices: `matrix_lines`, those of blocks `array_lines`
- that what is printed is what these lines were checked with: `reader_lines`
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from derive.evaluation.evaluation import Evaluation
from derive.lines import symbolic
from derive.numbers.arithmetic import OutsideDomain
from derive.numbers.decimals import Undecided
from derive.numbers.precision import at_bits
from derive.verification.array_lines import array_lines
from derive.verification.checking import EXACT, Value, agree
from derive.verification.derivative_lines import late_lines, partial_lines, step_lines, verify_parts, written_out
from derive.verification.matrix_lines import matrix_lines
from derive.verification.reader_lines import reader_lines
from derive.verification.sides import FIRST_SHOWN, LAST_SHOWN, Check, Scene, checks_of, sample_number, samples
from derive.verification.turn_lines import turn_lines
from derive.verification.update_lines import after_lines

LEVELS = (128, 512, 2048, 8192, 1 << 15, 1 << 17)
# No handout prints more than 1,000 decimals; what is 0 to more than that is 0.
LOST_BITS = 4000
# Parameters whose formulas are evaluated one by one, about 2 ms each; of more, those that tables show and evenly chosen
# ones. The products δ·outᵀ, which these formulas are, and the differences cover them all the same.
MOST_FORMULAS = 1000


@dataclass(frozen=True)
class Settled:
    """How many lines hold, of how many parameters all, to how many digits, and how many remain undecided."""

    lines: int
    parameters: int
    digits: int
    undecided: int


def verify_lines(evaluation: Evaluation) -> Settled:
    """Check every line at the first precision that decides it."""
    verify_parts(evaluation)
    settled = _settled(evaluation, list(_lines(evaluation)))
    if evaluation.with_biases is None:
        return settled
    # A handout says what the error after the update would be with the biases trained as well.
    other = _settled(evaluation.with_biases, list(after_lines(evaluation.with_biases)))
    return Settled(
        settled.lines + other.lines,
        settled.parameters,
        min(settled.digits, other.digits),
        settled.undecided + other.undecided,
    )


def _settled(evaluation: Evaluation, waiting: list[Check]) -> Settled:
    total, digits = len(waiting), EXACT
    for bits in (level for level in LEVELS if level <= evaluation.most_bits):
        if not waiting:
            break
        try:
            scene = Scene(evaluation, evaluation.table(bits))
        except Undecided:
            continue
        waiting, found = at_bits(bits, _undecided, waiting, scene)
        digits = min(digits, found)
    return Settled(total - len(waiting), len(chosen(evaluation)), digits, len(waiting))


def _undecided(lines: Sequence[Check], scene: Scene) -> tuple[list[Check], int]:
    open_, digits = [], EXACT
    for line in lines:
        try:
            found, expected = line.both(scene)
            digits = min(digits, agree(found, expected, line.__str__, lost=LOST_BITS))
        except (Undecided, OutsideDomain, ZeroDivisionError):
            open_.append(line)
    return open_, digits


def _lines(evaluation: Evaluation) -> Iterator[Check]:
    yield from _given(evaluation)
    yield from _equations(evaluation)
    parameters, selected = frozenset(evaluation.computation.parameters), chosen(evaluation)
    written = written_out(evaluation.derivation)
    for name, partial in evaluation.derivation.partials.items():
        if (name in selected or name not in parameters) and (written is None or name in written):
            yield from partial_lines(evaluation, partial)
    if evaluation.computation.layers is None:
        yield from step_lines(evaluation)
    if evaluation.plan.is_sequential:
        yield from late_lines(evaluation, selected)
    if evaluation.plan.is_online:
        yield from turn_lines(evaluation, selected)
    yield from after_lines(evaluation)
    yield from matrix_lines(evaluation)
    yield from array_lines(evaluation)
    yield from reader_lines(evaluation, selected)


def chosen(evaluation: Evaluation) -> frozenset[str]:
    """Return the parameters whose formulas are evaluated, all where they are not too many."""
    names = evaluation.computation.parameters
    found = set(names[:: max(1, -(-len(names) // MOST_FORMULAS))])
    layers = evaluation.computation.layers
    for row in layers.rows if layers else ():
        found.update(neuron.weights[0] for neuron in row.neurons)
        found.update((*row.parameters[:FIRST_SHOWN], *row.parameters[-LAST_SHOWN:]))
    return frozenset(found)


def _given(evaluation: Evaluation) -> Iterator[Check]:
    """Yield what the user gave: it is read exactly."""
    rate = evaluation.plan.learning_rate
    exact = fmpq(rate.numerator, rate.denominator)
    yield Check(evaluation.plan.learning_rate_name, str(rate), lambda scene: (exact, scene.table.rate))
    for k in samples(evaluation):
        for name, number in evaluation.computation.samples[k].items():

            def both(scene: Scene, k: int = k, name: str = name, number: Fraction = number) -> tuple[Value, Value]:
                return fmpq(number.numerator, number.denominator), scene.table.passes[k][name]

            yield Check(name, str(number), both, sample_number(evaluation, k))


def _equations(evaluation: Evaluation) -> Iterator[Check]:
    """Yield the forward pass, the whole error too."""
    computation = evaluation.computation
    lines = [symbolic.equation(computation, equation.name) for equation in computation.equations]
    if computation.objective:
        lines.append(symbolic.whole_error(computation))
    return checks_of(evaluation, lines)
