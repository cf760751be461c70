"""What TeX makes of a file, where an engine is installed."""

import shutil
import subprocess

import pytest


def compiled(engine, path):
    """Compile twice, for the references, and return what the engine said the second time."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed here; CI has it")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return done.stdout.decode(errors="replace")


def text_of(path):
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
