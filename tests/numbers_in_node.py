"""Runs the numbers of an explorable page in Node: many small programs at once."""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb, fmpq

SOURCE = Path(__file__).parents[1] / "templates" / "explore" / "numbers.js"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed; .ci/explore installs it")

# A program is a list of steps [bits, operation, …]; each gives a register, and the last one is what is asked for.
HARNESS = r"""
"use strict";
const fs = require("fs");
const vm = require("vm");
const source = fs.readFileSync(process.argv[1], "utf8");
const Numbers = vm.runInThisContext(`(() => { "use strict"; ${source}; return Numbers; })()`);
const ERRORS = ["Undecided", "OutsideDomain", "DivisionByZero", "Unprintable"];
const parts = (v) => [v.m.toString(16), v.e, v.r === Infinity ? null : v.r];
const told = (v) => (Numbers.isRational(v) ? Numbers.fraction(v).join("/") : parts(v));
const OPERATIONS = {
  value: (registers, i) => told(registers[i]),
  "rational?": (registers, i) => Numbers.isRational(registers[i]),
  readable: (registers, text) => Numbers.read(text) !== null,
  same: (registers, left, right) => Numbers.same(left, right),
  float: (registers, i) => String(Numbers.nearestFloat(registers[i])),
  print: (registers, i, digits, rounding) => Numbers.print(registers[i], digits, rounding),
  carried: (registers, i, rounding) => told(Numbers.carried(registers[i], rounding)),
  read: (registers, text) => Numbers.read(text),
  asPrinted: (registers, text) => Numbers.asPrinted(text),
  apply: (registers, name, i) => Numbers.apply(name, registers[i]),
  power: (registers, i, n) => Numbers.power(registers[i], n),
  broken: (registers, i, p, q) => Numbers.broken(registers[i], p, q),
  sign: (registers, i) => Numbers.sign(registers[i]),
  pi: () => Numbers.pi(),
};
for (const name of ["add", "sub", "mul", "div", "larger"]) {
  OPERATIONS[name] = (registers, i, j) => Numbers[name](registers[i], registers[j]);
}
OPERATIONS.neg = (registers, i) => Numbers.neg(registers[i]);
function run(steps) {
  const registers = [];
  try {
    for (const [bits, name, ...given] of steps) {
      registers.push(Numbers.at(bits, () => OPERATIONS[name](registers, ...given)));
    }
    return registers.pop();
  } catch (error) {
    const kind = ERRORS.find((name) => error instanceof Numbers[name]);
    if (!kind) throw error;
    return { error: kind, function: error.function };
  }
}
console.log(JSON.stringify(JSON.parse(fs.readFileSync(0, "utf8")).map(run)));
"""


def answers(programs: list[list[list[Any]]]) -> list[Any]:
    """Return what each program's last step gives; for an error its kind."""
    found = subprocess.run(
        ["node", "-e", HARNESS, str(SOURCE)], input=json.dumps(programs), capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return list(json.loads(found.stdout))


def ends(told: Any) -> tuple[arb, arb]:
    """Return the ends of what `value` tells, at flint's present precision, which has to be high."""
    if isinstance(told, str):
        number = arb(fmpq(*map(int, told.split("/"))))
        return number, number
    mantissa, exponent, radius = told
    if radius is None:
        return arb("-inf"), arb("inf")
    unit, wide = arb(2) ** exponent, Fraction(radius)
    share = arb(fmpq(wide.numerator, wide.denominator))
    return (arb(int(mantissa, 16)) - share) * unit, (arb(int(mantissa, 16)) + share) * unit


def holds(told: Any, true: arb) -> bool:
    """Whether all of the narrow ball ``true`` may lie in what is told."""
    low, high = ends(told)
    return not low > true and not high < true
