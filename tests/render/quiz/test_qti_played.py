"""QTI 3, played by Citolab's player in Chromium: answers are typed, and the score is read."""

import io
import os
import shutil
import zipfile

import pytest
from quiz_clients import MODULES, client
from quizzes import HALF, HOSTILE, hostile_quiz, quiz
from test_moodle_questions import clean

from derive.render.quiz import qti

pytest.importorskip("axe_playwright_python", reason="Playwright is not installed")
from playwright.sync_api import sync_playwright

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PLAYER = MODULES / "@citolab" / "qti-components" / "cdn" / "index.global.js"
pytestmark = [
    client("@citolab/qti-components"),
    pytest.mark.skipif(BROWSER is None, reason="no Chromium here to play the questions in"),
]
PAGE = "<html><body><qti-item><item-container></item-container></qti-item></body></html>"
ITEM = "document.querySelector('item-container').shadowRoot.querySelector('qti-assessment-item')"
SCORE = f"""() => {{
  {ITEM}.processResponse();
  return Object.fromEntries({ITEM}.variables.map((found) => [found.identifier, found.value]));
}}"""
ENTRY, FEEDBACK = "qti-text-entry-interaction input", "qti-feedback-inline"


@pytest.fixture(scope="module")
def player():
    """Opens the first sheet of a quiz; what is typed is scored, and what is told then is read."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"], env={**os.environ, "LANGUAGE": "en"}
        )
        page = browser.new_context(offline=True).new_page()

        def play(made):
            (content,) = qti.render(made).values()
            item = zipfile.ZipFile(io.BytesIO(content)).read("items/sheet-1.xml").decode()
            page.set_content(PAGE)
            page.add_script_tag(path=PLAYER)
            page.evaluate("(item) => { document.querySelector('item-container').itemXML = item; }", item)
            page.locator(ENTRY).first.wait_for()

            def answer(*typed):
                for place, text in enumerate(typed):
                    entry = page.locator(ENTRY).nth(place)
                    entry.fill(text)
                    entry.blur()
                page.wait_for_function(
                    f"""(typed) => typed.every((text, place) => {{
                      const value = {ITEM}.variables.find((found) => found.identifier === `B${{place + 1}}`).value;
                      return String(value ?? "") === text;
                    }})""",
                    arg=list(typed),
                )
                found = page.evaluate(SCORE)
                told = [text.strip() for text in page.locator(FEEDBACK).all_inner_texts() if text.strip()]
                return float(found["SCORE"]), told

            return page, answer

        yield play
        browser.close()


def test_right_wrong_and_boundary_answers_are_scored(player):
    _, answer = player(quiz())
    for typed, score, told in (
        (("0.3775", "0.2984", "-0.0822", "0.00007"), 4, []),
        # The least and the greatest that is accepted, and the numbers next to them.
        (("0.37745", "0.2980", "-0.08241", "0.00006"), 4, []),
        (("0.37755", "0.2986", "-0.08199", "8e-5"), 4, []),
        (("0.377449", "0.29799", "-0.082411", "0.0000599"), 0, []),
        (("0.377551", "0.29861", "-0.081989", "0.0000801"), 0, []),
        # Slips are told, and what was told is gone when it is mended.
        (("0.3775", "0.5967", "0.0822", "-2.7"), 1, [HALF, clean(HOSTILE)]),
        (("0.3775", "0.2984", "0.0822", "-2.7"), 2, [clean(HOSTILE)]),
        # What is left blank and what is no number.
        (("", "0.2984", "", "abc"), 1, []),
        # A decimal comma is not read as a point: this is no right answer, whatever a player makes of it.
        (("0,3775", "0,2984", "-0,0822", "0,00007"), 0, []),
        (("0.3775", "0.2984", "-0.0822", "0.00007"), 4, []),
    ):
        assert answer(*typed) == (score, told), typed


def test_formulas_and_the_given_numbers_are_there(player):
    page, _ = player(quiz())
    # This version of the player loses the namespace of MathML (its issue 152), and shows the signs alone.
    assert page.locator("mfrac").count() == 2
    assert page.get_by_text("The numbers of this sheet, a < b:").count() == 1


def test_whatever_is_written_stays_text(player):
    for text in (HOSTILE, "]]>&<i>'\"\\", "${7*7} {{7*7}}", "\x00\ud800\ufffe😀"):
        page, answer = player(hostile_quiz(text))
        assert page.get_by_text(clean(text), exact=True).count() >= 1
        assert page.locator("i, b").count() == 0
        assert answer("7.5") == (0, [clean(text)])
        assert answer("1.5") == (1, [])
