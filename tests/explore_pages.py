"""Pages to explore, opened and handled as a person does, and what stands in them.

Chromium is the one that is there; with ``PLAYWRIGHT_BROWSER=firefox`` it is Debian's Firefox, driven by its own
protocol (WebDriver BiDi), which cannot be told to be dark or on paper.
"""

import json
import os
import random
import re
import shutil
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import attrs

FIREFOX = os.environ.get("PLAYWRIGHT_BROWSER") == "firefox"
CANDIDATES = ("firefox-esr", "firefox") if FIREFOX else ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, CANDIDATES)), None)
PHONE, DESK = 360, 1280
# Firefox says so of a formula that it lays out while the rest is still to be read; `malformed` looks at the whole.
HALF_READ = re.compile("Incorrect number of children for <m[a-z]+/> tag")
MALFORMED = """() => {
  const counts = { msub: 2, msup: 2, mfrac: 2, munder: 2, mover: 2, mroot: 2, msubsup: 3, munderover: 3 };
  const found = Array.from(document.querySelectorAll(Object.keys(counts).join(",")));
  return found.filter((each) => each.children.length !== counts[each.localName]).map((each) => each.outerHTML);
}"""

# What stands in an element: a line for each paragraph, display, row of a table and label of a drawing, and for what is
# read aloud of a drawing. What is hidden is left out, and white space is as good as a blank. How a table or a long sum
# is broken to fit the page is no part of it: it goes by the widths of the numbers.
LINES = r"""(root) => {
  const broken = /^(h[1-6]|p|li|dt|dd|div|figure|figcaption|caption|text|title|desc|svg|section)$/;
  const below = { msub: "_", msubsup: "_", munder: "_", munderover: "_", mroot: "_" };
  const signs = { ...below, mfrac: "/", msup: "^", mover: "^" };
  const isHidden = (node) => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("hidden");
  const lines = [];
  let table = null;
  const endTable = () => {
    if (table) lines.push(...table.map((row) => row.join(" | ")));
    table = null;
  };
  const put = (text) => {
    const line = text.replace(/[\s\u200b\u2060-\u2064]+/g, " ").trim();
    if (!line) return;
    endTable();
    lines.push(line);
  };
  const inFormula = (node) => {
    if (isHidden(node)) return "";
    if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeValue.trim();
    const parts = Array.from(node.childNodes, inFormula).filter(Boolean);
    return parts.join(signs[node.localName] || "");
  };
  const inCell = (node) => {
    if (isHidden(node)) return "";
    if (node.localName === "math") return inFormula(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeValue;
    return Array.from(node.childNodes, inCell).join("").replace(/\s+/g, " ").trim();
  };
  const readTable = (node) => {
    const rows = Array.from(node.querySelectorAll("tr")).filter((row) => !isHidden(row));
    const found = rows.map((row) => Array.from(row.cells, inCell));
    const isRest = table && table.length === found.length && table.every((row, place) => row[0] === found[place][0]);
    if (isRest) {
      table.forEach((row, place) => row.push(...found[place].slice(1)));
    } else {
      endTable();
      table = found;
    }
  };
  let line = "";
  const end = () => { put(line); line = ""; };
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { line += node.nodeValue; return; }
    if (node.nodeType !== Node.ELEMENT_NODE || isHidden(node)) return;
    const name = node.localName;
    if (name === "script" || name === "style") return;
    if (name === "table") { end(); readTable(node); return; }
    if (name === "math") {
      const isDisplay = node.getAttribute("display") === "block";
      if (isDisplay) end();
      line += inFormula(node);
      if (isDisplay) end();
      return;
    }
    if (broken.test(name)) end();
    if (name === "svg" && node.hasAttribute("aria-label")) put(node.getAttribute("aria-label"));
    if (name === "text") line = "drawn: ";
    node.childNodes.forEach(read);
    if (broken.test(name)) end();
  };
  read(root);
  end();
  endTable();
  return lines;
}"""


