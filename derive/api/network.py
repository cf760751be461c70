"""The network as a user holds it: what is described, and the doors to what is made of it."""

import os
from typing import Any

from derive.api.derivation import Derivation
from derive.network import network
from derive.network.compile import compiled, plan_of
from derive.reading import network_file
from derive.reading.files import MAX_BYTES, MAX_PARAMETERS
from derive.render.jupyter import network_html


class Network(network.Network):
    __doc__ = network.Network.__doc__

    def derive(self) -> Derivation:
        """Return the derivation of every partial derivative of this network's error."""
        return Derivation(compiled(self), plan_of(self), network=self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        html = network_html(self.derive().evaluation, str(self))
        return {"text/plain": str(self), "text/html": html}


def load(
    source: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, max_parameters: int = MAX_PARAMETERS
) -> Network:
    """Return the network of a TOML or JSON file, or the ready one of that name.

    Numbers are read exactly. Raises `InputError` for whatever is wrong with the file, and `UnsupportedError` for a file
    of more than ``max_bytes`` bytes or a network of more than ``max_parameters`` weights and biases.

    >>> print(load("article"))
    A step by step example: 2-2-2, logistic, half_squared_error
    """
    return network_file.load(source, Network, max_bytes=max_bytes, max_parameters=max_parameters)
