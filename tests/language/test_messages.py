"""Messages: each is one whole sentence in the sources, is in the catalogues, and is said in the reader's language."""

import ast
import gettext
import io
import os
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from mistaken_files import MISTAKES, load

import derive
from derive.errors import Message, Whole, counted
from derive.language.language import LANGUAGES, language

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "templates" / "locale"
ERRORS = ("InputError", "UnknownNameError", "UnsupportedError", "VerificationError", "NoLayersError", "Unprintable")
SOURCES = sorted((ROOT / "derive").rglob("*.py"))
CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def test_every_error_with_a_sentence_is_extracted():
    """A subclass that the extraction does not know would stay English."""
    known, found = {"DeriveError"}, set()
    for _ in range(3):
        for path in SOURCES:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and known & {getattr(base, "id", "") for base in node.bases}:
                    found.add(node.name)
        known |= found
    # What is a bug of derive itself is said in English, to its developers.
    assert found == {*ERRORS, "InternalError"}


def calls(path, names):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in names:
            yield node


def is_literal(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def places(text):
    # LaTeX has braces of its own, and a translation may introduce a name of a formula or need a decimal comma.
    formula = re.compile(r"\\[A-Za-z]+(\{[^{}]*\})+|\{\\[a-z]+\}|\{,\}|\^\{[^{}%]*\}")
    while text != (text := formula.sub("", text)):  # from within: \frac{2}{\sqrt{\pi}}
        pass
    named = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return named | set(re.findall(r"%\((\w+)\)s", text))


# The sources


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_error_is_one_literal_with_named_places(path):
    for call in calls(path, ERRORS):
        where = f"{path.name}:{call.lineno}"
        assert call.args, where
        assert is_literal(call.args[0]), f"{where}: the text of an error is a plain literal with {{places}}"
        given = {keyword.arg for keyword in call.keywords}
        assert places(call.args[0].value) == given, where


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words_go_into_a_message_as_messages(path):
    """A word chosen in Python, or a phrase, would stay English."""
    for call in calls(path, (*ERRORS, "Message", "counted")):
        assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp), f"{path.name}:{call.lineno}"
        fields = [keyword.value for keyword in call.keywords]
        fields += [value for argument in call.args[1:] if isinstance(argument, ast.Dict) for value in argument.values]
        for field in fields:
            parts = [field.body, field.orelse] if isinstance(field, ast.IfExp) else [field]
            for part in filter(is_literal, parts):
                assert " " not in part.value.strip(), f"{path.name}:{call.lineno}: {part.value!r} is to be a Message"
            assert not (isinstance(field, ast.IfExp) and any(map(is_literal, parts))), f"{path.name}:{call.lineno}"


# The catalogues


def entries(catalogue):
    """Return what is in a catalogue: by id, the translations."""
    return {tuple(entry.id) if entry.pluralizable else (entry.id,): entry for entry in catalogue if entry.id}


def texts(entry):
    return entry.string if isinstance(entry.string, tuple) else (entry.string,)


def read(path, **options):
    with path.open("rb") as file:
        return read_po(file, **options)


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    """The catalogues as `make catalogues` leaves them, made in a copy."""
    if shutil.which("make") is None:
        pytest.skip("make is missing")
    copy = tmp_path_factory.mktemp("catalogues") / "locale"
    shutil.copytree(LOCALE, copy)
    python = f"PYBABEL={sys.executable} -m babel.messages.frontend --quiet"
    command = ["make", "-s", "-o", ".venv/.ready-test", "catalogues", f"LOCALE={copy}", python]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return copy


def test_the_template_of_the_catalogues_is_up_to_date(remade):
    assert entries(read(LOCALE / "derive.pot")).keys() == entries(read(remade / "derive.pot")).keys()


def test_every_error_of_the_sources_is_found(remade):
    """What Babel extracts, held against the sources read as syntax trees."""
    known = {text for key in entries(read(remade / "derive.pot")) for text in key}
    for path in SOURCES:
        for call in calls(path, (*ERRORS, "Message", "N_")):
            assert not is_literal(call.args[0]) or call.args[0].value in known, f"{path.name}:{call.lineno}"
        for call in calls(path, ("counted",)):
            assert {argument.value for argument in call.args[:2]} <= known, f"{path.name}:{call.lineno}"


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_left_to_translate_and_nothing_is_unused(code):
    catalogue = read(LOCALE / code.replace("-", "_") / "LC_MESSAGES" / "derive.po")
    assert entries(catalogue).keys() == entries(read(LOCALE / "derive.pot")).keys()
    assert not catalogue.obsolete


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_translation_is_whole(path):
    for key, entry in entries(read(path)).items():
        assert all(texts(entry)), key
        assert len(texts(entry)) == len(key), key
        assert not entry.fuzzy, key
        for text in texts(entry):
            assert (text[0].isspace(), text[-1].isspace()) == (key[0][0].isspace(), key[0][-1].isspace()), key


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_places_of_its_message(code):
    for key, entry in entries(read(LOCALE / code.replace("-", "_") / "LC_MESSAGES" / "derive.po")).items():
        for original, text in zip(key, texts(entry), strict=True):
            assert places(text) == places(original), key


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_compiled_catalogue_is_that_of_the_translations(path):
    compiled = io.BytesIO()
    write_mo(compiled, read(path))
    compiled.seek(0)
    with path.with_suffix(".mo").open("rb") as file:
        assert messages(gettext.GNUTranslations(file)) == messages(gettext.GNUTranslations(compiled))


