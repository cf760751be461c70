"""A 28×28 convolution with 8 filters of 3×3, relu and the mean of all: its values and its 80 gradients.

Each round derives it anew. Printed are the processor's time, which others on a busy machine lengthen less than the
clock's, and whose goal is 2 seconds, and the memory of the process at its largest, whose goal is 500 MB.
"""

import random
import resource
import sys
import time

from measuring import line, options

import derive

ROUNDS = 3


def convolution(size: int) -> derive.Graph:
    """Return the graph over a picture of that size."""
    draw = random.Random(1)

    def numbers(*shape: int) -> list:
        first, *rest = shape
        return [numbers(*rest) if rest else round(draw.uniform(-1, 1), 2) for _ in range(first)]

    graph = derive.Graph()
    graph.conv2d(graph.input("x", numbers(size, size)), weight=numbers(8, 3, 3), bias=numbers(8), activation="relu")
    graph.mean("y")
    return graph


def seconds(size: int) -> float:
    """Return the processor's time to derive it and to evaluate its values and gradients."""
    start = time.process_time()
    derivation = convolution(size).derive()
    assert derivation.values["M"] > 0
    assert len(derivation.gradients) == 80
    return time.process_time() - start


def main(quick: bool) -> None:
    """Print the time and the memory."""
    seconds(5)  # what is imported and made once
    size = 8 if quick else 28
    times = [seconds(size) for _ in range(1 if quick else ROUNDS)]
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line(f"convolution of {size}×{size}", times, "" if quick else "at most 2", unit="s")
    line("memory", [largest / (1e6 if sys.platform == "darwin" else 1e3)], "" if quick else "at most 500", unit="MB")


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
