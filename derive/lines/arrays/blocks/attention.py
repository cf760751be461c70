"""Attention, head by head: S = QKᵀ/√d, A = softmax(S), Z = AV and, backwards,

dV = AᵀdZ, dA = dZ Vᵀ, dS = A ⊙ (dA − r𝟏ᵀ) with r the sums of the rows of A ⊙ dA, dQ = dS K/√d, dK = dSᵀQ/√d.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isqrt

from derive.computation.groups import Tensor
from derive.lines.arrays.blocks.block import Block, summed
from derive.lines.arrays.signs import sign
from derive.lines.arrays.trees import (
    Beside,
    Defined,
    Gradients,
    Grid,
    Inverse,
    Masked,
    Minus,
    Product,
    Root,
    Softmax,
    Times,
    Tree,
    Values,
    entrywise,
    number,
    ones,
    product,
    transposed,
)

ROLES = ("query", "key", "value")
NOT_SEEN = r"-\infty"


def attention(block: Block) -> None:
    """Add the lines of an attention."""
    found = _Attention(block)
    for role in ROLES:
        if role in block.group.inner:
            found.project(role)
    for head in range(found.heads):
        found.mix(head)
    if found.has_output:
        z, weight = found.whole("mixed"), block.values(tuple(block.group.weights["output"].rows()))
        block.says_forward("output", block.values(found.outs), product(z, transposed(weight)))
    if block.reaches(found.outs):
        found.back()


@dataclass(frozen=True)
class _Attention:
    block: Block

    @property
    def heads(self) -> int:
        heads = self.block.group.options["heads"]
        assert isinstance(heads, int)
        return heads

    @property
    def has_output(self) -> bool:
        return "output" in self.block.group.weights

    @property
    def outs(self) -> Grid:
        return tuple(self.block.group.output.rows())

    @cached_property
    def tensors(self) -> Mapping[str, Tensor]:
        """The queries, keys and values, and what the heads give."""
        group = self.block.group
        return {
            **{role: group.inner.get(role, self._input(role)) for role in ROLES},
            "mixed": group.inner.get("mixed", group.output),
        }

    def _input(self, role: str) -> Tensor:
        inputs = self.block.group.inputs
        return inputs[{"query": 0, "key": min(1, len(inputs) - 1), "value": len(inputs) - 1}[role]]

    def given(self, role: str) -> Grid:
        """Return what comes in for the queries, keys or values."""
        return tuple(self._input(role).rows())

    def whole(self, part: str) -> Values:
        return self.block.values(tuple(self.tensors[part].rows()))

    def _head(self, part: str, head: int) -> tuple[Grid, str]:
        """Return the columns of a head, and their sign."""
        rows = self.tensors[part].rows()
        width = len(rows[0]) // self.heads
        grid = tuple(row[head * width : (head + 1) * width] for row in rows)
        return grid, "" if self.heads == 1 else rf"{sign(tuple(rows))}_{{[{head + 1}]}}"

    def of_head(self, part: str, head: int) -> Values:
        return self.block.values(*self._head(part, head))

    def back_of_head(self, part: str, head: int) -> Gradients:
        return self.block.gradient(*self._head(part, head))

    def square(self, part: str, head: int) -> Grid:
        """Return the scores or the shares of a head."""
        tensor = self.block.group.inner[part]
        _, rows, columns = tensor.shape
        start = head * rows * columns
        return tuple(Tensor((rows, columns), tensor.names[start : start + rows * columns]).rows())

    @cached_property
    def seen(self) -> tuple[tuple[bool, ...], ...]:
        """Which keys each query sees; () where each sees all."""
        found = tuple(tuple(map(bool, row)) for row in self.square("score", 0))
        return () if all(map(all, found)) else found

    def masked(self, tree: Tree) -> Tree:
        return Masked(tree, self.seen) if self.seen else tree

    @property
    def scale(self) -> Tree | None:
        """1/√d of the d features of a query; None where that is 1."""
        size = self.tensors["query"].shape[1] // self.heads
        if size == 1:
            return None
        exact = isqrt(size)
        return Inverse(number(exact)) if exact**2 == size else Inverse(Root(number(size)))

    def scaled(self, tree: Tree) -> Tree:
        return tree if self.scale is None else Times(self.scale, tree)

    # Forward.

    def project(self, role: str) -> None:
        """Add Q = XWᵀ, with a bias where there is one."""
        block, weights = self.block, self.block.group.weights
        out, x = self.whole(role), block.values(self.given(role))
        parts: list[Tree] = [product(x, transposed(block.values(tuple(weights[role].rows()))))]
        if f"{role}_bias" in weights:
            bias = block.values(tuple((name,) for name in weights[f"{role}_bias"].names))
            parts.append(product(ones(len(out.names), 1), transposed(bias)))
        block.says_forward(f"project_{role}", out, summed(parts))

    def scores(self, head: int) -> Values:
        grid = self.square("score", head)
        return Values(sign(grid), grid, NOT_SEEN)

    def mix(self, head: int) -> None:
        """Add the scores, the shares and the means of the values."""
        block, shares = self.block, self.block.values(self.square("share", head))
        query, key, value = (self.of_head(role, head) for role in ROLES)
        products = self.masked(self.scaled(Product(query, transposed(key))))
        block.says_forward("scores", self.scores(head), products)
        block.says_forward("shares", shares, Softmax(self.scores(head), self.seen), in_numbers=False)
        block.says_forward("mixed", self.of_head("mixed", head), product(shares, value))

    # Backward.

    def back(self) -> None:
        """Add what goes back through the heads, to queries, keys and values, and to what came in."""
        if self.has_output:
            self._back_output()
        came = [self._back_head(head) for head in range(self.heads)]
        inputs: dict[Grid, list[Tree]] = {}
        for role in ROLES:
            if role in self.block.group.inner:
                for head in range(self.heads):
                    self.block.says_backward(role, self.back_of_head(role, head), came[head][role])
                inputs.setdefault(self.given(role), []).append(self._back_projection(role))
            else:
                whole = came[0][role] if self.heads == 1 else Beside(tuple(each[role] for each in came))
                inputs.setdefault(self.given(role), []).append(whole)
        for grid, trees in inputs.items():
            if self.block.is_wanted(grid):
                self.block.says_backward("inputs", self.block.part(grid), summed(trees))

    def _back_output(self) -> None:
        block, d = self.block, self.block.gradient(self.outs)
        weight, z = tuple(block.group.weights["output"].rows()), self.whole("mixed")
        if block.is_wanted(weight):
            block.says_backward("weights", block.part(weight), product(transposed(d), z))
        block.says_backward("mixed", block.gradient(z.names), product(d, block.values(weight)))

    def _back_head(self, head: int) -> dict[str, Tree]:
        """Add what goes back to the shares and the scores; return what goes back to queries, keys and values."""
        block, shares, scores = self.block, self.square("share", head), self.square("score", head)
        query, key, value = (self.of_head(role, head) for role in ROLES)
        d, a = self.back_of_head("mixed", head), block.values(shares)
        block.says_backward("shares", block.gradient(shares), self.masked(Product(d, transposed(value))))
        one = ones(len(shares[0]), 1)
        own = r"\mathbf{r}" if self.heads == 1 else rf"\mathbf{{r}}_{{{head + 1}}}"
        row = Defined(own, product(entrywise(a, block.gradient(shares)), one))
        block.says_backward("sums", row, row.tree)
        spread = Minus(block.gradient(shares), product(row, transposed(one)))
        block.says_backward("scores", block.gradient(scores), entrywise(a, spread))
        ds = block.gradient(scores)
        return {
            "query": self.scaled(product(ds, key)),
            "key": self.scaled(product(transposed(ds), query)),
            "value": product(transposed(a), d),
        }

    def _back_projection(self, role: str) -> Tree:
        """Add the gradients of the weights of a projection; return what goes on to what came in."""
        block, weights = self.block, self.block.group.weights
        d, x = block.gradient(self.whole(role).names), block.values(self.given(role))
        weight = tuple(weights[role].rows())
        if block.is_wanted(weight):
            block.says_backward(f"weights_{role}", block.part(weight), product(transposed(d), x))
        if f"{role}_bias" in weights:
            bias = tuple((name,) for name in weights[f"{role}_bias"].names)
            if block.is_wanted(bias):
                total = product(transposed(d), ones(len(d.names), 1))
                block.says_backward(f"biases_{role}", block.part(bias), total)
        return product(d, block.values(weight))
