"""What the program of an explorable page reads: its operations, numbers, slots and facts, and what can be changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from derive.computation.wellformed import PARAMETERS
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.update import STEPS, state_key
from derive.functions.losses import ERRORS
from derive.notation import name_latex, name_text
from derive.notation.mathml import for_browsers
from derive.numbers.given import Given
from derive.numbers.slots import PrintedNumber, Slots
from derive.numbers.traced import REGISTERS, Argument, Operation
from derive.render.explore_words import words_of
from derive.render.toml.pieces import toml_pieces
from derive.render.toml.text import decimal
from derive.story.handout_options import HandoutOptions

MOST_STEPS = 1000  # of the optimizer, that an address may ask for


def columns(rows: Iterable[Sequence[Any]], fill: int = 0) -> list[list[Any]]:
    """Return rows as columns, each whole number as how far it is from the one above: packed, that is far less.

    What a short row lacks is filled.

    >>> columns([[100, "a", 7], [101, "b"]])
    [[100, 1], ['a', 'b'], [7, -7]]
    """
    return [list(_differences(column)) for column in zip_longest(*rows, fillvalue=fill)]


def _differences(column: Iterable[Any]) -> Iterator[Any]:
    above = 0
    for each in column:
        if type(each) is int:
            each, above = each - above, each
        yield each


@dataclass(frozen=True, eq=False)
class ProgramData:
    """The data of one page, of which all is written; the evaluation's given numbers know their keys."""

    evaluation: Evaluation
    slots: Slots
    options: HandoutOptions

    @property
    def found(self) -> dict[str, Any]:
        """All of it, by name."""
        evaluation, slots, language = self.evaluation, self.slots, self.options.reader_language
        by_hand = evaluation.rounding
        # Each may add numbers, which are written below.
        inputs, certain, step, error = list(self._inputs()), self._certain_numbers(), list(self._step()), self._error()
        given = list(slots.trace.given)
        places: dict[Any, int] = {key: place for place, key in enumerate(given)}
        names = list(dict.fromkeys(operation.name for operation in slots.trace.operations))
        return {
            "names": [[name, REGISTERS[name]] for name in names],
            "operations": columns(
                [names.index(each.name), *self._taken(register, each, places)]
                for register, each in enumerate(slots.trace.operations)
            ),
            "given": len(given),
            "numbers": columns(
                [n.register, n.digits, int(n.by_hand), n.style, n.again, n.digits_again, n.result, n.after]
                for n in slots.numbers
            ),
            "slots": columns(([slot.kind, slot.how, *slot.numbers] for slot in slots.slots), fill=-1),
            "facts": [list(fact) for fact in slots.facts],
            "guards": slots.guards,
            "shown": columns([number] for number in certain),
            "shares": list(self._shares()),
            "rounding": None if by_hand is None else [by_hand.digits, int(by_hand.is_significant)],
            "inputs": [
                list(inputs[0]) if inputs else [],
                columns(list({**each, "place": places[each["place"]]}.values()) for each in inputs),
            ],
            "of": columns(list(dict(self._names()).items())),
            "step": columns([places[key], register] for key, register in step if key in places),
            **error,
            "most_steps": MOST_STEPS,
            "toml": toml_pieces(evaluation, {each["place"]: each["id"] for each in inputs}),
            "language": {"mark": language.decimal_mark, "code": language.code},
            "words": words_of(language),
        }

    @staticmethod
    def _taken(register: int, operation: Operation, places: Mapping[Any, int]) -> list[Argument]:
        """Return what an operation takes, each register as how far before its own it is."""
        if operation.name == "given":
            return [places[operation.arguments]]
        count, taken = REGISTERS[operation.name], operation.arguments
        return [register - int(before) for before in taken[:count]] + list(taken[count:])

    def _error(self) -> dict[str, Any]:
        computation = self.evaluation.computation
        if not computation.objective:
            return {"error": None}
        name, number = computation.whole_objective_name, self._number(self._table.error)
        return {"error": number, "error_name": name_text(name), "error_math": for_browsers(name_latex(name), False)}

    @property
    def _table(self) -> Any:
        return self.slots.table(self.evaluation)

    def _certain_numbers(self) -> list[int]:
        """Return what every page shows, whatever facts are true: the numbers of both passes and of the update."""
        table = self._table
        values = [value for values in (*table.passes, *table.partials, table.updated) for value in values.values()]
        return sorted({self._number(value) for value in values})

    def _number(self, value: Any) -> int:
        """Return the number of the page that a value is, with the page's digits."""
        return self._of_register(self.slots.trace.of(value))

    def _of_register(self, register: int) -> int:
        by_hand = self.evaluation.rounding is not None
        return self.slots.place_of(PrintedNumber(register, self.options.digits, by_hand))

    def _inputs(self) -> Iterator[dict[str, Any]]:
        """Yield what can be changed and has an effect, in the order of the forward pass."""
        computation = self.evaluation.computation
        several = len(computation.samples) > 1
        for number, sample in enumerate(computation.samples):
            for name, value in sample.items():
                kind = computation.kinds[name]
                is_shared = kind in PARAMETERS
                if not (is_shared and number):
                    yield from self._input(name, value, kind, None if is_shared or not several else number + 1)
        rate = self.evaluation.plan.learning_rate
        yield from self._input(self.evaluation.plan.learning_rate_name, rate, "rate", None)

    def _input(self, name: str, value: Any, kind: str, sample: int | None) -> Iterator[dict[str, Any]]:
        assert isinstance(value, Given)
        register = self.slots.trace.given.get(value.key)
        if register is None:  # nothing on the page is made of it
            return
        id_ = "rate" if kind == "rate" else name if sample is None else f"{name}@{sample}"
        yield {
            "id": id_,
            "name": name_text(name),
            "kind": kind,
            "sample": sample,
            "takes": self._takes if kind == "target" else "any",
            "trained": name in self.evaluation.computation.trained,
            "math": for_browsers(name_latex(name), False),
            "value": decimal(value),
            "place": value.key,
            "register": register,
            "number": self._of_register(register),
            "derivative": self._derivative(name, sample),
        }

    @property
    def _takes(self) -> str:
        """Which targets the error takes, see `derive.functions.losses.Loss`."""
        layers = self.evaluation.computation.layers
        return ERRORS[layers.loss].targets if layers is not None and layers.loss in ERRORS else "any"

    def _derivative(self, name: str, sample: int | None) -> int | None:
        table = self._table
        if name in table.gradients:
            return self._number(table.gradients[name])
        if sample is None and self.evaluation.computation.objective and name in table.partials[0]:
            return self._number(table.partials[0][name])
        return None

    def _names(self) -> Iterator[tuple[int, str]]:
        """Yield of what quantity, derivative or new value the number in a register is: by it its places are found."""
        table, trace = self._table, self.slots.trace
        several = len(table.passes) > 1
        for number in range(len(table.passes)):
            of = f"@{number + 1}" if several else ""
            for name, value in table.partials[number].items():
                yield trace.of(value), f"d{name}{of}"
            for name, value in table.passes[number].items():
                is_shared = self.evaluation.computation.kinds[name] in PARAMETERS
                yield trace.of(value), name if is_shared else f"{name}{of}"
        for name, value in table.updated.items():
            yield trace.of(value), f"{name}+"

    def _shares(self) -> Iterator[list[str]]:
        """Yield the targets of each sample that have to add up to 1, as its short deltas rest on that."""
        samples = len(self.evaluation.computation.samples)
        for names in self.evaluation.derivation.shares:
            for number in range(samples):
                yield [name if samples == 1 else f"{name}@{number + 1}" for name in names]

    def _step(self) -> Iterator[tuple[tuple[str, int], int]]:
        """Yield the key of each number that a step of the optimizer changes, with the register of what it becomes."""
        table, trace = self._table, self.slots.trace
        for name, new in table.updated.items():
            yield (name, -1), trace.of(new)
        optimizer = self.evaluation.plan.optimizer
        for name, values in table.steps.items():
            for part in optimizer.of(self.evaluation.computation.kinds[name]).rule.state:
                yield (state_key(name, part), -1), trace.of(values[f"{part}+"])
            count = (STEPS, -1), trace.of(values["t"])
        if table.steps:
            yield count