@contextmanager
def launched():
    """A browser, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        env = {**os.environ, "LANGUAGE": "en"}
        if FIREFOX:
            browser = playwright.firefox.launch(channel="moz-firefox", executable_path=BROWSER, env=env)
        else:
            arguments = ["--no-sandbox", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=BROWSER, args=arguments, env=env)
        yield browser
        browser.close()


@attrs.frozen
class Quantity:
    """One of the numbers that the page lets a person change."""

    id: str
    name: str
    kind: str
    sample: int | None


@attrs.define
class Explored:
    """An opened page: ``said`` is what its console said, ``asked`` what it asked a network for."""

    page: object
    said: list
    asked: list

    @property
    def quantities(self):
        """The numbers that can be changed, as the page's own data lists them."""
        names, columns = json.loads(self.page.locator("#explore-data").text_content())["inputs"]
        found = dict(zip(names, columns, strict=True))
        # Each whole number stands there as how far it is from the one above.
        totals = accumulate(each or 0 for each in found["sample"])
        samples = [each if each is None else total for each, total in zip(found["sample"], totals, strict=True)]
        return list(map(Quantity, found["id"], found["name"], found["kind"], samples))

    @property
    def malformed(self):
        """Formulas that lack a part, or have one too many."""
        return self.page.evaluate(MALFORMED)

    def settle(self):
        """Wait until all numbers are those of the present values."""
        self.page.locator('html[data-settled="true"]').wait_for(state="attached")

    def lines(self, is_settled=True):
        """What stands in the page now; where it trains, in the end or already while it does so."""
        if is_settled:
            self.settle()
        return lines_of(self.page)

    @property
    def says_otherwise(self):
        """Whether the page says that a new handout would choose some sentences or terms of sums differently."""
        return self.page.locator("[data-notice=other]:not([hidden])").count() > 0

    def field(self, id_):
        """The field of a quantity, brought into sight: its group opened, sought where there are many."""
        panel = self.page.locator("#explore")
        for closed in (".toggle[aria-expanded=false]", "details:not([open]) > summary"):
            panel.locator(closed).evaluate_all("(found) => found.forEach((each) => each.click())")
        row = panel.locator(f'.quantity[data-of="{id_}"]')
        sought = panel.locator("input[type=search]")
        if sought.count() and not (row.count() and row.is_visible()):
            sought.fill(next(each.name for each in self.quantities if each.id == id_))
        return row.locator("input[type=text]")

    def type(self, id_, text):
        """Type a number and press Enter; return why it is refused, None where it is taken."""
        field = self.field(id_)
        field.fill(text)
        field.press("Enter")
        self.settle()
        return self.reason(field)

    def reason(self, field):
        """The sentence that is tied to a field that is wrong."""
        if field.get_attribute("aria-invalid") != "true":
            return None
        return self.page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()

    def press(self, name):
        """Press a button by its name."""
        self.page.locator("#explore").get_by_role("button", name=name, exact=True).click()
        self.settle()

    def follow(self, fragment):
        """Change the address behind the # as a link would."""
        self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        self.page.wait_for_timeout(50)
        self.settle()


def lines_of(page):
    """What stands in the main part of a page."""
    return page.locator("main").evaluate(LINES)


def opened(browser, path, fragment="", width=DESK, colours=None, **options):
    """Open a file as a person does, without a network, and listen to it; Firefox cannot be told to be dark."""
    if colours and not FIREFOX:
        options["color_scheme"] = colours
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: None if HALF_READ.match(message.text) else said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(path.as_uri()) else asked.append(request.url))
    page.goto(path.as_uri() + fragment)
    return Explored(page, said, asked)


def written(folder, name, derivation, format_, **options):
    """Write a handout as one file; return where it is."""
    (content,) = derivation.handout(**options).render(format_, name).values()
    path = Path(folder) / f"{name}.{format_}.{options.get('language', 'en')}.html"
    path.write_bytes(content)
    return path


def changed(given, quantity, text):
    """The same network or computation with one number changed, as Python has it."""
    number = Fraction(text)
    if quantity.kind == "rate":
        return given.replace(learning_rate=number)
    if quantity.sample is None or len(given.samples) == 1:
        return given.replace({quantity.id.partition("@")[0]: number})
    samples = list(given.samples)
    place = quantity.sample - 1
    samples[place] = _sample_with(given, samples[place], quantity, number)
    return attrs.evolve(given, samples=tuple(samples))


def _sample_with(network, sample, quantity, number):
    field = "inputs" if quantity.kind == "input" else "targets"
    names = network.input_names if quantity.kind == "input" else network.target_names
    place = list(names).index(quantity.id.partition("@")[0])
    numbers = list(getattr(sample, field))
    numbers[place] = number
    return attrs.evolve(sample, **{field: tuple(numbers)})


def drawn_text(draw: random.Random):
    """A number as a person may type it: short ones, negative ones, 0, tiny and large ones."""
    kind = draw.random()
    if kind < 0.08:
        return "0"
    if kind < 0.16:
        return draw.choice(("1e-7", "-1e-7", "0.0000003"))
    if kind < 0.22:
        return draw.choice(("250", "-250"))
    places = draw.randint(1, 4)
    return f"{Decimal(draw.randint(-3 * 10**places, 3 * 10**places)).scaleb(-places):f}"


def drawn_change(draw, quantities):
    """One to three quantities of the page with a new number for each."""
    return [
        (quantity, drawn_text(draw)) for quantity in draw.sample(quantities, min(len(quantities), draw.randint(1, 3)))
    ]


def is_of_the_numbers(line):
    """Whether a line follows the present numbers.

    What was checked was checked of those at the start, and it is told for what labels a drawing had room.
    """
    return not line.startswith(("Verified.", "Verificado.", "The computational graph. ", "Figure "))


def first_difference(found, expected):
    """The first line in which two pages differ, and those before it; empty where there is none.

    A drawing of Python's leaves out a number that has no room in it; the page, which has drawn it before, does not.
    """
    found, expected = (list(filter(is_of_the_numbers, lines)) for lines in (found, expected))
    place = 0
    for here, one in enumerate(found):
        two = expected[place] if place < len(expected) else None
        is_named = two and one.startswith("drawn: ") and re.fullmatch(re.escape(two) + " [=≈] .*", one)
        if one == two or is_named:
            place += 1
        elif not one.startswith("drawn: "):
            return f"line {here}, after {found[max(0, here - 2) : here]}:\n  page:   {one}\n  Python: {two}"
    return "" if place == len(expected) else f"the page lacks {expected[place]!r}"
