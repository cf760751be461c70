"""Languages as people write them, and numbers as the regions write them: held against CLDR, by babel."""

import itertools
import os
import subprocess
import sys

import pytest
from babel import Locale, localedata

import derive
from derive.language.language import LANGUAGES, language

SPACES = str.maketrans("\u00a0\u202f", "  ")
# What CLDR has and babel does not: where numbers of four digits are not grouped (minimumGroupingDigits is 2).
FOUR_DIGITS_STAY = {
    "es": ["ES", "GQ", "PH", "EA", "IC"],
    "pt": ["CH", "CV", "GQ", "GW", "LU", "MO", "MZ", "PT", "ST", "TL"],
}
# Spain's groups are spaces, as its academy and ISO 80000 have them; CLDR has points there.
SPACED = FOUR_DIGITS_STAY["es"]


def regions():
    """Every region of the three languages in CLDR: language, region, decimal mark and group mark."""
    for identifier in localedata.locale_identifiers():
        locale = Locale.parse(identifier)
        if locale.language in ("en", "es", "pt") and locale.territory and not locale.script and not locale.variant:
            signs = locale.number_symbols["latn"]
            yield locale.language, locale.territory, signs["decimal"], signs["group"]


REGIONS = list(regions())


def test_there_are_regions_to_try():
    assert len(REGIONS) > 120


@pytest.mark.parametrize(("code", "region", "decimal", "group"), REGIONS)
def test_a_region_writes_its_numbers(code, region, decimal, group):
    for written in (f"{code}_{region}", f"{code}-{region}.UTF-8", f"{code.upper()}-{region.lower()}"):
        found = language(written)
        assert found.number("-1234.5") == f"-1234{decimal}5"
        grouped = (group if region not in SPACED or code != "es" else " ").translate(SPACES)
        assert found.whole(1234567).translate(SPACES) == f"1{grouped}234{grouped}567"
        stays = region in FOUR_DIGITS_STAY.get(code, ())
        assert found.whole(1000).translate(SPACES) == ("1000" if stays else f"1{grouped}000")
        assert found.catalogue == {"pt": "pt_BR"}.get(code, code)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", ["en", "EN", "en-GB", "en_US.UTF-8", "english", "English", "inglés", "Inglês", "eng", " en "]),
        (
            "es",
            ["es", "ES", "es-es", "es_ES@euro", "spanish", "español", "Espanol", "ESPAÑOL", "espanhol", "castellano"],
        ),
        ("es", ["spa", "es-Latn-ES", "es_ES.ISO-8859-1", "espan\u0303ol", "es-XX"]),
        ("pt-BR", ["pt", "PT-BR", "pt_br", "pt_BR.UTF-8", "portuguese", "Português", "portugues", "brazilian", "por"]),
        ("pt-BR", ["ptBR", "pt BR", "português brasileiro"]),
        ("pt-BR", ["Portuguese (Brazil)", "Brazilian Portuguese", "português do Brasil", "portugués"]),
        ("es-MX", ["es-mx", "es_MX.UTF-8", "ES_MX", "es-Latn-MX"]),
        ("es-419", ["es-419", "es_419"]),
        ("pt-PT", ["pt_PT", "pt-pt.utf8"]),
    ],
)
def test_a_language_is_understood_as_people_write_it(code, names):
    assert {name: language(name).code for name in names} == dict.fromkeys(names, code)


@pytest.mark.parametrize(
    "name", ["", "fr", "klingon", "e", "es-", "spanglish", "english!", "en/../es", "../es", "pt BR x", 7, ["es"]]
)
def test_an_unknown_language_gets_one_sentence_with_those_there_are(name):
    with pytest.raises(derive.InputError, match="expected one of en, pt-BR, es") as caught:
        language(name)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es-MX"),
        ({"LANG": "es_ES"}, "es"),
        ({"LANG": "español"}, "es"),
        ({"LANG": "pt_BR.UTF-8", "LC_MESSAGES": "es_CO.UTF-8"}, "es-CO"),
        ({"LANG": "pt_BR.UTF-8", "LC_MESSAGES": "es_CO", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "es_MX", "LC_ALL": ""}, "es-MX"),
        ({"LANG": "xx_YY.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "es"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "es_MX", "LANGUAGE": "es"}, "en"),
        ({"LANGUAGE": "es"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "es"}, "es"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:es_MX:en"}, "es-MX"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:en:es"}, "en"),
        ({"LANG": "es_MX.UTF-8", "LANGUAGE": "es"}, "es-MX"),
        ({"LANG": "es_MX.UTF-8", "LANGUAGE": "fr:de"}, "en"),
        ({"LANG": "ca_ES@valencia"}, "en"),
        ({"LANG": "../../es"}, "en"),
    ],
)
def test_the_environments_language_is_the_one_that_gettext_takes(monkeypatch, environment, code):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language().code == code


def run(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        env=clean | {"PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["show", "w5"], {"LC_ALL": "es_MX.UTF-8"}, "Peso w5\n\n    = 0.4\n"),
        (["show", "w5"], {"LC_ALL": "es_ES.UTF-8"}, "Peso w5\n\n    = 0,4\n"),
        (["show", "w5", "--language", "Español"], {"LANG": "en_US.UTF-8"}, "Peso w5\n\n    = 0,4\n"),
        (["--language", "es_GT", "show", "w5"], {}, "Peso w5\n\n    = 0.4\n"),
        (["show", "w5"], {"LC_ALL": "pt_PT.UTF-8"}, "Peso w5\n\n    = 0,4\n"),
        (["--help"], {"LC_ALL": "pt_PT.UTF-8"}, "Uso:"),
    ],
)
def test_the_command_line_speaks_as_the_region_does(arguments, environment, said):
    done = run(*arguments, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(said)


@pytest.mark.parametrize(("code", "mark", "other"), [("es-MX", "0.75136507", "0,75"), ("es-AR", "0,75136507", "0.75")])
def test_a_handout_is_written_as_in_the_region(article, code, mark, other):
    handout = article.handout(language=code)
    texts = [handout.markdown, *(handout.render(each)[f"handout.{each}"].decode() for each in ("html", "tex"))]
    for text in texts:
        plain = text.replace("{,}", ",")
        assert mark in plain
        assert other not in plain
        assert "propagación" in text
    assert f'lang="{code}"' in texts[1]


def test_each_entry_of_the_table_is_its_own_language():
    assert all(language(code) is entry for code, entry in LANGUAGES.items())
    assert all(one != other for one, other in itertools.combinations(LANGUAGES.values(), 2))
