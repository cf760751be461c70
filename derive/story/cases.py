"""Words that depend on numbers: chosen for good, or all of them where the numbers of the page may change."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derive.evaluation.evaluation import Evaluation
from derive.language.sandbox import Takes, Tool
from derive.notation import Latex
from derive.notation.slots import relation
from derive.numbers import facts
from derive.numbers.facts import Fact, Truth
from derive.numbers.number import Number
from derive.story.markdown import Markdown

ITEMS = (list, tuple)
TRUTH = (bool, Fact)
DIGITS = range(10_001)
WHEN, END = "when", "end"  # of the places round what a fact decides, as in when-12-1: fact 12, true at first

FUNCTIONS: Mapping[str, Takes] = {
    "any_moves": (ITEMS,),
    "both": (ITEMS,),
    "cases": (ITEMS,),
    "end_when": (TRUTH,),
    "is_exact": (Number, DIGITS),
    "is_less": (Number, Number),
    "is_written_alike": (Number, Number, DIGITS),
    "may_be": (TRUTH,),
    "opposite": (TRUTH,),
    "relation": (Number, DIGITS),
    "rounded_sign": (Number, DIGITS),
    "when": (TRUTH,),
}


def case_tools(evaluation: Evaluation) -> dict[str, Tool]:
    """Return what a template may ask of numbers, and how it chooses its words."""
    functions: dict[str, Callable[..., Any]] = {
        "any_moves": lambda names: facts.either(
            *(facts.moves(evaluation.gradient_used(name)) for name in sorted(names))
        ),
        "both": lambda given: facts.both(*given),
        "cases": cases,
        "end_when": lambda fact: _place(END, fact),
        "is_exact": facts.is_exact,
        "is_less": facts.is_less,
        "is_written_alike": facts.is_written_alike,
        "may_be": facts.may_be,
        "opposite": facts.opposite,
        "relation": lambda number, digits: _relation(number, digits, alone=False),
        "rounded_sign": lambda number, digits: _relation(number, digits, alone=True),
        "when": lambda fact: _place(WHEN, fact),
    }
    return {name: Tool(name, function, FUNCTIONS[name]) for name, function in functions.items()}


def cases(pairs: Sequence[Sequence[Any]]) -> Markdown:
    """Return the first words whose fact is true; of facts that may change all words, each with when it is shown.

    A pair is a fact and words that are Markdown.

    >>> cases([(False, "one"), (True, "two"), (True, "three")])
    'two'
    """
    found: list[str] = []
    before: list[Truth] = []
    for fact, words in pairs:
        shown = facts.both(*before, fact)
        if isinstance(shown, Fact):
            found.append(f"![{words}](case:{shown.number}:{int(shown.is_true)})" if words else "")
        elif shown:
            found.append(str(words))
        if fact is True:
            break
        before.append(facts.opposite(fact))
    return Markdown("".join(found))


def _place(kind: str, fact: Truth) -> Markdown:
    if not isinstance(fact, Fact):
        return Markdown("")
    return Markdown(f'\n\n<a id="{kind}-{fact.number}-{int(fact.is_true)}"></a>\n\n')


def _relation(number: Number, digits: int, *, alone: bool) -> Latex:
    rounded = number.rounded(digits)
    found = relation(rounded.exact, [rounded.text], alone=alone)
    return Latex(f"{found} " if found and alone else found)
