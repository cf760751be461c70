"""How fast an explorable page calculates: the microseconds of each operation with balls of 128 bits, in Node.

A page has up to 20,000 operations and 5,000 printed numbers a change, for which there are 16 ms.
"""

import json
import subprocess
from pathlib import Path

from measuring import line, options

SOURCE = Path(__file__).parents[2] / "templates" / "explore" / "numbers.js"
GOALS = {"add": "< 1", "mul": "< 1", "div": "< 1", "print": "< 3"}
HARNESS = r"""
"use strict";
const source = require("fs").readFileSync(process.argv[1], "utf8");
const Numbers = require("vm").runInThisContext(`(() => { "use strict"; ${source}; return Numbers; })()`);
const a = Numbers.apply("exp", Numbers.read("0.3")), b = Numbers.apply("exp", Numbers.read("-1.7"));
const works = { print: () => Numbers.print(a, 9, null), nearestFloat: () => Numbers.nearestFloat(a) };
for (const name of ["add", "mul", "div"]) works[name] = () => Numbers[name](a, b);
for (const name of ["exp", "log", "tanh", "erf", "sin", "sqrt"]) works[name] = () => Numbers.apply(name, b);
const found = {};
for (const [name, work] of Object.entries(works)) {
  found[name] = [];
  for (let round = 0; round < 5; round++) {
    const count = Number(process.argv[2]), start = process.cpuUsage();
    for (let i = 0; i < count; i++) work();
    const used = process.cpuUsage(start);
    found[name].push((used.user + used.system) / count);
  }
}
console.log(JSON.stringify(found));
"""


def main(quick: bool) -> None:
    """Print the time of each operation; the first round is that of code not yet compiled."""
    given = ["node", "-e", HARNESS, str(SOURCE), "10" if quick else "20000"]
    found = json.loads(subprocess.run(given, capture_output=True, text=True, check=True).stdout)
    for name, times in found.items():
        line(name, times[1:], "" if quick else GOALS.get(name, ""), "µs")


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
