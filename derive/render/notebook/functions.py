"""The functions that the code of a notebook calls: the activations, the error, and how numbers are rounded by hand."""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import attrs
from sympy import Expr, Rational, Symbol, log, preorder_traversal

from derive.computation.layers import Layers
from derive.computation.notation import Notation
from derive.computation.shapes import activation_shape, error_shape
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.functions.activations import ACTIVATIONS, Activation
from derive.notation.tidy import tidy
from derive.render.notebook.names import Names
from derive.render.notebook.python import Python
from derive.render.notebook.stable import WHOLE, Stable

MOST_ROUNDED = 12  # decimals: a float has some 16 digits, and a rounded value needs a few of them to itself
FLOAT_DECIMALS = 15  # of a number below 1 that a few roundings leave as they are: as near to a tie is one
NET, TARGET, OUT = Symbol("net"), Symbol("target"), Symbol("out")
STABLE = Message("The formula of the handout, written so that floats lose no digits and nothing overflows.")
COMPLEMENT = Message(
    "1 - {out} is computed as the function of -{net}: floats would lose its digits where {out} is close to 1."
)
LN = """\
def ln(value):
    return np.log(np.maximum(value, 5e-324))"""
ERFC = """\
def erfc(value):
    size = np.abs(value)
    near, far = np.minimum(size, 1.5), np.clip(size, 1.5, 30)
    term = total = near * 2 / np.sqrt(np.pi) * np.exp(-(near**2))
    for n in range(1, 50):
        term = term * 2 * near**2 / (2 * n + 1)
        total = total + term
    tail = far
    for n in range(100, 0, -1):
        tail = far + n / 2 / tail
    above = np.where(size < 1.5, 1 - total, np.exp(-(far**2)) / np.sqrt(np.pi) / tail)
    return np.where(value < 0, 2 - above, above)"""
BELL = """\
def bell(value):
    return np.exp(-(np.minimum(np.abs(value), 40) ** 2) / 2)"""
LOGISTIC = """\
def {name}(net):
    # {stable}
    small = np.exp(-np.abs(net))
    return np.where(net < 0, small, 1) / (1 + small)"""
ROUNDED = """\
def rounded(value):
    scale = 10.0**{digits}
    return np.sign(value) * np.floor(np.round(np.abs(value) * scale, {places}) + 0.5) / scale"""
ROUNDED_SIGNIFICANT = """\
def rounded(value):
    size = np.abs(value)
    power = np.floor(np.log10(np.where(size > 1e-250, size, 1)))
    scale = 10.0 ** ({digits} - 1 - power)
    return np.sign(value) * np.floor(np.round(size * scale, {places}) + 0.5) / scale"""
SOFTMAX = """\
def {name}(net):
    # {stable}
    shares = {share}
    return shares / np.sum(shares, axis=0)"""
# Errors with a logarithm, from the nets of the activation before it.
OF_NETS: Mapping[tuple[str, str], str] = {
    ("logistic", "binary_cross_entropy"): """\
    return np.maximum(net, 0) - target * net + np.log1p(np.exp(-np.abs(net)))""",
    ("logistic", "cross_entropy"): """\
    return target * (np.maximum(-net, 0) + np.log1p(np.exp(-np.abs(net))))""",
    ("softmax", "cross_entropy"): """\
    lower = net - np.max(net, axis=0)
    return target * (np.log(np.sum(np.exp(lower), axis=0)) - lower)""",
    ("softmax", "binary_cross_entropy"): """\
    def log_sum(net):
        return np.max(net, axis=0) + np.log(np.sum(np.exp(net - np.max(net, axis=0)), axis=0))

    lower = net - np.max(net, axis=0)
    others = np.array([log_sum(np.delete(lower, place, axis=0)) for place in range(len(net))])
    return target * (log_sum(lower) - lower) + (1 - target) * (log_sum(lower) - others)""",
}
ARGUMENT = re.compile(r"\b(net|out|target)\b")
Say = Callable[[Message], str]


