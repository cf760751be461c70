"""For tests of hand-written gradients: an assertion whose failure says what went wrong."""

from derive.api.compare import compare_gradients
from derive.api.derivation import Derivation
from derive.api.network import Network
from derive.comparison.gradients import Numeric


def assert_gradients_match(
    network: Network | Derivation,
    numeric: Numeric,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    partial: bool | None = None,
    layout: str = "out_in",
) -> None:
    """Raise AssertionError where numeric derivatives are not the network's.

    ``numeric`` is what a program has: [(dW1, db1), …], a flat list as ``[p.grad for p in model.parameters()]``, a
    PyTorch module after ``backward()``, a mapping {"W1": …, "b1": …}, {"0.weight": …} or {"w5": 0.0821}, a pytree of
    JAX's, one vector, or a function that returns one of these; dW has the shape (neurons, inputs), with
    ``layout="in_out"`` (inputs, neurons). All arguments are those of `derive.compare_gradients`: a function returns all
    that are trained unless ``partial`` is True, anything else may hold some, and ``rtol`` is that of the type of each
    number where none is given.

    The message names the parameters that are furthest off, each with both values and their difference, the likeliest
    slip, and how many of the parameters were compared. Raises `InputError` where ``numeric`` is none of these.

    >>> import derive
    >>> assert_gradients_match(derive.load("article"), {"w5": 0.0821670405642})
    >>> import numpy as np
    >>> assert_gradients_match(derive.load("single_neuron"), [(np.array([[-0.3, 1.4]]), np.array([0.2]))])
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    comparison = compare_gradients(network, numeric, rtol=rtol, atol=atol, partial=partial, layout=layout)
    if not comparison.agrees:
        raise AssertionError(str(comparison))
