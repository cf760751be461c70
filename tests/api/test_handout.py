"""The handout's story: what is in full, what is in a table, and nothing half-written."""

import dataclasses
import itertools

import attrs
import pytest

import derive
from derive.api.handout import Handout
from derive.story.document import FigureBlock, Table


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
    with pytest.raises(derive.InputError, match="format: found 'docx'"):
        article.handout().write("nowhere", ["docx"])


def test_everything_that_is_handed_on_is_frozen(article):
    for thing in (article, article.graph, article["w5"], article["w5"].factors[0], article.network):
        with pytest.raises((dataclasses.FrozenInstanceError, attrs.exceptions.FrozenInstanceError)):
            thing.by = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        Handout(article).digits = 3


def test_everything_public_is_there_and_described():
    for name in derive.__all__:
        thing = getattr(derive, name)
        assert name.isupper() or thing.__doc__
