"""How long a page to explore takes for a change, and how large it is beside the static page: a table in Markdown.

A number is typed into its field in Chromium, again and again. Measured are the milliseconds from the event until all
numbers of the page are new but those of a training ("numbers"), and until the browser knows where each of them stands,
too ("laid out"); the first changes, before the program is compiled, are left out. The networks: the article's, and one
of 304 parameters. Without Chromium and Playwright nothing is measured.
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from measuring import installed, options

import derive

CHANGES, FEW_CHANGES, WARM_UP = 100, 3, 10
GOAL, LARGEST = 16.0, 1.2  # ms for 95 of 100 changes, times the size of the static page
LARGE = (10, 20, 4)  # inputs, hidden neurons, outputs: 304 weights and biases
CHANGE = """
async ([id, texts]) => {
  const page = document.documentElement, rest = (ms) => new Promise((done) => setTimeout(done, ms));
  const field = document.querySelector(`#explore .quantity[data-of="${id}"] input[type=text]`);
  let settled = null, laid = null;
  const watch = new MutationObserver(() => {
    if (page.dataset.settled === "false" || settled !== null) return;
    settled = performance.now();
    document.body.getBoundingClientRect();
    laid = performance.now();
  });
  watch.observe(page, { attributeFilter: ["data-settled"] });
  const found = [];
  for (const text of texts) {
    await rest(30);
    settled = null;
    field.value = text;
    const start = performance.now();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    while (settled === null) await rest(0);
    found.push([settled - start, laid - start]);
  }
  watch.disconnect();
  return found;
}
"""


def large() -> derive.Network:
    """Return a network of 304 parameters with drawn weights."""
    draw = random.Random(18)

    def numbers(count: int) -> list[Fraction]:
        return [Fraction(draw.randint(-99, 99), 100) for _ in range(count)]

    layers = [
        derive.Layer(weights=[numbers(before) for _ in range(size)], bias=numbers(size), activation=activation)
        for before, size, activation in zip(LARGE, LARGE[1:], ("tanh", "logistic"), strict=False)
    ]
    sample = derive.Sample(inputs=numbers(LARGE[0]), targets=[Fraction(place % 2) for place in range(LARGE[-1])])
    return derive.Network(layers=layers, samples=[sample], learning_rate=Fraction(1, 2), title="304 parameters")


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest of the values that so large a part of them does not exceed."""
    return sorted(values)[max(0, round(part * len(values)) - 1)]


def measured(network: derive.Network, changes: int, folder: Path) -> tuple[list[list[float]], float]:
    """Return the milliseconds of each change, and the size of the page beside the static one."""
    from explore_pages import launched, opened, written

    derivation = network.derive()
    path, static = (written(folder, "measured", derivation, format_) for format_ in ("explore", "html"))
    draw = random.Random(1)
    texts = [f"{draw.randint(-300, 300) / 100:.2f}1" for _ in range(WARM_UP + changes)]
    times = []
    with launched() as browser:
        page = opened(browser, path)
        page.settle()
        for parameter in (derivation.parameters[0], derivation.parameters[-1]):
            page.field(parameter)
            times += page.page.evaluate(CHANGE, [parameter, texts])[WARM_UP:]
    return times, path.stat().st_size / static.stat().st_size


def main(quick: bool) -> None:
    """Print the table."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    if not installed("playwright"):
        return
    from explore_pages import BROWSER

    if BROWSER is None:
        print("no Chromium is installed: nothing is measured")
        return
    print("| network | parameters | numbers p50 | p95 | laid out p50 | p95 | size, × the static page |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    networks = {"article": derive.load("article")} | ({} if quick else {"large": large()})
    with tempfile.TemporaryDirectory() as folder:
        for name, network in networks.items():
            times, size = measured(network, FEW_CHANGES if quick else CHANGES, Path(folder))
            numbers, layout = ([each[place] for each in times] for place in (0, 1))
            cells = [f"{found(each):.1f} ms" for each in (numbers, layout) for found in (statistics.median, _p95)]
            print(f"| {name} | {len(network.derive().parameters)} | {' | '.join(cells)} | {size:.2f} |")
    if not quick:
        print(f"\ngoals: 95 of 100 changes within {GOAL:.0f} ms, a page of at most {LARGEST} times the static one")


def _p95(values: Sequence[float]) -> float:
    return percentile(values, 0.95)


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
