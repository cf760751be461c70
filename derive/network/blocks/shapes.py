"""Formulas that blocks have beside sums of products: means, variances, normalized values, scores."""

from fractions import Fraction
from functools import lru_cache
from math import isqrt

from sympy import Expr, Integer, Rational

from derive.computation.shapes import Shape
from derive.notation.trees import ONE, TWO, add, fraction, minus, mul, negative, root, square


def _sum(terms: tuple[Expr, ...]) -> Expr:
    return add(*terms) if len(terms) > 1 else terms[0]


@lru_cache
def mean_shape(size: int, divisor: int) -> Shape:
    """Return (x₁ + x₂ + …)/divisor, of so many quantities; where padding counts, the divisor is more than they are."""
    share = fraction(ONE, Integer(divisor))
    return Shape(
        "mean",
        size,
        (mean_shape, (size, divisor)),
        lambda *parts: fraction(_sum(parts), Integer(divisor)),
        lambda place, parts, out, siblings: share,
    )


@lru_cache
def scaled_shape(factor: Fraction) -> Shape:
    """Return factor·x."""
    number = Rational(factor.numerator, factor.denominator)
    return Shape("multiple", 1, (scaled_shape, (factor,)), lambda quantity: mul(number, quantity))


@lru_cache
def variance_shape(size: int) -> Shape:
    """Return ((x₁ − m)² + (x₂ − m)² + …)/size of so many quantities and, last, their mean."""

    def build(*arguments: Expr) -> Expr:
        *parts, mean = arguments
        return fraction(_sum(tuple(square(minus(part, mean)) for part in parts)), Integer(size))

    return Shape("variance", size + 1, (variance_shape, (size,)), build)


@lru_cache
def spread_shape(size: int) -> Shape:
    """Return what one of so many quantities adds to their variance, (x − m)²/size."""
    return Shape(
        "variance",
        2,
        (spread_shape, (size,)),
        lambda part, mean: fraction(square(minus(part, mean)), Integer(size)),
    )


@lru_cache
def normalized_shape(epsilon: Fraction) -> Shape:
    """Return x̂ = (x − m)/√(v + ε) of a quantity, the mean and the variance.

    Its derivatives, with 1/√(v + ε) in each: by x that, by m the same with a minus, by v −x̂/(2(v + ε)).
    """
    least = Rational(epsilon.numerator, epsilon.denominator)

    def inside(variance: Expr) -> Expr:
        return add(variance, least) if epsilon else variance

    def derivative(place: int, arguments: tuple[Expr, ...], out: Expr, siblings: tuple[Expr, ...]) -> Expr:
        whole = inside(arguments[2])
        slope = fraction(ONE, root(whole))
        return (slope, negative(slope), negative(fraction(out, mul(TWO, whole))))[place]

    return Shape(
        "normalized",
        3,
        (normalized_shape, (epsilon,)),
        lambda quantity, mean, variance: fraction(minus(quantity, mean), root(inside(variance))),
        derivative,  # type: ignore[arg-type]
    )


@lru_cache
def score_shape(size: int) -> Shape:
    """Return the score of a query and a key, (q₁k₁ + q₂k₂ + …)/√size; the root is exact where it is whole."""
    exact_root = isqrt(size)
    below = Integer(exact_root) if exact_root**2 == size else root(Integer(size))

    def build(*arguments: Expr) -> Expr:
        products = tuple(mul(*pair) for pair in zip(arguments[:size], arguments[size:], strict=True))
        return fraction(_sum(products), below)

    return Shape("score", 2 * size, (score_shape, (size,)), build)


@lru_cache
def rest_shape() -> Shape:
    """Return (1 − z)·x of a share and a quantity, what a gate leaves of it."""
    return Shape("rest", 2, (rest_shape, ()), lambda share, quantity: mul(minus(ONE, share), quantity))
