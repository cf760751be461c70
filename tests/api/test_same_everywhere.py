"""The same input gives the same PDF: on each run, and with or without fonts on the system."""

import os
import subprocess
import sys

import pikepdf
import pytest

NO_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><cachedir>{folder}</cachedir></fontconfig>
"""


def written(folder, **environment):
    """The PDF written by a process of its own."""
    command = [sys.executable, "-m", "derive", "handout", "--format", "pdf", "-o", str(folder)]
    clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / "article.pdf").read_bytes()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return written(tmp_path_factory.mktemp("here"))


def test_two_processes_write_the_same(here, tmp_path):
    assert written(tmp_path, PYTHONHASHSEED="7") == here


def test_a_system_without_fonts_writes_the_same(here, tmp_path):
    (tmp_path / "fonts.conf").write_text(NO_FONTS.format(folder=tmp_path / "cache"))
    assert written(tmp_path, FONTCONFIG_FILE=str(tmp_path / "fonts.conf")) == here


def test_the_date_is_the_one_asked_for_and_otherwise_none(here, tmp_path):
    (tmp_path / "none.pdf").write_bytes(here)
    with pikepdf.open(tmp_path / "none.pdf") as opened:
        assert "/CreationDate" not in opened.docinfo
        assert "/ModDate" not in opened.docinfo
    first = written(tmp_path, SOURCE_DATE_EPOCH="1700000000")
    with pikepdf.open(tmp_path / "article.pdf") as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20231114221320")
    assert written(tmp_path, SOURCE_DATE_EPOCH="1700000000") == first


def test_it_is_small(here):
    assert len(here) <= 250_000
