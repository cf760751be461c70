"""The names that ``derive show`` takes: what a typed one means, and which ones there are."""

import json
import textwrap
from collections.abc import Iterator

from derive.errors import Message, Text, UnknownNameError, Whole, nearest, shown
from derive.evaluation.evaluation import Evaluation
from derive.language.language import ENGLISH, Language
from derive.render.titles import title

WIDTH = 80
MOST_LISTED = 40  # names of one kind
DELTA = "delta"
KINDS = {
    "input": Message("Inputs"),
    "target": Message("Targets"),
    "weight": Message("Weights"),
    "bias": Message("Biases"),
    "net": Message("Net inputs"),
    DELTA: Message("Deltas"),
    "out": Message("Outputs"),
    "error": Message("Errors"),
}
# What they are called where no layers are: a weight is what is trained there, or what is only differentiated by.
GIVEN = "given"
KINDS_OF_EQUATIONS = {
    GIVEN: Message("Given values"),
    "target": Message("Targets"),
    "weight": Message("Parameters"),
    "bias": Message("Parameters"),
    "net": Message("Net inputs"),
    DELTA: Message("Deltas"),
    "out": Message("Computed values"),
    "error": Message("Objective"),
}


def names(evaluation: Evaluation) -> dict[str, str]:
    """Return every name that has something to show, with its kind; a delta's is "delta"."""
    kinds, partials = evaluation.computation.kinds, evaluation.derivation.partials
    deltas = (partials[name].symbol.name for name in kinds if name in partials and partials[name].unit)
    return {**kinds, **dict.fromkeys(deltas, DELTA)}


def asked(evaluation: Evaluation, word: str) -> str:
    """Return the name that a word means: itself, as it is printed, a derivative by it, or in letters of other size.

    Raises `UnknownNameError` for a word that means none of the names, or several of them.

    >>> import derive
    >>> evaluation = derive.load("article").derive().evaluation
    >>> [asked(evaluation, word) for word in ("w5", "W5", "w₅", "∂E_total/∂w5", "dE_dw5", "dE_total_dnet_h1", "δ_h1")]
    ['w5', 'w5', 'w5', 'w5', 'w5', 'delta_h1', 'delta_h1']
    """
    known, computation = names(evaluation), evaluation.computation
    if word in known:
        return word
    # Imported here, as the stage is of no use to a name that is there.
    from derive.comparison.published.spelling import plain

    meanings = {**{name: name for name in known}, **dict(_derivatives(evaluation))}
    forms = (word, plain(word))
    # In derive's own words, too, where the network has other letters.
    exact = next((meanings[form] for form in (*forms, *map(computation.named, forms)) if form in meanings), "")
    alike = {name for form, name in meanings.items() if form.casefold() == plain(word).casefold()}
    found = exact or (alike.pop() if len(alike) == 1 else "")
    if not found:
        examples, hint = ", ".join(list(known)[:12]), nearest(word, known) or nearest(word, meanings)
        if computation.layers is None:
            raise UnknownNameError(
                "{name}: not a quantity of this computation; try one of {names}, ….{hint}",
                name=shown(word),
                names=examples,
                hint=hint,
            )
        raise UnknownNameError(
            "{name}: not a quantity of this network; try one of {names}, ….{hint}",
            name=shown(word),
            names=examples,
            hint=hint,
        )
    return found


def _derivatives(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """Yield the names of the derivatives of the error, as they are written without signs, and by what each is."""
    computation = evaluation.computation
    objectives = (computation.objective, computation.whole_objective_name, computation.objective.removesuffix("_total"))
    for by, partial in evaluation.derivation.partials.items():
        for of in dict.fromkeys(objectives):
            yield f"d{of}_d{by}", partial.symbol.name if partial.unit else by


def render_names(evaluation: Evaluation, source: str, language: Language = ENGLISH) -> str:
    """Return the title and the names of the quantities, a paragraph a kind, and how one is shown."""
    known = names(evaluation)
    groups: dict[str, list[str]] = {}
    for kind, found in _by_kind(known).items():
        for name in found:
            groups.setdefault(f"{language.say(_head(evaluation, name, kind))}: ", []).append(name)
    room = max(map(len, groups))
    paragraphs = (
        textwrap.fill(
            language.say(_listed(found)),
            WIDTH,
            initial_indent=f"  {head:<{room}}",
            subsequent_indent=" " * (room + 2),
        )
        for head, found in groups.items()
    )
    example = next((name for name, kind in known.items() if kind == "weight"), next(iter(known)))
    ending = Message("{command} shows a quantity and its derivative.", {"command": f"derive show {source} {example}"})
    return "\n".join([title(evaluation, language), "", *paragraphs, "", language.say(ending), ""])


def _head(evaluation: Evaluation, name: str, kind: str) -> Text:
    if evaluation.computation.layers:
        return KINDS.get(kind, kind)
    kind = GIVEN if is_given(evaluation, name) else kind
    return KINDS_OF_EQUATIONS.get(kind, kind)


def is_given(evaluation: Evaluation, name: str) -> bool:
    """Whether a quantity without layers is a given value, which nothing changes; what is trained is a parameter."""
    computation = evaluation.computation
    kind = computation.kinds.get(name)
    return kind == "input" or (kind in ("weight", "bias") and name not in computation.trained)


def render_names_json(evaluation: Evaluation) -> str:
    """Return the same as JSON: the names by their kind."""
    found = {"title": evaluation.computation.title, "names": _by_kind(names(evaluation))}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _by_kind(known: dict[str, str]) -> dict[str, list[str]]:
    """Return the names by their kind, the kinds of networks in the order of `KINDS`, before any others."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name, kind in known.items():
        found.setdefault(kind, []).append(name)
    return {kind: those for kind, those in found.items() if those}


def _listed(found: list[str]) -> Text:
    """Return the names with commas, the first of many and how many there are."""
    if len(found) <= MOST_LISTED:
        return ", ".join(found)
    return Message(
        "{names}, … ({number} in all)", {"names": ", ".join(found[:MOST_LISTED]), "number": Whole(len(found))}
    )
