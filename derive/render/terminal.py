"""The tables of the command line: of a training, of compared gradients, of published numbers."""

import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby

from derive.checks import check_digits
from derive.comparison.every_way import DIFFERS, LOST, NO_VALUE, compare_ways, verdict
from derive.comparison.published import (
    CONVENTION,
    CONVENTIONS,
    FOLLOWS,
    FoundConvention,
    PublishedComparison,
    PublishedRow,
)
from derive.comparison.published.verdicts import MORE_DIGITS
from derive.comparison.rows import GradientRow
from derive.errors import Message, Text, Whole, counted
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language
from derive.language.templates import environment
from derive.notation.display import cut
from derive.notation.names import name_text
from derive.numbers.certainty import NOTHING
from derive.numbers.decimals import rounded_float
from derive.numbers.number import Number
from derive.render.corners import corner_sentences
from derive.render.titles import title
from derive.render.training_data import targets_of
from derive.training.certified import Certified
from derive.training.run import Training

Spell = Callable[[str], str]  # a text in signs that the console has
WIDTH = 80
MOST_NAMES = 12
MOST_PLACES = 28  # of a number in a table, with its sign and point


def training(
    evaluation: Evaluation,
    found: Training,
    certified: Certified,
    *,
    wanted: int,
    digits: int,
    language: Language,
    spell: Spell = str,
) -> str:
    """Return the table of a training, its last parameters, and the outs beside their targets.

    ``spell`` gives the names a form that the console has, before they are put in columns.
    """
    computation = evaluation.computation
    layers, targets = computation.layers, targets_of(computation)
    names = [neuron.name for neuron in layers.last.neurons] if layers else computation.outputs
    outs = [
        (
            number + 1,
            name if layers else spell(name_text(name)),
            out,
            "" if target is None else language.printed(evaluation.quantity(target, number).decimal(digits)),
        )
        for number, row in enumerate(certified.outs)
        for name, target, out in zip(names, targets, row, strict=True)
    ]
    text = (
        environment(language)
        .get_template("training.txt.j2")
        .render(
            title=title(evaluation, language),
            found=found,
            certified=certified,
            wanted=wanted,
            rows=certified.rows,
            number=language.printed,
            whole=lambda number: language.say(Whole(number)),
            parameters=[
                (spell(name_text(name)), certified.parameters[name]) for name in evaluation.computation.parameters
            ],
            outs=outs,
            out=spell(name_text(layers.notation.out)) if layers else "",
            layered=layers is not None,
            error=spell(name_text(computation.whole_objective_name)),
            has_targets=any(targets),
            cut=cut,
        )
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def check(
    evaluation: Evaluation, ways: Sequence[str], *, digits: int, language: Language, spell: Spell = str
) -> tuple[str, bool]:
    """Return the table that holds numeric gradients against the symbolic ones, and whether none differs.

    Raises `InputError` for an unknown way, for one whose library is not installed, and for digits outside 1 to 1,000.
    """
    check_digits(digits)
    compared = compare_ways(evaluation, ways)
    rows = [
        _checked(spell(name_text(name)), number, [found.rows[place] for found in compared.values()], digits, language)
        for place, (name, number) in enumerate(evaluation.gradients.items())
    ]
    verdicts = Counter(row["verdict"] for row in rows)
    text = (
        environment(language)
        .get_template("check.txt.j2")
        .render(
            title=title(evaluation, language),
            ways=list(compared),
            rows=rows,
            wrong=verdicts[DIFFERS],
            missing=verdicts[NO_VALUE],
            lost=verdicts[LOST],
            corners=[
                line
                for sentence in corner_sentences(Corners(evaluation).found, len(evaluation.computation.samples))
                for line in textwrap.wrap(language.say(sentence), WIDTH)
            ]
            if any(row["sides"] for row in rows)
            else [],
            slips=[(way, language.say(found.slips[0].sentence)) for way, found in compared.items() if found.slips],
            whole=lambda number: language.say(Whole(number)),
        )
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n", not verdicts[DIFFERS]


def _checked(
    name: str, expected: Number, found: Sequence[GradientRow], digits: int, language: Language
) -> dict[str, object]:
    """Return a parameter's line: what each way found, the largest difference, and the verdict."""
    numbers = [row for row in found if row.is_finite]
    return {
        "name": name,
        "expected": language.printed(expected.decimal(digits)),
        "values": [language.printed(rounded_float(row.found, digits)) for row in found],
        "difference": language.printed(f"{max(row.difference for row in numbers):.1e}") if numbers else NOTHING,
        "verdict": verdict(found),
        "sides": [language.printed(side.decimal(digits)) for side in found[0].sides or ()],
    }


def _or(cause: Message) -> Message:
    return Message("Or: {cause}", {"cause": cause})


def _found(convention: FoundConvention) -> Message:
    if convention.name not in CONVENTIONS:  # a learning rate, which its network states
        fields = {"sentence": convention.sentence, "names": _some(convention.names)}
        return Message("{sentence} This explains {names}.", fields)
    return Message(
        "{sentence} This explains {names}. The file may declare it: convention = {quoted}.",
        {
            "sentence": convention.sentence,
            "names": _some(convention.names),
            "quoted": f'"{convention.name}"',
        },
    )


def _some(names: Sequence[str]) -> Text:
    """Return the names, the first ones where they are many."""
    listed, more = ", ".join(names[:MOST_NAMES]), len(names) - MOST_NAMES
    return (
        listed if more <= 0 else counted("{names} and {number} more", "{names} and {number} more", more, names=listed)
    )


def _true(row: PublishedRow) -> str:
    """Return the true digits of a row, those that matter beside the printed ones where all would be too many."""
    if len(row.true) <= MOST_PLACES:
        return row.true
    significant = len(Decimal(row.printed).as_tuple().digits) + MORE_DIGITS
    short = f"{Decimal(row.true):.{significant - 1}e}"
    return min(row.true, short, key=len)


def _in_passes(evaluation: Evaluation, found: PublishedComparison) -> bool:
    """Whether what is counted are passes through the samples, each of which makes an update."""
    names = {convention.name for convention in found.conventions}
    return (evaluation.plan.is_online or "online" in names) and "online_samples" not in names


def published(evaluation: Evaluation, found: PublishedComparison, *, language: Language) -> str:
    """Return the table of published numbers: the digits printed, the true ones, the verdict, and what explains it."""
    several = len(evaluation.computation.samples) > 1
    sections = [
        (key, list(rows)) for key, rows in groupby(found, lambda row: (row.updates, row.sample if several else 0))
    ]
    text = (
        environment(language)
        .get_template("published.txt.j2")
        .render(
            title=title(evaluation, language),
            source=found.source,
            sections=sections,
            in_passes=several and _in_passes(evaluation, found),
            width=max(len(row.name) for row in found),
            true_digits=_true,
            digits=max(len(number) for row in found for number in (row.printed, _true(row))),
            counts=found.counts,
            convention=found.counts.get(CONVENTION, 0),
            follows=len(found.consequences),
            rounded=found.counts.get(FOLLOWS, 0) - len(found.consequences),
            declared=[
                line
                for each in found.conventions
                if each.is_declared
                for line in textwrap.wrap(language.say(each.sentence), WIDTH)
            ],
            conventions=[
                line
                for each in found.conventions
                if not each.is_declared
                for line in textwrap.wrap(language.say(_found(each)), WIDTH)
            ],
            wrapped=lambda cause, is_other: textwrap.wrap(language.say(_or(cause) if is_other else cause), WIDTH - 4),
            number=language.printed,
            whole=lambda number: language.say(Whole(number)),
        )
    )
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
