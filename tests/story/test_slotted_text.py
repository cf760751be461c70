"""A page that may change says at first what the page that is written for good says."""

import re

import pytest
from ready import ALL

import derive
from derive.evaluation.explored import explorable
from derive.notation.slots import OPENING, without_slots
from derive.numbers.slots import Slots, with_slots
from derive.story import article

CASE = re.compile(r"\(case:\d+:([01])\)")
AROUND = re.compile(r'<a id="(?:when|end)-\d+-1"></a>\n+')
HIDDEN = re.compile(r'<a id="when-(\d+)-0"></a>.*?<a id="end-\1-0"></a>\n*', re.DOTALL)


def at_first(text):
    """Return the Markdown with the words that are shown at first, without slots and without the room of empty ones."""
    text = AROUND.sub("", HIDDEN.sub("", text))
    while found := CASE.search(text):
        start = opening(text, found.start() - 1)
        words = text[start + 2 : found.start() - 1]
        text = text[:start] + words * int(found[1]) + text[found.end() :]
    return tidy(without_slots(text))


def opening(text, closing):
    """Return where the picture begins whose bracket closes there."""
    depth = 0
    for place in range(closing, -1, -1):
        depth += (text[place] == "]") - (text[place] == "[")
        if not depth:
            return place - 1
    raise AssertionError(text)


def tidy(text):
    return re.sub(r"(?<=\$) | (?= )|(?<=[-−])\{\}", "", re.sub(r"\n{2,}", "\n\n", text)).replace("-{}", "-").strip()


BY_HAND = {"rounding": "by-hand", "digits": 4, "language": "es"}


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in ALL), ("xor", BY_HAND), ("circuit", BY_HAND)])
def test_the_text_is_at_first_what_it_is_without_slots(name, options):
    handout = derive.load(name).derive().handout(**{"language": "en", **options})
    slots = Slots()
    found = with_slots(
        slots, lambda: article.write(explorable(handout.shown), handout.training, handout, handout.report)
    )
    assert at_first(str(found)) == tidy(str(handout.markdown))
    used = {int(number) for number in OPENING.findall(str(found))}
    assert used
    assert max(used) < len(slots.slots)
