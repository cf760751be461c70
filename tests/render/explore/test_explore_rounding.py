"""An explorable page prints, rounds and refuses numbers as Python does: those functions are what it mirrors."""

import random
from fractions import Fraction

import pytest
from flint import arb, fmpq
from numbers_in_node import answers, needs_node

from derive.notation.elementary import entries
from derive.numbers.arithmetic import OutsideDomain, broken_power, function_of_value, kept, times, total, whole_power
from derive.numbers.decimals import Undecided, as_printed, is_same, nearest_float, round_exact, to_float
from derive.numbers.precision import at_bits
from derive.numbers.rounding import Rounding

pytestmark = needs_node
BY_HAND = [None, *(Rounding(digits, significant) for digits in (1, 2, 4, 6, 9) for significant in (False, True))]
# How many digits are asked for, and how was rounded by hand: to no significant digit at all is nothing.
WAYS = [
    (digits, rounding)
    for digits in (0, 1, 2, 3, 4, 6, 9, 9, 12, 30)
    for rounding in BY_HAND
    if digits or rounding is None or not rounding.is_significant
]


def written(number):
    return f"{number.numerator}/{number.denominator}"


def flints(number):
    return fmpq(number.numerator, number.denominator)


def told(rounding):
    return rounding and {"digits": rounding.digits, "significant": rounding.is_significant}


def printed(value, digits, rounding):
    """Return what `Number.rounded` gives."""
    if rounding is None:
        found = round_exact(value, digits)
        return {"text": found.text, "exact": found.exact}
    found = rounding.rounded(value)
    if digits >= rounding.digits:
        return {"text": found.text, "exact": found.exact}
    again = rounding.at_most(digits).rounded(as_printed(found.text))
    return {"text": again.text, "exact": found.exact and again.exact}


def numbers(count):
    """Return ties, edges, tiny and huge numbers, and random ones."""
    source = random.Random(18)
    found = [
        Fraction(0),
        Fraction("9.99996"),
        Fraction("99999.5"),
        Fraction("0.00099995"),
        Fraction(10**15),
        Fraction(1, 10**6),
    ]
    found += [Fraction(10**15) - Fraction(1, 10**10), Fraction("999999999999999.9999999995"), Fraction(1, 10**400)]
    found += [Fraction(10**k) + offset for k in (-9, -6, 0, 3, 14, 15) for offset in (0, Fraction(-1, 10**25))]
    for _ in range(count):
        ten = Fraction(10) ** source.randrange(-14, 18)
        kind = source.randrange(4)
        if kind == 0:  # short decimals, of which many are exact
            found.append(source.randrange(1, 10**4) * ten)
        elif kind == 1:  # ties
            found.append((source.randrange(1, 10**5) + Fraction(1, 2)) * ten)
        elif kind == 2:  # nines
            found.append((1 - Fraction(source.randrange(1, 9), 10 ** source.randrange(2, 12))) * ten)
        else:
            found.append(Fraction(source.randrange(1, 10**9), source.randrange(1, 10**9)) * ten)
    return [sign * number for number in found for sign in (1, -1)]


def test_rationals_are_printed_as_python_prints_them():
    source = random.Random(2)
    cases = [(x, *source.choice(WAYS)) for x in numbers(1500)]
    found = answers([[[128, "read", written(x)], [128, "print", 0, d, told(by)]] for x, d, by in cases])
    for (x, digits, rounding), answer in zip(cases, found, strict=True):
        assert answer == at_bits(128, printed, flints(x), digits, rounding), (x, digits, rounding)


def test_balls_are_printed_as_python_prints_them_or_left_open():
    """x·√2 on both sides, many bits on Python's; at few bits some digits are open."""
    source = random.Random(3)
    cases = [(bits, x, *source.choice(WAYS)) for bits in (40, 128, 256) for x in numbers(300) if x]
    found = answers(
        [
            [
                [b, "read", written(x)],
                [b, "read", "2"],
                [b, "apply", "sqrt", 1],
                [b, "mul", 0, 2],
                [b, "print", 3, d, told(by)],
            ]
            for b, x, d, by in cases
        ]
    )
    opened = 0
    for (bits, x, digits, rounding), answer in zip(cases, found, strict=True):
        if answer == {"error": "Undecided"}:
            opened += 1
            assert bits < 256 or abs(x) < Fraction(1, 10**100)
            continue
        true = at_bits(3000, times, flints(x), at_bits(3000, arb(2).sqrt))
        assert answer == at_bits(3000, printed, true, digits, rounding), (x, digits, rounding)
    assert opened < len(cases) / 4


