"""What the benchmarks share: their options, works that take turns, processes of their own, and lines with a goal.

Every benchmark is a script that prints what it measures, and takes ``--quick``: the smallest size, once, so that it is
known to run. Then nothing that it prints is a measure, and no goal is printed.
"""

import argparse
import gc
import importlib.util
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

Work = Callable[[], object]


def options(text: str | None) -> argparse.ArgumentParser:
    """Return the parser of a benchmark's command line, its docstring as the help."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the smallest size, once: whether it runs")
    return parser


def in_turns(works: Mapping[str, Work], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each work in each round: in a round all run once, so that load meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    return times


def seconds(work: Work, rounds: int = 5) -> float:
    """Return the median time of several runs."""
    return statistics.median(in_turns({"": work}, rounds)[""])


def ratios(times: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return the ratio of two times in each round."""
    return [one / other for one, other in zip(times, others, strict=True)]


def fresh_process(*arguments: str) -> str:
    """Return what a fresh process of this Python prints with the arguments; it has to end well."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the power of the sizes by which the values grow: the slope of a line through the logarithms."""
    return statistics.linear_regression(list(map(math.log, sizes)), list(map(math.log, values))).slope


def installed(package: str) -> bool:
    """Return whether a library to compare with is there; where it is not, say what is left out."""
    found = importlib.util.find_spec(package) is not None
    if not found:
        print(f"{package} is not installed (./setup.sh test,peers): comparisons with it are left out")
    return found


def line(what: str, values: float | Sequence[float], goal: str = "", unit: str = "") -> None:
    """Print the median of the values, from which to which they reach, and what they should be."""
    found = list(values) if isinstance(values, Sequence) else [values]
    spread = f"({min(found):.2f} to {max(found):.2f})" if len(found) > 1 else ""
    shown = f"{statistics.median(found):8.2f}{unit and ' '}{unit}"
    print(f"{what:76} {shown:12} {spread:18} {goal and f'goal: {goal}'}".rstrip())
