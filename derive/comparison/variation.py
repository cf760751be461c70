"""How a backward pass by hand deviates from the right one."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Slope:
    """The derivative of an activation, in some layers, that stands where that of the layer's own belongs.

    ``function`` is the activation's name, with its constant. ``taken`` says of what: "net", as it should be, with the
    out that this function has there; "out", by its formula in the out, with the out that the layer has; "net as out"
    and "out as net", the formula with one put in for the other.
    """

    layers: frozenset[int]
    function: str
    constant: Fraction | None
    taken: str


@dataclass(frozen=True)
class Variation:
    """How a backward pass deviates from the right one; layers are counted from 0, None means no layer.

    ``no_bias`` leaves out the biases of the forward pass, ``no_derivative`` that of a layer's activation (-1: of all),
    ``slope`` takes another one in its place, ``diagonal`` is a layer of whose softmax only the derivatives of each out
    by its own net are taken, ``net_signal`` a layer that takes the nets before it for the outs (-1: all but the first),
    ``transposed`` goes back through a layer's transposed weights, ``turned`` transposes a layer's gradient (-1: of
    all), ``dropped`` is a layer and the neuron in it whose path back is left out, ``cut`` a layer that no gradient
    reaches, nor those before it, ``frozen`` one whose own gradient is zero, ``updated`` goes back through the updated
    weights, ``only`` is the one sample that is used, ``factor`` multiplies every derivative, and ``bias_factor`` those
    by the biases, of ``bias_layer`` or of all.
    """

    no_bias: bool = False
    no_derivative: int | None = None
    slope: Slope | None = None
    diagonal: int | None = None
    net_signal: int | None = None
    transposed: int | None = None
    turned: int | None = None
    dropped: tuple[int, int] | None = None
    cut: int | None = None
    frozen: int | None = None
    updated: bool = False
    only: int | None = None
    factor: float = 1.0
    bias_factor: float = 1.0
    bias_layer: int | None = None


CORRECT = Variation()
