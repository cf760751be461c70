"""Numbers as students write them, against Python's own reading of decimal text."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import InputError
from derive.reading.written_number import plain_number, plain_numbers

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-(10**9), 10**9),
    st.integers(0, 9),
    st.integers(-12, 12),
    st.sampled_from(
        ["{m}e{p}", "{m}E{p:+}", "{m}·10^{p}", "{m} × 10^({p})", "{m}*10**{p}", "{m}·10{r}", " {m}x10^{{{p}}}"]
    ),
    st.sampled_from(["-", "−", "–", "- "]),
)
def test_every_way_to_write_a_number_is_the_same_number(digits, decimals, power, way, minus):
    mantissa = f"{abs(digits):0{decimals + 1}d}"
    mantissa = f"{mantissa[: len(mantissa) - decimals]}.{mantissa[len(mantissa) - decimals :]}".rstrip(".")
    value = (-1 if digits < 0 else 1) * Fraction(mantissa) * Fraction(10) ** power
    written = way.format(m=f"{minus if digits < 0 else ''}{mantissa}", p=power, r=str(power).translate(RAISED))
    plain = plain_number(written)
    assert Fraction(plain) == value
    assert len(plain.partition("e")[0].partition(".")[2]) == decimals  # as many decimals as were written


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("0,377", "", "0.377"),
        ("0.377", "comma", "0.377"),
        ("0,377", "point", "0.377"),
        ("12,34567", "", "12.34567"),
        (",5", "", "0.5"),
        ("1,234.5", "", "1234.5"),
        ("1.234,5", "", "1234.5"),
        ("1,234,567", "", "1234567"),
        ("1 234,5", "", "1234.5"),
        ("1\u202f234.5", "", "1234.5"),
        ("0.377 500", "", "0.377500"),
        ("1,234", "comma", "1.234"),
        ("1,234", "point", "1234"),
        ("1.234", "", "1.234"),
        ("1.234", "point", "1.234"),
        ("1.234", "comma", "1234"),
        ("+0.50", "", "0.50"),
        ("= 0.5", "", "0.5"),
        ("≈0.5", "", "0.5"),
        ("-0", "", "-0"),
        ("1e-04", "", "1e-4"),
    ],
)
def test_points_and_commas(text, mark, expected):
    assert Fraction(plain_number(text, mark)) == Fraction(expected)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1/3",
        "0.5.3",
        "1,23,4",
        "--1",
        "1e",
        "1e9999",
        "nan",
        "inf",
        "0x1F",
        "1_000",
        "٣",
        "1.2·10",
        "50%",
        ".",
        ",",
        "0.5 0.6",
        "9" * 200,
        "1 23",
    ],
)
def test_what_is_no_number(text):
    with pytest.raises(InputError, match="expected a decimal number"):
        plain_number(text)


@pytest.mark.parametrize("text", ["1,234", "-12,345", "123,456", "1,234e-3"])
def test_a_comma_that_may_be_either(text):
    with pytest.raises(InputError, match="--decimal comma or --decimal point"):
        plain_number(text)


def test_other_numbers_of_the_student_settle_the_comma():
    assert plain_numbers({1: "1,234", 2: "0,5"}) == ({1: "1.234", 2: "0.5"}, {})
    assert plain_numbers({1: "1,234", 2: "0.5"}) == ({1: "1234", 2: "0.5"}, {})
    assert plain_numbers({1: "1,234"}, usual="comma") == ({1: "1.234"}, {})
    assert plain_numbers({1: "1,234", 2: "0.5"}, mark="comma", usual="point")[0] == {1: "1.234", 2: "0.5"}
    found, wrong = plain_numbers({1: "1,234", 2: "0.5", 3: "0,5", 4: "-", 5: " "})
    assert found == {2: "0.5", 3: "0.5"}
    assert list(wrong) == [1]
