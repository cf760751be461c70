"""The page to explore in a real browser: what stands in it is what Python says of the changed network."""

import random
from fractions import Fraction
from functools import cache

import pytest
from explore_pages import (
    BROWSER,
    DESK,
    FIREFOX,
    PHONE,
    changed,
    drawn_change,
    first_difference,
    launched,
    lines_of,
    opened,
    written,
)

import derive
from derive.errors import InputError

pytest.importorskip("axe_playwright_python", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser here to open the page in")
# Firefox is driven by a protocol that cannot say what kind of screen or paper a page is on.
needs_media = pytest.mark.skipif(FIREFOX, reason="this browser cannot be told what the page is shown on")
NETWORKS = (
    "article",
    "article_trained_biases",
    "xor",
    "softmax_classifier",
    "two_hidden_layers",
    "regression",
    "single_neuron",
    "momentum_parabola",
    "circuit",
    "recurrence",
)
CHANGES = 2 if FIREFOX else 5
CHANGED = NETWORKS[::3] if FIREFOX else NETWORKS
MALFORMED = (
    "w1=abc",
    "w1=1e999999",
    "nosuch=3",
    "steps=-1",
    "steps=1e9",
    "w1=",
    "w1=0.2&w1=0.3&nosuch=1",
    "=1",
    "%",
    "w1=%E0%A4%A",
    "w1=" + "9" * 100_000,
    "&" * 1000,
    "__proto__=1",
)

LARGEST = 1.2  # times the static page


@pytest.fixture(scope="module")
def browser():
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("explored")


@cache
def derivation(name, iterations=None):
    """The derivation of a ready network, or of the same that trains for so long."""
    found = derive.load(name)
    return (found if iterations is None else found.replace(iterations=iterations)).derive()


@pytest.fixture
def explore(browser, folder):
    """Opens the page of a ready network anew; what is opened is closed with the test."""
    contexts = []

    def open_(name, fragment="", language="en", iterations=0, **options):
        kept = f"{name}-{iterations}"
        path = folder / f"{kept}.explore.{language}.html"
        if not path.exists():
            path = written(folder, kept, derivation(name, iterations), "explore", language=language)
        page = opened(browser, path, fragment, **options)
        contexts.append(page.page.context)
        if options.get("java_script_enabled", True):
            page.settle()
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def python(browser, folder):
    """What stands in Python's own page of a derivation."""

    def read(given, language="en"):
        found = opened(browser, written(folder, "static", given, "html", language=language))
        lines = lines_of(found.page)
        found.page.context.close()
        return lines

    return read


@pytest.mark.parametrize("name", NETWORKS)
def test_as_opened_the_page_says_what_the_static_one_says(explore, python, name):
    assert not first_difference(explore(name, iterations=None).lines(), python(derivation(name)))


@pytest.mark.parametrize("name", CHANGED)
def test_after_changes_the_page_is_what_python_makes_of_the_changed_network(explore, python, name):
    given = derive.load(name).replace(iterations=0)
    draw, page, unlike = random.Random(name), explore(name), 0
    start = page.lines()
    for _ in range(CHANGES):
        for quantity, text in drawn_change(draw, page.quantities):
            before, why = page.lines(), page.type(quantity.id, text)
            expected, refused = before, None
            try:
                found = changed(given, quantity, text)
                expected = python(found.derive())
            except InputError as error:
                refused = error
            assert bool(why) == bool(refused), f"{quantity.id} = {text}: the page says {why}, Python {refused}"
            if refused:
                page.field(quantity.id).press("Escape")
            else:
                given = found
            difference = first_difference(page.lines(), expected)
            unlike += page.says_otherwise and bool(difference)
            assert page.says_otherwise or not difference, f"{quantity.id} = {text}: {difference}"
            assert page.malformed == []
    # Whether a section on time steps is told depends on the sizes of the numbers, and so stays as at the start.
    assert unlike <= 1 or name == "recurrence"
    page.press("Reset")
    assert page.lines() == start
    assert page.said == page.asked == []


@pytest.mark.parametrize("name", ["article", "xor", "regression"])
def test_the_training_of_a_changed_network_follows(explore, python, name):
    page, given = explore(name, iterations=100), derive.load(name).replace(iterations=100)
    parameter = derivation(name).parameters[0]
    page.type(parameter, "0.7")
    found, expected = page.lines(), python(given.replace({parameter: 0.7}).derive())
    assert not first_difference(*map(_without_curve, (found, expected)))


def _without_curve(lines):
    """The page without the curve of the training, which stays as it was at the start and is marked so."""
    start = next(place for place, line in enumerate(lines) if line.startswith("The error over 100 iterations."))
    end = next(
        place for place in range(start, len(lines)) if " | " in lines[place] or lines[place].startswith("Figure")
    )
    return lines[:start] + lines[end:]


@pytest.mark.parametrize("name", ["article", "xor", "regression", "momentum_parabola"])
def test_twenty_steps_are_those_of_the_training(explore, name):
    page, training = explore(name), derivation(name).train(20)
    for _ in range(20):
        page.press("Step")
    for parameter in derivation(name).computation.trained:
        assert float(page.field(parameter).input_value()) == pytest.approx(
            training.parameters[parameter], rel=1e-8, abs=1e-9
        )
    last = training.certified(9).errors[-1]
    assert last.sure == "certain"
    assert page.page.locator("#explore output.error-now").inner_text().split()[-1] == _written(last.text)
    assert page.said == page.asked == []


def test_twenty_steps_of_adam_are_those_of_its_training(browser, folder):
    given = derive.load("article").replace(optimizer="adam", iterations=0).derive()
    page, training = opened(browser, written(folder, "adam", given, "explore")), given.train(20)
    for _ in range(20):
        page.press("Step")
    for parameter in given.computation.trained:
        number = float(page.field(parameter).input_value())
        assert number == pytest.approx(training.parameters[parameter], rel=1e-8, abs=1e-9)
    assert page.said == []
    page.page.context.close()


def test_signs_in_fractions_and_before_powers_follow(browser, folder, python):
    """GELU has the number of a neuron above a fraction's line, RMSprop the square of a derivative behind a product."""
    layer = derive.Layer(weights=[[0.4, 0.3]], bias=0.1, activation="gelu")
    sample = derive.Sample(inputs=[0.5, 0.25], targets=[1])
    given = derive.Network(layers=[layer], samples=[sample], optimizer="rmsprop")
    page = opened(browser, written(folder, "signs", given.derive(), "explore"))
    assert not first_difference(page.lines(), python(given.derive()))
    bias, goal = (next(each.id for each in page.quantities if each.kind == kind) for kind in ("bias", "target"))
    for text, target in (("-0.9", 1), ("0.2", -1), ("0.0000001", 1), ("-0.35", -1)):
        page.type(bias, text)
        page.type(goal, str(target))
        samples = [derive.Sample(inputs=[0.5, 0.25], targets=[target])]
        found = given.replace({bias: Fraction(text)}).replace(samples=samples)
        assert not first_difference(page.lines(), python(found.derive())), (text, target)
    page.page.context.close()


def _written(text):
    """A decimal as a page writes it."""
    return text.replace("-", "−")


def test_back_undoes_a_step(explore):
    page = explore("article")
    start = page.lines()
    page.press("Step")
    assert page.lines() != start
    page.press("Step back")
    assert page.lines() == start


@pytest.mark.parametrize("fragment", MALFORMED, ids=lambda text: text[:24])
def test_a_malformed_address_changes_nothing(explore, python, fragment):
    page = explore("article")
    start = page.lines()
    page.follow(fragment)
    assert page.lines() == start
    assert page.said == []
    page = explore("article", "#" + fragment)
    assert page.lines() == start
    assert page.said == page.asked == []


def test_an_address_carries_the_state(explore, python):
    page = explore("article", "#w1=0.2&b2=-0.5")
    expected = python(derive.load("article").replace(iterations=0, w1=0.2, b2=-0.5).derive())
    assert not first_difference(page.lines(), expected)
    page.type("w5", "0.75")
    page.page.wait_for_timeout(1000)
    again = explore("article", page.page.evaluate("location.hash"))
    assert not first_difference(again.lines(), page.lines())


def test_an_anchor_is_no_state(explore):
    page = explore("article", "#the-backward-pass")
    assert page.page.evaluate("scrollY") > 0
    assert page.said == []


def test_a_comma_is_typed_and_shown(explore, python):
    page = explore("article", language="pt-BR")
    assert page.field("w1").input_value() == "0,15"
    assert page.type("w1", "0,25") is None
    assert page.field("w1").input_value() == "0,25"
    expected = python(derive.load("article").replace(iterations=0, w1=0.25).derive(), language="pt-BR")
    assert not first_difference(page.lines(), expected)


@pytest.mark.parametrize("text", ["abc", "", "1.2.3", "1/0", "--1", "1e999999", "NaN", "Infinity", "0x10"])
def test_what_is_no_number_keeps_the_state_and_is_told(explore, text):
    page = explore("article")
    page.type("w1", "0.25")
    before = page.lines()
    assert page.type("w1", text).strip()
    # Typed sign by sign, as Firefox does it, 1.2.3 is a number up to 1.2, which counts.
    assert page.lines() == before or (FIREFOX and page.field("w1").input_value() == text and text[0] in "01")
    assert page.type("w1", "0.5") is None
    assert page.said == []


def test_a_long_number_is_taken_or_refused_in_one_sentence(explore):
    page = explore("article")
    before = page.lines()
    why = page.type("w1", "0." + "1" * 3000)
    assert page.lines() == before if why else page.lines() != before
    assert page.said == []


def test_fields_have_the_names_of_their_quantities(explore):
    page = explore("article")
    for quantity in page.quantities:
        page.field(quantity.id)
    found = page.page.locator("#explore")
    assert [found.get_by_role("textbox", name=each.name, exact=True).count() for each in page.quantities] == [1] * len(
        page.quantities
    )


def test_undo_takes_back_a_change(explore):
    page = explore("article")
    start = page.lines()
    page.type("w1", "0.25")
    page.press("Undo")
    assert page.lines() == start
    page.press("Redo")
    assert page.field("w1").input_value() == "0.25"


def test_the_number_in_the_page_is_moved_with_the_arrow_keys(explore):
    page = explore("article")
    number = page.page.locator('main [data-input="w1"][role="spinbutton"]').first
    number.focus()
    page.page.keyboard.press("ArrowUp")
    page.settle()
    assert page.field("w1").input_value() == "0.16"
    assert number.text_content().endswith("0.16")


@needs_media
def test_paper_shows_no_controls_and_the_present_numbers(explore):
    page = explore("article")
    page.type("w1", "0.25")
    page.page.emulate_media(media="print")
    assert not page.page.locator("#explore").is_visible()
    assert page.page.locator("main").is_visible()
    assert "drawn: w1 = 0.25" in page.lines()


def test_without_scripts_it_is_the_static_page(explore, python):
    page = explore("article", java_script_enabled=False)
    assert page.page.get_by_role("button").count() == 0
    assert page.page.get_by_role("textbox").count() == 0
    if not FIREFOX:
        assert page.page.locator("main").inner_text().count("0.15") > 1


@needs_media
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("name", ["article", "circuit"])
def test_axe_finds_nothing(explore, name, width, colours):
    from axe_playwright_python.sync_playwright import Axe

    page = explore(name, width=width, colours=colours, bypass_csp=True)
    first = page.quantities[0].id
    page.type(first, "0.7")
    page.type(first, "nothing")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page.page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


def test_the_file_is_little_larger_than_the_static_one(explore, folder):
    for name in NETWORKS:
        explore(name, iterations=None)
        static = written(folder, name, derivation(name), "html")
        size, other = (path.stat().st_size for path in (folder / f"{name}-None.explore.en.html", static))
        assert size <= LARGEST * other, f"{name}: {size} bytes beside {other}"


@pytest.mark.parametrize("leave", ["Escape", "the same number", "Undo"])
def test_a_target_that_was_taken_back_waits_no_longer(explore, leave):
    page = explore("softmax_classifier")
    first, second = [each.id for each in page.quantities if each.kind == "target"][:2]
    page.type("w1", "0.5")
    assert page.type(first, "0.5")
    if leave == "Escape":
        page.field(first).press("Escape")
    elif leave == "Undo":
        page.press("Undo")
    else:
        assert page.type(first, "1") is None
    assert page.type(second, "0.5"), "it is taken together with the one that was taken back"


def test_only_what_is_typed_is_said_to_wait(explore):
    """Targets that do not add up to 1 are refused in an address, and nothing waits for the others."""
    page = explore("softmax_classifier")
    first = next(each.id for each in page.quantities if each.kind == "target")
    assert "this one waits" in page.type(first, "0.5")
    page = explore("softmax_classifier", f"#{first}=0.5")
    notice = page.page.locator("#explore .notice").inner_text()
    assert "add up to" in notice
    assert "waits" not in notice


def test_a_target_goes_on_waiting_while_something_else_changes(explore):
    page = explore("softmax_classifier")
    first, second = [each.id for each in page.quantities if each.kind == "target"][:2]
    assert page.type(first, "0.5")
    assert page.type("w1", "0.3") is None
    assert page.type(second, "0.5") is None, "both together add up to 1"


@pytest.mark.parametrize("name", ["article", "xor", "circuit"])
def test_second_derivatives_follow(browser, folder, name):
    """All of their lines but those on eigenvalues, which the page says may be others."""

    def lines(given, format_):
        page = opened(browser, written(folder, f"hessian-{name}", given, format_, hessian=True))
        return page, [line for line in page.lines(is_settled=format_ == "explore") if "eigenvalues" not in line]

    given = derive.load(name)
    given = given if name == "circuit" else given.replace(iterations=0)
    page, start = lines(given.derive(), "explore")
    assert not first_difference(start, lines(given.derive(), "html")[1])
    assert not page.says_otherwise
    for quantity, text in zip(page.quantities, ("0.7", "-0.25", "1.5"), strict=False):
        given = changed(given, quantity, text)
        assert page.type(quantity.id, text) is None
        found = [line for line in page.lines() if "eigenvalues" not in line]
        assert not first_difference(found, lines(given.derive(), "html")[1]), f"{quantity.id} = {text}"
        assert page.says_otherwise
    assert page.said == page.asked == []


@pytest.mark.parametrize("rounding", ["by-hand", "significant"])
def test_by_hand_the_page_is_what_python_makes_or_says_that_it_may_not_be(browser, folder, rounding):
    """Whether a result stands again after the number that it is depends on how that one is written."""
    options = {"rounding": rounding, "digits": 3}
    given, differing = derive.load("xor").replace(iterations=0), 0
    page = opened(browser, written(folder, "by-hand", given.derive(), "explore", **options))
    quantity = next(each for each in page.quantities if each.kind == "weight")
    for text in ("0.3", "0.45", "-0.2", "0.8"):
        assert page.type(quantity.id, text) is None
        found = changed(given, quantity, text).derive()
        other = opened(browser, written(folder, "by-hand", found, "html", **options))
        difference = first_difference(page.lines(), other.lines(is_settled=False))
        assert page.says_otherwise or not difference, f"{text}: {difference}"
        differing += bool(difference)
    assert differing < 4, "it says so every time"
