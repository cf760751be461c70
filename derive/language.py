"""The languages of handouts and messages: their catalogues, and how they write numbers.

English is what stands in the templates and in the code. A catalogue (gettext) in ``templates/locale`` translates whole
sentences with named places; a language is added by one more entry here and one more catalogue.
"""

import gettext
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from derive.errors import InputError, Message, Whole, nearest, shown
from derive.templating import FOLDER

DOMAIN = "derive"
DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
# The words in a formula that is defined by cases; a space belongs to the word before a condition.
CASE_WORDS = (Message("if "), Message("otherwise"))


@dataclass(frozen=True)
class Language:
    """A language: its code (BCP 47), its decimal mark, what groups thousands and from where on, LaTeX's babel options.

    >>> language("pt-BR").number("-1234.5"), language("en").number("-1234.5")
    ('-1234,5', '-1234.5')
    """

    code: str
    decimal_mark: str
    group_mark: str
    babel: str = ""
    grouped_from: int = 1000

    @cached_property
    def translations(self) -> gettext.NullTranslations:
        """The catalogue; English needs none."""
        return gettext.translation(DOMAIN, FOLDER / "locale", [self.code.replace("-", "_")], fallback=self.code == "en")

    def number(self, text: str) -> str:
        """Return a decimal number as this language writes it."""
        return text.replace(".", self.decimal_mark)

    def math(self, latex: str) -> str:
        r"""Return LaTeX with the numbers and words of this language.

        >>> print(language("pt-BR").math(r"0.25 \cdot w_{h1,2}"))
        0{,}25 \cdot w_{h1,2}
        """
        for word in CASE_WORDS:
            latex = latex.replace(rf"\text{{{word.text}}}", rf"\text{{{self.say(word)}}}")
        return latex if self.decimal_mark == "." else DECIMAL_POINT.sub(f"{{{self.decimal_mark}}}", latex)

    def whole(self, number: int) -> str:
        """Return a whole number with its thousands apart.

        >>> language("en").whole(1000), language("pt-BR").whole(1000), language("es").whole(1000)
        ('1,000', '1.000', '1000')
        """
        return f"{number:,}".replace(",", self.group_mark) if abs(number) >= self.grouped_from else str(number)

    def written(self, english: str) -> str:
        """Return a number that is written as in English, 1,000 or 0.5, as this language writes it."""
        whole, point, decimals = english.partition(".")
        digits = whole.replace(",", "")
        shown = self.whole(int(digits)) if "," in whole else whole
        return shown + (self.decimal_mark + decimals if point else "")

    def say(self, message: object) -> str:
        """Return a message in this language; anything else as it prints itself."""
        if isinstance(message, Whole):
            return self.whole(message.number)
        if not isinstance(message, Message):
            return str(message)
        if not message.text:  # gettext gives its own header for an empty text
            return ""
        text = (
            self.translations.ngettext(message.text, message.plural, message.number)
            if message.plural
            else self.translations.gettext(message.text)
        )
        fields = {name: self.say(value) for name, value in message.fields.items()}
        return text.format(**fields) if fields else text


LANGUAGES: Mapping[str, Language] = {
    "en": Language("en", ".", ","),
    "pt-BR": Language("pt-BR", ",", ".", "brazilian"),
    # Without what babel's Spanish changes in mathematics, lists and signs.
    "es": Language("es", ",", "\u202f", "spanish,es-noshorthands,es-nodecimaldot,es-nolists,es-noindentfirst", 10_000),
}


def language(code: str | None = None) -> Language:
    """Return a language by its code; without one, that of the environment (LC_ALL, LC_MESSAGES, LANG), else English.

    Raises `InputError` for a code that is not in the table.
    """
    if code is None:
        return LANGUAGES[_of_environment()]
    if code not in LANGUAGES:
        raise InputError(
            "language: found {found}; expected one of {codes}.{hint}",
            found=shown(code),
            codes=", ".join(LANGUAGES),
            hint=nearest(str(code), LANGUAGES),
        )
    return LANGUAGES[code]


def _of_environment() -> str:
    """Return the code of the first language that is set, where there is a catalogue for it or for its relative."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    wanted = next(filter(None, settings), "").partition(".")[0].replace("_", "-")
    relatives = (code for code in LANGUAGES if code.partition("-")[0] == wanted.partition("-")[0])
    return wanted if wanted in LANGUAGES else next(relatives, "en")


ENGLISH = LANGUAGES["en"]
