"""The handout in Brazilian Portuguese: every message translated, nothing left in English, numbers with a comma."""

import math
import re
from collections import Counter

import jinja2
import pytest

import derive
from derive.errors import Message
from derive.language.folder import FOLDER
from derive.language.language import CASE_WORDS, DOMAIN, language
from derive.language.templates import SECTIONS
from derive.story.figures import CURVE_LABELS

PORTUGUESE = language("pt-BR")
SAME = {", ", "; ", "%(layer)s:", "delta", "GRU", "LSTM", "Softmax"}  # what Portuguese writes as English does
ENGLISH_WORDS = re.compile(r"\b(the|and|of|which|with|from|for|is|are|its|by|to|weight|error|layer)\b", re.IGNORECASE)
BORROWED = ("(weight decay)", "A Step by Step Backpropagation Example")
MATH = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
PLACE = re.compile(r"%\(\w+\)s")


def template_messages():
    """Yield the messages of the article and of the page: (text,) or (one, many)."""
    reader = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    reader.policies["ext.i18n.trimmed"] = True
    for name in (*SECTIONS, "page.html.j2"):
        for _, _, found in reader.extract_translations((FOLDER / name).read_text(encoding="utf-8")):
            yield tuple(part for part in found if part) if isinstance(found, tuple) else (found,)


MESSAGES = sorted({*template_messages(), *((word.text,) for word in (*CASE_WORDS, *CURVE_LABELS))})


def translated(message):
    """Return the message in Portuguese, for one and for many where it has both."""
    catalogue = PORTUGUESE.translations
    if len(message) == 1:
        return (catalogue.gettext(*message),)
    return catalogue.ngettext(*message, 1), catalogue.ngettext(*message, 2)


@pytest.fixture(scope="module", params=derive.ready_networks())
def handout(request):
    """The longest handout of a ready network."""
    return derive.load(request.param).derive().handout(language="pt-BR", form="both", detail="full")


def prose(markdown):
    """Return the sentences: no mathematics, no addresses."""
    text = re.sub(r"\]\([^)\s]*|<[^>]*>", "", MATH.sub("x", markdown))
    for words in BORROWED:
        text = text.replace(words, "x")
    return text


def test_there_are_messages():
    assert len(MESSAGES) > 250


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message[0][:40])
def test_a_message_is_translated_and_keeps_its_places(message):
    for english, portuguese in zip(message, translated(message), strict=True):
        assert (portuguese == english) == (english in SAME)
        assert Counter(PLACE.findall(portuguese)) == Counter(PLACE.findall(english))
        formulas = [formula.replace("0.5", "0{,}5") for formula in MATH.findall(english)]
        assert Counter(MATH.findall(portuguese)) == Counter(formulas)
        assert '"' not in portuguese


def test_the_compiled_catalogue_is_that_of_its_source():
    source = (FOLDER / "locale" / "pt_BR" / "LC_MESSAGES" / f"{DOMAIN}.po").read_text(encoding="utf-8")
    assert "fuzzy" not in source
    strings = re.sub(r'"\n"', "", source).replace(r"\"", '"').replace("\\\\", "\\")
    for message in MESSAGES:
        for portuguese in translated(message):
            assert f'"{portuguese}"\n' in strings


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 igualdade."), (1, "1 igualdade."), (2, "2 igualdades."), (303, "303 igualdades.")]
)
def test_plurals_are_those_of_brazil(number, words):
    found = PORTUGUESE.translations.ngettext("Undecided: %(n)s equation.", "Undecided: %(n)s equations.", number)
    assert words in found % {"n": number}


def test_the_words_in_a_formula_keep_their_space():
    assert PORTUGUESE.say(Message("if ")) == "se "
    assert PORTUGUESE.math(r"\text{if } x > 0.5") == r"\text{se } x > 0{,}5"


def test_no_english_is_left(handout):
    assert not ENGLISH_WORDS.findall(prose(handout.markdown))
    for figure in handout.figures.values():
        assert not ENGLISH_WORDS.findall(" ".join(re.findall(r">([^<>]+)<", figure.svg)))


def test_decimals_have_a_comma(handout):
    formulas = MATH.findall(handout.markdown)
    assert any(re.search(r"\d\{,\}\d", formula) for formula in formulas)
    assert not [formula for formula in formulas if re.search(r"\d\.\d", formula)]
    assert not re.findall(r"\d\.(?!\d{3}\b)\d", prose(handout.markdown))
    for figure in handout.figures.values():
        shown = re.findall(r">([^<>]+)<", figure.svg)
        # A point groups thousands only.
        assert not [words for words in shown if re.search(r"\d\.\d", words.replace(".000", ""))]


def test_punctuation_is_single_and_close_to_its_word(handout):
    paragraphs = [line for line in prose(handout.markdown).splitlines() if not line.startswith("|")]
    assert not [line for line in paragraphs if re.search(r" [,.;:?!]|[,.;:][,.;:]|  ", line)]


def test_each_link_has_its_place(handout):
    page = handout.render("html")["handout.html"].decode()
    links, places = re.findall(r'href="#([^"]*)"', page), re.findall(r' id="([^"]*)"', page)
    assert len(places) == len(set(places))
    assert set(links) <= set(places)
    assert '<html lang="pt-BR"' in page


def test_rounding_by_hand_is_told_in_portuguese(article):
    markdown = article.handout(language="pt-BR", rounding="by-hand").markdown
    assert "é arredondada como se faz com uma calculadora de bolso" in markdown
    assert not ENGLISH_WORDS.findall(prose(markdown))


def test_the_article_goes_the_whole_way_of_the_forward_pass(article):
    markdown = article.handout(language="pt-BR").markdown

    def logistic(net):
        return 1 / (1 + math.exp(-net))

    h1, h2 = logistic(0.15 * 0.05 + 0.2 * 0.1 + 0.35), logistic(0.25 * 0.05 + 0.3 * 0.1 + 0.35)
    o1, o2 = logistic(0.4 * h1 + 0.45 * h2 + 0.6), logistic(0.5 * h1 + 0.55 * h2 + 0.6)
    error = ((0.01 - o1) ** 2 + (0.99 - o2) ** 2) / 2
    for value in (h1, h2, o1, o2, error):
        assert f"{value:.9f}".replace(".", "{,}") in markdown
    for words in (
        r"f\left(\mathrm{net}\right) = f\left(\mathbf{w} \cdot \mathbf{x} + b\right)",
        r"f\left(\sum_{i=1}^{n} w_{i} \cdot x_{i} + b\right)",
        r"\frac{1}{2} \sum_{k} \left(\mathrm{target}_{k} - \mathrm{out}_{k}\right)^{2}",
        "a função logística",
        "O objetivo é ajustar os pesos para que as saídas se aproximem dos alvos",
    ):
        assert words in markdown
