"""Where other people's readers of questions are: `.ci/quiz` installs them."""

import shutil
from pathlib import Path

import pytest

MODULES = Path(__file__).parents[1] / "build" / "quiz" / "node_modules"


def client(name):
    """Skip the tests of a file where the package is not installed."""
    return pytest.mark.skipif(
        not (MODULES / name).is_dir() or shutil.which("node") is None,
        reason=f"{name} is not installed; .ci/quiz installs it",
    )