def messages(translations):
    return {key: text for key, text in translations._catalog.items() if key}


@pytest.mark.parametrize("code", TRANSLATED)
def test_what_click_says_is_what_the_catalogue_translates(code):
    folder = LOCALE / code.replace("-", "_") / "LC_MESSAGES"
    keywords = {"_": None, "ngettext": (1, 2)}
    said = extract_from_dir(str(Path(click.__file__).parent), [("**.py", "python")], keywords=keywords)
    known = {tuple(text) if isinstance(text, tuple) else (text,) for _, _, text, _, _ in said}
    found = entries(read(folder / "click.po"))
    assert found.keys() <= known
    for key, entry in found.items():
        assert places(texts(entry)[-1]) <= places(key[-1]) | {"name", "value"}


# What is said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", ["0 neurons", "1 neuron", "2 neurons", "10,000 neurons"]),
        ("pt-BR", ["0 neurônio", "1 neurônio", "2 neurônios", "10.000 neurônios"]),
        ("es", ["0 neuronas", "1 neurona", "2 neuronas", "10\u202f000 neuronas"]),
    ],
)
def test_the_plural_is_that_of_the_language(code, words):
    made = [counted("{number} neuron", "{number} neurons", number) for number in (0, 1, 2, 10_000)]
    assert [language(code).say(message) for message in made] == words


def test_a_message_in_a_message_is_translated_and_anything_else_stays():
    place = Message("{place}, row {number}", {"place": "weights", "number": 2})
    message = Message("{place}: found {found}; expected a number.", {"place": place, "found": "{x}"})
    assert language("es").say(message) == "weights, fila 2: se encontró {x}; se esperaba un número."
    assert language("en").say(message) == str(message) == "weights, row 2: found {x}; expected a number."
    assert (language("es").say("found"), language("pt-BR").say(Whole(12345))) == ("found", "12.345")


@pytest.mark.parametrize("content", [content for content, _ in MISTAKES])
def test_a_mistake_in_a_file_is_told_in_each_language(tmp_path, content):
    with pytest.raises(derive.InputError) as caught:
        load(tmp_path, content)
    message = caught.value.message
    assert language("en").say(message) == str(caught.value)
    for code in TRANSLATED:
        said = language(code).say(message)
        assert said.startswith("net.toml: ")
        assert not re.search(r"\b(found|expected|the|of|at most|row|number|text|Did)\b", _own_words(said)), said


def _own_words(said):
    """Return what is said without what is quoted, what tomllib says, and the keys of a file."""
    return re.sub(r"'.*'|\(.*\)|[a-z]+_[a-z_]+|\[\[.*\]\]", "", said)


