"""How soon the command line answers: fresh processes against one that only does ``import sympy``.

In each round every process runs once, and each ratio is taken within a round, so that load on the machine meets both
sides; printed are medians over the rounds. What is completed is what a Tab asks for in bash.
"""

import os
import subprocess
import sys

from measuring import in_turns, line, options, ratios

ROUNDS = 11
IMPORT = "import sympy"
LIGHT, SHOWN = 0.3, 1.4  # goals, in times of IMPORT
COMPLETED = {
    "a command": "derive ha",
    "a ready network": "derive handout ar",
    "an option": "derive show --la",
    "a word of an option": "derive handout --rounding b",
}


def ran(*arguments: str, words: str = "") -> None:
    """Run a fresh process to its end; with words, those that a shell wants to have completed."""
    # Installed packages come with their bytecode.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    asked = {"_DERIVE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    subprocess.run(
        [sys.executable, *arguments], env={**usual, **(asked if words else {})}, capture_output=True, check=True
    )


def completed(words: str) -> None:
    """Complete the words as the command ``derive`` does, whose name the variable above carries."""
    ran("-c", "import sys; sys.argv = ['derive']; from derive.cli.main import main; main()", words=words)


def main(quick: bool) -> None:
    """Print the time of the import, and the ratio of each answer."""
    works = {
        IMPORT: lambda: ran("-c", IMPORT),
        "import derive": lambda: ran("-c", "import derive"),
        "derive --help": lambda: ran("-m", "derive", "--help"),
        "derive --version": lambda: ran("-m", "derive", "--version"),
        **{f"Tab: {what}": lambda words=words: completed(words) for what, words in COMPLETED.items()},
        "derive show w5": lambda: ran("-m", "derive", "show", "w5"),
    }
    if not quick:
        in_turns(works, 1)  # files read, caches of bytecode written
    times = in_turns(works, 1 if quick else ROUNDS)
    base = times.pop(IMPORT)
    line(f"python -c '{IMPORT}'", base, unit="s")
    for what, found in times.items():
        goal = SHOWN if "show w5" in what else LIGHT
        line(f"{what}, over {IMPORT}", ratios(found, base), "" if quick else f"at most {goal}")


if __name__ == "__main__":
    main(options(__doc__).parse_args().quick)
