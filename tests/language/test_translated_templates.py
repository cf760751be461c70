"""Templates whose sentences are in a language write what the shipped ones do, and an own folder may have one section.

What the shipped templates write in a language comes from gettext while they run; here no sentence is looked up. Which
sentences a template has is asked of Babel's extractor of messages.
"""

import gettext
import io
import re
import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo

import derive
from derive.language.folder import FOLDER
from derive.language.language import LANGUAGES
from derive.language.own_templates import copy_to
from derive.language.templates import HANDOUT, environment
from derive.language.translated import translated

TRANSLATED = [code for code in LANGUAGES if code != "en"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The templates of each language, in a folder each."""
    root = tmp_path_factory.mktemp("templates")
    for code, language in LANGUAGES.items():
        copy_to(root / code, language)
    return root


@pytest.fixture(scope="module")
def small():
    """The derivation of a network of one neuron."""
    return derive.Network([derive.Layer([[0.5]])], [derive.Sample([1], [0])]).derive()


def run(*arguments, cwd):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def sentences(text):
    """Return the messages of a template in their order, a pair where there is a plural."""
    options = {"trimmed": "true", "newstyle_gettext": "true"}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = extract("jinja2", io.BytesIO(text.encode()), keywords, options=options)
    return [message for _, message, _, _ in found]


@pytest.mark.parametrize("name", derive.ready_networks())
def test_what_is_written_is_the_same(written, name):
    derivation = derive.load(name).derive()
    for code in LANGUAGES:
        expected = derivation.handout(language=code).markdown
        assert derivation.handout(language=code, template=written / code).markdown == expected, code


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_page_is_the_same_with_all_that_a_handout_may_have(written, code):
    derivation = derive.load("softmax_classifier").derive()
    options = {"language": code, "form": "both", "detail": "full", "author": "M. Curie"}
    expected = derivation.handout(**options).render("html", "tex")
    assert derivation.handout(**options, template=written / code).render("html", "tex") == expected


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_is_that_of_the_catalogue(written, code):
    catalogue = LANGUAGES[code].translations
    if code in TRANSLATED:  # a block of a template has room for a singular and a plural, and for no third form
        assert {catalogue.plural(number) for number in range(200)} == {0, 1}
    for name in (name for name in HANDOUT if name.endswith(".j2")):
        expected = [
            (catalogue.ngettext(*message, 1), catalogue.ngettext(*message, 2))
            if isinstance(message, tuple)
            else catalogue.gettext(message)
            for message in sentences((FOLDER / name).read_text(encoding="utf-8"))
        ]
        assert sentences((written / code / name).read_text(encoding="utf-8")) == expected, name


def test_a_sentence_that_is_changed_stands_in_the_handout(small, tmp_path):
    copy_to(tmp_path / "meu", LANGUAGES["pt-BR"])
    path = tmp_path / "meu" / "article" / "network.md.j2"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'_("{LANGUAGES["pt-BR"].translations.gettext("The network")}")', '_("Minha rede")'))
    before, after = (small.handout(language="pt-BR", template=own) for own in (None, tmp_path / "meu"))
    assert "\n## Minha rede\n" in after.markdown
    assert len(after.markdown.splitlines()) == len(before.markdown.splitlines())


PLURAL = "{% trans n=n %}{{ n }} casa{% pluralize %}{{ n }} casas{% endtrans %}"


@pytest.mark.parametrize(("code", "zero"), [("en", "0 casas"), ("es", "0 casas"), ("pt-BR", "0 casa")])
def test_a_sentence_of_one_s_own_has_the_plural_of_the_language(code, zero):
    template = environment(LANGUAGES[code]).from_string(PLURAL)
    assert [template.render(n=number) for number in (0, 1, 2, 10)] == [zero, "1 casa", "2 casas", "10 casas"]


# Each would go wrong where a sentence is put in as it is; the words are those of no catalogue of derive's.
AWKWARD = [
    ('{{ _("bank") }}', "Bank", "bank", "Ufer"),  # the translation is an English word, which has another one
    ("{% trans %}bank{% endtrans %}", "Bank", "bank", "Ufer"),
    ('{{ _("say \\"x\\"") }}', "sag", 'say "x"', 'sag "y" \\ z'),
    ("{% trans %}all 5 %{% endtrans %}", "alle", "all 5 %%", "alle 5 %%, 6 %%"),
    ("{% trans a=n %}$x_{ {{ a }} }${% endtrans %}", "x", "$x_{ %(a)s }$", "$x_{%(a)s}$"),
    ("{% trans %}a brace{% endtrans %}", "x", "a brace", "{{, {%% and {# and {"),
    ("{% trans a=n %}\n  the {{ a }}\n  ones\n{% endtrans %}\n!", "x", "the %(a)s ones", "die %(a)s"),
    ("{%- trans a=n -%} the {{ a }} {%- endtrans -%} !", "x", "the %(a)s", "die %(a)s"),
]


@pytest.mark.parametrize(("source", "other", "english", "german"), AWKWARD, ids=[row[0] for row in AWKWARD])
def test_what_a_translator_may_write_is_written_as_it_stands(source, other, english, german):
    catalogue = Catalog(locale="de")
    catalogue.add("never", "nie")
    catalogue.add(english, german)
    catalogue.add(german, other)  # what is in the catalogue already must not be looked up again
    catalogue.add(("one bank", "%(n)s banks"), ("eine Bank", "bank"))
    file = io.BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    translations = gettext.GNUTranslations(file)
    made = environment()
    made.install_gettext_translations(translations, newstyle=True)
    for text in (source, source + "{% trans n=n %}one bank{% pluralize n %}{{ n }} banks{% endtrans %}"):
        rewritten = translated(text, environment(), translations)
        assert rewritten != text
        assert [made.from_string(rewritten).render(n=n) for n in (1, 2)] == [
            made.from_string(text).render(n=n) for n in (1, 2)
        ]


def test_on_the_command_line(tmp_path):
    done = run("template", "meu", "--language", "pt-BR", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(HANDOUT)
    own, shipped = (folder / "article" / "update.md.j2" for folder in (tmp_path / "meu", FOLDER))
    assert own.read_text(encoding="utf-8") != shipped.read_text(encoding="utf-8")
    unknown = run("template", "mine", "--language", "klingon", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout, unknown.stderr.count("\n")) == (2, "", 1)
    assert "'klingon'" in unknown.stderr
    own.write_text("mine", encoding="utf-8")
    (tmp_path / "meu" / "notes.txt").write_text("mine", encoding="utf-8")
    again = run("template", "meu", "--language", "es", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (2, "", 1)
    assert "--force" in again.stderr
    assert again.stderr.count("meu/article") == 2  # the article and the folder, which is named once for all in it
    assert own.read_text(encoding="utf-8") == "mine"
    forced = run("template", "meu", "--force", "--language", "en", cwd=tmp_path)
    assert (forced.returncode, forced.stderr) == (0, "")
    assert own.read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8")
    assert (tmp_path / "meu" / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("linked", ["article", "style.css"])
def test_nothing_is_written_through_a_link_out_of_the_folder(tmp_path, linked, replace):
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    (other / "article").mkdir(parents=True)
    (other / "style.css").write_text("theirs", encoding="utf-8")
    (own / linked).symlink_to(other / linked)
    with pytest.raises(derive.InputError, match=r"own/(article/\w+\.md\.j2|style\.css)\b"):
        copy_to(own, replace=replace)
    assert [path.name for path in own.iterdir()] == [linked]
    assert list((other / "article").iterdir()) == []
    assert (other / "style.css").read_text(encoding="utf-8") == "theirs"


# One section of one's own


def own_folder(tmp_path, **files):
    for name, text in files.items():
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "own"


@pytest.mark.parametrize("code", LANGUAGES)
def test_one_section_is_enough_and_the_rest_is_in_the_language(small, tmp_path, code):
    section = '{% from "article/shared.md.j2" import eta with context %}## MY {{ eta }}\n\n'
    copy_to(tmp_path / "whole")
    (tmp_path / "whole" / "article" / "update.md.j2").write_text(section, encoding="utf-8")
    folder = own_folder(tmp_path, **{"article/update.md.j2": section})
    found = small.handout(language=code, template=folder)
    assert "\n## MY \\eta\n" in found.markdown
    assert found.render("md", "html") == small.handout(language=code, template=tmp_path / "whole").render("md", "html")


def test_a_macro_that_several_sections_use_is_taken_from_the_folder(small, tmp_path):
    shared = (FOLDER / "article" / "shared.md.j2").read_text(encoding="utf-8")
    changed = re.sub(r"(macro neurons\(n\) %\}).*?(\{% endmacro)", r"\1{{ n }} cells\2", shared)
    folder = own_folder(tmp_path, **{"article/shared.md.j2": changed})
    expected = derive.load("article").derive().handout().markdown
    assert "2 neurons" in expected
    found = derive.load("article").derive().handout(template=folder).markdown
    assert found == expected.replace("2 neurons", "2 cells")


MISNAMED = [
    ("article/updte.md.j2", "article/update.md.j2"),
    ("article/Update.md.j2", "article/update.md.j2"),
    ("article/update.j2", "article/update.md.j2"),
    ("update.md.j2", "article/update.md.j2"),
    ("article/page.html.j2", "page.html.j2"),
    ("articel.md.j2", "article.md.j2"),
    ("styles.css", "style.css"),
    ("article/zzz.md.j2", None),
]


@pytest.mark.parametrize("with_others", [False, True])
@pytest.mark.parametrize(("name", "meant"), MISNAMED)
def test_a_file_that_would_change_nothing_is_said_with_what_was_meant(small, tmp_path, name, meant, with_others):
    folder = own_folder(tmp_path, **{name: "x", **({"print.css": ""} if with_others else {})})
    with pytest.raises(derive.InputError) as caught:
        small.handout(template=folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / name}: ")
    assert "\n" not in message
    assert message.endswith(f" Did you mean {meant!r}?") if meant else "Did you mean" not in message


@pytest.mark.parametrize(
    "article",
    [
        '{% include "article/mine.md.j2" %}',
        '{% include "parts/more.j2" %}',
        '{% set which = "mine" %}{% include "article/" ~ which ~ ".md.j2" %}',
    ],
)
def test_a_file_that_another_one_takes_in_may_have_any_name(small, tmp_path, article):
    folder = own_folder(
        tmp_path,
        **{
            "article.md.j2": f"# T\n\n{article}\n",
            "article/mine.md.j2": "mine",
            "parts/more.j2": '{% include "article/mine.md.j2" %}',
            "notes.md": "",
            "helper.j2": "",
            "real.j2": "",
            "check.txt.j2": "",
            "site.css": "",
            "article/.#mine.md.j2": "",
        },
    )
    assert small.handout(template=folder).markdown == "# T\n\nmine\n"
