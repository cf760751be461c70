"""Published numbers without layers: those that are rounded from the truth are accepted, and slips are named."""

import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

import derive
from derive.comparison.published.verdicts import WRONG
from tests.computation.computations import CASES
from tests.computation.random_computations import random_computation


def rounded(text, digits):
    """Digits as a book prints them: rounded from far more."""
    number = Decimal(text)
    if not number:
        return "0"
    place = number.adjusted() - digits + 1
    return f"{number.quantize(Decimal(1).scaleb(min(place, 0)), ROUND_HALF_UP):f}"


def truths(derivation):
    """Every name that has a value, with many digits."""
    found = {name: derivation.values[name].decimal(40) for name in derivation.values}
    if len(derivation.computation.samples) == 1:
        for name, partial in derivation.partials.items():
            found[f"dE_d{name}"] = partial.decimal(40)
            if len(partial.paths) > 1:
                found |= {path.name: path.value.decimal(40) for path in partial.paths}
    else:
        whole = derivation.computation.whole_objective_name
        found[whole] = derivation.error.value.decimal(40)
        found |= {f"d{whole}_d{name}": value.decimal(40) for name, value in derivation.gradients.items()}
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("digits", [3, 9])
def test_what_is_rounded_from_the_truth_is_right(seed, digits):
    derivation = random_computation(seed).computation.derive(derive.Plan(learning_rate=0.125))
    values = {name: rounded(text, digits) for name, text in truths(derivation).items()}
    updated = {name: rounded(derivation.evaluation.updated(name).decimal(40), digits) for name in derivation.parameters}
    found = derive.compare_published(derivation, {"values": values, "after": {"1": updated}})
    assert found.agrees, [row for row in found if row.verdict == WRONG]
    assert all(not row.causes for row in found), [row.causes for row in found]


@pytest.mark.parametrize("name", [name for name in CASES if len(CASES[name].computation.samples) == 1])
def test_a_forgotten_use_is_named(name):
    derivation = CASES[name].computation.derive()
    for by in derivation.parameters:
        paths = derivation[by].paths
        for path in paths if len(paths) > 1 else ():
            wrong = Decimal(derivation[by].decimal(40)) - Decimal(path.value.decimal(40))
            printed = {f"dE_d{by}": rounded(wrong, 6)}
            if printed[f"dE_d{by}"] in ("0", rounded(derivation[by].decimal(40), 6)):
                continue
            (row,) = derive.compare_published(derivation, {"values": printed})
            assert row.verdict == WRONG
            said = [str(cause.sentence) for cause in row.causes]
            about = (
                f"missing from the derivative with respect to {by}.",
                f"counted in the derivative with respect to {by}.",
            )
            assert any(each.endswith(about) for each in said), (printed, said)


def test_three_digits_are_enough_for_the_part_of_a_time_step():
    derivation = derive.load("recurrence").derive()
    (row,) = derive.compare_published(derivation, {"values": {"dL_dW_x": "-0.687"}})
    (cause,) = row.causes
    assert str(cause.sentence) == "The contribution through h_1 is missing from the derivative with respect to W_x."


def test_numbers_by_chance_are_not_explained():
    pick, explained = random.Random(1), 0
    derivation = derive.load("recurrence").derive()
    for _ in range(80):
        printed = f"{pick.uniform(-1, 1):.4f}"
        (row,) = derive.compare_published(derivation, {"values": {"dL_dW_h": printed}})
        explained += bool(row.causes)
    assert explained <= 3