def test_values_are_carried_on_as_they_are_rounded_by_hand():
    cases = [(x, rounding) for x in numbers(200) for rounding in BY_HAND]
    found = answers([[[128, "read", written(x)], [128, "carried", 0, told(by)]] for x, by in cases])
    for (x, rounding), answer in zip(cases, found, strict=True):
        assert Fraction(answer) == (x if rounding is None else rounding.of_fraction(x))


OPERATIONS = {
    "add": lambda values, i, j: total([values[i], values[j]]),
    "sub": lambda values, i, j: total([values[i], -values[j]]),
    "mul": lambda values, i, j: times(values[i], values[j]),
    "power": lambda values, i, n: whole_power(values[i], n),
}


def test_rationals_stay_rational_where_they_do_in_python():
    """Long products and powers become balls at the same length, and functions are rational at the same points."""
    source = random.Random(4)
    programs, expected = [], []

    def compare(steps, value):
        programs.append([[128, *step] for step in steps])
        expected.append(written(Fraction(int(value.p), int(value.q))) if isinstance(value, fmpq) else None)

    for _ in range(60):
        numbers = [Fraction(source.randrange(1, 99), source.choice([1, 2, 3, 10, 100, 640, 7**5])) for _ in range(3)]
        steps, values = [["read", written(x)] for x in numbers], [flints(x) for x in numbers]
        while len(values) < 25:
            i, j = sorted(source.sample(range(max(0, len(values) - 3), len(values)), 2))
            kind, given = source.choice(
                [("add", [i, j]), ("sub", [i, j]), ("mul", [j, i]), ("power", [j, 2]), ("power", [j, 3])]
            )
            steps.append([kind, *given])
            values.append(at_bits(128, OPERATIONS[kind], values, *given))
            compare([*steps, ["value", len(values) - 1]], values[-1])
    for entry in entries():
        for x in ("0", "1", "4/9", "2", "8/27", "50/8"):
            try:
                value = at_bits(128, function_of_value(entry), flints(Fraction(x)))
            except OutsideDomain:
                continue
            compare([["read", x], ["apply", entry.code, 0], ["value", 1]], value)
    for x, p, q in (("8/27", 1, 3), ("8/27", -2, 3), ("4/9", 3, 2), ("2", 1, 3), ("50/8", -1, 2), ("0", 2, 3)):
        value = at_bits(128, broken_power, flints(Fraction(x)), fmpq(p, q))
        compare([["read", x], ["broken", 0, p, q], ["value", 1]], value)
    long = Fraction(2**4095 + 1)
    compare([["read", written(long)], ["add", 0, 0], ["value", 1]], at_bits(128, kept, flints(2 * long)))
    compare([["read", written(long)], ["value", 0]], flints(long))
    kinds = [answer if isinstance(answer, str) else None for answer in answers(programs)]
    assert kinds == expected
    assert 150 < sum(kind is None for kind in kinds) < len(kinds) / 2


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        # √2·√2 − 2 is 0, and no ball can show it.
        ([["read", "2"], ["apply", "sqrt", 0], ["mul", 1, 1], ["sub", 2, 0], ["sign", 3]], "Undecided"),
        ([["read", "2"], ["apply", "sqrt", 0], ["mul", 1, 1], ["sub", 2, 0], ["print", 3, 9, None]], "Undecided"),
        ([["read", "2"], ["apply", "sqrt", 0], ["mul", 1, 1], ["sub", 2, 0], ["apply", "log", 3]], "Undecided"),
        ([["read", "2"], ["apply", "sqrt", 0], ["mul", 1, 1], ["sub", 2, 0], ["broken", 3, 1, 3]], "Undecided"),
        ([["read", "2"], ["apply", "sqrt", 0], ["mul", 1, 1], ["sub", 2, 0], ["div", 0, 3], ["float", 4]], "Undecided"),
        # √6.25·√… : a tie that is met exactly, by balls
        ([["read", "1/8"], ["apply", "exp", 0], ["apply", "log", 1], ["print", 2, 2, None]], "Undecided"),
        ([["read", "0"], ["read", "1"], ["div", 1, 0]], "DivisionByZero"),
        ([["read", "0"], ["power", 0, -2]], "DivisionByZero"),
        ([["read", "0"], ["broken", 0, -1, 3]], "DivisionByZero"),
        ([["read", "-1/2"], ["broken", 0, 1, 3]], "OutsideDomain"),
        ([["read", "-1/2"], ["apply", "sqrt", 0]], "OutsideDomain"),
        ([["read", "0"], ["apply", "log", 0]], "OutsideDomain"),
        ([["read", "-1"], ["apply", "log1p", 0]], "OutsideDomain"),
        ([["read", "-1e16"], ["apply", "exp", 0], ["print", 1, 9, None]], "Unprintable"),
    ],
)
def test_what_is_open_or_undefined_is_said(steps, error):
    (answer,) = answers([[[128, *step] for step in steps]])
    assert answer["error"] == error


