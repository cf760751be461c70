"""A cold process that writes the article's PDF, against what it cannot do without.

Each round times two fresh processes, one that derives the article and writes its PDF and one that only does ``import
sympy, weasyprint``. A third one measures what is added to the second: WeasyPrint's own time for the same page with
empty boxes in place of formulas, the median of warm runs, which is the harder measure; the ratio with its first run is
printed too. Each ratio is taken within a round, so that load on the machine meets both sides; printed are medians over
the rounds.
"""

import os

from measuring import fresh_process, line, options, ratios, seconds

ROUNDS = 5
WRITE = 'import derive; derive.load("article").derive().handout().render("pdf")'
IMPORT = "import sympy, weasyprint"


def cold(code: str) -> float:
    """Return how long a fresh process takes for the code."""
    return seconds(lambda: fresh_process("-c", code), 1)


def empty_boxes() -> None:
    """Print the first and the median time of WeasyPrint for the page with empty boxes."""
    from typeset import weasyprint_alone

    import derive

    work = weasyprint_alone(derive.load("article").derive().handout())
    print(seconds(work, 1), seconds(work, 3))


def measured_empty_boxes() -> tuple[float, float]:
    """Return the same two times, measured in a process of its own."""
    first, warm = map(float, fresh_process(os.path.abspath(__file__), "--empty-boxes").split())
    return first, warm


def main(quick: bool) -> None:
    """Print the times and the two ratios."""
    if not quick:
        cold(WRITE), cold(IMPORT)  # files read, caches of bytecode written
    rounds = [(cold(WRITE), cold(IMPORT), *measured_empty_boxes()) for _ in range(1 if quick else ROUNDS)]
    written, imported, first, warm = zip(*rounds, strict=True)
    line("the article as PDF, cold", written, unit="s")
    line(IMPORT, imported, unit="s")
    line("WeasyPrint with empty boxes, first run", first, unit="s")
    line("the same, warm", warm, unit="s")
    for what, boxes, goal in [("warm", warm, "at most 1.6"), ("first run", first, "")]:
        needed = [sum(parts) for parts in zip(imported, boxes, strict=True)]
        line(f"PDF over imports and empty boxes, {what}", ratios(written, needed), "" if quick else goal)


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--empty-boxes", action="store_true", help="what a process of its own measures")
    asked = parser.parse_args()
    if asked.empty_boxes:
        empty_boxes()
    else:
        main(asked.quick)
