"""Standard output and standard error: signs that the console lacks are spelled, and failed writing is an error.

A console that is not UTF-8 (cp1252, ASCII) has no ∂ and no δ; it gets d and delta.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

# One character for one, so that columns and the lines of a formula stay aligned.
SINGLE = dict(zip("∂−·⋅×≈†‡↪′’‘”“„«»–—", 'd-**x~##>\'\'\'"""""--', strict=True))
DRAWN = dict(zip("─│█░╱╲⎛⎜⎝⎞⎟⎠⎧⎨⎩⎪⎡⎢⎣⎤⎥⎦", r"-|#./\/|\\|//<\|[|[]|]", strict=True))
LONGER = dict(
    zip("½√∞≤≥≠±→⊙…⋯ᵀ", ["1/2", "sqrt", "inf", "<=", ">=", "!=", "+-", "->", "(*)", "...", "...", "^T"], strict=True)
)
SIGNS = SINGLE | DRAWN | LONGER | {"\u0302": "_hat", "¿": "", "¡": ""}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
SCRIPTS = re.compile(rf"(?P<raised>[{''.join(RAISED)}]+)|[{''.join(LOWERED)}]+")
GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)")


class OutputError(Exception):
    """Standard output cannot be written to; ``reason`` is the system's error."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


def spelled(text: str, encoding: str) -> str:
    """Return the text with other letters for each sign that the encoding lacks; none becomes "?".

    >>> spelled("∂E/∂δ_o1 ≈ −1.5·10⁻⁷, años", "ascii"), spelled("½ ≈ 0.5, años", "cp1252")
    ('dE/ddelta_o1 ~ -1.5*10^-7, anos', '½ ~ 0.5, años')
    """
    if _has(text, encoding):
        return text
    whole = SCRIPTS.sub(lambda match: match[0] if _has(match[0], encoding) else _on_the_line(match), text)
    return "".join(char if _has(char, encoding) else _spelled(char) for char in whole)


def on_console(text: str) -> str:
    """Return the text in signs that standard output has."""
    return spelled(text, sys.stdout.encoding)


def _on_the_line(scripts: re.Match[str]) -> str:
    """Return raised digits behind ^ and lowered ones behind _; all the digits of a script, or none."""
    sign, letters = ("^", RAISED) if scripts["raised"] else ("_", LOWERED)
    return sign + "".join(letters[char] for char in scripts[0])


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _spelled(char: str) -> str:
    """Return ASCII for the sign: letters, or the escape that Python writes."""
    if char in SIGNS:
        return SIGNS[char]
    if "\udc80" <= char <= "\udcff":  # a byte of a file's name that is no UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    plain = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    letters = [part if part.isascii() else _greek(part) for part in plain]
    return "".join(letters) if all(letters) else char.encode("ascii", "backslashreplace").decode()


def _greek(letter: str) -> str:
    """Return the name of a Greek letter, nothing for any other."""
    found = GREEK.match(unicodedata.name(letter, ""))
    name = found[2].lower().replace("lamda", "lambda") if found else ""
    return name.capitalize() if found and found[1] == "CAPITAL" else name


class Output:
    """A text stream that spells signs which its encoding lacks; raises `OutputError` where it cannot be written to.

    With ``may_fail`` it raises nothing: for standard error, as there is no other stream to report to. After a failure
    it writes to os.devnull, so that the interpreter does not fail again when it flushes at its end.
    """

    def __init__(self, stream: TextIO, *, may_fail: bool = False) -> None:
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.errors = getattr(stream, "errors", None) or "strict"
        self._stream, self._may_fail = stream, may_fail

    def write(self, text: str | bytes) -> int:
        """Write the text, or the UTF-8 bytes that click writes for a shell's completion.

        Click first writes b"" to find out whether the stream takes bytes. The answer is no (TypeError), as it would
        then write UTF-8 to an ASCII console.
        """
        if text == b"":
            raise TypeError("expected a text")
        if text:
            whole = text.decode() if isinstance(text, bytes) else text
            with self._noting():
                self._stream.write(spelled(whole, self.encoding))
        return len(text)

    def write_bytes(self, content: bytes) -> None:
        """Write the content of a file, as it is."""
        with self._noting():
            self._stream.flush()
            self._stream.buffer.write(content)

    def flush(self) -> None:
        """Flush the stream; raises `OutputError` as `write` does."""
        with self._noting():
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the system's number of the stream."""
        return self._stream.fileno()

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._leave()
            if not self._may_fail:
                raise OutputError(error) from None

    def _leave(self) -> None:
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def standard_streams() -> Iterator[None]:
    """Replace each standard stream by an `Output`; writing to a closed one raises `OutputError`."""
    _keep_numbers()
    before = sys.stdout, sys.stderr
    out = before[0] or os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    errors = before[1] or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stdout, sys.stderr = cast(TextIO, Output(out)), cast(TextIO, Output(errors, may_fail=True))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _keep_numbers() -> None:
    """Open those of the file descriptors 0, 1 and 2 that are closed, so that no file that is opened later gets one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)