@dataclass(frozen=True)
class Functions:
    """The functions of one network under their names."""

    evaluation: Evaluation
    names: Names

    @property
    def _layers(self) -> Layers:
        return self.evaluation.computation.layered

    def activation(self, place: int) -> str:
        """Return the name of a layer's activation function; "" for the identity, which needs none."""
        layer = self._layers.rows[place]
        return "" if layer.function == "identity" else self._name(layer.function, layer.constant)

    @property
    def error(self) -> str:
        """The name of the error function, of a target and an out or of a target and a net."""
        name = self._layers.loss
        return self._made(f"{name}_of_nets" if self.takes_nets else name)

    @property
    def takes_nets(self) -> bool:
        """Whether the error is calculated from the nets: the logarithm of an out close to 0 or 1 has lost its digits.

        Where each value is rounded by hand, the next one follows from the rounded out.
        """
        return not self.is_rounded and self._last in OF_NETS and not self._is_one_share

    @property
    def joins_nets(self) -> bool:
        """Whether that takes the nets of all outputs at once."""
        return self.takes_nets and self._last[0] == "softmax"

    @property
    def stands_for_one_minus_out(self) -> bool:
        """Whether 1 − out of an output is the function of its negative net."""
        return self.takes_nets and self._last == ("logistic", "binary_cross_entropy")

    @property
    def _last(self) -> tuple[str, str]:
        return self._layers.last.function, self._layers.loss

    @property
    def _is_one_share(self) -> bool:
        return self._layers.last.function == "softmax" and self._layers.last.size == 1

    def python(
        self, name: Callable[[str], str], nets: Mapping[str, str] | None = None, *, logarithm: str = "np.log"
    ) -> Python:
        """Return what writes a formula; ``nets`` names the net of an out whose 1 − out is calculated from it."""
        known = nets or {} if self.stands_for_one_minus_out else {}
        helpers = {"logistic": self._made("logistic"), "erfc": "erfc", "bell": "bell"}
        return Python(name, logarithm, Stable(known, is_exact=not self.is_rounded), helpers)

    def _made(self, name: str) -> str:
        return self.names.made(name, "function")

    def _name(self, activation: str, constant: Fraction | None) -> str:
        place = [known for known, _ in self._activations if known == activation]
        if len(place) == 1:
            return self._made(activation)
        return self._made(f"{activation}_{self._activations.index((activation, constant)) + 1}")

    @cached_property
    def _activations(self) -> list[tuple[str, Fraction | None]]:
        return list(dict.fromkeys((layer.function, layer.constant) for layer in self._layers.rows))

    def round(self, code: str) -> str:
        """Return the code of a value as later lines go on with it."""
        return f"rounded({code})" if self.is_rounded else code

    @property
    def is_rounded(self) -> bool:
        """Whether each value is rounded by hand, to as many digits as floats can hold."""
        return self.evaluation.rounding is not None and self.evaluation.rounding.digits <= MOST_ROUNDED

    def definitions(self, say: Say, of_training: "Functions | None" = None) -> Iterator[str]:
        """Yield the code of each function; ``of_training`` are the functions of a training that is not rounded."""
        notation = self._layers.notation
        if not notation.chosen:
            return self._definitions(say, of_training)
        return (_with_letters(code, notation) for code in self._definitions(say, of_training))

    def _definitions(self, say: Say, of_training: "Functions | None") -> Iterator[str]:
        used = {activation for activation, _ in self._activations}
        has_error = bool(self._layers.errors)
        error = self._error_code(say) if has_error else ""
        if self.is_rounded:
            yield self.rounded_code
        if "np.log" not in error and "ln(" in error:
            yield LN
        if "gelu" in used:
            yield from (ERFC, BELL)
        others = [self] if of_training is None else [self, of_training]
        from_below = any(functions.stands_for_one_minus_out for functions in others)
        if from_below:
            yield f"# {say(replace(COMPLEMENT, fields=attrs.asdict(self._layers.notation)))}"
        if used & {"logistic", "silu", "softplus"}:
            yield LOGISTIC.format(name=self._made("logistic"), stable=say(STABLE))
        yield from self._activation_codes(say)
        if has_error:
            yield from dict.fromkeys(functions._error_code(say) for functions in others)

    @property
    def rounded_code(self) -> str:
        """The code that rounds a value by hand."""
        rounding = self.evaluation.rounding
        if rounding is None:
            return ""
        code = ROUNDED_SIGNIFICANT if rounding.is_significant else ROUNDED
        return code.format(digits=rounding.digits, places=FLOAT_DECIMALS - rounding.digits)

    def _activation_codes(self, say: Say) -> Iterator[str]:
        plain = self.python(str)
        for activation, constant in self._activations:
            entry, name = ACTIVATIONS[activation], self._name(activation, constant)
            if activation in ("identity", "logistic"):
                continue
            if not isinstance(entry, Activation):
                share = plain(entry.share(NET, Symbol("largest"))).replace("largest", "np.max(net, axis=0)")
                yield SOFTMAX.format(name=name, share=share, stable=say(STABLE))
                continue
            shape = activation_shape(entry, constant)
            whole = WHOLE.get(activation)
            if whole is not None:
                tree = whole(NET, _rational(constant))
            else:
                tree = tidy(shape.build(NET)) if shape.numeric is None else shape.numeric(NET)
            is_other = whole is not None or (shape.numeric is not None and activation != "tanh")
            comment = f"    # {say(STABLE)}\n" if is_other else ""
            yield f"def {name}(net):\n{comment}    return {plain(tree)}"

    def _error_code(self, say: Say) -> str:
        if self.takes_nets:
            return f"def {self.error}(target, net):\n    # {say(STABLE)}\n{OF_NETS[self._last]}"
        return self._loss_code(self.error, self._layers.loss, self._layers.loss_constant, say)

    def _loss_code(self, name: str, loss: str, constant: Fraction | None, say: Say) -> str:
        whole = WHOLE.get(loss)
        if whole is not None:
            tree, comment = whole(TARGET, OUT, _rational(constant)), f"    # {say(STABLE)}\n"
        else:
            tree, comment = tidy(error_shape(loss, constant).build(TARGET, OUT)), ""
        has_logarithm = any(isinstance(node, log) for node in preorder_traversal(tree))
        plain = self.python(str, logarithm="ln" if has_logarithm else "np.log")
        return f"def {name}(target, out):\n{comment}    return {plain(tree)}"


def _with_letters(code: str, notation: Notation) -> str:
    """Return the code of a function with its arguments under the letters of a notation; comments stay as they are."""
    letters = {kind: getattr(notation, kind) for kind in ("net", "out", "target")}
    for kind, letter in letters.items():
        while letter != kind and (keyword.iskeyword(letter) or re.search(rf"\b{letter}\b", code)):
            letter += "_"
        letters[kind] = letter
    lines = (line if line.lstrip().startswith("#") else _renamed(line, letters) for line in code.split("\n"))
    return "\n".join(lines)


def _renamed(line: str, letters: Mapping[str, str]) -> str:
    return ARGUMENT.sub(lambda found: letters[found[0]], line)


def _rational(constant: Fraction | None) -> Expr:
    return Rational(0) if constant is None else Rational(constant.numerator, constant.denominator)
