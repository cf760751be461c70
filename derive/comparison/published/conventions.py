"""What a whole publication does otherwise than its network, without being wrong: declared in its file, or found in it.

A convention is another way to calculate (updates after each sample, a squared error without its ½) or another sign of
what is printed under a name (a delta as (target − out)·f′). It is found where it makes right several numbers that are
wrong without it, and makes no right one wrong; by chance it would make right fewer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import attrs

from derive.comparison.published.variants import BITS, Decidable, Read, Trained, Variant
from derive.computation.equations import Computation, Equation, Term
from derive.computation.notation import USUAL
from derive.computation.shapes import error_shape
from derive.errors import InputError, Message, Text, Whole
from derive.evaluation.carried import flint_values
from derive.evaluation.evaluation import Evaluation
from derive.functions.losses import ERRORS
from derive.functions.optimizers import WeightDecay
from derive.numbers.arithmetic import Value

MOST_SAMPLES = 100  # updates, where each sample makes one
DELTAS, GRADIENTS, BIASES = "deltas", "gradients", "biases"  # groups of names
IN_ERRORS, IN_DERIVATIVES = "errors", "derivatives"  # scopes
LETTERS = USUAL.texts  # which another notation has otherwise
Make = Callable[[Variant], Variant | None]


@dataclass(frozen=True)
class Convention:
    """A convention by the name that a file declares it with, and the sentence that says what is done.

    ``make`` returns the variant that calculates so, None where the network has nothing to do otherwise; without it the
    names of the group ``turned`` have the opposite sign. ``scope`` limits it to the errors that are printed, or to all
    that is derived from them. ``least`` is how many numbers must show it, ``among`` how many conventions there are of
    which a number of the publication has chosen this one, by its ``detail``.
    """

    name: str
    sentence: Message
    make: Make | None = None
    turned: str = ""
    scope: str = ""
    least: int = 2
    among: int = 1
    detail: str = ""

    def said(self, computation: Computation) -> Message:
        """Return the sentence, in the computation's notation."""
        if computation.layers is None or self.sentence.fields is not LETTERS:
            return self.sentence
        return replace(self.sentence, fields=computation.layers.notation.texts)

    @property
    def key(self) -> str:
        """The name, with the detail where there are several of that name."""
        return f"{self.name} {self.detail}".strip()


@dataclass(frozen=True, eq=False)
class OfSamples(Variant):
    """A variant whose updates are counted sample by sample, in turn, where each makes one of its own."""

    def number(self, read: Read, updates: int, place: Text) -> Decidable:
        """Return what ``read`` makes of this evaluation and its values after so many updates by one sample."""
        if not updates:
            return super().number(read, updates, place)
        return self.reached(lambda: read(self.evaluation, self._after_more(updates)))

    def prepare(self, counts: Iterable[int]) -> None:
        """Train for these numbers of updates."""
        samples = self.evaluation.computation.samples
        for count in {count for count in counts if 0 < count <= MOST_SAMPLES} - set(self._trained):
            taken = [samples[number % len(samples)] for number in range(count)]
            table = self.evaluation.with_samples(taken).table(BITS)
            steps = {(name, part): table.steps[name][f"{part}+"] for name in table.steps for part in self._kept}
            start = flint_values(samples[0])
            parameters = {name: start[name] for name in self.evaluation.computation.parameters}
            self._trained[count] = Trained({**parameters, **table.updated}, steps)

    def parameter(self, name: str, updates: int) -> Value:
        """Return a weight or bias after so many updates by one sample."""
        return self._reached(updates).parameters[name] if updates else super().parameter(name, 0)

    def _reached(self, updates: int) -> Trained:
        if not 0 < updates <= MOST_SAMPLES:
            raise InputError(
                "no digit can be guaranteed at update {update} of training; ask for fewer updates.",
                update=Whole(updates),
            )
        return super()._reached(updates)

    @property
    def _kept(self) -> Sequence[str]:
        return self.evaluation.plan.optimizer.rule.state


