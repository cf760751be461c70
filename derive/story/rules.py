"""Which rules of differentiation a handout uses, by their names."""

from collections.abc import Iterator
from itertools import islice

from sympy import Symbol

from derive.calculus.chain import Derivation
from derive.calculus.rules import Chain, Rule, differentiate
from derive.lines.graph import is_plain


def rule_names(rule: Rule) -> Iterator[str]:
    """Yield the names of a rule and of those for its parts, as they are applied."""
    for step in rule.steps():
        yield step.name
        if isinstance(step, Chain):
            yield step.outer or "power"


def rules_of(derivation: Derivation, most: int) -> list[str]:
    """Return the rules that the local derivatives take, of so many at most; of a function derived elsewhere none."""
    found: dict[str, None] = {}
    paths = (path for partial in derivation.partials.values() for path in partial.paths)
    for path in islice(paths, most):
        for term in path.local.equation.terms_with[path.local.by]:
            if term.shape.derivative is None and not is_plain(path.local):
                found |= dict.fromkeys(rule_names(differentiate(term.expression, Symbol(path.local.by))))
    return list(found)
