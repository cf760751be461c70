"""Values and gradients as a user holds them: numbers by name, and arrays by layer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from derive.api.arrays import layer_arrays
from derive.checks import ByName
from derive.errors import UnknownNameError, shown
from derive.evaluation.evaluation import Evaluation
from derive.numbers.number import Number

if TYPE_CHECKING:
    from derive.api.arrays import Arrays


class _OfEvaluation(ByName[Number]):
    """Numbers that are found again in their evaluation where they are copied or pickled."""

    def __init__(self, evaluation: Evaluation, numbers: Mapping[str, Number]) -> None:
        super().__init__(numbers)
        self.evaluation = evaluation

    def __reduce__(self) -> tuple[type[Self], tuple[Evaluation]]:
        return type(self), (self.evaluation,)


class Values(_OfEvaluation):
    """The value of every quantity of the first sample, by its name, or by that in derive's own words.

    >>> import derive
    >>> values = derive.load("article").replace(notation={"out": "a"}).derive().values
    >>> values["a_o1"].decimal(6), values["out_o1"].decimal(6)
    ('0.751365', '0.751365')
    """

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(evaluation, evaluation.values)

    def __getitem__(self, name: Any) -> Number:
        return super().__getitem__(self.evaluation.computation.named(name) if isinstance(name, str) else name)


class Gradients(_OfEvaluation):
    """The gradient of the error of all samples, by the name of the parameter.

    >>> import derive
    >>> gradients = derive.load("article").derive().gradients
    >>> gradients["w5"].decimal(9)
    '0.082167041'
    """

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(evaluation, evaluation.gradients)

    def __getitem__(self, name: Any) -> Number:
        computation = self.evaluation.computation
        if computation.layers is None and name in computation.unused:
            raise UnknownNameError(
                "{name}: {objective} does not depend on it, so that every derivative by it is 0.",
                name=shown(name),
                objective=computation.objective,
            )
        return super().__getitem__(name)

    def arrays(self, layout: str = "out_in") -> "Arrays":
        """Return NumPy arrays of doubles, a pair (dW, db) a layer.

        dW has the shape (neurons, inputs) as PyTorch's, with ``layout="in_out"`` (inputs, neurons); db has the shape
        (neurons,). A bias that the layer shares has the shape (), and its gradient is the sum over the neurons; where a
        layer has no bias, db is None. Where one output is differentiated, those on which it does not depend have rows
        of 0. Raises `InputError` for another layout, `UnsupportedError` where there are no layers.

        >>> import derive
        >>> gradients = derive.load("xor").derive().gradients
        >>> [(dW.shape, db.shape) for dW, db in gradients.arrays()]
        [((2, 2), (2,)), ((1, 2), (1,))]
        >>> gradients.arrays(layout="in_out")[1][0].shape
        (2, 1)
        """
        layers = self.evaluation.computation.layered
        return layer_arrays(layers.whole_rows, {**dict.fromkeys(layers.unused, 0.0), **self}, layout)
