"""The fields of a sheet on a screen, and the script that says whether what is written into them is right.

What is accepted stands in the page hidden from a glance, and no more than that: whoever reads the script can read it.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from html import escape
from itertools import chain, count

from derive.errors import Message
from derive.language.folder import FOLDER
from derive.language.language import Language
from derive.story.document import Blank

SCRIPT, STYLE = "worksheet.js", "worksheet.css"
RIGHT, WRONG = Message("Right"), Message("Not right")

Bounds = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class FieldSetter:
    """Sets blanks as fields to write in; ``bounds`` says by number what is accepted, hidden under the ``code``."""

    math: Callable[[str, bool], str]
    code: str = ""
    bounds: Mapping[int, Bounds] = field(default_factory=dict)

    def __call__(self, blank: Blank) -> str:
        """Return a field to write in, or the answer in its place."""
        number = f'<span class="number">{blank.number}</span>' if blank.number else ""
        kind = "blank formula" if blank.is_formula else "blank"
        if blank.answer:
            answer = self.math(blank.answer, False) if blank.is_formula else escape(blank.answer)
            return f'<span class="{kind}">{number}<span class="answer">{answer}</span></span>'
        label = escape(f"{blank.number}: {blank.name}" if blank.number else blank.name)
        return (
            f'<span class="{kind}">{number}<input type="text" name="{escape(blank.field)}" aria-label="{label}" '
            f'autocomplete="off" autocapitalize="off" spellcheck="false"{self._checked(blank)}</span>'
        )

    def _checked(self, blank: Blank) -> str:
        if blank.is_formula or blank.number not in self.bounds:
            return "/>"
        place = f"verdict-{blank.number}"
        hidden = hide(self.bounds[blank.number], self.code, blank.number)
        return f' data-accepted="{hidden}" aria-describedby="{place}"/><span class="verdict" id="{place}"></span>'

    def status(self, language: Language) -> str:
        """Return what says aloud whether an answer is right; it holds the words for that."""
        unreadable = Message("Not a number; write it like {example}", {"example": language.number("0.25")})
        words = {"right": RIGHT, "wrong": WRONG, "unreadable": unreadable}
        data = {name: language.say(message) for name, message in words.items()}
        data |= {"mark": language.decimal_mark, "code": self.code}
        attributes = "".join(f' data-{name}="{escape(text)}"' for name, text in data.items())
        return f'<p class="unseen" role="status" id="verdicts"{attributes}></p>'

    @property
    def script(self) -> str:
        """The script of the page, "" where nothing is checked."""
        return (FOLDER / SCRIPT).read_text("utf-8") if self.bounds else ""


def script_source(script: str) -> str:
    """Return the source of a script as a Content-Security-Policy names it: by its hash.

    >>> script_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def hide(bounds: Bounds, code: str, number: int) -> str:
    """Return the bounds in hexadecimal, each as a fraction, under a key of the code and the number of the blank.

    >>> hide((Fraction(1, 2), Fraction(2, 3)), "1a2b3c4d", 7)
    '75eccb8b176bc7'
    """
    text = " ".join(f"{bound.numerator}/{bound.denominator}" for bound in bounds).encode()
    keys = (sha256(f"{code}:{number}:{block}".encode()).digest() for block in count())
    return bytes(one ^ other for one, other in zip(text, chain.from_iterable(keys), strict=False)).hex()
