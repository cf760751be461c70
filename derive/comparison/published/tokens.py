"""Which quantity a published name stands for, so that the numbers printed before it can be found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from derive.comparison.published.conventions import OfSamples
from derive.comparison.published.meanings import splits
from derive.comparison.published.printed import Printed
from derive.comparison.published.spelling import CHANGE, VELOCITY, parts, plain
from derive.comparison.published.variants import Variant
from derive.evaluation.evaluation import Evaluation
from derive.functions.optimizers import DECAYED

VALUE, ERROR, PARTIAL, GRADIENT, LOCAL, PATH, STEP, PART = (
    "value",
    "error",
    "partial",
    "gradient",
    "local",
    "path",
    "step",
    "part",
)
STAR = "*"  # after the name of a derivative by weights that are new already
USED = "used"  # of a partial: with the weights that are new already, as a sequential update takes it


@dataclass(frozen=True)
class Token:
    """A quantity of one sample (counted from 0) after so many updates, of which online a pass makes one a sample.

    ``kind`` is a `VALUE` of the forward pass or a parameter, the `ERROR` of all samples, the `PARTIAL` of a sample's
    error by ``name``, the `GRADIENT` of the whole one, the `LOCAL` derivative of ``of``, a `PATH` of a partial by its
    name, the `STEP` of a parameter, its change by the last ``span`` updates, or the `PART` ``of`` (v, m_hat) that the
    optimizer's step makes for it.
    """

    kind: str
    name: str
    sample: int = 0
    updates: int = 0
    of: str = ""
    span: int = 1


def updates_counted(variant: Variant) -> int:
    """Return how many updates are made where a publication counts one: online, one a sample, but for `OfSamples`."""
    evaluation = variant.evaluation
    is_pass = evaluation.plan.is_online and not isinstance(variant, OfSamples)
    return len(evaluation.computation.samples) if is_pass else 1


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of an evaluation's names, of a publication that counts one update where so many are made."""

    evaluation: Evaluation
    counted: int = 1

    def of(self, printed: Printed, *, is_in_turn: bool = False) -> Token | None:
        """Return what a printed name stands for; None for what no other number is calculated from.

        In a sample's turn that is what the turns before it have left, and its update is the next one.
        """
        if printed.name.endswith(STAR):
            found = self.of(replace(printed, name=printed.name.removesuffix(STAR)))
            return replace(found, of=USED) if found is not None and found.kind == PARTIAL else None
        computation, name = self.evaluation.computation, plain(printed.name)
        sample, updates = printed.sample - 1, printed.sample - 1 if is_in_turn else printed.updates * self.counted
        if name.endswith("+") and name[:-1] in computation.trained and not printed.updates:
            name, updates = name[:-1], updates + 1
        if name in computation.kinds:
            is_parameter = name in computation.parameters
            return Token(VALUE, name, 0 if is_parameter else sample, updates)
        if name == computation.whole_objective_name:
            return Token(ERROR, "", 0, updates)
        if name in self._deltas:
            return Token(PARTIAL, self._deltas[name], sample, updates)
        return self._derivative(name, sample, updates) or self._change(name, updates, bool(printed.updates))

    @cached_property
    def _deltas(self) -> Mapping[str, str]:
        partials = self.evaluation.derivation.partials
        return {partial.symbol.name: by for by, partial in partials.items() if partial.is_net}

    def _derivative(self, name: str, sample: int, updates: int) -> Token | None:
        computation, partials = self.evaluation.computation, self.evaluation.derivation.partials
        for of, by in splits(name):
            behind = computation.errors_behind.get(by, frozenset())
            if by in partials and (of == computation.objective or behind == {of}):
                return Token(PARTIAL, by, sample, updates)
            if of == computation.whole_objective_name and by in computation.parameters:
                return Token(GRADIENT, by, 0, updates)
            if of in computation.by_name and by in computation.by_name[of].names:
                return Token(LOCAL, by, sample, updates, of)
            if by in partials and len(partials[by].paths) > 1 and any(p.name == name for p in partials[by].paths):
                return Token(PATH, name, sample, updates, by)
        return None

    def _change(self, name: str, updates: int, is_after: bool) -> Token | None:
        """Return the change of a parameter, or what an update's step makes: the next one's where none is said."""
        made = updates if is_after else updates + 1
        for part, parameter in parts(name, self.evaluation.plan.optimizer):
            if parameter not in self.evaluation.computation.trained:
                continue
            if part == CHANGE:
                return Token(STEP, parameter, 0, made, span=self.counted if is_after else 1)
            if part == DECAYED:
                return Token(PART, parameter, 0, updates + 1, part)
            is_kept = part in self.evaluation.plan.optimizer.rule.state or part == VELOCITY
            return Token(PART, parameter, 0, updates if is_kept else made, part.removesuffix("+"))
        return None
