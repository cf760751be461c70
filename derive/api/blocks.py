"""The kinds of blocks as methods: what a user adds to a graph, each with its options."""

from collections.abc import Iterable
from typing import Any

from derive.network.blocks.builder import Array

Given = Any  # numbers in nested lists or an array, an Array, or the name of one


class Blocks:
    """A method for each kind of block; every one returns the array that the block gives."""

    def add_block(self, op: str, *inputs: Array | str, name: str | None = None, **options: Any) -> Array:
        """Add a block of a kind in `derive.BLOCKS`, with its options by name."""
        raise NotImplementedError

    def linear(
        self,
        x: Array | str,
        *,
        weight: Given,
        bias: Given = None,
        activation: str | None = None,
        slope: Any = None,
        alpha: Any = None,
        name: str | None = None,
    ) -> Array:
        """Add weighted sums over the last dimension of x, and a function of them; weight has shape (outs, ins)."""
        options = {"weight": weight, "bias": bias, "activation": activation, "slope": slope, "alpha": alpha}
        return self.add_block("linear", x, name=name, **options)

    def activation(
        self, z: Array | str, *, activation: str, slope: Any = None, alpha: Any = None, name: str | None = None
    ) -> Array:
        """Add a function of each quantity, by its name in `derive.ACTIVATIONS`; softmax is one over the last axis."""
        return self.add_block("activation", z, name=name, activation=activation, slope=slope, alpha=alpha)

    def softmax(self, z: Array | str, *, name: str | None = None) -> Array:
        """Add the softmax over the last dimension."""
        return self.add_block("softmax", z, name=name)

    def conv1d(
        self,
        x: Array | str,
        *,
        weight: Given,
        bias: Given = None,
        stride: int = 1,
        padding: int = 0,
        activation: str | None = None,
        name: str | None = None,
    ) -> Array:
        """Add a convolution over the last dimension, as PyTorch's: x is (length) or (channels, length).

        ``weight`` has shape (filters, length) or (filters, channels, length).
        """
        options = {"weight": weight, "bias": bias, "stride": stride, "padding": padding, "activation": activation}
        return self.add_block("conv1d", x, name=name, **options)

    def conv2d(
        self,
        x: Array | str,
        *,
        weight: Given,
        bias: Given = None,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        activation: str | None = None,
        name: str | None = None,
    ) -> Array:
        """Add a convolution over the last two dimensions, as PyTorch's: the kernel is not turned.

        x is (height, width), (channels, height, width) or has a batch before that, ``weight`` (filters, height, width)
        or, where x has channels, (filters, channels, height, width).
        """
        options = {"weight": weight, "bias": bias, "stride": stride, "padding": padding, "activation": activation}
        return self.add_block("conv2d", x, name=name, **options)

    def rnn(
        self,
        x: Array | str,
        *,
        weight_ih: Given,
        weight_hh: Given,
        bias_ih: Given = None,
        bias_hh: Given = None,
        h_0: Given = None,
        activation: str = "tanh",
        outputs: str = "each",
        name: str | None = None,
    ) -> Array:
        """Add a recurrence h_t = tanh(W_x·x_t + b + W_h·h_{t−1}) over the steps of x, (steps) or (steps, features).

        ``outputs`` is "each" for those of each step or "last".
        """
        options = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
        options |= {"h_0": h_0, "activation": activation, "outputs": outputs}
        return self.add_block("rnn", x, name=name, **options)

    def lstm(
        self,
        x: Array | str,
        *,
        weight_ih: Given,
        weight_hh: Given,
        bias_ih: Given = None,
        bias_hh: Given = None,
        h_0: Given = None,
        c_0: Given = None,
        outputs: str = "each",
        name: str | None = None,
    ) -> Array:
        """Add an LSTM over the steps of x; the weights of the gates i, f, g, o stand below each other, as PyTorch's.

        In place of the numbers, a list with the name of a parameter for each gate is taken, too.
        """
        options = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
        return self.add_block("lstm", x, name=name, **options, h_0=h_0, c_0=c_0, outputs=outputs)

    def gru(
        self,
        x: Array | str,
        *,
        weight_ih: Given,
        weight_hh: Given,
        bias_ih: Given = None,
        bias_hh: Given = None,
        h_0: Given = None,
        outputs: str = "each",
        name: str | None = None,
    ) -> Array:
        """Add a GRU over the steps of x; the weights of r, z, n stand below each other, as PyTorch's."""
        options = {"weight_ih": weight_ih, "weight_hh": weight_hh, "bias_ih": bias_ih, "bias_hh": bias_hh}
        return self.add_block("gru", x, name=name, **options, h_0=h_0, outputs=outputs)

    def max_pool1d(
        self, x: Array | str, window: int, *, stride: int | None = None, padding: int = 0, name: str | None = None
    ) -> Array:
        """Take the largest of each window of the last dimension; of equal ones, the first has the gradient."""
        return self.add_block("max_pool1d", x, name=name, window=window, stride=stride, padding=padding)

    def max_pool2d(
        self,
        x: Array | str,
        window: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        name: str | None = None,
    ) -> Array:
        """Take the largest of each window of the last two dimensions; of equal ones, the first has the gradient."""
        return self.add_block("max_pool2d", x, name=name, window=window, stride=stride, padding=padding)

    def avg_pool1d(
        self, x: Array | str, window: int, *, stride: int | None = None, padding: int = 0, name: str | None = None
    ) -> Array:
        """Take the mean of each window of the last dimension; padding counts as 0."""
        return self.add_block("avg_pool1d", x, name=name, window=window, stride=stride, padding=padding)

    def avg_pool2d(
        self,
        x: Array | str,
        window: int | tuple[int, int],
        *,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        name: str | None = None,
    ) -> Array:
        """Take the mean of each window of the last two dimensions; padding counts as 0."""
        return self.add_block("avg_pool2d", x, name=name, window=window, stride=stride, padding=padding)

    def embedding(self, indices: Given, *, weight: Given, name: str | None = None) -> Array:
        """Look up rows of a table, ``weight`` of shape (rows, features), by their places, counted from 0."""
        return self.add_block("embedding", name=name, indices=indices, weight=weight)

    def layer_norm(
        self,
        x: Array | str,
        *,
        weight: Given = None,
        bias: Given = None,
        epsilon: Any = None,
        name: str | None = None,
    ) -> Array:
        """Normalize over the last dimension, then γ·x̂ + β where ``weight`` and ``bias`` are given.

        ``epsilon`` is 0.00001 as in PyTorch where none is given.
        """
        return self.add_block("layer_norm", x, name=name, weight=weight, bias=bias, epsilon=epsilon)

    def batch_norm(
        self,
        x: Array | str,
        *,
        weight: Given = None,
        bias: Given = None,
        mean: Given = None,
        variance: Given = None,
        epsilon: Any = None,
        name: str | None = None,
    ) -> Array:
        """Normalize each channel of x, (batch, channels, …), over the batch, then γ·x̂ + β.

        With ``mean`` and ``variance``, one a channel, those are taken, as after a training.
        """
        options = {"weight": weight, "bias": bias, "mean": mean, "variance": variance, "epsilon": epsilon}
        return self.add_block("batch_norm", x, name=name, **options)

    def attention(
        self,
        *inputs: Array | str,
        query: Given = None,
        key: Given = None,
        value: Given = None,
        output: Given = None,
        query_bias: Given = None,
        key_bias: Given = None,
        value_bias: Given = None,
        heads: int = 1,
        causal: bool = False,
        mask: Given = None,
        name: str | None = None,
    ) -> Array:
        """Add softmax(q·kᵀ/√d)·v, of one input that attends to itself, of queries and the rest, or of q, k and v.

        ``query``, ``key``, ``value`` and ``output`` are weights of shape (outs, ins), without which what comes in is
        taken as it is. ``mask`` is true where a query (row) sees a key (column); ``causal`` hides all later ones.
        """
        options = {"query": query, "key": key, "value": value, "output": output, "mask": mask}
        options |= {"query_bias": query_bias, "key_bias": key_bias, "value_bias": value_bias}
        return self.add_block("attention", *inputs, name=name, **options, heads=heads, causal=causal)

    def add(self, *inputs: Array | str, name: str | None = None) -> Array:
        """Add arrays of one shape, place by place: a skip, or residual connection."""
        return self.add_block("add", *inputs, name=name)

    def multiply(self, left: Array | str, right: Array | str, *, name: str | None = None) -> Array:
        """Multiply two arrays of one shape, place by place."""
        return self.add_block("multiply", left, right, name=name)

    def concat(self, *inputs: Array | str, axis: int = 0, name: str | None = None) -> Array:
        """Join arrays along an axis; nothing is calculated."""
        return self.add_block("concat", *inputs, name=name, axis=axis)

    def reshape(self, x: Array | str, shape: Iterable[int], *, name: str | None = None) -> Array:
        """Lay out the quantities of an array anew, row by row; nothing is calculated."""
        return self.add_block("reshape", x, name=name, shape=shape)

    def flatten(self, x: Array | str, *, name: str | None = None) -> Array:
        """Lay out the quantities of an array in one row; nothing is calculated."""
        return self.add_block("flatten", x, name=name)

    def transpose(self, x: Array | str, *, name: str | None = None) -> Array:
        """Exchange rows and columns; nothing is calculated."""
        return self.add_block("transpose", x, name=name)

    def sum(self, x: Array | str, *, name: str | None = None) -> Array:
        """Add up all quantities of an array."""
        return self.add_block("sum", x, name=name)

    def mean(self, x: Array | str, *, name: str | None = None) -> Array:
        """Take the mean of all quantities of an array."""
        return self.add_block("mean", x, name=name)

    def error(
        self,
        out: Array | str,
        *,
        target: Given,
        error: str = "half_squared_error",
        delta: Any = None,
        name: str | None = None,
    ) -> Array:
        """Add an error of `derive.ERRORS`, added up over all places; ``target`` has the shape of the output."""
        return self.add_block("error", out, name=name, target=target, error=error, delta=delta)

    def weighted_sum(self, *errors: Array | str, factors: Iterable[Any], name: str | None = None) -> Array:
        """Add errors, each times its factor."""
        return self.add_block("weighted_sum", *errors, name=name, factors=factors)
