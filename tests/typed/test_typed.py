"""Type checkers on what users write: no fault in the right calls, one in each of the mistakes."""

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml"],
    "pyright": [sys.executable, "-m", "pyright"],
}


def faults(checker: str, file: str) -> tuple[set[int], str]:
    """Return the lines with an error, and all that the checker says."""
    if checker == "pyright" and shutil.which("node") is None:
        pytest.skip("pyright runs on node")
    run = subprocess.run([*CHECKERS[checker], str(HERE / file)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    found = re.findall(rf"{re.escape(file)}:(\d+):(?:\d+)?.*error", run.stdout)
    return set(map(int, found)), run.stdout


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_users_write_is_accepted(checker: str) -> None:
    assert not faults(checker, "consumer.py")[0], faults(checker, "consumer.py")[1]


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_mistake_is_refused(checker: str) -> None:
    lines = (HERE / "mistakes.py").read_text(encoding="utf-8").splitlines()
    wrong = {number for number, line in enumerate(lines, start=1) if line.endswith("# wrong")}
    found, said = faults(checker, "mistakes.py")
    assert found == wrong, said


def test_what_users_write_runs() -> None:
    runpy.run_path(str(HERE / "consumer.py"))
