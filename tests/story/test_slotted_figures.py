"""Figures of a page whose numbers may change: the static ones, with slots that hold the numbers they show."""

import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from xml.etree import ElementTree

import attrs
import mpmath
import pytest
from traces import read

import derive
from derive.evaluation.explored import explorable
from derive.notation.slots import NUMBER, RELATION
from derive.numbers.slots import Slots, with_slots
from derive.story.figures import figures

READY = [
    "article",
    "xor",
    "softmax_classifier",
    "single_neuron",
    "circuit",
    "recurrence",
    "weight_tying",
    "max_pooling",
]
SVG = "{http://www.w3.org/2000/svg}"
MARK = re.compile(r' data-(?:of|words|start)="[^"]*"')
TAG = re.compile(r"<tspan[^>]*>|</tspan>")
# A number by itself, or behind a name and a relation.
LABEL = re.compile(r"(?:.*\xa0[=≈]\xa0)?(−?\d+(?:[.,]\d+)?(?:·10−?\d+)?)")


@cache
def made(name, **options):
    """The static figures, those with slots, and the slots."""
    handout = derive.load(name).derive().handout(**options)
    shown, slots = explorable(handout.shown), Slots()
    given = handout.training, handout.digits, handout.reader_language
    return handout.figures, with_slots(slots, lambda: figures(handout.document, shown, *given)), slots


def without_marks(svg):
    """An SVG without what only a page that may change has."""
    svg, found, place, kept = MARK.sub("", svg), [], 0, []
    for tag in TAG.finditer(svg):
        found.append(svg[place : tag.start()])
        place = tag.end()
        if not tag[0].startswith("</"):
            kept.append("slot" not in tag[0])
            is_kept = kept[-1]
        else:
            is_kept = kept.pop()
        found.append(tag[0] if is_kept else "")
    return "".join(found) + svg[place:]


def texts(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def slot_texts(svg):
    """The number and the text of every slot."""
    parts = ElementTree.fromstring(svg).iter(f"{SVG}tspan")
    return [(int(part.get("slot")), "".join(part.itertext())) for part in parts if part.get("slot")]


def value_of(text):
    """The number that a label shows, and half a unit of its last digit."""
    mantissa, _, power = text.replace("−", "-").replace(",", ".").partition("·10")
    decimals = len(mantissa.partition(".")[2])
    ten = Fraction(10) ** int(power or 0)
    return Fraction(mantissa) * ten, Fraction(1, 2 * 10**decimals) * ten


def registers(slots, given):
    """The value of every register, from the numbers that are given."""

    def number(key):
        fraction = Fraction(0) if key[0].startswith("steps:") else given[key]  # no step was made before
        return mpmath.mpf(fraction.numerator) / fraction.denominator

    with mpmath.workdps(50):
        return read(slots.trace, number)


def given_numbers(network):
    """The numbers that are given, by name and sample."""
    shown = explorable(network.derive().handout().shown)
    every = [value for sample in shown.computation.samples for value in sample.values()]
    return {value.key: value for value in (*every, shown.plan.learning_rate)}


def shown_numbers(slots, svg):
    """What stands in each slot of a number, and in which register it is."""
    kinds, numbers = list(slots.slots), list(slots.numbers)
    for slot, text in slot_texts(svg):
        if kinds[slot].kind == NUMBER:
            (number,) = kinds[slot].numbers
            yield text, numbers[number].register


OTHERS = [("article", {"rounding": "by-hand", "digits": 4}), ("recurrence", {"language": "es", "digits": 6})]


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in READY), *OTHERS])
def test_without_its_slots_it_is_the_static_one(name, options):
    static, slotted, _ = made(name, **options)
    assert slotted.keys() == static.keys()
    for each, figure in slotted.items():
        assert "data-" in figure.svg
        assert without_marks(figure.svg) == static[each].svg
        assert figure.tikz == static[each].tikz


def test_a_figure_that_is_made_for_good_later_has_no_marks():
    made("weight_tying")
    again = derive.load("weight_tying").derive().handout().figures
    assert not any("data-" in figure.svg for figure in again.values())


@pytest.mark.parametrize("name", READY)
def test_every_number_has_a_slot(name):
    _, slotted, _ = made(name)
    for figure in slotted.values():
        root = ElementTree.fromstring(figure.svg)
        if root.get("data-start"):
            continue
        for text in root.iter(f"{SVG}text"):
            found = LABEL.fullmatch("".join(text.itertext()))
            slots = ["".join(part.itertext()) for part in text.iter(f"{SVG}tspan") if part.get("slot")]
            # The derivative of the error by itself, and by an out of another row of a joint layer.
            if found and not (found[1] in ("0", "1") and text.get("class") == "accent"):
                assert found[1] in slots, found[0]


@pytest.mark.parametrize("name", READY)
def test_a_slot_has_the_number_that_it_shows(name):
    network = derive.load(name)
    _, slotted, slots = made(name)
    known = registers(slots, given_numbers(network))
    shown = [each for figure in slotted.values() for each in shown_numbers(slots, figure.svg)]
    assert shown
    for text, register in shown:
        value, half = value_of(text)
        assert abs(known[register] - value.numerator / mpmath.mpf(value.denominator)) <= float(half) * (1 + 1e-9), text


