"""The numbers of the training as a handout tells them, in a page that may change knowing which they are."""

from dataclasses import replace

from derive.evaluation.evaluation import Evaluation
from derive.notation import Latex, marked, value_latex
from derive.notation.slots import TRAINED, Printed
from derive.numbers.certainty import Reading, Readings
from derive.numbers.facts import Truth, of_text
from derive.numbers.slots import Slots, present_slots
from derive.training.certified import Certified

RELATIONS = {"exact": "= ", "certain": r"\approx "}


def in_slots(found: Certified | None, evaluation: Evaluation, digits: int) -> Certified | None:
    """Return the training as it is printed, its numbers knowing which they are where the page may change.

    Where the derivation is rounded by hand its training is not, so no calculation of the page makes it.
    """
    slots = present_slots()
    if slots is None or found is None or evaluation.rounding is not None:
        return found
    return replace(
        found,
        by_iteration={
            iteration: _slotted(readings, slots, evaluation, digits, iteration)
            for iteration, readings in found.by_iteration.items()
        },
    )


def _slotted(readings: Readings, slots: Slots, evaluation: Evaluation, digits: int, iteration: int) -> Readings:
    table, trace, computation = slots.table(evaluation), slots.trace, evaluation.computation

    def slotted(reading: Reading, value: object) -> Reading:
        if not reading.is_number:
            return reading
        return replace(reading, text=slots.text_of(reading.text, value, digits, iteration))

    outs = tuple(
        tuple(slotted(reading, values[name]) for reading, name in zip(row, computation.outputs, strict=False))
        for row, values in zip(readings.outs, table.passes, strict=False)
    )
    parameters = {name: slotted(each, trace.number((name, -1))) for name, each in readings.parameters.items()}
    return replace(readings, error=slotted(readings.error, table.error), outs=outs, parameters=parameters)


def told(reading: Reading) -> Latex:
    """Return a number of the training in LaTeX, behind its relation."""
    text = str(reading.text)
    latex = value_latex(text)
    shown = RELATIONS.get(reading.sure, "") + (marked(latex, r"\ddagger") if reading.sure == "agreed" else latex)
    if not isinstance(reading.text, Printed):
        return Latex(shown)
    return Latex(reading.text.slots.slot(shown, TRAINED, [reading.text]))


def is_told(kind: str, found: Certified | None, evaluation: Evaluation) -> Truth:
    """Return whether the digits of any number that is shown of the training rest on that, such as "exact"."""
    is_true = found is not None and kind in found.kinds_with(evaluation.computation.trained)
    return is_true if evaluation.rounding is not None else of_text("told", is_true, kind)
