"""The sheet as a page that checks itself: the bounds, what is no number, and that the page says what grading says."""

import os
import re
import shutil
from fractions import Fraction
from functools import cache

import attrs
import pytest

import derive
from derive.render import html

pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
PHONE, DESK = 360, 1280
TINY = Fraction(1, 10**30)


@pytest.fixture(scope="module")
def sheet():
    return derive.Worksheet(derive.load("article"), hints=2, secret="rosebud").sheet("0042")


def content(sheet, language="en", **options):
    rendered = sheet.rendered()
    rendered = attrs.evolve(rendered, options=attrs.evolve(rendered.options, language=language, **options))
    return html.render(rendered)["sheet.html"]


@pytest.fixture(scope="module")
def opened(sheet, tmp_path_factory):
    """Opens the page as a browser would, its policy in force, without a network."""
    folder = tmp_path_factory.mktemp("sheets")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, "LANGUAGE": "en"}
        )

        @cache
        def show(language="en", width=DESK, colours="light", bypass_csp=False):
            target = folder / f"{language}.html"
            target.write_bytes(content(sheet, language))
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=colours, offline=True, bypass_csp=bypass_csp
            )
            page = context.new_page()
            page.goto(target.as_uri())
            return page

        yield show
        browser.close()


def decimal(number):
    """A fraction whose denominator is a power of ten, written out."""
    digits = next(digits for digits in range(200) if (number * 10**digits).denominator == 1)
    whole = f"{abs(int(number * 10**digits)):0{digits + 1}d}"
    sign = "-" if number < 0 else ""
    return f"{sign}{whole[: len(whole) - digits]}.{whole[len(whole) - digits :]}".rstrip(".")


def verdict(page, number, text):
    field = page.locator(f"input[name='{number}']")
    field.fill(text)
    field.dispatch_event("change")
    return page.locator(f"#verdict-{number}").get_attribute("class").removeprefix("verdict").strip()


def test_the_bounds_are_right_and_what_lies_beyond_is_not(sheet, opened):
    page = opened()
    for number in (1, 13, 18, 33):
        expected = sheet.expected[number - 1]
        asked = [expected.low, expected.high, expected.low - TINY, expected.high + TINY]
        found = [verdict(page, number, decimal(each)) for each in asked]
        assert found == ["right", "right", "wrong", "wrong"], expected
        assert verdict(page, number, expected.text) == "right"


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "abc", "unreadable"),
        ("en", "1,5", "unreadable"),
        ("en", "", ""),
        ("en", "1e-3", "wrong"),
        ("en", "1.2·10^-3", "wrong"),
        ("en", "−0.5", "wrong"),
        ("en", "1.2.3", "unreadable"),
        ("es", "1,5", "wrong"),
        ("es", "1.5", "wrong"),
    ],
)
def test_what_is_a_number(opened, language, text, kind):
    assert verdict(opened(language), 1, text) == kind


def test_the_verdict_is_said_in_words_and_aloud(sheet, opened):
    page = opened()
    page.reload()
    verdict(page, 1, sheet.expected[0].text)
    assert page.locator("#verdict-1").inner_text() == "Right"
    assert page.locator("[role=status]").inner_text() == "1: Right (1/33)"
    verdict(page, 1, "7")
    assert page.locator("#verdict-1").inner_text() == "Not right"
    assert page.locator("input[name='1']").get_attribute("aria-invalid") == "true"
    assert page.locator("input[name='1']").get_attribute("aria-label") == "1: net_h1"


def test_the_tab_key_leaves_a_blank_and_has_it_checked(sheet, opened):
    page = opened()
    page.reload()
    page.locator("input[name='1']").focus()
    page.keyboard.type(sheet.expected[0].text)
    page.keyboard.press("Tab")
    assert page.locator("#verdict-1").inner_text() == "Right"
    assert page.evaluate("document.activeElement.name") == "2"


def test_the_page_fits_a_phone_and_axe_finds_nothing(opened):
    page = opened(width=PHONE, colours="dark", bypass_csp=True)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    verdict(page, 1, "7")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


def test_no_answer_and_no_bound_stands_in_plain_text(sheet):
    text = content(sheet).decode()
    for expected in sheet.expected:
        for secret in (expected.low, expected.high):
            assert decimal(secret) not in text
            assert f"{secret.numerator}/{secret.denominator}" not in text
    assert re.search(r"default-src 'none'.*script-src 'sha256-[^' ]+'", text)


def test_a_sheet_without_bounds_has_no_script(sheet):
    assert b"<script" not in content(sheet, bounds={})
