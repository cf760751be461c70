"""The update of a handout leaves out no line: sequential updates and online ones."""

import contextlib
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import networks, parameter_places

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
    for display in re.findall(r"\$\$\n(.*?)\n(?:> )?\$\$", text, flags=re.DOTALL):
        for equation in re.split(r"\\\\ (?=[^&])", display):
            yield [side.strip(" &\\") for side in re.split(r"&?(?:=|\\approx) ", equation)]


def section(text, title):
    """The text below a heading, up to the next one of its kind."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)^## ", text, flags=re.DOTALL | re.MULTILINE)[1]


def hold(network, **options):
    """Check the handout of a network with plain gradient descent: nothing is announced twice. Returns its text."""
    text = network.derive().handout(**options).markdown
    for sides in formulas(text):
        assert all(left != right for left, right in itertools.pairwise(sides)), sides
    titles = ["The update", "The rest of the pass"]
    for title in titles if f"## {titles[1]}" in text else titles[:1]:
        for part in re.split(r"^### .*$", section(text, title), flags=re.MULTILINE):
            captions = re.findall(r"^(?:(?:The )?(?:[Oo]utput|[Hh]idden) layer)\b.*", part, flags=re.MULTILINE)
            assert len(captions) == len(set(captions)), captions
            assert_each_gradient_is_derived(text[: text.index(part)] + part, part)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    assert len(headings) == len(set(headings)), headings
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


@settings(max_examples=15, deadline=None)
@given(networks(activations=("logistic", "tanh", "identity")), st.randoms(use_true_random=False))
def test_sequential_networks_with_kept_weights_derive_what_they_use_and_say_what_is_new(network, draw):
    names = sorted(network.derive().parameters)
    trained = [name for name in names if draw.random() < draw.choice([0.2, 0.5, 0.9])] or names[:1]
    quiet = {draw.randrange(len(network.layers))} if draw.random() < 0.5 else set()  # a layer that is kept
    places = parameter_places(network)
    trained = [name for name in trained if places[name][0] not in quiet] or names[:1]
    network = network.replace(updates="sequential", learning_rate=0.3, trained=trained)
    with contextlib.suppress(derive.UnsupportedError):
        hold_late(network, section(hold(network), "The update"))


def leads_to(network, layer, neurons, place):
    """Whether a parameter is trained and leads to one of these neurons of its layer; a shared bias leads to all."""
    name, row, column = place
    is_shared = row == "bias" and not isinstance(network.layers[layer].bias, tuple)
    return name in network.trained and bool(neurons if is_shared else {column if row == "bias" else row} & neurons)


def hold_late(network, text):
    """Check what is said to be new against the places of the trained parameters alone."""
    trained = network.trained
    layers = {}
    for name, (layer, row, column) in parameter_places(network).items():
        layers.setdefault(layer, []).append((name, row, column))
    late = {}  # by layer: the places of the neurons whose deltas are made of new weights
    for place in range(len(network.layers) - 2, -1, -1):
        size, behind = len(network.layers[place].weights), layers[place + 1]
        new = {column for name, row, column in behind if row != "bias" and name in trained}
        late[place] = set(range(size)) if late.get(place + 1) else new
    used = [place for place in late if any(leads_to(network, place, late[place], each) for each in layers[place])]
    assert ("A star marks" in text) == bool(used) == (r"\ast" in text)
    shown = {place for place in late if late[place] and used and place >= min(used)}
    changing = re.findall("Its delta therefore changes|Its deltas therefore change", text)
    assert sorted(changing) == sorted(
        "Its delta therefore changes" if len(late[place]) == 1 else "Its deltas therefore change" for place in shown
    )
    for place in shown:
        is_over_new = any(row != "bias" and name in trained for name, row, _ in layers[place + 1])
        title = "Hidden layer" if len(network.layers) == 2 else f"Hidden layer {place + 1}"
        said = "new weights on the paths" if is_over_new else "new deltas of the next layer"
        assert f"{title}, with the {said}:" in text


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


def of_layers(count, samples=1, **options):
    layers = [derive.Layer([[0.3, -0.2], [0.1, 0.4]], activation="tanh")] * count
    return derive.Network(layers, [derive.Sample([0.5, 0.1 * n], [1, 0]) for n in range(samples)], **options)


@pytest.mark.parametrize(("updates", "samples"), [("simultaneous", 1), ("simultaneous", 2), ("online", 2)])
@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, " were computed"),
        (2, ", including those of the hidden layer, were computed"),
        (3, ", including those of the hidden layers, were computed"),
    ],
)
def test_only_the_hidden_layers_that_are_there_are_spoken_of(updates, samples, count, said):
    text = section(hold(of_layers(count, samples, updates=updates)), "The update")
    assert re.search(rf"(All|Its) derivatives{said} with the (original|initial) weights\. Only now", text)
    assert ("hidden layer" in text) == (count > 1)


@pytest.mark.parametrize("updates", ["simultaneous", "sequential", "online"])
@pytest.mark.parametrize("rate", [0.01, 2, 50])
def test_what_is_said_of_the_error_holds_for_every_step(updates, rate):
    network = of_layers(2, 2, updates=updates, learning_rate=rate)
    error, text = network.derive().error, network.derive().handout().markdown
    assert not re.search("little|is small|close to their targets", section(text, "Was it worth it?"))
    assert ("The error has dropped from" in text) == (float(error.after) < float(error.value))


@pytest.mark.parametrize("digits", [4, 9])
def test_matrices_have_the_decimals_that_are_announced(digits):
    text = of_layers(2).derive().handout(form="matrix", digits=digits, rounding="by-hand").markdown
    said = re.search(r"Numbers are shown to at most (\d) decimals? here", text)[1]
    matrices = section(text, "The forward pass") + section(text, "The backward pass").split("### The derivatives")[0]
    most = max(len(decimals) for decimals in re.findall(r"\d\.(\d+)", matrices))
    assert int(said) == min(digits, 6) == most


@pytest.mark.parametrize("name", derive.ready_networks())
@pytest.mark.parametrize("form", ["scalar", "both"])
def test_a_heading_has_a_line_to_itself(name, form):
    text = derive.load(name).replace(iterations=0).derive().handout(form=form).markdown
    lines = text.splitlines()
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        if re.match("#+ ", line):
            assert (above, below) == ("", ""), line
