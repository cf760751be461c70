"""The Spanish handout: every message translated, and nothing left in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

import derive
from derive.language.folder import FOLDER
from derive.language.language import language
from derive.language.templates import SECTIONS, environment

READY = sorted(derive.ready_networks())
TEMPLATES = (*SECTIONS, "page.html.j2")
# What Spanish writes as English does.
SAME = {", ", "; ", "%(layer)s:", "delta", "error", "Error", "GRU", "LSTM", "Softmax"}
TITLES = ("A Step by Step Backpropagation Example",)  # of works in English
PLACE = re.compile(r"%\(\w+\)s")
ENGLISH = re.compile(r" (?:the|and|of|is|are|each|from|its|by|to) |\b(?:which|with|The|Each|This)\b")
CODE_AND_MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`\n]*`|<a id=[^>]*>|\]\([^)\s]*", re.DOTALL)

TRANSLATED = [
    ("The network", "La red"),
    ("the logistic function", "la función logística"),
    ("hidden layer %(n)s", "la capa oculta %(n)s"),
    ("%(first)s and %(last)s", "%(first)s y %(last)s"),
    ("The forward pass", "La propagación hacia adelante"),
    ("The backward pass", "La retropropagación"),
    ("parameter", "parámetro"),
    ("derivative of the error", "derivada del error"),
    ("Multiplying the factors:", "Multiplicando los factores:"),
    ("The total error is their sum:", "El error total es la suma de estos errores:"),
    ("product rule", "regla del producto"),
    ("The dagger", "La cruz"),
    ("if ", "si "),
    ("otherwise", "en otro caso"),
    ("iterations", "iteraciones"),
    ("Contents", "Índice"),
]


class Links(HTMLParser):
    """The ids of a page, and where its internal links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name == "href" and value and value.startswith("#"):
                self.targets.add(unquote(value[1:]))


@pytest.fixture(scope="module", params=READY)
def handout(request: pytest.FixtureRequest) -> derive.Handout:
    return derive.load(request.param).derive().handout(form="both", language="es")


def messages() -> list[tuple[str, ...]]:
    """The messages of the templates, each with its plural where it has one."""
    reader = environment()
    found = []
    for name in TEMPLATES:
        for _, _, message in reader.extract_translations((FOLDER / name).read_text(encoding="utf-8")):
            forms = message if isinstance(message, tuple) else (message,)
            found.append(tuple(form for form in forms if form is not None))
    return found


@pytest.mark.parametrize(("english", "spanish"), TRANSLATED)
def test_a_message_is_said_in_spanish(english: str, spanish: str) -> None:
    assert language("es").translations.gettext(english) == spanish


def test_every_message_of_the_templates_is_translated() -> None:
    catalogue = language("es").translations
    forms = messages()
    assert len(forms) > 250
    assert {form[0] for form in forms if len(form) == 1 and catalogue.gettext(form[0]) == form[0]} == SAME
    plurals = [form for form in forms if len(form) == 2]
    assert plurals
    for one, many in plurals:
        assert catalogue.ngettext(one, many, 2) not in (one, many, catalogue.ngettext(one, many, 1)), one


def test_every_translation_has_the_places_of_its_message() -> None:
    catalogue = language("es").translations
    for form in messages():
        for number, english in enumerate(form, start=1):
            spanish = catalogue.ngettext(*form, number) if len(form) == 2 else catalogue.gettext(english)
            assert sorted(PLACE.findall(spanish)) == sorted(PLACE.findall(english)), english


def test_none_and_many_take_the_plural() -> None:
    catalogue = language("es").translations
    said = [catalogue.ngettext("%(n)s path", "%(n)s paths", number) for number in (0, 1, 2)]
    assert said == ["%(n)s caminos", "%(n)s camino", "%(n)s caminos"]


def test_no_english_is_left(handout: derive.Handout) -> None:
    prose = CODE_AND_MATH.sub(" … ", handout.markdown)
    for title in TITLES:
        prose = prose.replace(title, " … ")
    assert "La retropropagación" in prose
    assert not ENGLISH.findall(prose)


def words_of(handout: derive.Handout) -> str:
    """The words and numbers of all its drawings."""
    return "".join(re.sub(r"<[^>]*>", " ", figure.svg) for figure in handout.figures.values())


def test_every_decimal_has_a_comma(handout: derive.Handout) -> None:
    pictures, english = words_of(handout), words_of(handout.derivation.handout(form="both", language="en"))
    assert re.search(r"\d\{,\}\d", handout.markdown)
    assert len(re.findall(r"\d,\d", pictures)) == len(re.findall(r"\d\.\d", english))
    assert not re.findall(r"\d\.\d", handout.markdown + pictures)


def labels_of(source: str) -> list[str]:
    """The formulas at the nodes of drawings, without what stands below a line."""
    return [re.sub(r"_\{[^}]*\}", "", label) for label in re.findall(r"\\node.*\{\$(.*)\$\};", source)]


def test_latex_has_no_space_behind_a_decimal_comma_and_no_character_that_pdflatex_lacks(
    handout: derive.Handout,
) -> None:
    source = handout.render("tex")["handout.tex"].decode()
    labels = labels_of(source)
    english = labels_of(handout.derivation.handout(form="both", language="en").render("tex")["handout.tex"].decode())
    assert any("{,}" in label for label in labels) == any(re.search(r"\d\.\d", label) for label in english)
    assert not [label for label in labels if re.search(r"\d,\d", label)]
    assert all(ord(character) < 0x180 or character == "–" for character in source)


def test_no_sign_is_doubled_or_stands_apart(handout: derive.Handout) -> None:
    prose = re.sub(r"\$[^$\n]*\$", "x", re.sub(r"\$\$.*?\$\$", "", handout.markdown, flags=re.DOTALL))
    assert not re.findall(r"[.,:;?!]{2}|\w [.,:;?!](?=\s)", prose)
    assert prose.count("¿") == prose.count("?")


def test_every_internal_link_leads_somewhere(handout: derive.Handout) -> None:
    links = Links(handout.render("html")["handout.html"].decode())
    assert any(not target.isascii() for target in links.targets)
    assert links.targets <= links.ids
