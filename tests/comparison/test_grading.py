"""Sheets are graded as a fair teacher grades them: honest rounding costs nothing, a slip costs one point, once."""

import random
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from students import SLIPS, Student

import derive
from derive.comparison.grading import EMPTY, FOLLOWS, REPEATED, RIGHT, WRONG

KINDS = ("logistic", "tanh", "identity", "relu")


def network(draw, shape, activations):
    def value():
        return draw.choice([-1, 1]) * draw.randint(5, 99) / 100

    layers = [
        derive.Layer(
            [[value() for _ in range(a)] for _ in range(b)],
            bias=[value() for _ in range(b)],
            activation=activation,
            train_bias=False,
        )
        for a, b, activation in zip(shape, shape[1:], activations, strict=False)
    ]
    sample = derive.Sample([value() for _ in range(shape[0])], [value() for _ in range(shape[-1])])
    return derive.Network(layers, [sample], learning_rate=draw.choice([0.1, 0.5]))


def asked(sheet):
    return {blank.name for blank in sheet.blanks}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(4, 8))
def test_whoever_rounds_or_cuts_honestly_is_right_everywhere(draw, digits):
    def mixed():
        return draw.random() < 0.5, draw.random() < 0.5

    shape = [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]
    given_network = network(draw, shape, draw.choices(KINDS, k=3))

    try:
        sheet = derive.Worksheet(given_network, digits=digits).sheet()
    except derive.InputError:  # a relu whose net is nearer to 0 than rounding
        return
    for habits in (lambda: (False, True), lambda: (True, True), lambda: (False, False), mixed):
        student = Student(given_network, digits, habits)
        grading = sheet.grade({name: text for name, text in student.answers.items() if name in asked(sheet)})
        wrong = [
            (verdict.name, verdict.answer, verdict.expected) for verdict in grading.verdicts if verdict.kind != RIGHT
        ]
        assert not wrong


CASES = [(slip, layer) for slip in SLIPS for layer in ((0, 1) if slip in ("slope", "turned", "sign") else (1,))]


@pytest.mark.parametrize(("slip", "layer"), CASES)
@pytest.mark.parametrize("activation", ["logistic", "tanh"])
def test_a_slip_is_named_and_costs_one_point(slip, layer, activation):
    article = derive.load("article")
    layers = [
        derive.Layer(each.weights, bias=each.bias, activation=activation, train_bias=False) for each in article.layers
    ]
    worksheet = derive.Worksheet(article.replace(layers=layers), secret="a secret", course="a course")
    draw = random.Random(f"{slip} {layer} {activation}")
    for number in range(3):
        sheet = worksheet.sheet(f"student {number}")
        own = worksheet.network.replace(dict(sheet.numbers[0]))
        student = Student(own, 6, lambda: (draw.random() < 0.5, draw.random() < 0.5), slip, layer)
        grading = sheet.grade(student.answers)
        assert [each.kind for each in grading.slips] == [SLIPS[slip]], [str(each.sentence) for each in grading.slips]
        assert grading.points == grading.out_of - 1


@pytest.mark.parametrize("other", ["path", "slope", "rate"])
def test_two_slips_cost_two_points(other):
    article = derive.load("article")
    sheet = derive.Worksheet(article).sheet()
    answers = Student(article, 6, slip=other, layer=1).answers
    # A number that no slip gives, and what follows from it.
    answers = {**answers, "w1+": "7.123456"}
    grading = sheet.grade(answers)
    assert grading.points == grading.out_of - 2
    assert grading["w1+"].kind == WRONG
    assert grading["w1+"].slip is None


def test_what_follows_from_a_wrong_number_says_so():
    article = derive.load("article")
    right = Student(article, 6).answers
    sheet = derive.Worksheet(article).sheet()
    # 0.4775 in place of 0.3775; the calculator then says 1/(1 + e^−0.4775) = 0.617157.
    grading = sheet.grade({**right, "net_h1": "0.4775", "out_h1": "0.617157"})
    assert (grading["net_h1"].kind, grading["out_h1"].kind) == (WRONG, FOLLOWS)
    # What was carried on from the right number is right as well.
    assert sheet.grade({**right, "net_h1": "0.4775"})["out_h1"].kind == RIGHT
    assert grading.points == grading.out_of - 1


