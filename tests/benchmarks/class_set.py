"""A class: sheets and keys as PDF by two processes against one, and how the cost grows with the number of students.

The cost of 10 to 1,000 students is measured on sheets in Markdown, so that a run takes minutes: what is done for the
class as a whole (the roster's order, the manifest, the key) weighs more there than beside PDFs. Memory is what the
process has at most while it makes so many sheets, each number in a fresh process. A first run of two processes counts
what they need to start; what is printed is without it.
"""

import os
import resource
import tempfile
import time
from pathlib import Path

from measuring import exponent, fresh_process, line, options, ratios

import derive
from derive.api.class_sheets import write_class
from derive.reading.roster import Student

SIZES, OF_PDF = (10, 100, 1000), 30
MANY = 100_000


def make(students: int, formats: tuple[str, ...], jobs: int = 1, start: int = 0) -> float:
    """Return the seconds in which a class is made in a new folder."""
    worksheet = derive.Worksheet.from_file("article", secret="rosebud", course="NN 1", language="en")
    listed = [Student(f"{number:06d}", f"Name {number}") for number in range(start, start + students)]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run, _ = write_class(worksheet, formats, listed, Path(folder), "article", jobs=jobs)
        taken = time.perf_counter() - begun
    assert len(run.done) == students
    return taken


def measured(students: int) -> None:
    """Print seconds and the most memory, in MB, of a class in Markdown, after a small one that loads everything."""
    make(2, ("md",))
    taken = make(students, ("md",))
    print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(quick: bool) -> None:
    """Print the ratios, the exponent and the memory."""
    sizes, sheets, rounds = ((2, 4), 4, 1) if quick else (SIZES, OF_PDF, 3)
    for jobs in (1, 2):
        make(2 * jobs, ("pdf",), jobs)  # loads everything; the processes stay
    times = [[make(sheets, ("pdf",), jobs) for jobs in (1, 2)] for _ in range(rounds)]
    one, two = zip(*times, strict=True)
    line(f"{sheets} sheets with keys as PDF, one process", one, "" if quick else "at most 10", unit="s")
    line("one process over two", ratios(one, two), "" if quick else "at least 1.8")
    found = [
        tuple(map(float, fresh_process(os.path.abspath(__file__), "--students", str(size)).split())) for size in sizes
    ]
    for size, (seconds, memory) in zip(sizes, found, strict=True):
        line(f"{size} students in Markdown", seconds, unit="s")
        line("most memory", memory, unit="MB")
    line("exponent of the cost", exponent(sizes, [seconds for seconds, _ in found]), "" if quick else "at most 1.02")
    line("most memory, most students over fewest", found[-1][1] / found[0][1])
    line(f"{MANY:,} students as PDF with one process, from these figures", min(one) / sheets * MANY / 3600, unit="h")


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--students", type=int, help="what a process of its own measures")
    asked = parser.parse_args()
    if asked.students:
        measured(asked.students)
    else:
        main(asked.quick)
