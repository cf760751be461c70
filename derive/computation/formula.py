"""Formulas as frozen trees, and the shapes of which the equations of a user's own formulas are made.

A formula of a file or of Python is first a tree of these nodes: nothing in it is evaluated, reordered or dropped. Then
each summand of it becomes a term. What the usual shapes say, such as a product of two names, is one of those; all else
is a shape of its own, built of the tree with open places for names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from sympy import Expr, Integer, Mul, Rational

from derive.computation.calls import FUNCTIONS
from derive.computation.equations import Term
from derive.computation.shapes import PRODUCT, SAME, Shape, activation_shape, error_shape, maximum_shape, minimum_shape
from derive.functions.activations import ACTIVATIONS, Activation
from derive.functions.losses import ERRORS
from derive.notation.trees import ONE, add, mul, power

MINUS_ONE = Integer(-1)
EXTREMES = {"max": maximum_shape, "min": minimum_shape}


@dataclass(frozen=True)
class Name:
    """A quantity."""

    name: str


@dataclass(frozen=True)
class Place:
    """An open place of a shape, counted from 0."""

    index: int


@dataclass(frozen=True)
class Constant:
    """A number, exact; negative as −2 is written."""

    value: Fraction


@dataclass(frozen=True)
class Sum:
    """A sum of two terms or more."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Product:
    """A product of two factors or more."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Quotient:
    """What stands above a fraction's line, and what below."""

    parts: tuple["Tree", "Tree"]


@dataclass(frozen=True)
class Negative:
    """A minus and what it stands before."""

    parts: tuple["Tree"]


@dataclass(frozen=True)
class Power:
    """A power; its exponent is a number."""

    parts: tuple["Tree"]
    exponent: Fraction


@dataclass(frozen=True)
class Applied:
    """A function of what stands in its parentheses, by its name in `derive.computation.calls`, and its constant."""

    function: str
    parts: tuple["Tree", ...]
    constant: Fraction | None = None


Tree = Name | Place | Constant | Sum | Product | Quotient | Negative | Power | Applied


# Trees as they are put together.


def sum_of(*parts: Tree) -> Tree:
    """Return the sum; a sum that it begins with is part of it, so that a + b + c is one sum of three.

    >>> a, b, c = map(Name, "abc")
    >>> sum_of(sum_of(a, b), c) == Sum((a, b, c))
    True
    """
    return Sum(tuple(each for part in parts for each in (part.parts if isinstance(part, Sum) else (part,))))


def product_of(*parts: Tree) -> Tree:
    """Return the product; one that it begins with is part of it, and a minus at its front stands before all of it."""
    first, *rest = parts
    if isinstance(first, Negative):
        return Negative((product_of(first.parts[0], *rest),))
    return Product((*(first.parts if isinstance(first, Product) else (first,)), *rest))


def quotient_of(above: Tree, below: Tree) -> Tree:
    """Return the quotient; one of two numbers is a number, ½ or 0.1."""
    if isinstance(above, Negative):
        return Negative((quotient_of(above.parts[0], below),))
    if isinstance(above, Constant) and isinstance(below, Constant) and below.value:
        return Constant(above.value / below.value)
    return Quotient((above, below))


def negative_of(part: Tree) -> Tree:
    """Return what has the minus before it; of a number, the negative number."""
    return Constant(-part.value) if isinstance(part, Constant) else Negative((part,))


# What stands in a tree.