def run(*arguments, cwd=None, **environment):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=120, check=False,
        env=inherited | {"PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LANG": "pt_BR.UTF-8"}, "não é uma grandeza desta rede"),
        ({"LANG": "pt_PT.UTF-8"}, "não é uma grandeza desta rede"),
        ({"LANG": "es_MX.UTF-8"}, "no es una magnitud de esta red"),
        ({"LANG": "fr_FR.UTF-8"}, "not a quantity of this network"),
        ({"LANG": "C"}, "not a quantity of this network"),
        ({}, "not a quantity of this network"),
        ({"LANG": "pt_BR.UTF-8", "LC_MESSAGES": "es_ES"}, "no es una magnitud de esta red"),
        ({"LANG": "pt_BR.UTF-8", "LC_MESSAGES": "es_ES", "LC_ALL": "C"}, "not a quantity of this network"),
    ],
)
def test_the_language_is_that_of_the_environment(environment, said):
    done = run("show", "w55", **environment)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "w55", "--language", "pt-BR"], "Você quis dizer 'w5'?"),
        (["--language", "pt-BR", "show", "w55"], "Você quis dizer 'w5'?"),
        (["show", "w55", "--language=es"], "¿Quiso decir 'w5'?"),
        (["show", "w55", "--language=es", "--language", "en"], "Did you mean 'w5'?"),
        (["hanout", "--language=es"], "no existe el comando 'hanout'"),
        (["handout", "--fromat", "md", "--language=pt-BR"], "A opção '--fromat' não existe."),
        (["handout", "--digits", "x", "--language=es"], "'x' no es un número entero."),
        (["handout", "--max-bytes", "0", "--language=pt-BR"], "0 não está no intervalo x>=1"),
        (["template", "--language=pt-BR"], "Falta o argumento 'PASTA'."),
        (["new", "--language=es"], "Falta el argumento 'ARCHIVO'."),
        (["handout", "--language=es", "--digits"], "La opción '--digits' requiere un valor."),
        (["handout", "-o", "/dev/null/x", "--format", "md", "--language=es"], "una parte de la ruta no es una carpeta"),
        (["show", "--language", "fr", "w5"], "language: found 'fr'; expected one of en, pt-BR, es."),
        (["show", "--language", "pr-BR", "w5"], "Did you mean 'pt-BR'?"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_that_is_asked_for(tmp_path, arguments, said):
    done = run(*arguments, cwd=tmp_path, LANG="C")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("command", ["", "handout", "show", "train", "check", "new", "networks"])
def test_no_line_of_the_help_is_english(code, command):
    english, said = (run(*command.split(), "--help", "--language", each, LANG="C").stdout for each in ("en", code))
    same = set(map(str.strip, english.splitlines())) & set(map(str.strip, said.splitlines()))
    assert all(not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", line) for line in same), same
    assert not re.search(r"\b(the|of|Usage|Options|OPTIONS|default|NETWORK|FILE|FOLDER)\b", said)
    assert "--language en|pt-BR|es" in said
    assert len(said.splitlines()) >= 5


def test_every_option_of_every_command_has_its_help_in_the_catalogue():
    from derive.cli.main import commands

    known = {text for key in entries(read(LOCALE / "derive.pot")) for text in key}
    for command in (commands, *(commands.get_command(None, name) for name in commands.list_commands(None))):
        helps = [command.help, *(p.help for p in command.params if isinstance(p, click.Option))]
        assert set(helps) <= known, command.name


def test_training_in_portuguese():
    done = run("train", "xor", "--iterations", "1000", "--language", "pt-BR", LANG="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Ou exclusivo (XOR)\n")
    assert " iterações  erro\n         0  ≈ 0,714897012\n" in done.stdout
    assert "amostra  saída       out                 alvo\n      1  o1          ≈ 0," in done.stdout
    assert "\nparâmetro   valor\n" in done.stdout
    assert "≈  arredondado; todos os algarismos mostrados estão corretos" in done.stdout


def test_a_training_that_diverges_in_spanish(tmp_path):
    (tmp_path / "wild.toml").write_text(
        'learning_rate = 30\nerror = "squared_error"\n[[sample]]\ninputs = [1]\ntargets = [1]\n'
        '[[layer]]\nactivation = "identity"\nweights = [[0.5]]\n'
    )
    done = run("train", tmp_path / "wild.toml", LANG="es_AR.UTF-8")
    assert done.returncode == 3
    assert re.search(r"Se produjo un desbordamiento en la iteración \d+\.\nEl error venía creciendo: ", done.stdout)


def test_check_in_spanish_and_in_portuguese():
    done = run("check", "article", "--with", "numpy", "--language", "es", LANG="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "parámetro                derive              numpy  diferencia  veredicto\n" in done.stdout
    assert re.search(r"w5 +0,082167041 +0,082167041 +\d,\de[+-]\d\d  coincide\n", done.stdout)
    assert " −0,022602540 " in done.stdout  # with the minus sign of formulas
    assert done.stdout.endswith("\nLos 10 parámetros coinciden.\n")
    again = run("check", "article", "--with", "numpi", "--language", "pt-BR", LANG="C")
    assert "with: encontrado 'numpi'; os valores possíveis são: numpy" in again.stderr


def test_files_and_networks_in_portuguese(tmp_path):
    assert run("new", "minha.toml", "--language", "pt-BR", cwd=tmp_path).stdout == "gravado: minha.toml\n"
    again = run("new", "minha.toml", "--language", "pt-BR", cwd=tmp_path)
    assert (again.returncode, "já existe e não foi alterado; escolha outro nome" in again.stderr) == (2, True)
    assert "xor: Ou exclusivo: quatro amostras" in run("networks", "--language", "pt-BR").stdout


def test_a_slip_is_told_in_the_language(article):
    wrong = {name: -float(value) for name, value in article.gradients.items()}
    (slip, *_) = derive.compare_gradients(article, wrong).slips
    assert language("es").say(slip.sentence) == "Todas las derivadas tienen el signo equivocado."
    assert str(slip.sentence) == "Every derivative has the wrong sign."
