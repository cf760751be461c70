"""What a person types on an explorable page, and the decimals that its controls make: against Python's decimals."""

import json
import random
import shutil
from decimal import Context, Decimal

import pytest

from derive.language.folder import FOLDER

pytest.importorskip("playwright", reason="Playwright is not installed")
from playwright.sync_api import sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium here to run the script in")
SOURCE = (FOLDER / "explore" / "controls_parts.js").read_text(encoding="utf-8")
EXACT = Context(prec=1000)
NONE, AMBIGUOUS, EMPTY = "not_number", "ambiguous", "empty"


@pytest.fixture(scope="module")
def parts():
    """Calls a function of the script with arguments that JSON can hold."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        # The value of a script is that of its last line.
        yield lambda name, *given: page.evaluate(f"{{ {SOURCE}; Parts.{name}(...{json.dumps(given)}) }}")
        browser.close()


@pytest.mark.parametrize(
    ("text", "mark", "found"),
    [
        ("0.25", ".", "0.25"),
        ("0,25", ".", "0.25"),
        ("0,25", ",", "0.25"),
        ("0.25", ",", "0.25"),
        ("0.125", ",", "0.125"),
        ("  -3 ", ".", "-3"),
        ("−.5", ".", "-0.5"),
        ("+7.", ".", "7"),
        ("0.50", ".", "0.5"),
        ("2·10^-9", ".", "2e-9"),
        ("1E3", ".", "1000"),
        ("1 000,5", ",", "1000.5"),
        ("-0", ".", "0"),
        ("1,2345", ".", "1.2345"),
        ("1.250", ",", AMBIGUOUS),
        ("1,250", ".", AMBIGUOUS),
        ("", ".", EMPTY),
        (" ", ".", EMPTY),
        ("abc", ".", NONE),
        ("1.2.3", ".", NONE),
        ("1,2,3", ".", NONE),
        ("1,000.5", ".", NONE),
        ("-", ".", NONE),
        (".", ".", NONE),
        ("e5", ".", NONE),
        ("1e", ".", NONE),
        ("0x10", ".", NONE),
        ("Infinity", ".", NONE),
        ("NaN", ".", NONE),
    ],
)
def test_what_is_typed(parts, text, mark, found):
    answer = parts("typed", text, mark)
    assert answer.get("text", answer.get("wrong")) == found


def test_steps_and_differences_are_exact(parts):
    random.seed(18)
    for _ in range(60):
        one, two = (f"{random.choice(['', '-'])}{random.randrange(10**6)}e{random.randrange(-12, 4)}" for _ in range(2))
        assert Decimal(parts("difference", one, two)) == EXACT.subtract(Decimal(one), Decimal(two))
        power, count, tens = random.randrange(-9, 3), random.randrange(-20, 21), random.choice([-1, 0, 1])
        step = {"text": f"1e{power}", "float": 10.0**power}
        moved = EXACT.add(Decimal(one), EXACT.multiply(Decimal(count), Decimal(10) ** (power + tens)))
        assert Decimal(parts("stepped", one, step, count, tens)) == moved


@pytest.mark.parametrize(
    ("size", "step"),
    [(0, "1e-2"), (0.15, "1e-2"), (1, "1e-2"), (9.9, "1e-2"), (10, "0.1"), (250, "1"), (0.05, "1e-3"), (1e-7, "1e-8")],
)
def test_a_step_suits_the_number(parts, size, step):
    assert Decimal(parts("stepOf", size)["text"]) == Decimal(step)


@pytest.mark.parametrize(
    ("text", "mark", "found"),
    [("-0.25", ".", "−0.25"), ("0.25", ",", "0,25"), ("-1.5e-12", ",", "−1,5 · 10⁻¹²"), ("2e21", ".", "2 · 10²¹")],
)
def test_a_number_is_written_as_the_page_writes_it(parts, text, mark, found):
    assert parts("shown", text, mark) == found


@pytest.mark.parametrize("text", ["0.2", "-3", "1e-7", ".5"])
def test_a_number_of_an_address(parts, text):
    assert parts("isPlain", text)


@pytest.mark.parametrize("text", ["", "abc", "1/2", "0,2", "-", ".", "1e", " 1", "9" * 5000, "0x1", "Infinity"])
def test_no_number_of_an_address(parts, text):
    assert not parts("isPlain", text)
