"""A graph of blocks as a user builds it: convolutions, recurrences, attention and what joins them."""

from collections.abc import Iterable, Mapping
from typing import Any

from derive.api.blocks import Blocks, Given
from derive.api.computation import Computation, given_plan
from derive.api.derivation import Derivation
from derive.checks import one_of
from derive.computation.plan import Plan
from derive.network.blocks.assemble import assembled
from derive.network.blocks.block import add
from derive.network.blocks.builder import Array, Builder
from derive.network.blocks.table import BLOCKS, OTHER_NAMES
from derive.stored import collector_paused


class Graph(Blocks):
    """A graph of blocks, which becomes a computation.

    Each method adds a block and returns the `Array` that it gives, which others go on with; its ``name`` is the
    block's, under which it can be named as well. Weights are given where they are used, or as a parameter that several
    blocks share. Raises `InputError` with the block's name for whatever does not fit; then nothing was added.

    >>> import derive
    >>> graph = derive.Graph(title="Two steps of a recurrence")
    >>> x = graph.input("x", [[1], [2]])
    >>> h = graph.rnn(x, weight_ih=0.5, weight_hh=0.1)
    >>> y = graph.linear(h, weight=2, name="y")
    >>> E = graph.error(y, target=[[1], [2]])
    >>> derivation = graph.derive()
    >>> print(derivation["W_h"])
    ∂E/∂W_h = δ_h_1·h_0 + δ_h_2·h_1
    >>> derivation.gradients["W_x"].decimal(6)
    '-0.833479'
    """

    def __init__(self, *, title: str = "") -> None:
        """Start an empty graph."""
        self.title = title
        self._build = Builder()
        self._samples: list[Mapping[str, Any]] = []

    def __repr__(self) -> str:
        """Return the names of its blocks."""
        return f"<Graph of {', '.join(self._build.nodes) or 'nothing yet'}>"

    def __getitem__(self, name: str) -> Array:
        """Return the array of that name."""
        return Array(name, self._build.found(name, "graph"))

    # What is given.

    def input(self, name: str, values: Given) -> Array:
        """Add an input, an array of any shape, with its numbers.

        >>> Graph().input("x", [[1, 2], [3, 4]]).names
        ('x_1_1', 'x_1_2', 'x_2_1', 'x_2_2')
        """
        return Array(name, self._build.add_given(name, values, "input"))

    def target(self, name: str, values: Given) -> Array:
        """Add what an output should be, for an error."""
        return Array(name, self._build.add_given(name, values, "target"))

    def parameter(self, name: str, values: Given) -> Array:
        """Add a parameter, which any number of blocks may share."""
        return Array(name, self._build.add_parameter(name, values))

    def sample(self, **values: Given) -> None:
        """Add a further sample: other numbers for inputs and targets, by name; what is not named stays as it is."""
        self._samples.append(values)

    # Blocks, of which each kind has a method of its own.

    def add_block(self, op: str, *inputs: Array | str, name: str | None = None, **options: Any) -> Array:
        """Add a block of a kind in `derive.BLOCKS`, with its options by name."""
        before = set(self._build.nodes)
        tensor = add(self._build, BLOCKS[one_of(op, BLOCKS, "op", OTHER_NAMES)], name, inputs, options)
        (own,) = self._build.nodes.keys() - before
        return Array(own, tensor)

    # What it comes to.

    def computation(
        self,
        objective: Array | str | None = None,
        *,
        trained: Iterable[Array | str] | None = None,
        reduction: str = "mean",
        plan: Plan | None = None,
    ) -> Computation:
        """Return the computation: every equation, with its groups.

        ``objective`` is what is differentiated, by default what the last block gives; ``trained`` are the parameters
        that an update changes, all by default, and () for none; ``reduction`` is over the samples. What has no name of
        yours is called otherwise where the optimizer of the plan is written in that letter: the mean m of a block y
        becomes m_y with Adam.
        """
        with collector_paused():
            used = Plan() if plan is None else given_plan(plan)
            fields = assembled(self._build, objective, trained, self._samples, taken=used.optimizer.step_names)
            return Computation(**fields, title=self.title, reduction=reduction, plan=used)

    def derive(self, plan: Plan | None = None, **settings: Any) -> Derivation:
        """Return the derivation; ``settings`` are those of `computation`."""
        return self.computation(**settings, plan=plan).derive()
