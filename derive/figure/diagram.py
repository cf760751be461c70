"""What is drawn: nodes in columns, edges, and what is marked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A neuron, an input or a bias. ``label`` is a name such as h1_2: a letter or word, the rest is its index.

    ``target`` is the number that an output should come to, beside ``target_name``. ``quantity`` is what it stands for,
    "" where that is its name.
    """

    id: str
    label: str
    kind: str
    value: str = ""
    target: str = ""
    target_name: str = "target"
    quantity: str = ""

    @property
    def about(self) -> str:
        """The quantity that it stands for."""
        return self.quantity or self.id


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes, with the name and the value of its weight."""

    source: str
    target: str
    label: str = ""
    value: str = ""
    on_path: bool = False

    @property
    def about(self) -> str:
        """The quantity that it stands for: its weight, or the bias that it comes from."""
        return self.label or self.source


@dataclass(frozen=True)
class Diagram:
    """Columns of nodes from left to right; a compact one is small and labels only what is marked."""

    columns: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]
    highlighted: frozenset[str] = frozenset()
    compact: bool = False
