"""The update of a handout leaves out no line: sequential updates and online ones."""

import contextlib
import itertools
import re

import pytest
from hypothesis import given, settings
from oracle import networks

import derive

# The numbers of a published example with sequential updates.
PUBLISHED = derive.Network(
    [derive.Layer([[0.1, 0.8], [0.4, 0.6]]), derive.Layer([[0.3, 0.9]])],
    [derive.Sample([0.35, 0.9], [0.5])],
    learning_rate=1,
    updates="sequential",
)


def formulas(text):
    """Each displayed formula as the list of what stands behind its relations, the left side first."""
    for display in re.findall(r"\$\$\n(.*?)\n\$\$", text, flags=re.DOTALL):
        for equation in re.split(r"\\\\ (?=[^&])", display):
            yield [side.strip(" &\\") for side in re.split(r"&?(?:=|\\approx) ", equation)]


def section(text, title):
    """The text below a heading, up to the next one of its kind."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)^## ", text, flags=re.DOTALL | re.MULTILINE)[1]


def hold(network, **options):
    """Check the handout of a network with plain gradient descent: no layer is announced twice. Returns its text."""
    text = network.derive().handout(**options).markdown
    for sides in formulas(text):
        assert all(left != right for left, right in itertools.pairwise(sides)), sides
    titles = ["The update", "The other samples of the pass"]
    for title in titles if f"## {titles[1]}" in text else titles[:1]:
        for part in re.split(r"^### .*$", section(text, title), flags=re.MULTILINE):
            captions = re.findall(r"^(?:The (?:output|hidden) layer|Hidden layer \d)\b.*", part, flags=re.MULTILINE)
            assert len(captions) == len(set(captions)), captions
            assert_each_gradient_is_derived(text[: text.index(part)] + part, part)
    above, found = [], []
    for marks, heading in re.findall(r"^(#+) (.*)$", text, flags=re.MULTILINE):
        above = [*above[: len(marks) - 1], heading]
        found.append(tuple(above))
    assert len(found) == len(set(found)), found
    return text


def assert_each_gradient_is_derived(text, part):
    """Each number of a gradient in an update stands above it, behind its derivative, in a line or in a table."""
    number = r"\\left\(-\S+?\\right\)|\S+(?: \\cdot \S+)?"
    updates = re.findall(rf"(\S+)\^\{{\+\}} &(?:=|\\approx) \S+ - \S+ \\cdot ({number}) ", part)
    for name, number in updates:
        bare = number.removeprefix(r"\left(").removesuffix(r"\right)")
        place = part.index(f"{name}^{{+}} &")
        before = text[: text.rindex(part) + place]
        assert re.search(rf"(?:=|\\approx) {{?{re.escape(bare)}(?!\d)", before), (name, number)


def test_a_published_example_with_sequential_updates_shows_every_line():
    text = section(hold(PUBLISHED), "The update")
    assert r"&= \delta_{o1} \cdot w_{5}^{+} \\ &\approx 0.040681125 \cdot 0.272325965 \\ &\approx 0.011078527" in text
    assert r"\delta_{h1}^{\ast} &=" in text
    assert r"| $w_{1}$ | $\delta_{h1}^{\ast} \cdot i_{1}$ | $\approx 0.000843367$ |" in text
    assert r"w_{1}^{+} &\approx 0.1 - 1 \cdot 0.000843367 \approx 0.099156633" in text


@settings(max_examples=10, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity")))
def test_no_line_of_random_sequential_networks_is_left_out(network):
    with contextlib.suppress(derive.UnsupportedError):
        hold(network.replace(updates="sequential", learning_rate=0.3))


@settings(max_examples=5, deadline=None)
@given(networks(activations=("logistic", "tanh", "relu", "identity"), deepest=2))
def test_no_line_of_random_online_networks_is_left_out(network):
    more = [derive.Sample([i + n for i in network.samples[0].inputs], network.samples[0].targets) for n in (1, 2, 3, 4)]
    try:
        text = hold(network.replace(updates="online", samples=[*network.samples, *more], learning_rate=0.1))
    except derive.UnsupportedError:
        return
    assert "### Sample 4" in text
    assert "### Sample 5" not in text


@pytest.mark.parametrize("form", ["scalar", "matrix", "both"])
@pytest.mark.parametrize("updates", ["sequential", "online"])
def test_several_samples_in_every_form(updates, form):
    for name in ("xor", "two_hidden_layers"):
        network = derive.load(name).replace(updates=updates, iterations=0)
        if len(network.samples) == 1:
            network = network.replace(samples=[*network.samples, derive.Sample([1, -1], network.samples[0].targets)])
        text = hold(network, form=form, digits=6)
        assert ("All samples together" in text) == (updates == "sequential")
        assert (r"\frac{\partial E_{\mathrm{mean}}}{\partial" in text) == (updates == "sequential")


def test_an_online_handout_prints_the_numbers_of_each_turn():
    network = derive.load("xor").replace(updates="online", iterations=0)
    text = hold(network)
    weights = {}
    for sample in network.samples:  # by hand: each sample alone, with the weights so far
        alone = network.replace(samples=[sample], updates="simultaneous").replace(weights).derive()
        weights = {name: alone.evaluation.updated(name) for name in alone.evaluation.computation.parameters}
        for number in weights.values():
            assert f"{float(number):.9f}"[:-1] in text
    assert derive.load("xor").replace(updates="online").derive().error.after.decimal(9) in text