def nodes(tree: Tree) -> Iterator[Tree]:
    """Yield every node of a tree, as it is written from left to right."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(getattr(node, "parts", ())))


def names_in(tree: Tree) -> tuple[str, ...]:
    """Return the names in a tree, each once, in the order in which they are written.

    >>> names_in(product_of(Name("w"), sum_of(Name("x"), Name("w"))))
    ('w', 'x')
    """
    return tuple(dict.fromkeys(node.name for node in nodes(tree) if isinstance(node, Name)))


# Trees as SymPy's.


def expression_of(tree: Tree, symbols: Mapping[Tree, Expr], *, for_floats: bool = False) -> Expr:
    """Return SymPy's tree, nothing evaluated; ``symbols`` has what stands for each name and each open place.

    ``for_floats`` takes the form of a function that loses no digits in floating point, where it has one.
    """
    if isinstance(tree, Name | Place):
        return symbols[tree]
    if isinstance(tree, Constant):
        return _rational(tree.value)
    parts = [expression_of(part, symbols, for_floats=for_floats) for part in tree.parts]
    match tree:
        case Sum():
            return add(*parts)
        case Product():
            # a/b·c is one product, whose fraction's line has below it what stands behind the stroke alone.
            return mul(*_factors(tree.parts[0], parts[0]), *parts[1:])
        case Quotient():
            below = power(parts[1], MINUS_ONE)
            return below if parts[0] == ONE else mul(*_factors(tree.parts[0], parts[0]), below)
        case Negative():
            return mul(MINUS_ONE, *_factors(tree.parts[0], parts[0]))
        case Power():
            return power(parts[0], _rational(tree.exponent))
        case Applied():
            return FUNCTIONS[tree.function].expression(parts, tree.constant, for_floats=for_floats)


def _factors(tree: Tree, expression: Expr) -> tuple[Expr, ...]:
    """Return the factors of what is written as a product."""
    is_product = isinstance(tree, Product | Quotient) and isinstance(expression, Mul)
    return tuple(expression.args) if is_product else (expression,)


def _rational(number: Fraction) -> Expr:
    return Rational(number.numerator, number.denominator)


# Trees as terms.


@lru_cache(maxsize=4096)
def formula_shape(tree: Tree) -> Shape:
    """Return the shape of a formula, a tree whose names are places, counted from 0 as they are written.

    >>> from sympy import Symbol
    >>> formula_shape(Quotient((Place(0), Constant(Fraction(2))))).build(Symbol("x"))
    x/2
    """
    places = sorted({node for node in nodes(tree) if isinstance(node, Place)}, key=lambda place: place.index)
    has_own = any(isinstance(node, Applied) and FUNCTIONS[node.function].floats for node in nodes(tree))

    def built(arguments: Sequence[Expr], *, for_floats: bool) -> Expr:
        return expression_of(tree, dict(zip(places, arguments, strict=True)), for_floats=for_floats)

    return Shape(
        "formula",
        len(places),
        (formula_shape, (tree,)),
        lambda *arguments: built(arguments, for_floats=False),
        numeric=(lambda *arguments: built(arguments, for_floats=True)) if has_own else None,
    )


def term_of(tree: Tree) -> Term:
    """Return a summand as a term, a name that stands in it more than once as one argument.

    >>> term_of(product_of(Name("w"), Name("x"))).shape, term_of(product_of(Name("a"), Name("b"), Name("a"))).names
    (<Shape product>, ('a', 'b'))
    """
    usual = _usual_term(tree)
    if usual is not None:
        return usual
    order = names_in(tree)
    return Term(formula_shape(_opened(tree, {name: Place(index) for index, name in enumerate(order)})), order)


def _usual_term(tree: Tree) -> Term | None:
    """Return a name, a product of two names, or an activation, an error or the largest of names, in its usual shape."""
    if isinstance(tree, Name):
        return Term(SAME, (tree.name,))
    if not isinstance(tree, Product | Applied):
        return None
    names = [part.name for part in tree.parts if isinstance(part, Name)]
    if len(names) < len(tree.parts):
        return None
    if isinstance(tree, Product):
        return Term(PRODUCT, names) if len(names) == PRODUCT.arity else None
    if tree.function in EXTREMES:
        return Term(EXTREMES[tree.function](len(names)), names)
    entry = ACTIVATIONS.get(tree.function, None)
    if isinstance(entry, Activation):
        return Term(activation_shape(entry, tree.constant), names)
    return Term(error_shape(tree.function, tree.constant), names) if tree.function in ERRORS else None


def summands(tree: Tree) -> tuple[Tree, ...]:
    """Return what a formula adds up: its terms, each with its sign; the formula itself where it is no sum."""
    return tree.parts if isinstance(tree, Sum) else (tree,)


def terms_of(tree: Tree) -> tuple[Term, ...]:
    """Return the terms of a formula, one for each of its summands.

    >>> len(terms_of(sum_of(Name("a"), Name("b"))))
    2
    """
    return tuple(map(term_of, summands(tree)))


def _opened(tree: Tree, places: Mapping[str, Place]) -> Tree:
    if isinstance(tree, Name):
        return places[tree.name]
    if isinstance(tree, Place | Constant):
        return tree
    return replace(tree, parts=tuple(_opened(part, places) for part in tree.parts))  # type: ignore[arg-type]
