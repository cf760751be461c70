"""The lines of sequential updates: partials that are calculated with parameters that are new already, under a star."""

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, Symbol

from derive.calculus.chain import Derivation
from derive.calculus.partials import Partial, Path
from derive.lines import ids
from derive.lines.line import Line
from derive.lines.symbolic import in_deltas, path_symbol
from derive.notation.trees import LateSymbol, NewSymbol, PartialSymbol, add, mul, renamed


@dataclass(frozen=True, eq=False)
class LateLines:
    """The lines of a derivation's late partials."""

    derivation: Derivation

    @cached_property
    def names(self) -> frozenset[str]:
        """The quantities whose partials are late: a trained parameter stands in them, or a late one they are made of.

        What stands in a partial lies to the right of it, so it is updated before.
        """
        found: set[str] = set()
        for name, partial in self.derivation.partials.items():
            if any(self._new(each) or (each.upstream and each.upstream.by in found) for each in partial.paths):
                found.add(name)
        return frozenset(found)

    def path(self, found: Path) -> Line:
        """Return what one path adds to a sum over paths: the derivative of one output's error where it is that."""
        formula = self._of_path(found)
        if found.part:
            return Line("", self._part(found), (formula,), formula, is_late=True)
        return Line("", self._part(found), (), formula, (formula,), is_late=True)

    def total(self, partial: Partial) -> Line:
        """Return a partial by an out: the product that its one path is, or the sum of what its paths add."""
        name = PartialSymbol(partial.of, partial.by, is_late=True)
        products = list(map(self._of_path, partial.paths))
        if len(products) == 1:
            return Line(ids.late(partial), name, (products[0],), products[0], is_late=True)
        return Line(ids.late(partial), name, (add(*products),), add(*map(self._part, partial.paths)), is_late=True)

    def delta(self, partial: Partial) -> Line:
        """Return a delta by its formula."""
        formula = self._late(self.derivation.delta_formula(partial), partial)
        return Line(ids.late(partial), self._name(partial), (formula,), formula, is_late=True)

    def of_parameter(self, partial: Partial) -> Line:
        """Return the partial by a parameter: delta times what came in."""
        formula = self._late(in_deltas(partial), partial)
        return Line(ids.late(partial), self._name(partial), (formula,), formula, is_late=True)

    @staticmethod
    def _part(found: Path) -> PartialSymbol:
        """Return the name of what a path adds."""
        symbol = path_symbol(found)
        return PartialSymbol(symbol.of, symbol.by, symbol.through, is_late=True)

    def _of_path(self, found: Path) -> Expr:
        local = renamed(found.local.formula, {Symbol(name): NewSymbol(name) for name in self._new(found)})
        return mul(self._name(found.upstream), local) if found.upstream else local

    def _new(self, found: Path) -> list[str]:
        """Return the trained parameters in a path's local derivative."""
        trained = self.derivation.computation.trained
        return [symbol.name for symbol in found.local.formula.free_symbols if symbol.name in trained]

    def _late(self, formula: Expr, partial: Partial) -> Expr:
        """Return the formula of a partial with the late ones that it is made of under a star."""
        made_of = [each.upstream for each in partial.paths if each.upstream]
        made_of += [factor for factor in partial.factors if isinstance(factor, Partial)]
        return renamed(formula, {each.symbol: self._name(each) for each in made_of})

    def _name(self, partial: Partial) -> Symbol:
        """Return the name of a partial in a formula, with a star where it is late."""
        if partial.by not in self.names:
            return partial.symbol
        return LateSymbol(partial.symbol.name) if partial.unit else PartialSymbol(partial.of, partial.by, is_late=True)