def test_a_product_with_zero_is_zero_even_of_a_ball_without_a_bound():
    steps = [
        ["read", "2"],
        ["apply", "sqrt", 0],
        ["mul", 1, 1],
        ["sub", 2, 0],
        ["power", 3, -1],
        ["read", "0"],
        ["mul", 5, 4],
    ]
    assert answers([[[128, *step] for step in [*steps, ["value", 6]]]]) == ["0/1"]


def test_a_root_of_a_ball_that_lies_below_zero_by_its_width_alone_is_a_number():
    steps = [
        ["read", "2"],
        ["apply", "sqrt", 0],
        ["mul", 1, 1],
        ["sub", 2, 0],
        ["apply", "sqrt", 3],
        ["print", 4, 0, None],
    ]
    with pytest.raises(Undecided):
        at_bits(128, lambda: round_exact(arb(0, arb(2) ** -60), 0))
    (answer,) = answers([[[128, *step] for step in [*steps[:-1], ["value", 4]]]])
    mantissa, exponent, radius = int(answer[0], 16), answer[1], answer[2]
    assert abs(mantissa) + radius < 2.0 ** (-40 - exponent)


def test_texts_are_read_exactly():
    texts = ["3/20", "-0.25", "1e-3", "+7", ".5", "5.", "-1.50E+2", "12345678901234567890.5", "007", "-6/4"]
    assert [Fraction(text) for text in answers([[[64, "read", text], [64, "value", 0]] for text in texts])] == [
        Fraction(text) for text in texts
    ]
    wrong = [
        "",
        ".",
        "-",
        "1,5",
        "1/0",
        "1/-2",
        "0x10",
        "1e",
        "e5",
        "1e99999",
        "NaN",
        "Infinity",
        " 1",
        "1 2",
        "1/2/3",
        "1.5/2",
    ]
    assert answers([[[64, "readable", text]] for text in wrong]) == [False] * len(wrong)


def test_printed_decimals_are_the_same_numbers_as_in_python():
    texts = [
        "0.74136507",
        "0.741365070",
        "0",
        "0.000",
        "-0.5",
        "0.5",
        "-0.50",
        "1e3",
        "1.000e3",
        "1000",
        "100",
        "1.5e-43430",
    ]
    pairs = [(left, right) for left in texts for right in texts]
    assert answers([[[64, "same", *pair]] for pair in pairs]) == [is_same(*pair) for pair in pairs]
    plain = [text for text in texts if "43430" not in text]
    assert [Fraction(x) for x in answers([[[64, "asPrinted", text], [64, "value", 0]] for text in plain])] == [
        Fraction(int(as_printed(text).p), int(as_printed(text).q)) for text in plain
    ]


def test_the_nearest_double_is_that_of_python():
    source = random.Random(6)
    found = [Fraction(source.randrange(1, 2**70), source.randrange(1, 2**70)) for _ in range(300)]
    found += [
        number * Fraction(2) ** power for number in found[:100] for power in (-1080, -1060, -1022, 900, 1023, 2000)
    ]
    found += [
        Fraction(2**53 + 1),
        Fraction(2**54 + 6),
        Fraction(1, 2**1075),
        Fraction(3, 2**1075),
        Fraction(0),
        Fraction(1, 10),
    ]
    found += [-number for number in found]
    texts = answers([[[64, "read", written(x)], [64, "float", 0]] for x in found])
    assert [float(text) for text in texts] == [to_float(x) for x in found]
    balls = answers(
        [
            [
                [128, "read", written(x)],
                [128, "read", "2"],
                [128, "apply", "sqrt", 1],
                [128, "mul", 0, 2],
                [128, "float", 3],
            ]
            for x in found
        ]
    )
    assert [float(text) for text in balls] == [
        at_bits(128, lambda x=x: nearest_float(times(flints(x), arb(2).sqrt()))) for x in found
    ]
