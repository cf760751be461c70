"""Normalization of each vector x, a row of a layer norm or a channel of a batch norm, written as a column.

x̂ = (x − m𝟏)/√(v + ε) and, backwards, with s = 1/√(v + ε) and means over the vector's entries,
dx = s·(dx̂ − mean(dx̂)𝟏 − mean(dx̂ ⊙ x̂)x̂): the second term comes through the mean, the third through the variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block, summed
from derive.lines.arrays.trees import (
    Constant,
    Defined,
    Grid,
    Inverse,
    Minus,
    Root,
    Sum,
    Times,
    Tree,
    column,
    entrywise,
    number,
    ones,
    product,
    transposed,
)

EPSILON = r"\varepsilon"


def layer_norm(block: Block) -> None:
    """Add the lines of a layer norm, row by row; each entry has its own γ and β."""
    group = block.group
    size = group.inputs[0].shape[-1]
    count = len(group.inputs[0].names) // size
    found = _Norm(block, [list(range(row * size, (row + 1) * size)) for row in range(count)])
    gamma, beta = found.affine("weight"), found.affine("bias")
    for vector in range(count):
        found.normalized(vector)
        if group.weights:
            hat: Tree = block.values(found.hat(vector))
            scaled = entrywise(block.values(gamma), hat) if gamma else hat
            block.says_forward("out", block.values(found.out(vector)), _plus(block, scaled, beta))
    if gamma and block.is_wanted(gamma):
        parts = [entrywise(block.gradient(found.out(k)), block.values(found.hat(k))) for k in found.reached]
        block.says_backward("weights", block.part(gamma), summed(parts))
    if beta and block.is_wanted(beta):
        block.says_backward("biases", block.part(beta), summed(block.gradient(found.out(k)) for k in found.reached))
    for vector in found.reached:
        if group.weights:
            came: Tree = block.gradient(found.out(vector))
            back = entrywise(block.values(gamma), came) if gamma else came
            block.says_backward("normalized", block.gradient(found.hat(vector)), back)
        found.back(vector)


def batch_norm(block: Block) -> None:
    """Add the lines of a batch norm, channel by channel; each channel has one γ and one β."""
    group = block.group
    (x,) = group.inputs
    channels, after = x.shape[1], len(x.names) // (x.shape[0] * x.shape[1])
    places = [
        [place for place in range(len(x.names)) if place // after % channels == channel] for channel in range(channels)
    ]
    found = _Norm(block, places)
    for channel in range(channels):
        found.normalized(channel)
        if group.weights:
            block.says_forward("out", block.values(found.out(channel)), _of_channel(found, channel))
    for channel in found.reached:
        if group.weights:
            _back_channel(found, channel)
        found.back(channel)


def _of_channel(found: "_Norm", channel: int) -> Tree:
    block, hat = found.block, found.block.values(found.hat(channel))
    gamma, beta = found.affine("weight", channel), found.affine("bias", channel)
    scaled: Tree = Times(block.values(gamma), hat) if gamma else hat
    return Sum((scaled, Times(block.values(beta), ones(len(hat.names), 1)))) if beta else scaled


def _back_channel(found: "_Norm", channel: int) -> None:
    block, hat = found.block, found.block.values(found.hat(channel))
    came = block.gradient(found.out(channel))
    gamma, beta = found.affine("weight", channel), found.affine("bias", channel)
    if gamma and block.is_wanted(gamma):
        block.says_backward("weights", block.part(gamma), product(transposed(came), hat))
    if beta and block.is_wanted(beta):
        block.says_backward("biases", block.part(beta), product(transposed(came), ones(len(hat.names), 1)))
    back: Tree = Times(block.values(gamma), came) if gamma else came
    block.says_backward("normalized", block.gradient(hat.names), back)


def _plus(block: Block, tree: Tree, beta: Grid) -> Tree:
    return Sum((tree, block.values(beta))) if beta else tree


@dataclass(frozen=True)
class _Norm:
    """Vectors that are normalized: ``places`` says which entries of the arrays each has."""

    block: Block
    places: Sequence[Sequence[int]]

    def _vector(self, tensor: Tensor, vector: int) -> Grid:
        return column([tensor.names[place] for place in self.places[vector]])

    def signal(self, vector: int) -> Grid:
        return self._vector(self.block.group.inputs[0], vector)

    def out(self, vector: int) -> Grid:
        return self._vector(self.block.group.output, vector)

    def hat(self, vector: int) -> Grid:
        return self._vector(self.block.group.inner.get("normalized", self.block.group.output), vector)

    def affine(self, key: str, channel: int | None = None) -> Grid:
        """Return γ ("weight") or β ("bias"), all of it or that of a channel; () where there is none."""
        tensor = self.block.group.weights.get(key)
        if tensor is None:
            return ()
        return column(tensor.names) if channel is None else ((tensor.names[channel],),)

    @property
    def is_fixed(self) -> bool:
        """Whether mean and variance are given, and not those of the vector."""
        return bool(self.block.group.options.get("fixed", False))

    @cached_property
    def reached(self) -> list[int]:
        """The vectors on which the objective depends."""
        return [vector for vector in range(len(self.places)) if self.block.reaches(self.hat(vector))]

    def _single(self, part: str, vector: int) -> Grid:
        return ((self.block.group.inner[part].names[vector],),)

    def _scale(self, vector: int) -> Tree:
        """Return 1/√(v + ε)."""
        variance: Tree = self.block.values(self._single("variance", vector))
        epsilon = self.block.group.options["epsilon"]
        assert isinstance(epsilon, Fraction)
        more = Constant(EPSILON, ((epsilon,),))
        return Inverse(Root(Sum((variance, more)) if epsilon else variance))

    def normalized(self, vector: int) -> None:
        """Add the mean, the variance and the normalized vector."""
        block = self.block
        x, m = block.values(self.signal(vector)), block.values(self._single("mean", vector))
        one = ones(len(x.names), 1)
        from_mean = Minus(x, Times(m, one))
        if not self.is_fixed:
            share = Inverse(number(len(x.names)))
            block.says_forward("mean", m, Times(share, product(transposed(one), x)))
            variance = block.values(self._single("variance", vector))
            squares = product(transposed(from_mean), from_mean)
            block.says_forward("variance", variance, Times(share, squares))
        block.says_forward("normalized", block.values(self.hat(vector)), Times(self._scale(vector), from_mean))

    def back(self, vector: int) -> None:
        """Add what goes on to x: through x̂ itself, through the mean and through the variance."""
        block = self.block
        if not block.is_wanted(self.signal(vector)):
            return
        left, scale = block.part(self.signal(vector)), self._scale(vector)
        d, hat = block.gradient(self.hat(vector)), block.values(self.hat(vector))
        if self.is_fixed:
            block.says_backward("inputs", left, Times(scale, d))
            return
        share, one = Inverse(number(len(hat.names))), ones(len(hat.names), 1)
        of_mean = Defined(rf"\operatorname{{mean}}\left({d.sign}\right)", Times(share, product(transposed(one), d)))
        of_variance = Defined(
            rf"\operatorname{{mean}}\left({d.sign} \odot {hat.sign}\right)",
            Times(share, product(transposed(hat), d)),
        )
        for defined in (of_mean, of_variance):
            block.says_backward("means", defined, defined.tree)
        terms = Minus(Minus(d, Times(of_mean, one)), Times(of_variance, hat))
        block.says_backward("inputs", left, Times(scale, terms))
