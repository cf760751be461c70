"""A second handout in the same process, as Markdown and as PDF; beside another checkout, both in one run.

``--against FOLDER`` names the other checkout. Each runs in a process of its own that has written one handout of each
format before; then they take turns, a handout each, so that load on the machine meets both. Printed are the medians of
the rounds, and the ratio taken within each round. The bytes must be the same. ``--quick``: two rounds, no goals.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent.parent
ROUNDS = 15
GOALS = {"md": 0.5, "pdf": 0.75}
WORKER = """
import hashlib, sys, time
import derive
print(derive.__file__, flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    files = derive.load("article").derive().handout(language="en").render(line.strip())
    seconds = time.perf_counter() - start
    content = b"".join(name.encode() + files[name] for name in sorted(files))
    print(seconds, hashlib.sha256(content).hexdigest(), flush=True)
"""


class Checkout:
    """A process that writes handouts with the code of one checkout."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=folder,  # comes first where Python looks for modules
        )
        found = self.process.stdout.readline().strip()
        assert Path(found).is_relative_to(folder), f"{found}: not the code of {folder}"

    def handout(self, format_: str) -> tuple[float, str]:
        """Return how long a handout took in seconds, and the hash of its files."""
        self.process.stdin.write(f"{format_}\n")
        self.process.stdin.flush()
        seconds, digest = self.process.stdout.readline().split()
        return float(seconds), digest

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def measured(format_: str, checkouts: list[Checkout], rounds: int) -> tuple[list[list[float]], set[str]]:
    """Return the times of each checkout, the first handout left out, and all hashes that were seen."""
    taken = [[checkout.handout(format_) for checkout in checkouts] for _ in range(rounds + 1)]
    times = [[seconds for seconds, _ in column] for column in zip(*taken[1:], strict=True)]
    return times, {digest for row in taken for _, digest in row}


def main() -> int:
    """Print the times, and with another checkout the ratios; 1 where a goal is missed or the bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout")
    parser.add_argument("--quick", action="store_true", help="two rounds, no goals")
    options = parser.parse_args()
    folders = [HERE, *([options.against.resolve()] if options.against else [])]
    checkouts = [Checkout(folder) for folder in folders]
    failed = False
    for format_, goal in GOALS.items():
        times, digests = measured(format_, checkouts, 2 if options.quick else ROUNDS)
        for folder, column in zip(folders, times, strict=True):
            spread = f"({min(column):.3f} to {max(column):.3f})"
            print(f"{format_:4} second handout {statistics.median(column):7.3f} s  {spread}  {folder}")
        same = len(digests) == 1
        print(f"{format_:4} the bytes are {'the same' if same else 'NOT the same'}")
        failed |= not same
        if options.against:
            ratio = statistics.median(mine / other for mine, other in zip(*times, strict=True))
            print(f"{format_:4} ratio {ratio:.2f}   goal: at most {goal}")
            failed |= ratio > goal and not options.quick
    for checkout in checkouts:
        checkout.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