@pytest.mark.parametrize(("net", "out"), [("50", "1"), ("50", "1.000000"), ("-50", "0"), ("0", "0.5")])
def test_nothing_follows_from_a_degenerate_number(net, out):
    article = derive.load("article")
    right = Student(article, 6).answers
    grading = derive.Worksheet(article).sheet().grade({**right, "net_h1": net, "out_h1": out})
    assert (grading["net_h1"].kind, grading["out_h1"].kind) == (WRONG, WRONG)


def test_rounding_too_far_is_one_slip_and_a_missing_answer_is_empty():
    article = derive.load("article")
    sheet = derive.Worksheet(article).sheet()
    answers = {**Student(article, 3).answers, "w8+": " "}
    grading = sheet.grade(answers)
    kinds = {verdict.kind for verdict in grading.verdicts}
    assert [slip.kind for slip in grading.slips] == ["rounding"]
    assert grading["w8+"].kind == EMPTY
    assert REPEATED in kinds
    assert grading.points == grading.out_of - 2


def test_a_derivative_of_equations_is_graded_and_its_slip_named():
    # f = q·z with q = x + y: ∂f/∂z = q = 3, ∂f/∂q = z = −4.
    sheet = derive.Worksheet(derive.load("circuit")).sheet()
    assert sheet.key == {"q": "3", "f": "-12", "df_dq": "-4", "df_dx": "-4", "df_dy": "-4", "df_dz": "3"}
    grading = sheet.grade({"q": "3", "f": "-12", "df_dq": "4", "df_dx": "4", "df_dy": "4", "df_dz": "3"})
    assert [verdict.kind for verdict in grading.verdicts] == [RIGHT, RIGHT, WRONG, FOLLOWS, FOLLOWS, RIGHT]
    assert [slip.kind for slip in grading.slips] == ["sign"]


def test_an_answer_is_found_by_its_number_and_other_names_are_refused():
    worksheet = derive.Worksheet(derive.load("article"))
    assert worksheet.grade({1: "0.3775", "2": 0.3925, "net_o1": Fraction("1.105906")}).points == 3
    with pytest.raises(derive.InputError, match="found 'net_h9'; expected the name or the number of a blank"):
        worksheet.grade({"net_h9": "1"})
    with pytest.raises(derive.InputError, match="net_h1: found 'abc'; expected a decimal number"):
        worksheet.grade({"net_h1": "abc"})


@pytest.mark.parametrize("name", ["article", "softmax_classifier", "convolution", "lstm_cell"])
@pytest.mark.parametrize("number", ["0.5", "-0.5", "2", "1000000", "1e200", "0", "1"])
def test_one_number_in_every_blank_gets_no_points_for_what_follows(name, number):
    sheet = derive.Worksheet(derive.load(name)).sheet()
    grading = sheet.grade(dict.fromkeys(sheet.key, number))
    right = sum(each.accepts(number) for each in sheet.expected)
    # Of 0 and ±1 a known mistake may explain some, such as a forgotten bias.
    assert grading.points <= right + (0.2 * grading.out_of if number in ("0", "1") else 0)
    assert all(verdict.kind != FOLLOWS for verdict in grading.verdicts)


def test_alike_numbers_that_are_asked_for_alike_follow():
    # The mean of six numbers: each derivative is the same, and so is each that follows from a wrong one before it.
    values = {f"x{k}": 1 + k for k in range(6)} | {"w": 3}
    formulas = {"m": " + ".join(f"x{k}" for k in range(6)), "f": "w*m^2"}
    sheet = derive.Worksheet(derive.Computation(formulas, values=values, output="f")).sheet()
    wrong = {name: "77.5" for name in sheet.key if name == "df_dm" or name.startswith("df_dx")}
    grading = sheet.grade({**sheet.key, **wrong})
    assert grading.points == grading.out_of - 1
