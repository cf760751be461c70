"""What `derive check` finds as data for programs: JSON in the format "derive-check/1".

A result becomes JSON field by field: what a dataclass of `derive.comparison` shows in its repr is there under the name
of the field. Verdicts and kinds of causes are words in snake_case, numbers with digits are texts with a decimal point,
sentences are in the reader's language. All of it is ASCII, so that no console spells a sign of it in another way.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from derive.comparison.every_way import VERDICTS, differ, verdict
from derive.comparison.gradients import Comparison
from derive.comparison.published import PublishedComparison
from derive.comparison.rows import GradientRow
from derive.errors import Message
from derive.evaluation.evaluation import Evaluation
from derive.language.language import Language

FORMAT = "derive-check/1"
WORDS = ("verdict", "kind")  # fields that hold one of a few words


def render(
    evaluation: Evaluation,
    *,
    published: PublishedComparison | None,
    gradients: Mapping[str, Comparison] | None,
    digits: int,
    language: Language,
) -> str:
    """Return the results as one JSON object: published numbers, and numeric gradients by way.

    Each is None where it is not asked for. ``agrees`` says whether no published number is wrong, right only by an
    undeclared convention or of an unknown name, and no gradient differs.
    """
    data = {
        "format": FORMAT,
        "title": evaluation.computation.title,
        "agrees": not (published and (published.unknown or not published.agrees)) and not differ(gradients or {}),
        "published": None if published is None else _published(published, language),
        "gradients": None
        if gradients is None
        else [_gradients(way, found, digits, language) for way, found in gradients.items()],
    }
    return json.dumps(data, indent=1) + "\n"


def _published(found: PublishedComparison, language: Language) -> dict[str, Any]:
    data: dict[str, Any] = _plain(found, language)
    counts = {word(verdict): number for verdict, number in found.counts.items()}
    return {**data, "counts": {**counts, "unknown": len(found.unknown)}}


def _gradients(way: str, found: Comparison, digits: int, language: Language) -> dict[str, Any]:
    verdicts = [verdict([row]) for row in found.rows]
    counts = Counter(verdicts)
    return {
        "way": way,
        "rows": [_gradient(row, each, digits) for row, each in zip(found.rows, verdicts, strict=True)],
        "slips": _plain(found.slips, language),
        "counts": {word(each): counts[each] for each in VERDICTS},
    }


def _gradient(row: GradientRow, found: str, digits: int) -> dict[str, Any]:
    """Return a parameter's derivative, what was found for it, the relative difference, and the verdict."""
    return {
        "name": row.name,
        "true": row.expected.decimal(digits),
        "given": repr(row.found),
        "difference": f"{row.difference:.1e}" if row.is_finite else None,
        "verdict": word(found),
        "between": [side.decimal(digits) for side in row.sides] if row.sides else None,
    }


def _plain(value: Any, language: Language) -> Any:
    """Return a result as objects, lists, texts and whole numbers, each dataclass as an object of its fields."""
    if is_dataclass(value) and not isinstance(value, type | Message):
        found = {field.name: getattr(value, field.name) for field in fields(value) if field.repr}
        return {name: word(content) if name in WORDS else _plain(content, language) for name, content in found.items()}
    if isinstance(value, Message):
        return language.say(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(content, language) for key, content in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(content, language) for content in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def word(text: str) -> str:
    """Return a verdict or a kind in snake_case: rounded_differently."""
    return re.sub(r"\W+", "_", text)
