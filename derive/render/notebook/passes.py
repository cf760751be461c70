"""The code of online updates: a function that makes a sample's update, and its calls, one after the other."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

from derive.evaluation.turn import SHOWN, turn
from derive.render.notebook.functions import Functions
from derive.render.notebook.python import indented, tuple_lines
from derive.render.notebook.statements import Lines, Shown

FIRST = "_after_1"


class Passes(Lines):
    """What both forms share: the state after a turn is one tuple, of the parameters and of what the optimizer keeps."""

    @property
    def is_online(self) -> bool:
        """Whether there are turns to write."""
        return self.plan.is_online and self.several

    @abstractmethod
    def moving(self) -> list[str]:
        """Return the variables that a turn changes: the trained parameters, then the optimizer's state."""

    @abstractmethod
    def given(self) -> list[str]:
        """Return the variables of what a sample gives: inputs and targets."""

    @abstractmethod
    def one_step(self) -> list[str]:
        """Return the lines of one update in place."""

    @abstractmethod
    def first_turn(self) -> list[str]:
        """Write the update of sample 1; return the variables of `moving` after it."""

    @abstractmethod
    def new(self) -> list[str]:
        """Return the variables of the trained parameters after the pass."""

    def turn_shown(self, number: int) -> Shown:
        """Write the turn of that number, counted from 1, and those before it; return the variable of the state then."""
        target = self._after(number)
        if target in self.written:
            return [target]
        if number == 1:
            first = self.first_turn()
            self.lines += [*_tuple(first, f"{target} = "), *self.definition(self.functions)]
            self.written.add(target)
        else:
            (before,) = self.turn_shown(number - 1)
            self.emit(target, self._call(str(number), str(number - 1), before))
        return [target]

    def pass_shown(self) -> Shown:
        """Write the whole pass; return the variables of the parameters after it."""
        new = self.new()
        if new[0] in self.written:
            return new
        (state,) = self.turn_shown(min(SHOWN, self.samples))
        if self.samples > SHOWN:
            rest, before = self.names.made("rest_of_pass", "function"), state
            state = self._after(self.samples)
            self.lines += [
                f"def {rest}({self._state}):",
                *indented(self.loop(f"range({SHOWN + 1}, {self.samples + 1})", "step - 1")),
                f"    return {self._state}",
                "",
                "",
                f"{state} = {rest}({before})",
            ]
        self.lines += _taken_apart(new, f"{state}[:{len(new)}]")
        self.written.update(new)
        return new

    def loop(self, steps: str, sample: str) -> list[str]:
        """Return the loop that makes an update with each step, ``sample`` being the code of the sample's number."""
        return [f"for step in {steps}:", f"    {self._state} = {self._call('step', sample, self._state)}"]

    def iterations(self, inner: Self, variables: list[str], states: list[str]) -> list[str]:
        """Return the loop of a training; ``inner`` writes one update of it in place."""
        if not self.is_online:
            zeros = [f"{state} = 0.0" for state in states]
            return [*zeros, f"for step in range(1, {self.plan.iterations + 1}):", *indented(inner.one_step())]
        steps = f"range(1, {self.plan.iterations} * {self.samples} + 1)"
        return [
            *(self.definition(inner.functions) if self.functions.is_rounded else []),
            *_tuple([*variables, *("0.0" for _ in states)], f"{self._state} = "),
            *self.loop(steps, f"(step - 1) % {self.samples}"),
            *_taken_apart(variables, f"{self._state}[:{len(variables)}]"),
        ]

    def definition(self, functions: Functions) -> list[str]:
        """Return the lines of the function that makes a sample's update."""
        alone = type(self)(turn(self.evaluation, 0), self.names, functions, in_place=True)
        return [
            "",
            "",
            f"def {self._update}(step, {self._sample}, {self._state}):",
            *indented(_taken_apart(alone.given(), self._sample)),
            *indented(_taken_apart(alone.moving(), self._state)),
            *indented(alone.one_step()),
            *indented(_tuple(alone.moving(), "return ")),
            "",
            "",
        ]

    def _call(self, step: str, sample: str, state: str) -> str:
        numbers = ", ".join(f"{variable}[{sample}]" for variable in self.given())
        return f"{self._update}({step}, ({numbers}), {state})"

    def _after(self, number: int) -> str:
        return self.names.made(f"after_{number}", "state")

    @property
    def _update(self) -> str:
        return self.names.made("update", "function")

    @property
    def _sample(self) -> str:
        return self.names.made("sample", "what a sample gives")

    @property
    def _state(self) -> str:
        return self.names.made("state", "what a turn changes")


def _tuple(names: Sequence[str], before: str) -> list[str]:
    """Return the names as a tuple behind what stands before it, one name too."""
    return tuple_lines(names, before=before) if len(names) > 1 else [f"{before}({names[0]},)"]


def _taken_apart(names: Sequence[str], code: str) -> list[str]:
    """Return the lines that give the names the values of a tuple."""
    *left, last = tuple_lines(names) if len(names) > 1 else [f"({names[0]},)"]
    return [*left, f"{last} = {code}"]
