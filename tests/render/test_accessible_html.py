"""The page for those who listen and for those who have no mouse: axe-core, and what the Tab key reaches."""

import os
import shutil

import pytest
from ready import UNLAYERED

import derive

pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here to open the page in")
NETWORKS = tuple(derive.ready_networks())
LANGUAGES = ("en", "es", "pt-BR")
PHONE, NARROW, DESK = 390, 320, 1280
SCROLLED = """
() => [...document.querySelectorAll("*")].filter(
  (found) => ["auto", "scroll"].includes(getComputedStyle(found).overflowX) && found.scrollWidth > found.clientWidth
).map((found) => [found.className, found.tabIndex, found.getAttribute("role"), found.getAttribute("aria-label")])
"""
STOPS = """
() => [...document.querySelectorAll("[tabindex]")].map(
  (found) => [found.textContent.trim().slice(0, 60), found.scrollWidth > found.clientWidth]
)
"""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, "LANGUAGE": "en"}
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """Opens the handout of a network; the page's own policy, which forbids scripts, is lifted for the check alone."""
    folder = tmp_path_factory.mktemp("pages")
    opened = []

    def show(name, language="en", width=PHONE, colours="light", **options):
        target = folder / f"{name}-{language}.html"
        if not target.exists():
            handout = derive.load(name).derive().handout(form="both", language=language, **options)
            (content,) = handout.render("html").values()
            target.write_bytes(content)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=True, color_scheme=colours, offline=True
        )
        opened.append(context)
        found = context.new_page()
        found.goto(target.as_uri())
        return found

    yield show
    for context in opened:
        context.close()


@pytest.mark.parametrize("name", NETWORKS)
def test_axe_finds_nothing(page, name):
    place = NETWORKS.index(name)
    shown = page(name, LANGUAGES[place % 3], colours=("light", "dark")[place % 2])
    found = Axe().run(shown).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


def test_axe_finds_nothing_on_a_desk(page):
    found = Axe().run(page("softmax_classifier", width=DESK)).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize("name", NETWORKS)
def test_the_keys_reach_what_is_scrolled_on_a_phone_and_stop_at_nothing_else(page, name):
    shown = page(name)
    scrolled = shown.evaluate(SCROLLED)
    assert scrolled or name in UNLAYERED  # a small computation has nothing that is wide
    for kind, stop, role, label in scrolled:
        assert (stop, role) == (0, "group"), kind
        assert label
    assert shown.evaluate("document.documentElement.scrollWidth") == PHONE
    shown.set_viewport_size({"width": NARROW, "height": 900})
    assert [words for words, is_scrolled in shown.evaluate(STOPS) if not is_scrolled] == []


def test_axe_is_asked_indeed(page):
    """A page with a fault: a check that finds none would find none anywhere."""
    shown = page(NETWORKS[0])
    shown.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    assert [each["id"] for each in Axe().run(shown).response["violations"]] == ["image-alt"]
