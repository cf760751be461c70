"""What the lines of a block are made with: its arrays as leaves of trees, under their signs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from derive.calculus.chain import Derivation
from derive.calculus.partials import Path
from derive.computation.groups import Group, Tensor
from derive.computation.wellformed import PARAMETERS
from derive.lines import ids
from derive.lines.arrays.signs import gradient_sign, sign
from derive.lines.arrays.trees import ArrayLine, Gradients, Grid, Leaf, Slopes, Sum, Tree, Values, names_of

# The sign of a block's function: letters such as f and g name gates.
FUNCTION = r"\varphi"
OUTSIDE = r"^{\uparrow}"  # of the part of gradients that comes from outside a block


@dataclass(frozen=True)
class Block:
    """A group of quantities, and the lines that are made of it."""

    derivation: Derivation
    group: Group
    forward: list[ArrayLine] = field(default_factory=list)
    backward: list[ArrayLine] = field(default_factory=list)

    def values(self, grid: Grid, own: str = "") -> Values:
        """Return quantities as a matrix; ``own`` is its sign where it has one of its own."""
        return Values(own or sign(grid), grid)

    def gradient(self, grid: Grid, own: str = "") -> Gradients:
        """Return the partials of the objective by quantities; ``own`` is the sign of these where it is another."""
        return Gradients(f"d{own}" if own else self._gradient_sign(grid), grid)

    def part(self, grid: Grid) -> Gradients:
        """Return the part of these partials that comes through this block: all of it where nothing else uses them."""
        inside = frozenset(self.group.names)
        uses = self.derivation.computation.uses
        if all(user in inside for name in names_of(grid) for user in uses.get(name, ())):
            return self.gradient(grid)
        return Gradients(part_sign(self._gradient_sign(grid), self.group.name), grid, self._through)

    def outside(self, grid: Grid) -> Gradients | None:
        """Return the part of these partials that does not come through this block; None where nothing else is there."""
        users = {path.through for name in names_of(grid) for path in self._paths(name)} - self._through
        if not users:
            return None
        return Gradients(f"{self._gradient_sign(grid)}{OUTSIDE}", grid, frozenset(users))

    @cached_property
    def _through(self) -> frozenset[str]:
        """What a path comes through from this block: the objective, where the block's own errors are opened in it."""
        computation, names = self.derivation.computation, frozenset(self.group.names)
        is_opened = not names.isdisjoint((computation.objective, *computation.folded))
        return names | {computation.objective} if is_opened else names

    def _paths(self, name: str) -> Sequence[Path]:
        partials = self.derivation.partials
        return partials[name].paths if name in partials else ()

    def _gradient_sign(self, grid: Grid) -> str:
        units = self.derivation.computation.units
        return gradient_sign(grid, [units[name] for name in names_of(grid) if name in units])

    def slopes(self, outs: Grid, nets: Grid, of: str = FUNCTION, at: str = "") -> Slopes:
        """Return the derivative of each out by its own net: f′(net)."""
        return Slopes(rf"{of}'\left({at or sign(nets)}\right)", outs, nets)

    def reaches(self, grid: Grid) -> bool:
        """Whether the objective depends on any of these quantities."""
        return any(name in self.derivation.partials for name in names_of(grid))

    def is_wanted(self, grid: Grid) -> bool:
        """Whether the backward pass goes on with the partials by these quantities, or an update does."""
        computation = self.derivation.computation
        kinds = computation.kinds
        return self.reaches(grid) and any(
            name in computation.by_name or kinds[name] in PARAMETERS for name in names_of(grid)
        )

    def says_forward(self, kind: str, left: Leaf, right: Tree, *, in_numbers: bool = True) -> None:
        """Add a line of the forward pass."""
        number = sum(line.kind == kind for line in self.forward) + 1
        id_ = ids.arrays(self.group.name, kind, number)
        self.forward.append(ArrayLine(id_, kind, left, right, in_numbers))

    def says_backward(self, kind: str, left: Leaf, right: Tree) -> None:
        """Add a line of the backward pass."""
        number = sum(line.kind == kind for line in self.backward) + 1
        self.backward.append(ArrayLine(ids.arrays(self.group.name, f"back_{kind}", number), kind, left, right))


Make = Callable[[Block], None]


def part_sign(whole: str, through: str) -> str:
    """Return the sign of the part of gradients that comes through a block of that name."""
    return rf"{whole}^{{(\mathrm{{{through.replace('_', ' ')}}})}}"


def summed(parts: Iterable[Tree]) -> Tree:
    """Return the sum of the parts, which one alone is itself."""
    found = tuple(parts)
    return found[0] if len(found) == 1 else Sum(found)


def rows_of(tensor: Tensor) -> Grid:
    """Return an array row by row; a vector is a column, a single quantity one entry."""
    if len(tensor.shape) < 2:
        return tuple((name,) for name in tensor.names)
    return tuple(tensor.rows())
