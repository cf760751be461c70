"""The code of an optimizer's step, for scalars and for arrays."""

from collections.abc import Iterator, Mapping

from sympy import Add, Expr, Symbol, preorder_traversal

from derive.functions.optimizers import Optimizer, T
from derive.training.code.expressions import Code


def step_only(optimizer: Optimizer) -> dict[Expr, str]:
    """Return the parts of the formulas that depend on the step's number alone, such as 1 − βᵗ, with their variables."""
    symbols = {T, *map(Symbol, optimizer.symbols)}
    found = dict.fromkeys(
        node
        for _, formula in optimizer.steps
        for node in preorder_traversal(formula)
        if isinstance(node, Add) and T in node.free_symbols and node.free_symbols <= symbols
    )
    return {node: f"k{index}" for index, node in enumerate(found)}


def step_lines(
    optimizer: Optimizer, names: Mapping[Expr, str], parameter: str, state: Mapping[str, str], code: Code
) -> Iterator[str]:
    """Yield the lines of one step for a parameter; ``names`` gives the code of the gradient g and of the constants."""
    known = {**names, Symbol("w"): parameter, Symbol("w+"): parameter}
    for kind, variable in state.items():
        known[Symbol(kind)] = known[Symbol(f"{kind}+")] = variable
    for target, formula in optimizer.steps:
        known.setdefault(Symbol(target), f"x_{target.replace('_', '')}")
        yield f"{known[Symbol(target)]} = {code(known)(formula)}"