def changed(variant: Variant, **changes: Any) -> Variant:
    """Return the variant with another plan."""
    evaluation = variant.evaluation
    plan = attrs.evolve(evaluation.plan, **changes)
    return type(variant)(Evaluation(evaluation.computation, plan, evaluation.rounding), variant.decimals)


def _online(variant: Variant) -> Variant | None:
    evaluation = variant.evaluation
    if evaluation.plan.is_online or not evaluation.computation.has_error or len(evaluation.computation.samples) < 2:
        return None
    return changed(variant, updates="online")


def _online_samples(variant: Variant) -> Variant | None:
    is_counted_so = isinstance(variant, OfSamples) or len(variant.evaluation.computation.samples) < 2
    online = variant if variant.evaluation.plan.is_online and not is_counted_so else _online(variant)
    return None if online is None else OfSamples(online.evaluation, online.decimals)


def _weights_only(variant: Variant) -> Variant | None:
    evaluation = variant.evaluation
    kinds, optimizer = evaluation.computation.kinds, evaluation.plan.optimizer
    decays = optimizer.of("bias").rate_of_decay and any(
        kinds[name] == "bias" for name in evaluation.computation.trained
    )
    if not decays:
        return None
    on_weights = WeightDecay(optimizer.rate_of_decay, on="weights")
    return changed(variant, optimizer=attrs.evolve(optimizer, weight_decay=on_weights))


def _no_decay(variant: Variant) -> Variant | None:
    optimizer = variant.evaluation.plan.optimizer
    return changed(variant, optimizer=attrs.evolve(optimizer, weight_decay=0)) if optimizer.rate_of_decay else None


def _order(updates: str) -> Make:
    def make(variant: Variant) -> Variant | None:
        plan, computation = variant.evaluation.plan, variant.evaluation.computation
        return None if plan.updates == updates or not computation.has_error else changed(variant, updates=updates)

    return make


def _reduction(reduction: str) -> Make:
    def make(variant: Variant) -> Variant | None:
        computation = variant.evaluation.computation
        if len(computation.samples) < 2 or computation.reduction == reduction or not computation.objective:
            return None
        name = computation.whole_objective_name  # under which its numbers are printed
        return _of_computation(variant, attrs.evolve(computation, reduction=reduction, whole_objective=name))

    return make


def _of_computation(variant: Variant, computation: Computation) -> Variant:
    evaluation = variant.evaluation
    return Variant(Evaluation(computation, evaluation.plan, evaluation.rounding), variant.decimals)


def _loss(name: str) -> Make:
    """Return the convention of another square: with or without the ½, or the mean over the outputs."""

    def make(variant: Variant) -> Variant | None:
        computation = variant.evaluation.computation
        layers = computation.layers
        if layers is None or layers.loss == name or "squared" not in layers.loss:
            return None
        constant = Fraction(len(layers.errors)) if ERRORS[name].takes_mean else None
        if _factor(layers.loss, len(layers.errors)) == _factor(name, len(layers.errors)):
            return None
        equations = tuple(
            Equation(each.name, (Term(error_shape(name, constant), each.terms[0].names),))
            if each.name in layers.errors
            else each
            for each in computation.equations
        )
        known = replace(layers, loss=name, loss_constant=constant)
        return _of_computation(variant, attrs.evolve(computation, equations=equations, layers=known))

    return make


def _factor(loss: str, outputs: int) -> Fraction:
    return {"half_squared_error": Fraction(1, 2), "mean_squared_error": Fraction(1, outputs)}.get(loss, Fraction(1))


def _biases(*, trained: bool) -> Make:
    def make(variant: Variant) -> Variant | None:
        other = variant.other_biases
        if other is None or (len(other.evaluation.computation.trained) > _trained(variant)) != trained:
            return None
        return other

    return make


def _trained(variant: Variant) -> int:
    return len(variant.evaluation.computation.trained)


