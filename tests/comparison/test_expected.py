"""What a sheet's key has is what the handout prints that is rounded by hand, and what the key accepts lies round it."""

from fractions import Fraction

import pytest

import derive
from derive.numbers.decimals import round_fixed


@pytest.mark.parametrize("name", derive.ready_networks())
@pytest.mark.parametrize(("digits", "rounding"), [(5, "by-hand"), (4, "significant")])
def test_the_key_has_the_numbers_of_the_handout(name, digits, rounding):
    network = derive.load(name)
    sheet = derive.Worksheet(network, digits=digits, rounding=rounding).sheet()
    table = network.derive().evaluation.by_hand(digits, significant=rounding == "significant")
    for blank, expected in zip(sheet.blanks, sheet.expected, strict=True):
        printed = table.certain(blank.entry, table.rounding.rounded)
        assert Fraction(expected.text) == Fraction(printed.text), blank.name
        # Who rounds nothing on the way is right as well.
        value = Fraction(table.in_full.certain(blank.entry, lambda found: round_fixed(found, 12)).text)
        assert expected.low <= value <= expected.high, blank.name
