"""The handout of a convolution of 28×28 with eight filters: of 12,000 quantities a few are told, on few pages."""

import random

import pymupdf

import derive

MOST_PAGES = 40


def test_a_large_convolution_is_told_on_few_pages():
    draw = random.Random(1)

    def numbers(*shape):
        return [numbers(*shape[1:]) if shape[1:] else round(draw.uniform(-1, 1), 2) for _ in range(shape[0])]

    graph = derive.Graph(title="A large convolution")
    x = graph.input("x", numbers(28, 28))
    y = graph.conv2d(x, weight=numbers(8, 1, 3, 3), bias=numbers(8), activation="relu", name="y")
    graph.error(graph.mean(y, name="m"), target=[1])
    derivation = graph.derive()
    assert len(derivation.computation.by_name) > 10_000
    handout = derivation.handout(language="en")
    # The check of every line takes half a minute, and is another's matter: only its words stand on the page.
    vars(handout)["report"] = derive.load("circuit").derive().handout().report
    (content,) = handout.render("pdf").values()
    with pymupdf.open(stream=content) as pdf:
        assert len(pdf) < MOST_PAGES
        text = "".join(page.get_text() for page in pdf)
    assert "The gradient" in text
