"""What a printed line of matrices says, worked out as a reader does: from its LaTeX alone, in plain NumPy."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

TOKEN = re.compile(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}|\\[A-Za-z]+|\d+(?:\.\d+)?|\S")
FUNCTIONS = ("mask", "softmax", "turn", "pad", "space", "maxpool", "avgpool", "spread", "route", "mean")


def sides(latex: str) -> tuple[str, list[str]]:
    """Return the left side of a display, and its right sides; lines that go on are put together."""
    inner = latex.removeprefix(r"\begin{aligned} ").removesuffix(r" \end{aligned}")
    outside = re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", lambda found: found[0].replace(r"\\", "@@"), inner)
    lines = outside.replace(r"&\quad {}", "").split(r"\\")
    left, whole = "", ""
    for line in lines:
        whole += " " + line
    left, *rights = re.split(r"&?(?:=|\\approx)", whole)
    return left.replace("&", "").strip(), [right.replace("@@", r"\\").strip() for right in rights]


def matrix(latex: str) -> Any:
    """Return a printed matrix, or number, as an array; what is left out is not a number."""
    plain = latex.replace(r"\,}^{\dagger}", "}").replace(r"^{\dagger}", "").replace(r"-\infty", "-inf")
    plain = re.sub(r"\{?(-?[\d.]+) \\cdot 10\^\{(-?\d+)\}\}?", r"\1e\2", plain)
    body = plain.replace(r"\begin{pmatrix}", "").replace(r"\end{pmatrix}", "")
    rows = [[entry.strip() for entry in row.split("&")] for row in body.split(r"\\")]
    return np.array([[float(entry) for entry in row] for row in rows])


def value(latex: str) -> Any:
    """Return what a right side with numbers gives."""
    plain = re.sub(r"\{?(-?[\d.]+) \\cdot 10\^\{(-?\d+)\}\}?", r"\1e\2", latex)
    reader = _Reader(TOKEN.findall(plain.replace(r"\,", "")))
    found = reader.sum()
    assert not reader.rest, reader.rest
    return found


@dataclass
class _Reader:
    rest: list[str]

    @property
    def here(self) -> str:
        return self.rest[0] if self.rest else ""

    def take(self, expected: str = "") -> str:
        token = self.rest.pop(0)
        assert expected in ("", token), (expected, token, self.rest)
        return token

    def sum(self) -> Any:
        sign = -1 if self.here == "-" else 1
        if sign < 0:
            self.take()
        found = sign * self.product()
        while self.here in ("+", "-"):
            found = found + self.product() if self.take() == "+" else found - self.product()
        return found

    def product(self) -> Any:
        found = self.power()
        while self.here and self.here not in ("+", "-", ")", "}", r"\right"):
            sign = self.here
            if sign == r"\odot":
                self.take()
                found = found * self.power()
            elif sign == r"\star":
                self.take()
                stride = int(self.braced_text()) if self.here == "_" else 1
                found = correlated(found, self.power(), stride)
            elif sign == r"\cdot":
                self.take()
                found = found * self.product()
            else:
                found = found @ self.power()
        return found

    def braced_text(self) -> str:
        self.take("_")
        self.take("{")
        text = self.take()
        self.take("}")
        return text

    def power(self) -> Any:
        found = self.atom()
        if self.here == "^":
            self.take()
            for each in ("{", r"\top", "}"):
                self.take(each)
            return found.T
        return found

    def braced(self) -> Any:
        self.take("{")
        found = self.sum()
        self.take("}")
        return found

    def atom(self) -> Any:
        token = self.take()
        if token.startswith(r"\begin"):
            return matrix(token)
        if token == r"\left":
            self.take("(")
            found = self.sum()
            self.take(r"\right")
            self.take(")")
            return found
        if token == r"\frac":
            return self.braced() / self.braced()
        if token == r"\sqrt":
            return np.sqrt(self.braced())
        if self.here == "e":
            self.take()
            token += "e" + ("-" if self.here == "-" and self.take() else "") + self.take()
        return np.array([[float(token)]])


def correlated(signal: Any, kernel: Any, stride: int) -> Any:
    height, width = kernel.shape
    rows = range(0, signal.shape[0] - height + 1, stride)
    columns = range(0, signal.shape[1] - width + 1, stride)
    return np.array([[(signal[y : y + height, x : x + width] * kernel).sum() for x in columns] for y in rows])
