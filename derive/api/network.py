"""The network as a user holds it: what is described, and the doors to what is made of it."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

from derive.api.arrays import layer_arrays, layers_of, samples_of
from derive.api.computation import Computation
from derive.api.derivation import Derivation
from derive.api.explore import ExplorablePage
from derive.checks import sequence
from derive.errors import InputError, Message
from derive.network import network
from derive.network.compile import compiled, parameter_values, plan_of
from derive.network.layers import Sample
from derive.reading import sources
from derive.reading.files import MAX_BYTES, MAX_PARAMETERS
from derive.render.jupyter import network_html

if TYPE_CHECKING:
    from derive.api.arrays import Arrays


class Network(network.Network):
    __doc__ = network.Network.__doc__

    def derive(self) -> Derivation:
        """Return the derivation of every partial derivative of this network's error."""
        return Derivation(compiled(self), plan_of(self), network=self)

    def explore(self, **options: Any) -> ExplorablePage:
        """Return the handout as a page in which every given number can be changed; see `Derivation.explore`."""
        return self.derive().explore(**options)

    def arrays(self, layout: str = "out_in") -> "Arrays":
        """Return the weights and biases as NumPy arrays of doubles, a pair (W, b) a layer.

        W has the shape (neurons, inputs) as PyTorch's, with ``layout="in_out"`` (inputs, neurons); b has the shape
        (neurons,), () where the layer shares one bias, and is None where there is none.

        >>> W, b = load("article").arrays()[1]
        >>> W.tolist(), b.tolist()
        ([[0.4, 0.45], [0.5, 0.55]], 0.6)
        """
        return layer_arrays(compiled(self).layered.whole_rows, parameter_values(self), layout)

    @classmethod
    def from_arrays(
        cls,
        arrays: Any,
        samples: Iterable[Sample | tuple[Any, Any]] | None = None,
        *,
        inputs: Any = None,
        targets: Any = None,
        activation: str | Sequence[str] = "logistic",
        layout: str = "out_in",
        **settings: Any,
    ) -> Self:
        """Return the network with these weights and biases.

        ``arrays`` holds NumPy's, PyTorch's or JAX's arrays by layer: [(W1, b1), (W2, b2)], (W,) or W alone for a layer
        without a bias, a flat list W1, b1, W2, b2, a mapping {"W1": …, "b1": …}, or a PyTorch module. W has the shape
        (neurons, inputs), with ``layout="in_out"`` (inputs, neurons); b is an array of shape (neurons,), or one number
        that the layer shares. What is learned from is either ``samples``, a list of `derive.Sample` or of pairs
        (inputs, targets), or the arrays ``inputs``, shape (samples, inputs), and, where there is an error, ``targets``,
        shape (samples, outputs). ``activation`` is a name in `derive.ACTIVATIONS`, or a list with one a layer;
        ``settings`` are the other fields of a network. A float counts as the decimal that it prints, in its own type.
        Raises `InputError` where anything does not fit.

        >>> import numpy as np
        >>> network = Network.from_arrays(
        ...     [(np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([0.5, 0.6])), (np.array([[0.7, 0.8]]), np.array([0.9]))],
        ...     inputs=[[1, 2], [3, 4]],
        ...     targets=[[0], [1]],
        ...     activation=["tanh", "identity"],
        ... )
        >>> print(network)
        A neural network: 2-2-1, tanh, identity, half_squared_error
        """
        layers = layers_of(arrays, activation, layout)
        given = _given_samples(samples, inputs, targets, (layers[0].inputs, layers[-1].size))
        return cls(layers, given, **settings)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        html = network_html(self.derive().evaluation, str(self))
        return {"text/plain": str(self), "text/html": html}


def _given_samples(samples: Any, inputs: Any, targets: Any, sizes: tuple[int, int]) -> list[Any]:
    if samples is None and inputs is not None:
        return samples_of(inputs, targets, sizes)
    if samples is None or inputs is not None or targets is not None:
        raise InputError("samples: give either samples, or inputs and, if there is an error, targets.")
    expected = Message("a list of {kind}", {"kind": "Sample"})
    return [
        Sample(*each) if isinstance(each, list | tuple) and len(each) == 2 else each
        for each in sequence(samples, "samples", expected)
    ]


def load(
    source: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, max_parameters: int = MAX_PARAMETERS
) -> Network | Any:
    """Return the network of a TOML or JSON file, or the built-in one of that name; a `Computation` of equations.

    Which of the two a file describes, its keys say. Numbers are read exactly. Raises `InputError` for whatever is wrong
    with the file, and `UnsupportedError` for a file of more than ``max_bytes`` bytes, or one with more than
    ``max_parameters`` weights and biases, or values of equations.

    >>> print(load("article"))
    A step by step example: 2-2-2, logistic, half_squared_error
    >>> print(load("circuit").derive()["x"])
    ∂f/∂x = z
    """
    return sources.load(source, Network, Computation, max_bytes=max_bytes, max_parameters=max_parameters)
