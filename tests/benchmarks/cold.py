"""A cold process that writes the article's PDF, against what it cannot do without.

Each round times two fresh processes, one that derives the article and writes its PDF and one that only does ``import
sympy, weasyprint``. A third one measures what is added to the second: WeasyPrint's own time for the same page with
empty boxes in place of formulas, the median of warm runs, which is the harder measure; the ratio with its first run is
printed too. Each ratio is taken within a round, so that load on the machine meets both sides; printed are medians over
the rounds.
"""

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5
WRITE = 'import derive; derive.load("article").derive().handout().render("pdf")'
IMPORT = "import sympy, weasyprint"


def cold(code: str) -> float:
    """Return how long a fresh process takes for the code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def empty_boxes() -> None:
    """Print the first and the median time of WeasyPrint for the page with empty boxes."""
    from typeset import weasyprint_alone

    import derive

    work = weasyprint_alone(derive.load("article").derive().handout())
    times = []
    for _ in range(4):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(times[0], statistics.median(times[1:]))


def measured_empty_boxes() -> tuple[float, float]:
    """Return the same two times, measured in a process of its own."""
    command = [sys.executable, os.path.abspath(__file__), "empty"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, warm = map(float, done.stdout.split())
    return first, warm


def main() -> None:
    """Print the times and the two ratios."""
    cold(WRITE), cold(IMPORT)  # files read, caches of bytecode written
    rounds = [(cold(WRITE), cold(IMPORT), *measured_empty_boxes()) for _ in range(ROUNDS)]
    names = ("the article as PDF, cold", IMPORT, "WeasyPrint with empty boxes, first run", "the same, warm")
    for what, times in zip(names, zip(*rounds, strict=True), strict=True):
        print(f"{what:52} {statistics.median(times):6.2f} s   ({min(times):.2f} to {max(times):.2f})")
    for what, place, goal in [("warm", 3, "goal: at most 1.6"), ("first run", 2, "for comparison")]:
        ratios = [times[0] / (times[1] + times[place]) for times in rounds]
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        print(
            f"{f'PDF over imports and empty boxes, {what}':52} {statistics.median(ratios):6.2f}     {spread}   {goal}"
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["empty"]:
        empty_boxes()
    else:
        main()
