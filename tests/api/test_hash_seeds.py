"""What is written does not depend on the seed of Python's hashes, which is another one in each process."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import hashlib
from derive import Layer, Network, Sample

draws = iter(range(7, 10**6, 37))
numbers = lambda count: [next(draws) % 199 / 100 - 1 for _ in range(count)]
for k, kind in enumerate(("tanh", "gelu", "elu", "silu", "softplus", "logistic")):
    network = Network(
        [
            Layer([numbers(2), numbers(2)], [numbers(2), 0.1, None][k % 3], kind),
            Layer([numbers(2)], None if k % 2 else 0.2, "logistic"),
        ],
        [Sample(numbers(2), [0.5]) for _ in range(1 + k % 2)],
        optimizer=("momentum", "adam", "sgd")[k % 3],
        updates=("simultaneous", "sequential")[k // 3],
        iterations=(0, 20)[k % 2],
        error=("half_squared_error", "huber")[k % 2],
    )
    for more in ({"form": "both", "detail": "full"}, {"form": "matrix", "rounding": "significant"}):
        handout = network.derive().handout(digits=5, **more)
        for format_ in ("md", "tex", "html", "json", "ipynb", "explore"):
            for name, content in handout.render(format_).items():
                print(k, more, name, hashlib.sha256(content).hexdigest())
"""


def written(seed):
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def first():
    return written(0)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_every_format_is_the_same_with_every_seed(first, seed):
    assert len(first) > 50
    assert written(seed) == first
