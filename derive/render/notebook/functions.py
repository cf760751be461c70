"""The functions that the code of a notebook calls: the activations, the error, and how numbers are rounded by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from sympy import Expr, Symbol, erf, log, preorder_traversal

from derive.activations import ACTIVATIONS, Activation
from derive.decimals import SIGNIFICANT
from derive.derivation import Derivation
from derive.graph import Shape, activation_shape, error_shape
from derive.render.notebook.names import Names
from derive.render.notebook.python import Python
from derive.rules import tidy

MOST_ROUNDED = 12  # decimals: a float has some 16 digits, and a rounded value needs a few of them to itself
NET, TARGET, OUT = Symbol("net"), Symbol("target"), Symbol("out")
PLAIN = Python(str, "ln")
LN = """\
def ln(value):
    return np.log(np.maximum(value, 5e-324))"""
ERF = """\
def erf(value):
    value = np.clip(value, -6, 6)
    term = total = value * 2 / np.sqrt(np.pi) * np.exp(-(value**2))
    for n in range(1, 120):
        term = term * 2 * value**2 / (2 * n + 1)
        total = total + term
    return total"""
ROUNDED = """\
def rounded(value):
    size = np.abs(value)
    power = np.floor(np.log10(np.where(size > 1e-250, size, 1)))
    scale = 10.0 ** np.where(size < {smallest}, {shown} - power, {digits})
    return np.sign(value) * np.floor(np.round(size * scale, 4) + 0.5) / scale"""
SOFTMAX = """\
    shares = {share}
    return shares / np.sum(shares, axis=0)"""


@dataclass(frozen=True)
class Functions:
    """The functions of one network under their names."""

    derivation: Derivation
    names: Names

    def activation(self, place: int) -> str:
        """Return the name of a layer's activation function; "" for the identity, which needs none."""
        layer = self.derivation.network.layers[place]
        return "" if layer.activation == "identity" else self._name(layer.activation, layer.constant)

    @property
    def error(self) -> str:
        """The name of the error function."""
        return self.names.made(self.derivation.network.error)

    def _name(self, activation: str, constant: Fraction | None) -> str:
        place = [known for known, _ in self._activations if known == activation]
        if len(place) == 1:
            return self.names.made(activation)
        return self.names.made(f"{activation}_{self._activations.index((activation, constant)) + 1}")

    @cached_property
    def _activations(self) -> list[tuple[str, Fraction | None]]:
        layers = self.derivation.network.layers
        return list(dict.fromkeys((layer.activation, layer.constant) for layer in layers))

    def round(self, code: str) -> str:
        """Return the code of a value as later lines go on with it."""
        return f"rounded({code})" if self.is_rounded else code

    @property
    def is_rounded(self) -> bool:
        """Whether each value is rounded by hand, to as many decimals as floats can hold."""
        return self.derivation.rounding is not None and self.derivation.rounding <= MOST_ROUNDED

    def definitions(self) -> Iterator[str]:
        """Yield the code of each function."""
        bodies = [text for text, _ in self._bodies()]
        trees = [node for _, tree in self._bodies() for node in preorder_traversal(tree)]
        if self.is_rounded:
            yield self._rounded()
        if any(isinstance(node, log) for node in trees):
            yield LN
        if any(isinstance(node, erf) for node in trees):
            yield ERF
        yield from bodies

    def _rounded(self) -> str:
        digits = self.derivation.rounding or 0
        smallest, shown = min(SIGNIFICANT, digits) - 1 - digits, max(SIGNIFICANT, digits + 1) - 1
        return ROUNDED.format(smallest=f"1e{smallest}", shown=shown, digits=digits)

    def _bodies(self) -> Iterator[tuple[str, Expr]]:
        network = self.derivation.network
        for activation, constant in self._activations:
            entry = ACTIVATIONS[activation]
            if activation == "identity":
                continue
            name = self._name(activation, constant)
            if isinstance(entry, Activation):
                tree = _numeric(activation_shape(entry, constant), NET)
                yield f"def {name}(net):\n    return {PLAIN(tree)}", tree
            else:
                share = PLAIN(entry.share(NET, Symbol("largest"))).replace("largest", "np.max(net, axis=0)")
                yield f"def {name}(net):\n{SOFTMAX.format(share=share)}", NET
        tree = tidy(error_shape(network.error, network.error_constant).build(TARGET, OUT))
        yield f"def {self.error}(target, out):\n    return {PLAIN(tree)}", tree


def _numeric(shape: Shape, net: Expr) -> Expr:
    """Return the formula in which floats lose nothing."""
    return tidy(shape.build(net)) if shape.numeric is None else shape.numeric(net)
