"""For tests of hand-written gradients: an assertion whose failure says what went wrong."""

from derive.api.derivation import Derivation
from derive.api.network import Network
from derive.comparison.gradients import Numeric, compare_gradients


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

    The message names each parameter with both values and their difference, the likeliest slip, and how many of the
    parameters were compared. Arguments as in `derive.compare_gradients`: a mapping may hold some of the parameters, a
    function returns all that are trained unless ``partial`` is True.

    >>> import derive
    >>> assert_gradients_match(derive.load("article"), {"w5": 0.0821670405642})
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    derivation = network.derive() if isinstance(network, Network) else network
    comparison = compare_gradients(derivation.evaluation, numeric, rtol=rtol, atol=atol, partial=partial, layout=layout)
    if not comparison.agrees:
        raise AssertionError(str(comparison))