@pytest.mark.parametrize(("name", "changed"), [("article", "w5"), ("xor", "w1"), ("single_neuron", "theta1")])
def test_a_slot_has_what_the_static_figure_shows_when_a_number_is_moved(name, changed):
    network = derive.load(name)
    _, slotted, slots = made(name)
    given = given_numbers(network)
    given[changed, -1] += Fraction(1, 100)
    handout = network.derive().handout()
    computation = handout.shown.computation
    samples = [sample | {changed: given[changed, -1]} for sample in computation.samples]
    shown = replace(handout.shown, computation=attrs.evolve(computation, samples=samples), _tables={})
    moved = figures(handout.document, shown, handout.training, handout.digits, handout.reader_language)
    known = registers(slots, given)
    differ = 0
    for each, figure in slotted.items():
        if "slot" not in figure.svg:
            continue
        before, after = list(ElementTree.fromstring(figure.svg).iter(f"{SVG}text")), texts(moved[each].svg)
        assert len(before) == len(after)
        for text, new in zip(before, after, strict=True):
            for old, register in shown_numbers(slots, ElementTree.tostring(text)):
                shown = LABEL.fullmatch(new)[1]
                value, half = value_of(shown)
                assert abs(known[register] - value.numerator / mpmath.mpf(value.denominator)) <= float(half) * 1.000001
                differ += old != shown
    assert differ > 5


def test_what_belongs_to_a_quantity_says_so():
    network = derive.load("article")
    _, slotted, slots = made("article")
    known = registers(slots, given_numbers(network))
    evaluation = network.derive().evaluation
    numbers = list(slots.numbers)
    kinds = list(slots.slots)
    root = ElementTree.fromstring(slotted["network"].svg)
    found = set()
    for text in root.iter(f"{SVG}text"):
        for part in text.iter(f"{SVG}tspan"):
            if part.get("slot"):
                name = text.get("data-of")
                number = numbers[kinds[int(part.get("slot"))].numbers[0]]
                assert float(known[number.register]) == pytest.approx(float(evaluation.quantity(name)), rel=1e-15)
                assert number.digits == 4
                found.add(name)
    assert found == {"i1", "i2", *(f"w{n}" for n in range(1, 9)), "b1", "b2", "target_o1", "target_o2"}
    arrows = [group.get("data-of") for group in root.iter(f"{SVG}g")]
    assert sorted(arrows) == sorted([*(f"w{n}" for n in range(1, 9)), "b1", "b1", "b2", "b2"])
    nodes = {rect.get("data-of") for rect in root.iter(f"{SVG}rect")} - {None}
    assert nodes == {"i1", "i2", "b1", "b2", "out_h1", "out_h2", "out_o1", "out_o2"}
    derivatives = ElementTree.fromstring(slotted["computation"].svg).iter(f"{SVG}g")
    assert {"w5 net_o1", "out_h1 net_o1"} <= {group.get("data-of") for group in derivatives}


def test_a_relation_has_a_slot_of_the_number_behind_it():
    _, slotted, slots = made("recurrence")
    kinds = list(slots.slots)
    relations = [slot for slot, text in slot_texts(slotted["computation"].svg) if text in "=≈"]
    numbers = [slot for slot, text in slot_texts(slotted["computation"].svg) if text not in "=≈"]
    assert len(relations) > 5
    assert {kinds[slot].kind for slot in relations} == {RELATION}
    assert {kinds[slot].numbers for slot in relations} <= {kinds[slot].numbers for slot in numbers}


@pytest.mark.parametrize("name", ["article", "circuit", "recurrence", "neuron_without_error"])
def test_words_that_follow_are_at_first_the_words(name):
    _, slotted, _ = made(name)
    followed = 0
    for figure in slotted.values():
        desc = ElementTree.fromstring(figure.svg).find(f"{SVG}desc")
        if desc is not None and desc.get("data-words"):
            parts = re.split(r"\{\d+\}", desc.get("data-words"))
            # Between them a number or a relation, and no number that would stay where it is.
            assert re.fullmatch("(?:[=≈]|−?[0-9.]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)".join(map(re.escape, parts)), desc.text)
            assert not re.search(r"[=≈] [−0-9]", desc.get("data-words"))
            followed += 1
    assert followed


def test_the_curve_is_that_of_the_start():
    _, slotted, _ = made("article")
    marked = [name for name, figure in slotted.items() if 'data-start="true"' in figure.svg]
    assert marked == ["training-iterations-error"]


def test_the_digits_of_a_power_are_none_of_the_number(tmp_path):
    # Its first four digits and the 10 read 85801 0, as if these were all of its digits.
    text = (
        'title = "Small"\ndifferentiate = "f"\nby = ["x"]\n[values]\nx = 8.5801e-4\ny = 1e-4\n[equations]\nf = "x*y"\n'
    )
    (tmp_path / "small.toml").write_text(text, "utf-8")
    static, _, _ = made(str(tmp_path / "small.toml"))
    shown = texts(static["computation"].svg)
    assert "8.580·10−8" in shown
    assert shown[shown.index("8.580·10−8") - 1] == "≈"
