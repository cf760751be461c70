"""The languages of handouts and messages: their catalogues, and how they write numbers.

The templates and the code are in English. A catalogue (gettext) in ``templates/locale`` translates whole
sentences with named fields; a language is added by one more entry here and one more catalogue. A region takes the
catalogue of its language, and writes its numbers in its own way.
"""

import gettext
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from derive.errors import Digits, InputError, Message, Whole, nearest, shown
from derive.language.folder import FOLDER

DOMAIN = "derive"
DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
# The words in a formula that is defined by cases; before a condition a space belongs to the word.
CASE_WORDS = (Message("if "), Message("otherwise"))
EXTREME = re.compile(r"\\(?:max|min)\\left\(")
# Spanish "and" before a formula that is read with the sound of i.
AND_I = re.compile(r" y (?=\$(?:\\hat\{)?[yi](?:[_}^$ ]))")


@dataclass(frozen=True)
class Language:
    """A language: its code (BCP 47), its decimal mark, what groups thousands and from where on, LaTeX's babel options.

    ``base`` is the entry of `LANGUAGES` that a region belongs to, and whose catalogue it uses.

    >>> language("pt-BR").number("-1234.5"), language("en").number("-1234.5"), language("es-MX").number("-1234.5")
    ('-1234,5', '-1234.5', '-1234.5')
    """

    code: str
    decimal_mark: str
    group_mark: str
    babel: str = ""
    grouped_from: int = 1000
    base: str = ""

    @property
    def catalogue(self) -> str:
        """The name of its catalogue, as gettext writes it."""
        return (self.base or self.code).replace("-", "_")

    @cached_property
    def translations(self) -> gettext.NullTranslations:
        """The catalogue; English needs none."""
        return gettext.translation(DOMAIN, FOLDER / "locale", [self.catalogue], fallback=self.catalogue == "en")

    def is_plural(self, number: int) -> bool:
        """Whether the language says so many of a thing in the plural.

        >>> [[language(code).is_plural(number) for number in (0, 1, 2)] for code in ("en", "pt-BR")]
        [[True, False, True], [False, False, True]]
        """
        form = getattr(self.translations, "plural", None)  # as gettext reads it; English has no catalogue to read
        return number != 1 if form is None else form(number) > 0

    def number(self, text: str) -> str:
        """Return a decimal number as this language writes it."""
        return text.replace(".", self.decimal_mark)

    def printed(self, text: str) -> str:
        """Return the same for people alone: with a minus sign, where `number` keeps the hyphen that programs read.

        >>> language("es").printed("-1.5e-7")
        '−1,5e-7'
        """
        return self.number(f"−{text[1:]}" if text.startswith("-") else text)

    def math(self, latex: str) -> str:
        r"""Return LaTeX with the numbers and words of this language.

        >>> print(language("pt-BR").math(r"0.25 \cdot w_{h1,2}"))
        0{,}25 \cdot w_{h1,2}
        """
        for word in CASE_WORDS:
            latex = latex.replace(rf"\text{{{word.text}}}", rf"\text{{{self.say(word)}}}")
        if self.decimal_mark == ".":
            return latex
        if EXTREME.search(latex):  # of whose arguments a comma would be one mark too many
            latex = latex.replace(", ", "; ")
        return DECIMAL_POINT.sub(f"{{{self.decimal_mark}}}", latex)

    def euphonic(self, text: str) -> str:
        r"""Return text with the form that a word has before the sound of what follows.

        >>> print(language("es").euphonic("$x_1$ y $y_1$; $y$ y $net_y$"))
        $x_1$ e $y_1$; $y$ y $net_y$
        """
        return AND_I.sub(" e ", text) if (self.base or self.code) == "es" else text

    def whole(self, number: int) -> str:
        """Return a whole number with its thousands apart.

        >>> [language(code).whole(1000) for code in ("en", "pt-BR", "es", "es-MX")]
        ['1,000', '1.000', '1000', '1,000']
        """
        return f"{number:,}".replace(",", self.group_mark) if abs(number) >= self.grouped_from else str(number)

    def written(self, english: str) -> str:
        """Return a number that is written as in English, 1,000 or 0.5, as this language writes it."""
        whole, point, decimals = english.partition(".")
        digits = whole.replace(",", "")
        shown = self.whole(int(digits)) if "," in whole else whole
        return shown + (self.decimal_mark + decimals if point else "")

    def say(self, message: object) -> str:
        """Return a message in this language; of anything else, its str()."""
        if isinstance(message, Whole):
            return self.whole(message.number)
        if isinstance(message, Digits):
            return self.printed(message.text)
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


