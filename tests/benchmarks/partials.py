"""All partials in symbols: how the work grows, and against composing the error and calling SymPy's diff.

Both ways run in one process on the same networks of shape n-n-n. derive's time covers the chain rule for every weight
and, in the second column, every formula as a SymPy expression. Composing is timed at 8-8-8 only on a sample of its
weights and scaled to all of them, as the whole takes a quarter of a minute and more.
"""

import itertools
import random
import time

import sympy
from measuring import exponent, line, options, seconds

import derive

SHAPES = [(2, 2, 2), (8, 8, 8), (16, 16, 16), (32, 32, 32), (784, 30, 10)]
SAMPLED = 16


def network(*sizes: int) -> derive.Network:
    """Return a network with logistic neurons, a bias each, and random numbers."""
    draw = random.Random(1)

    def number() -> float:
        return draw.randint(-99, 99) / 100

    layers = [
        derive.Layer([[number() for _ in range(inputs)] for _ in range(size)], [number() for _ in range(size)])
        for inputs, size in itertools.pairwise(sizes)
    ]
    return derive.Network(layers, [derive.Sample([number()] * sizes[0], [number()] * sizes[-1])])


def derived(sizes: tuple[int, ...], rounds: int) -> tuple[float, float]:
    """Return the time to derive all partials, and the time to derive them and every formula as SymPy."""
    made = network(*sizes)

    def formulas() -> None:
        derivation = made.derive()
        for name in derivation.parameters:
            _ = derivation[name].formula

    return seconds(lambda: made.derive().partials, rounds), seconds(formulas, (rounds + 1) // 2)


def composed(sizes: tuple[int, ...]) -> float:
    """Return the time to compose the error and differentiate it by every parameter, scaled up from a sample."""
    derivation = network(*sizes).derive()
    names = derivation.parameters
    sample = names[:: max(1, len(names) // SAMPLED)]
    start = time.perf_counter()
    error = derivation.error.composed
    composing = time.perf_counter() - start
    start = time.perf_counter()
    for name in sample:
        sympy.diff(error, sympy.Symbol(name))
    return composing + (time.perf_counter() - start) * len(names) / len(sample)


def weights(sizes: tuple[int, ...]) -> int:
    """Return the number of weights."""
    return sum(left * right for left, right in itertools.pairwise(sizes))


def main(quick: bool) -> None:
    """Print the table, the exponent from 8-8-8 to 32-32-32, and the ratio at 8-8-8."""
    print("shape        weights   partials ms   with every formula ms")
    found = {}
    for sizes in SHAPES[:1] if quick else SHAPES:
        found[sizes] = derived(sizes, rounds=1 if quick else 5)
        partials, formulas = (1000 * value for value in found[sizes])
        print(f"{'-'.join(map(str, sizes)):12} {weights(sizes):7} {partials:13.2f} {formulas:23.1f}")
    small, large = (SHAPES[0],) * 2 if quick else (SHAPES[1], SHAPES[3])
    peer = composed(small)
    print(f"{'-'.join(map(str, small))} by composing and diff: {1000 * peer:.0f} ms")
    for index, what in enumerate(("partials", "with every formula")):
        line(f"composing and diff over derive, {what}", peer / found[small][index], "" if quick else "at least 300")
        if not quick:
            times = [found[sizes][index] for sizes in (small, large)]
            power = exponent([weights(small), weights(large)], times)
            line(f"exponent in weights, 8-8-8 to 32-32-32, {what}", power, "at most 1.1")


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
