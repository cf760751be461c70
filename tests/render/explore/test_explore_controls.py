"""What a person does with the controls of an explorable page: keys, drags, undo, the address, what lights up."""

import os
import re
import shutil
from decimal import Decimal
from fractions import Fraction

import pytest

import derive

pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
PHONE, DESK = 360, 1280
NUMBER = "main mrow[data-input='{}']"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("explore") / "article.html"
    (content,) = derive.load("article").derive().handout().render("explore", "article").values()
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=arguments, env={**os.environ, "LANGUAGE": "en"}
        )
        yield launched
        launched.close()


@pytest.fixture
def opened(browser, source):
    """Opens the page of the article; whatever its console says is a mistake."""
    contexts, said = [], []

    def show(fragment="", width=DESK, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(source.as_uri() + fragment)
        return page

    yield show
    for context in contexts:
        context.close()
    assert not said


def field(page, name):
    return page.get_by_role("textbox", name=name, exact=True)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def number(page, name):
    expect(page.locator("html")).not_to_have_attribute("data-settled", "false")
    return page.locator(NUMBER.format(name)).first.text_content()


def address(page):
    page.wait_for_timeout(450)
    return page.evaluate("location.hash")


def drag(page, name, pixels):
    place = page.locator(NUMBER.format(name)).first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(across, down)
    page.mouse.down()
    for moved in range(0, pixels + 1, 2):
        page.mouse.move(across + moved, down)
    page.mouse.up()


def test_a_number_is_typed_and_taken_back(opened):
    page = opened()
    field(page, "w5").fill("0,75")
    assert number(page, "w5") == "0.75"
    field(page, "w5").press("Enter")
    assert field(page, "w5").input_value() == "0.75"
    field(page, "w5").fill("abc")
    field(page, "w5").press("Enter")
    assert number(page, "w5") == "0.75"
    assert field(page, "w5").get_attribute("aria-invalid") == "true"
    note = page.locator(f"#{field(page, 'w5').get_attribute('aria-describedby')}")
    assert note.inner_text() == "“abc” is not a number. Write one like 0.25."
    field(page, "w5").press("Escape")
    assert (field(page, "w5").input_value(), note.inner_text()) == ("0.75", "At the start: 0.4")
    press(page, "Set w5 back to its start")
    assert number(page, "w5") == "0.4"


def test_keys_move_a_number_and_are_undone_as_one(opened):
    page = opened()
    stop = page.locator("main [role=spinbutton][data-input=w5]")
    stop.focus()
    for key, found in (
        ("ArrowUp", "0.41"),
        ("ArrowLeft", "0.4"),
        ("Shift+ArrowRight", "0.5"),
        ("Alt+ArrowDown", "0.499"),
    ):
        page.keyboard.press(key)
        assert (number(page, "w5"), stop.get_attribute("aria-valuenow")) == (found, found)
    page.keyboard.press("Control+z")
    assert number(page, "w5") == "0.4"
    page.keyboard.press("Control+Shift+z")
    assert number(page, "w5") == "0.499"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "w5"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.input") == "w5"


def test_a_drag_is_undone_as_one(opened):
    page = opened()
    drag(page, "w1", 60)
    moved = Decimal(number(page, "w1"))
    assert Decimal("0.2") < moved <= Decimal("0.3")
    drag(page, "w1", 60)
    assert Decimal(number(page, "w1")) > moved
    press(page, "Undo")
    assert Decimal(number(page, "w1")) == moved
    press(page, "Undo")
    assert number(page, "w1") == "0.15"
    press(page, "Redo")
    assert Decimal(number(page, "w1")) == moved


def test_steps_are_taken_and_taken_back(opened):
    page = opened()
    steps, error = page.locator("#explore .steps"), page.locator("#explore .error-now")
    start = error.inner_text()
    press(page, "Step")
    press(page, "Step")
    assert (steps.inner_text(), address(page)) == ("Steps: 2", "#steps=2")
    press(page, "Step back")
    assert steps.inner_text() == "Steps: 1"
    press(page, "Play")
    expect(steps).to_have_text(re.compile(r"Steps: ([3-9]|\d\d+)$"))  # it may have gone on before anybody looks
    press(page, "Pause")
    press(page, "Undo")
    assert steps.inner_text() == "Steps: 1"
    press(page, "Reset")
    assert (steps.inner_text(), error.inner_text(), address(page)) == ("", start, "")


def test_the_address_holds_the_state(opened):
    page = opened("#w1=0.2&rate=0.1")
    assert (number(page, "w1"), address(page)) == ("0.2", "#w1=0.2&rate=0.1")
    page.get_by_role("link", name="The update", exact=True).click()
    assert (number(page, "w1"), address(page)) == ("0.2", "#the-update")
    expect(page.locator("#the-update")).to_be_in_viewport()
    field(page, "w2").fill("-3")
    assert sorted(address(page)[1:].split("&")) == ["rate=0.1", "w1=0.2", "w2=-3"]
    expect(opened("#the-update").locator("#the-update")).to_be_in_viewport()


@pytest.mark.parametrize(
    "fragment",
    [
        "#w1=",
        "#=",
        "#w1=1&w1=2",
        "#w1=0.2&x",
        "#w1=%zz",
        "#w1=0.2=3",
        "#w2=0.3&w1=1/0",
        "#w2=0.3&w1=abc",
        "#w1=0.2&nosuch=1",
        "#w1=0.2&steps=1.5",
        "#w1=0.2&steps=1e3",
    ],
)
def test_a_malformed_address_changes_nothing_and_says_so(opened, fragment):
    page = opened(fragment)
    assert [number(page, "w1"), number(page, "w2"), page.locator("#explore .steps").inner_text()] == ["0.15", "0.2", ""]
    assert "nothing was changed" in page.locator("#explore .notice").inner_text()
    field(page, "w1").fill("0.3")
    assert page.locator("#explore .notice").inner_text() == ""


def test_partners_light_up(opened):
    page = opened()
    lit = "() => [...document.querySelectorAll('.partner')].map((each) => each.dataset.of.split(' '))"
    page.locator(NUMBER.format("w5")).first.hover()
    assert all("w5" in names for names in page.evaluate(lit))
    field(page, "w6").focus()
    found = page.evaluate(lit)
    assert all("w6" in names for names in found)
    assert len(found) == page.locator("[data-of~=w6]").count() > 2


def test_the_curve_says_what_it_shows(opened):
    page = opened()
    field(page, "w5").fill("0.6")
    curve = page.locator("#explore .curve [role=img]")
    expect(curve).to_have_attribute("aria-label", re.compile("At w5 = 0.6, "))
    slope = derive.load("article").replace({"w5": Fraction(3, 5)}).derive().gradients["w5"]
    found = re.search(r"slope (\S+)\.$", curve.get_attribute("aria-label"))[1]
    assert abs(Decimal(found) - Decimal(str(float(slope)))) < Decimal("1e-8")


def test_what_changed_is_listed_and_said(opened):
    page = opened()
    before = page.locator("#explore .error-now").inner_text()[2:]
    field(page, "w5").fill("0.6")
    expect(page.locator("#explore tbody tr")).to_have_count(2)
    now = page.locator("#explore .error-now").inner_text()[2:]
    assert page.locator("#explore tbody tr").nth(1).locator("td").all_inner_texts() == ["0.4", "0.6", "+0.2"]
    expect(page.locator("#explore .unseen")).to_contain_text(now)
    expect(page.locator("#explore .unseen")).to_contain_text(before)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_controls_are_accessible(opened, width, colours):
    page = opened(width=width, color_scheme=colours, bypass_csp=True)
    if width == PHONE:
        press(page, "Controls")
    field(page, "w6").fill("abc")
    field(page, "w5").fill("0.7")
    field(page, "w5").press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []


def test_nothing_of_it_is_printed_nor_there_without_scripts(opened):
    page = opened("#w1=0.2")
    page.emulate_media(media="print")
    assert not page.locator("#explore").is_visible()
    assert number(page, "w1") == "0.2"
    assert opened(java_script_enabled=False).locator("#explore :is(button, input)").count() == 0
