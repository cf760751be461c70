"""What several tests need."""

import atexit
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile

import flint
import pytest

import derive

# The language of the machine is not that of the tests; set before anything asks, and for what the tests start, too.
for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"
# What one run keeps for all its processes, made by the first of them and removed with it.
if "DERIVE_TESTS_KEPT" not in os.environ:
    os.environ["DERIVE_TESTS_KEPT"] = tempfile.mkdtemp(prefix="derive-tests-")
    atexit.register(shutil.rmtree, os.environ["DERIVE_TESTS_KEPT"], ignore_errors=True)
# Where Python may not write bytecode beside the sources, every process that a test starts would compile all anew.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = os.path.join(os.environ["DERIVE_TESTS_KEPT"], "bytecode")
# What a test finds may not depend on the precision that flint happens to work at: whatever is calculated with balls and
# has set no precision of its own is nonsense with two bits.
flint.ctx.prec = 2


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line in this process, for tables of arguments: code, what is printed and what is said of it."""
    from derive.cli.main import main

    def run(*arguments, cwd):
        monkeypatch.setenv("LANGUAGE", "")  # what main sets for click is undone
        monkeypatch.setattr("sys.argv", ["derive", *map(str, arguments)])
        monkeypatch.chdir(cwd)
        try:
            code = main() or 0
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, told.out, told.err)

    return run


@pytest.fixture(scope="session")
def article():
    """The derivation of the article's network."""
    return derive.load("article").derive()


@pytest.fixture(scope="session")
def sequential():
    """The same, the hidden layer seeing the updated weights."""
    return dataclasses.replace(derive.load("article"), updates="sequential").derive()


@pytest.fixture(scope="session")
def written(article, tmp_path_factory):
    """The article's handout in every format: the folder."""
    folder = tmp_path_factory.mktemp("handout")
    article.handout().write(folder, name="article")
    return folder