# Regions that write numbers in another way than their language's entry, after CLDR: decimal mark, group mark (a narrow
# space where CLDR has any), and from where on thousands are grouped.
POINT, COMMA, SPACE = (".", ",", 1000), (",", ".", 1000), (",", "\u202f", 1000)
REGIONS: Mapping[str, Mapping[str, tuple[str, str, int]]] = {
    "en": {
        "AT BE DE DK ES ID IT NL PL RO SI": COMMA,
        "CZ FI FR HU NO PT SE SK ZA": SPACE,
        "CH": (".", "’", 1000),
    },
    "pt-BR": {"AO": SPACE, "CH CV GQ GW LU MO MZ PT ST TL": (",", "\u202f", 10_000)},
    "es": {
        "419 BR BZ CU DO GT HN MX NI PA PE PR SV US": POINT,
        "AR BO CL CO EC PY UY VE": COMMA,
        "CR": SPACE,
    },
}
# What people call the languages, without accents, and the codes of ISO 639.
NAMES = {
    **dict.fromkeys(("en", "eng", "english", "ingles"), "en"),
    **dict.fromkeys(("pt", "por", "portuguese", "portugues", "brazilian", "brasileiro", "brasileno"), "pt-BR"),
    **dict.fromkeys(("brazilianportuguese", "portuguesebrazil", "portuguesdobrasil", "portuguesbrasil"), "pt-BR"),
    **dict.fromkeys(("ptbr", "portuguesbrasileiro"), "pt-BR"),
    **dict.fromkeys(("es", "spa", "spanish", "espanol", "espanhol", "castellano", "castilian"), "es"),
}
ENCODING = re.compile(r"(\.[\w-]+)?(@\w+)?\Z")
TAG = re.compile(r"(?P<language>[a-z]{2,3})(-[a-z]{4})?(-(?P<region>[a-z]{2}|\d{3}))?")


def language(code: str | None = None) -> Language:
    """Return a language by its code or its name, as people write them; without one, that of the environment.

    A region counts: its numbers are written as they are there. The environment's language is that of LANGUAGE, LC_ALL,
    LC_MESSAGES and LANG, as gettext reads them, else English. Raises `InputError` for a language that there is not.

    >>> [language(name).code for name in ("ES", "español", "pt_PT", "es_MX.UTF-8", "en-GB")]
    ['es', 'es', 'pt-PT', 'es-MX', 'en']
    """
    if code is None:
        return _of_environment()
    found = _named(code) if isinstance(code, str) else None
    if found is None:
        raise InputError(
            "language: found {found}; expected one of {codes}.{hint}",
            found=shown(code),
            codes=", ".join(LANGUAGES),
            hint=nearest(str(code), LANGUAGES),
        )
    return found


@cache
def _named(name: str) -> Language | None:
    """Return the language of that name or code: "español", "es", "es-MX", "es_MX.UTF-8"; None where there is none."""
    letters = unicodedata.normalize("NFKD", ENCODING.sub("", name.strip().casefold()))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("_", "-")
    word = re.sub(r"[\s()]", "", plain)
    if word in NAMES:
        return LANGUAGES[NAMES[word]]
    tag = TAG.fullmatch(plain)
    if not tag or tag["language"] not in NAMES:
        return None
    base = LANGUAGES[NAMES[tag["language"]]]
    region = (tag["region"] or "").upper()
    for regions, (decimal_mark, group_mark, grouped_from) in REGIONS.get(base.code, {}).items():
        if region in regions.split():
            return replace(
                base,
                code=f"{base.code.partition('-')[0]}-{region}",
                decimal_mark=decimal_mark,
                group_mark=group_mark,
                grouped_from=grouped_from,
                base=base.code,
            )
    return base


def _of_environment() -> Language:
    """Return the first language of LANGUAGE that there is, without it the locale's; the locale C is English."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, settings), "C")
    if ENCODING.sub("", locale) in ("C", "POSIX"):
        return ENGLISH
    own = _named(locale) or ENGLISH
    wanted = list(filter(None, os.environ.get("LANGUAGE", "").split(":")))
    found = next(filter(None, map(_named, wanted)), ENGLISH) if wanted else own
    # LANGUAGE decides the words; the locale's region decides how numbers are written.
    return own if own.catalogue == found.catalogue else found


ENGLISH = LANGUAGES["en"]
