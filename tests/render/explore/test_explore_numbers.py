"""The balls of an explorable page hold the true values, and are narrow; flint at many bits is the oracle."""

import random
from fractions import Fraction

import pytest
from flint import arb, fmpq
from numbers_in_node import answers, ends, holds, needs_node

from derive.numbers.precision import at_bits

pytestmark = needs_node
MANY = 2600
FUNCTIONS = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "log1p": lambda x: x.log1p(),
    "erf": lambda x: x.erf(),
    "erfc": lambda x: x.erfc(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "sqrt": lambda x: x.sqrt(),
}
POSITIVE = ("log", "sqrt")
POINTS = [
    "1/3", "1/2", "1/4", "1/8", "1/16", "7/10", "5/2", "3", "31/10", "355/113", "22/7", "7", "10", "25/2", "20", "37",
    "110", "1000/3", "12345", "262144", "2", "987654321/1000", "8/100000", "999999/1000000", "1000001/1000000",
    "1/1000000007", "1000000001/1000000000", "1/2097153", "1/2097151", f"1/{10**40}", f"1/{3 * 10**400}", f"{10**12}/3",
]  # fmt: skip


def points(name, count):
    """Return the given points, and random ones of many sizes."""
    source = random.Random(f"{name} {count}")
    found = list(POINTS)
    for _ in range(count):
        size = source.choice([1, 1, 1, 2**10, 2**40]) * source.choice([1, 1, 2**-10, 2**-25, 2**-60])
        number = Fraction(source.randrange(1, 10**9), 10**8) * Fraction(size)
        found.append(f"{number.numerator}/{number.denominator}")
    signs = [1] if name in POSITIVE else [1, -1]
    numbers = [sign * Fraction(text) for text in found for sign in signs]
    if name == "log1p":
        numbers = [number if number > -1 else -1 + Fraction(1, 3) / -number for number in numbers if number != -1]
    if name in ("exp", "sinh", "cosh"):  # what Python's flint would not take too long for
        numbers = [number for number in numbers if abs(number) < 10**9]
    return numbers


