"""Keys and grading: a certified key of the article's sheet, a draw, and a class of 10,000 graded sheets.

The class is graded as it is on the command line, from a key in a file; in one sheet of four a slip is made, with all
that follows from it. Times are the processor's.
"""

import gc
import random
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from measuring import line, options

import derive
from derive.api.key import Key, KeySheet, key_sheet
from derive.cli.main import SELDOM
from derive.comparison.expected import expected_of
from derive.reading.answers import Asked, read_answers

ROUNDS, DRAWN = 3, 40
SLIPS = {"delta_o1": -1, "dE_total_dout_h1": 2, "net_h1": Fraction(1, 2), "w1+": 3}


def per_sheet(work: object, count: int) -> float:
    """Return the processor's milliseconds of each of so many."""
    start = time.process_time()
    for number in range(count):
        work(number)
    return (time.process_time() - start) / count * 1000


def of_class(worksheet: derive.Worksheet, count: int) -> tuple[Key, str]:
    """Return a key of so many students, and their answers as CSV: some sheets, again and again under other ids."""
    draw = random.Random(1)
    sheets = [worksheet.sheet(str(number)) for number in range(min(DRAWN, count))]
    entries, rows = [], [["id", *(blank.name for blank in worksheet.asked)]]
    for number in range(count):
        sheet = sheets[number % len(sheets)]
        made = key_sheet(sheet)
        entries.append(KeySheet(f"{number:05}", "", made.code, made.numbers, made.accepted))
        answers = dict(sheet.key)
        if number % 4 == 0:
            slip = draw.choice(list(SLIPS))
            answers[slip] = f"{float(Fraction(answers[slip]) * SLIPS[slip]):.6f}"
        rows.append([f"{number:05}", *answers.values()])
    return Key(worksheet, tuple(entries)), "\n".join(",".join(row) for row in rows)


def graded(folder: Path, count: int) -> float:
    """Return the seconds that a class takes, from its files to the verdicts."""
    start = time.process_time()
    key = Key.read(folder / "key.json")
    asked: Asked = key.asked
    reading = read_answers([folder / "answers.csv"], asked)
    gradings = [key.grade(answers) for answers in reading.answers]
    assert len(gradings) == count
    assert not reading.refused
    assert {grading.points for grading in gradings} <= {32, 33}
    return time.process_time() - start


def main(quick: bool) -> None:
    """Print the times."""
    worksheet = derive.Worksheet.from_file("article", secret="a secret", course="a course")
    calculations = [worksheet.sheet(str(number)).draw.calculation for number in range(5)]
    count, rounds = (1, 1) if quick else (50, ROUNDS)

    def certified(number: int) -> None:
        expected_of(calculations[number % 5], worksheet.asked)

    def drawn(number: int) -> None:
        worksheet.sheet(f"student {number}")

    keys = [per_sheet(certified, count) for _ in range(rounds)]
    line("a certified key of 33 numbers", keys, "" if quick else "at most 3.5", unit="ms")
    line("a sheet drawn by the rules", [per_sheet(drawn, count) for _ in range(rounds)], "", unit="ms")
    size = 8 if quick else 10_000
    gc.set_threshold(SELDOM)  # as the command line has it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key, answers = of_class(worksheet, size)
        (folder / "key.json").write_bytes(key.json())
        (folder / "answers.csv").write_text(answers)
        times = [graded(folder, size) for _ in range(rounds)]
    line(f"{size:,} sheets read and graded", times, "" if quick else "at most 10", unit="s")


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
