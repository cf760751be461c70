"""The code of online updates: a function that makes a sample's update, and its calls, one after the other."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

from derive.evaluation.turn import SHOWN, turn
from derive.render.notebook.functions import Functions
from derive.render.notebook.python import indented, tuple_lines
from derive.render.notebook.statements import NEW, Lines, Shown

FIRST = "_after_1"


class Passes(Lines):
    """What both forms share: after each turn the parameters, and the optimizer's state, have variables of their own."""

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
    def first_turn(self) -> None:
        """Write the update of sample 1."""

    @abstractmethod
    def after(self, variable: str, end: str) -> str:
        """Return the variable that one of `moving` has after a turn."""

    def turn_shown(self, number: int) -> Shown:
        """Write the turn of that number, counted from 1, and those before it; return the variables after it."""
        end = self._end(number)
        found = [self.after(variable, end) for variable in self.moving()]
        if number == 1:
            self.first_turn()
        elif found[0] not in self.written:
            before = self.turn_shown(number - 1)
            self._define()
            self._call(found, [str(number), *self._of_sample(str(number - 1)), *before], self._update)
        return found

    def pass_shown(self) -> Shown:
        """Write the whole pass; return the variables after it."""
        if self.samples <= SHOWN:
            return self.turn_shown(self.samples)
        found = [self.after(variable, NEW) for variable in self.moving()]
        if found[0] not in self.written:
            before, moving = self.turn_shown(SHOWN), self.moving()
            rest = self.names.made("rest_of_pass", "function")
            self.lines += [
                *tuple_lines(moving, before=f"def {rest}", after=":"),
                *indented(self.loop(f"range({SHOWN + 1}, {self.samples + 1})", "step - 1")),
                *indented(tuple_lines(moving, before="return ")),
            ]
            self._call(found, before, rest)
        return found

    def loop(self, steps: str, sample: str) -> list[str]:
        """Return the loop that makes an update with each step, ``sample`` being the code of the sample's number."""
        moving = self.moving()
        arguments = ["step", *self._of_sample(sample), *moving]
        *left, last = tuple_lines(moving)
        return [
            f"for step in {steps}:",
            *indented(tuple_lines(arguments, before=f"{self._turned} = {self._update}")),
            *indented([*left, f"{last} = {self._turned}"]),
        ]

    def definition(self, functions: Functions) -> list[str]:
        """Return the lines of the function that makes a sample's update."""
        alone = self._alone(functions)
        moving = alone.moving()
        return [
            *tuple_lines(["step", *alone.given(), *moving], before=f"def {self._update}", after=":"),
            *indented(alone.one_step()),
            *indented(tuple_lines(moving, before="return ")),
        ]

    def _alone(self, functions: Functions) -> Self:
        return type(self)(turn(self.evaluation, 0), self.names, functions, in_place=True)

    def _end(self, number: int) -> str:
        return NEW if number == self.samples else f"_after_{number}"

    def _of_sample(self, number: str) -> list[str]:
        return [f"{variable}[{number}]" for variable in self.given()]

    @property
    def _update(self) -> str:
        return self.names.made("update", "function")

    @property
    def _turned(self) -> str:
        return self.names.made("turned", "what an update returns")

    def _define(self) -> None:
        if self._update not in self.written:
            self.written.add(self._update)
            self.lines += [*self.definition(self.functions), "", ""]

    def _call(self, found: Sequence[str], arguments: Sequence[str], function: str) -> None:
        *left, last = tuple_lines(found)
        self.lines += [
            *tuple_lines(arguments, before=f"{self._turned} = {function}"),
            *left,
            f"{last} = {self._turned}",
        ]
        self.written.update(found)

    def iterations(self, inner: Self) -> list[str]:
        """Return the loop of a training; ``inner`` writes one update of it in place."""
        if not self.is_online:
            return [f"for step in range(1, {self.plan.iterations + 1}):", *indented(inner.one_step())]
        steps = self.loop(f"range(1, {self.plan.iterations} * {self.samples} + 1)", f"(step - 1) % {self.samples}")
        return [*self.definition(inner.functions), "", *steps]