def exactly(number):
    return arb(fmpq(number.numerator, number.denominator))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_ball_of_a_function_holds_the_true_value_and_is_narrow(name):
    cases = [
        (bits, number) for bits, count in ((53, 10), (128, 50), (300, 5), (1100, 0)) for number in points(name, count)
    ]
    found = answers([[[b, "read", str(x)], [b, "apply", name, 0], [b, "value", 1]] for b, x in cases])

    def check():
        f = FUNCTIONS[name]
        for (bits, number), told in zip(cases, found, strict=True):
            x = exactly(number)
            true = f(x)
            assert holds(told, true), (bits, number)
            # A relative change of x is enlarged by this, and a rational is no ball of radius 0.
            enlarged = abs(f(x * (1 + arb(2) ** -1500)) / true - 1) * arb(2) ** 1500
            low, high = ends(told)
            if enlarged < arb(2) ** (bits // 3):
                assert high - low < abs(true) * arb(2) ** (20 - bits) * (1 + enlarged), (bits, number)

    at_bits(MANY, check)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_a_wide_ball_holds_what_it_gives_for_every_value(name):
    """The ball is 2^(1/3)·x of few bits, calculated on with many: the true value may lie anywhere in it."""
    cases = [
        (few, number)
        for few in (3, 6, 12, 24, 60)
        for number in points(name, 10)
        if (number > 0 or name != "log1p") and Fraction(1, 10**30) < abs(number) < 10**6
    ]
    found = answers(
        [
            [
                *([few, *step] for step in (["read", "2"], ["broken", 0, 1, 3], ["read", str(x)], ["mul", 1, 2])),
                *([200, *step] for step in (["apply", name, 3], ["value", 4])),
            ]
            for few, x in cases
        ]
    )

    def check():
        held = 0
        for (few, number), told in zip(cases, found, strict=True):
            if isinstance(told, dict):
                assert told["error"] == "Undecided", (few, number)
                continue
            assert holds(told, FUNCTIONS[name](arb(2).root(3) * exactly(number))), (few, number)
            held += told[2] is not None
        assert held > len(cases) / 2

    at_bits(MANY, check)


def test_chains_of_operations_with_balls_hold_the_true_value():
    """Random programs of 60 operations at few bits, whose radii grow; the same at 2,600 bits is true."""
    source = random.Random(5)
    programs, bits = [], [20, 60, 128, 500, 1100]
    for case in range(100):
        b, steps = bits[case % 5], []
        for _ in range(4):
            steps.append(["read", f"{source.randrange(-999, 999)}/{source.randrange(1, 99)}"])
        steps += [["apply", "exp", 0], ["apply", "sin", 1], ["pi"], ["apply", "tanh", 2]]
        for _ in range(60):
            i, j = source.randrange(len(steps)), source.randrange(len(steps))
            name = source.choice(["add", "sub", "mul", "div", "larger", "power", "power", "apply", "apply", "neg"])
            more = {"power": [i, source.choice([3, -2])], "apply": [source.choice(["abs", "sin"]), i], "neg": [i]}
            steps.append([name, *more.get(name, [i, j])])
        programs.append([[b, *step] for step in steps])
    asked = [[*program[: k + 1], [200, "value", k]] for program in programs for k in range(8, 68, 8)]
    found = answers(asked)

    def true(steps):
        registers = []
        for _, name, *given in steps[:-1]:
            registers.append(TRUE[name](registers, *given))
        return registers[-1]

    def check():
        narrow = 0
        for steps, told in zip(asked, found, strict=True):
            if isinstance(told, dict):
                assert told["error"] == "DivisionByZero"
                continue
            value = true(steps)
            if value.is_finite() and value.rad() < arb(2) ** -1300:
                assert holds(told, value), steps
                narrow += isinstance(told, str) or (told[2] is not None and told[2] < abs(int(told[0], 16)))
        assert narrow > len(asked) / 3

    at_bits(MANY, check)


TRUE = {
    "read": lambda registers, text: exactly(Fraction(text)),
    "pi": lambda registers: arb.pi(),
    "apply": lambda registers, name, i: abs(registers[i]) if name == "abs" else FUNCTIONS[name](registers[i]),
    "add": lambda registers, i, j: registers[i] + registers[j],
    "sub": lambda registers, i, j: registers[i] - registers[j],
    "mul": lambda registers, i, j: registers[i] * registers[j],
    "div": lambda registers, i, j: registers[i] / registers[j],
    "neg": lambda registers, i: -registers[i],
    "larger": lambda registers, i, j: registers[i].max(registers[j]),
    "power": lambda registers, i, n: registers[i] ** n,
}


def test_a_broken_power_holds_the_true_value():
    cases = [
        (x, p, q) for x in ("2", "1/3", "1000001/7", "1/80000000000") for p, q in ((1, 3), (-5, 7), (100, 3), (3, 2))
    ]
    found = answers([[[128, "read", x], [128, "broken", 0, p, q], [128, "value", 1]] for x, p, q in cases])

    def check():
        for (x, p, q), told in zip(cases, found, strict=True):
            true = exactly(Fraction(x)) ** arb(fmpq(p, q))
            low, high = ends(told)
            assert low < true < high
            assert high - low < true * arb(2) ** -105

    at_bits(MANY, check)


def test_far_out_values_have_their_exponents():
    """1 − tanh 5000 is next to nothing and known; e^(−10^12) is far below all floats."""
    found = answers(
        [
            [[bits, *step] for step in steps]
            for bits, steps in (
                (20000, [["read", "5000"], ["apply", "tanh", 0], ["read", "1"], ["sub", 2, 1], ["print", 3, 9, None]]),
                (128, [["read", "-1000000000000"], ["apply", "exp", 0], ["print", 1, 9, None]]),
                (128, [["read", "1000"], ["apply", "erfc", 0], ["print", 1, 9, None]]),
            )
        ]
    )
    exact = [
        at_bits(20000, lambda: (1 - arb(5000).tanh()).str(10, radius=False)),
        at_bits(MANY, lambda: (arb(-(10**12)).exp()).str(10, radius=False)),
        at_bits(MANY, lambda: arb(1000).erfc().str(10, radius=False)),
    ]
    assert [answer["text"] for answer in found] == exact
