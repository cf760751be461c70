"""Pages of documentation as they are tried: what stands in their code blocks is written, run and compared, in order.

A block that begins with a comment such as ``# my.toml`` is a file. Other blocks are commands (``sh``), commands with
their output (``console``), Python (``python``), or Python with its output (``pycon``).
"""

import doctest
import json
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w-]+\.(?:toml|py))\n")
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
FAILS = re.compile(r"# exit code (\d)")
# They install, or take what is not part of the tests.
INSTALLERS = {"make", "pip", "pipx", "uv"}
OTHERS = {"mkdir", "cp"}


def blocks(text):
    """Return the code blocks of a page: the language and the code of each."""
    return BLOCK.findall(text)


def as_expected(found, expected):
    """Whether the output is what the page shows; a line with … stands for any lines."""
    parts = (".*" if line == "…" else re.escape(line) for line in expected.rstrip("\n").split("\n"))
    shown = "\n".join(line.rstrip() for line in found.rstrip("\n").split("\n"))
    return re.fullmatch("\n".join(parts), shown, re.DOTALL) is not None


@cache
def empty_page():
    """Return a PDF that takes no time to make."""
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


@dataclass
class Reader:
    """Someone who does what a page says, in a folder of theirs: ``command`` is the command line in this process."""

    command: object
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self):
        self.names = {"__name__": "page"}
        self.monkeypatch.chdir(self.folder)
        self.monkeypatch.setattr("derive.render.pdf.render", lambda handout: {f"{handout.name}.pdf": empty_page()})

    def follow(self, text):
        """Do what the page says; return how many blocks were tried."""
        found = blocks(text)
        for language, code in found:
            getattr(self, f"_{language}")(code)
        return len(found)

    def _toml(self, code):
        self._file(code)

    def _json(self, code):
        json.loads(code)

    def _file(self, code):
        name = FILE.match(code)
        if name:
            Path(self.folder, name[1]).write_text(code, encoding="utf-8")
        return name

    def _sh(self, code):
        for line in code.splitlines():
            self._run(line)

    def _console(self, code):
        for line, expected in COMMAND.findall(code):
            found = self._run(line)
            assert not expected or found is None or as_expected(found, expected), f"{line}\n{found}"

    def _run(self, line):
        """Run a command; return its output, None where it is one that installs."""
        program, *arguments = shlex.split(line, comments=True)
        to, arguments = self._redirected(arguments)
        expected = int((FAILS.search(line) or [0, 0])[1])
        if program in INSTALLERS or ("docx" in arguments and not shutil.which("pandoc")):
            return None
        if Path(program).name == "derive":
            done = self.command(*arguments, cwd=self.folder)
        else:
            assert program in OTHERS | {"python"}, line
            program = sys.executable if program == "python" else program
            done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == expected, f"{line}\n{done.stdout}{done.stderr}"
        if to:
            Path(self.folder, to).write_text(done.stdout, encoding="utf-8")
        return done.stdout + done.stderr

    @staticmethod
    def _redirected(arguments):
        return (arguments[-1], arguments[:-2]) if arguments[-2:-1] == [">"] else (None, arguments)

    def _python(self, code):
        if "import torch" in code:
            try:
                import torch  # noqa: F401
            except ImportError:
                return
        if not self._file(code):
            exec(compile(code, "page", "exec"), self.names)

    def _pycon(self, code):
        test = doctest.DocTestParser().get_doctest(code, self.names, "page", None, 0)
        said = []
        failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
        self.names = test.globs
        assert not failed, "".join(said)
