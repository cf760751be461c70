"""The handout's story: what is in full, what is in a table, and nothing half-written."""

import copy
import dataclasses
import itertools
import pickle

import attrs
import pytest

import derive
from derive.api.handout import Handout
from derive.story.document import FigureBlock, Table
from derive.story.handout_options import HandoutOptions


def figures(handout):
    return [block.name for block in handout.document.blocks if isinstance(block, FigureBlock)]


def test_the_first_weight_of_each_layer_is_in_full_and_the_rest_in_tables(article):
    handout = article.handout()
    assert figures(handout) == ["network", "path-w5", "path-w1", "computation", "training-iterations-error"]
    tables = [block for block in handout.document.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [1, 4, 5, 5, 11, 6, 2, 10]


def test_full_detail_shows_every_weight(article):
    names = figures(article.handout(detail="full"))
    ways = [f"path-{w}" for w in ("w5", "w6", "w7", "w8", "w1", "w2", "w3", "w4")]
    assert names == ["network", *ways, "computation", "training-iterations-error"]


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
@pytest.mark.parametrize("sizes", [(2, 1), (1, 1, 1), (3, 4, 2), (2, 3, 2, 2)])
@pytest.mark.parametrize("updates", ["simultaneous", "sequential"])
@pytest.mark.parametrize("bias", [None, 0.25, "each"])
def test_any_network_makes_a_handout(activation, sizes, updates, bias):
    layers = [
        derive.Layer(
            weights=[[(3 * r + 5 * c) % 7 / 10 - 0.2 for c in range(inputs)] for r in range(size)],
            bias=[0.1 * r for r in range(size)] if bias == "each" else bias,
            activation=activation,
        )
        for inputs, size in itertools.pairwise(sizes)
    ]
    sample = derive.Sample(inputs=[0.5] * sizes[0], targets=[1] * sizes[-1])
    handout = derive.Network(layers, [sample], updates=updates).derive().handout(detail="full", digits=6)
    rendered = [handout.render(name) for name in ("html", "tex", "md", "json")]
    assert all(content for files in rendered for content in files.values())
    assert "NaN" not in handout.markdown
    assert "nan" not in handout.markdown


def test_sequential_updates_show_the_new_weights(sequential):
    text = sequential.handout().markdown
    assert r"\delta_{o1} \cdot w_{5}^{+} + \delta_{o2} \cdot w_{7}^{+}" in text


def test_simultaneous_updates_do_not(article):
    assert "w_{5}^{+} +" not in article.handout().markdown


def test_each_paragraph_before_a_display_stays_with_it(article):
    blocks = article.handout().document.blocks
    for block, following in itertools.pairwise(blocks):
        if type(following).__name__ == "Display" and type(block).__name__ == "Paragraph":
            assert block.introduces


def test_a_failure_leaves_the_older_files_as_they_were(article, tmp_path, monkeypatch):
    article.handout().write(tmp_path, ["json", "md"], name="x")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}

    def fail(*_, **__):
        raise RuntimeError("no tex today")

    monkeypatch.setattr("derive.render.latex.render", fail)
    with pytest.raises(RuntimeError):
        article.handout(digits=4).write(tmp_path, ["json", "tex"], name="x")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


def test_wrong_words_are_refused(article):
    with pytest.raises(derive.InputError, match="Did you mean 'full'"):
        article.handout(detail="ful")
    with pytest.raises(derive.InputError, match="from 1 to 1,000"):
        article.handout(digits=1001)
    with pytest.raises(derive.InputError, match="format: found 'odt'"):
        article.handout().write("nowhere", ["odt"])


@pytest.mark.parametrize("digits", [True, False, "4", 4.5, None, 0, [4]])
def test_digits_that_are_none_are_refused(article, digits):
    with pytest.raises(derive.InputError, match=r"digits: found .*; expected a whole number from 1 to 1,000"):
        Handout(article, digits=digits)
    if digits is not None:
        with pytest.raises(derive.InputError, match="digits: found"):
            article.handout(digits=digits)


GIVEN = {
    "detail": "FULL",
    "digits": 6,
    "form": "Both",
    "rounding": "by_hand",
    "language": "es",
    "paper": "Letter",
    "notes_margin": True,
    "hessian": True,
    "author": " M. Curie ",
    "course": "II",
    "date": "1911",
}
READ = {**GIVEN, "detail": "full", "form": "both", "rounding": "by-hand", "paper": "letter", "author": "M. Curie"}


def test_options_are_converted_and_stay_readable(article):
    for handout in (article.handout(**GIVEN), Handout(article, **GIVEN)):
        assert {name: getattr(handout, name) for name in READ} == READ
        assert handout.template is None
        assert handout.derivation is article
        assert handout.page.lines == ("M. Curie", "II", "1911")
    names = {field.name for field in attrs.fields(HandoutOptions)}
    assert names == {*READ, "template"}
    assert all(getattr(HandoutOptions(**GIVEN), name) == value for name, value in READ.items())


def test_handouts_are_equal_where_their_options_are(article):
    assert article.handout() == Handout(article) == article.handout(detail="Article", digits=9)
    assert hash(article.handout()) == hash(Handout(article))
    for name, value in READ.items():
        assert article.handout(**{name: value}) != article.handout(), name
    assert article.handout() != HandoutOptions()


def test_a_handout_travels_with_its_options(article):
    handout = article.handout(**GIVEN | {"digits": 4})
    before = handout.markdown
    for again in (pickle.loads(pickle.dumps(handout)), copy.deepcopy(handout), copy.copy(handout)):
        assert {name: getattr(again, name) for name in READ} == READ | {"digits": 4}
        assert "markdown" not in vars(again)
        assert again.markdown == before


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("detail", "ful", "Did you mean 'full'"),
        ("form", 3, "form: found 3; expected one of scalar, matrix, both"),
        ("rounding", "exakt", "Did you mean 'exact'"),
        ("language", "xx", "expected one of en, pt-BR, es"),
        ("paper", "a5", "paper: found 'a5'; expected one of a4, letter"),
        ("notes_margin", 1, "notes_margin: found 1; expected true or false"),
        ("author", "a\nb", "author: found .*; expected one line"),
        ("course", None, "course: found an empty value"),
        ("date", 1911, "date: found 1911"),
        ("template", "not there", "template: found 'not there'; expected a folder with templates"),
    ],
)
def test_each_option_is_checked_at_its_field(article, name, value, said):
    for make in (article.handout, HandoutOptions):
        with pytest.raises(derive.InputError, match=said):
            make(**{name: value})


def test_an_option_that_there_is_not_is_a_type_error(article):
    with pytest.raises(TypeError, match="colour"):
        Handout(article, colour="red")


def test_everything_that_is_handed_on_is_frozen(article):
    for thing in (article, article.graph, article["w5"], article["w5"].factors[0], article.network):
        with pytest.raises((dataclasses.FrozenInstanceError, attrs.exceptions.FrozenInstanceError)):
            thing.by = "x"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Handout(article).digits = 3


def test_everything_public_is_there_and_described():
    for name in derive.__all__:
        thing = getattr(derive, name)
        assert name.isupper() or thing.__doc__