_TABLE = (
    Convention(
        "negative_delta",
        Message("Deltas have the opposite sign here: ({target} − {out})·f′, as −∂{error}/∂{net}.", LETTERS),
        turned=DELTAS,
        least=1,
    ),
    Convention(
        "negative_gradient",
        Message("Gradients have the opposite sign here: −∂{error}/∂w, the direction of the update.", LETTERS),
        turned=GRADIENTS,
    ),
    Convention(
        "negative_bias",
        Message("Biases have the opposite sign here: each is the weight of a constant input of −1."),
        turned=BIASES,
    ),
    Convention("online", Message("The weights are updated after each sample, not once for all of them."), _online),
    Convention(
        "online_samples",
        Message("The weights are updated after each sample, and each of these updates is counted."),
        _online_samples,
    ),
    Convention(
        "sequential",
        Message("Updates are sequential: the hidden layers use the already updated weights."),
        _order("sequential"),
    ),
    Convention(
        "simultaneous",
        Message("Updates are simultaneous: every layer uses the weights from before the update."),
        _order("simultaneous"),
    ),
    # Before the next one: where only biases are printed, both explain them.
    Convention("no_decay", Message("The weight decay is missing."), _no_decay),
    Convention("decay_on_weights", Message("Weight decay acts only on the weights, not on the biases."), _weights_only),
    Convention(
        "half_squared_error",
        Message(
            "The error is half the square, ½({target} − {out})², which changes it and all its derivatives.", LETTERS
        ),
        _loss("half_squared_error"),
    ),
    Convention(
        "squared_error",
        Message(
            "The error is the whole square, ({target} − {out})², which changes it and all its derivatives.", LETTERS
        ),
        _loss("squared_error"),
    ),
    Convention(
        "mean_squared_error",
        Message("The error is the mean of the squares over the outputs, which changes it and all its derivatives."),
        _loss("mean_squared_error"),
    ),
    Convention("sum", Message("The samples' errors are summed, not averaged."), _reduction("sum")),
    Convention("mean", Message("The samples' errors are averaged, not summed."), _reduction("mean")),
    Convention(
        "biases_trained",
        Message("The biases are trained too; this network keeps them fixed."),
        _biases(trained=True),
    ),
    Convention("biases_kept", Message("The biases are kept fixed; this network trains them."), _biases(trained=False)),
)
_ERRORS = ("half_squared_error", "squared_error", "mean_squared_error", "sum", "mean")
_ERRORS_ALONE = (
    Message(
        "The error is printed as half the square, ½({target} − {out})²; its derivatives are those of this network.",
        LETTERS,
    ),
    Message(
        "The error is printed as the whole square, ({target} − {out})²; its derivatives are those of this network.",
        LETTERS,
    ),
    Message("The error is printed as the mean of the squares; its derivatives are those of this network."),
    Message("The error is printed as the sum over the samples; its derivatives are those of this network."),
    Message("The error is printed as the mean over the samples; its derivatives are those of this network."),
)
_DERIVATIVES_ALONE = (
    Message(
        "The derivatives are those of half the square, ½({target} − {out})²; the error itself is that of this network.",
        LETTERS,
    ),
    Message(
        "The derivatives are those of the whole square, ({target} − {out})²; the error itself is that of this network.",
        LETTERS,
    ),
    Message("The derivatives are those of the mean of the squares; the error itself is that of this network."),
    Message("The derivatives are those of the sum over the samples; the error itself is that of this network."),
    Message("The derivatives are those of the mean over the samples; the error itself is that of this network."),
)


def _scoped() -> Iterator[Convention]:
    known = {entry.name: entry for entry in _TABLE}
    for name, errors, derivatives in zip(_ERRORS, _ERRORS_ALONE, _DERIVATIVES_ALONE, strict=True):
        yield replace(known[name], name=f"error_as_{name}", sentence=errors, scope=IN_ERRORS)
        yield replace(known[name], name=f"derivatives_of_{name}", sentence=derivatives, scope=IN_DERIVATIVES)


CONVENTIONS: Mapping[str, Convention] = MappingProxyType({entry.name: entry for entry in (*_TABLE, *_scoped())})
