"""The turns of the other samples in a pass of online updates: each number comes from above, and what is cut is said."""

import contextlib
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import backward, networks

import derive

RULES = ["gradient_descent", "momentum", "adam"]
# The networks' own numbers have two decimals at most: longer ones are results.
RESULT = r"\d+\.\d{5,}(?: \\cdot 10\^\{-?\d+\})?"


def online(network, count, **options):
    """The network with so many samples, each an update of its own."""
    (first,) = network.samples
    more = [derive.Sample([i + n for i in first.inputs], [t - n for t in first.targets]) for n in range(1, count)]
    return network.replace(samples=[first, *more], updates="online", learning_rate=0.1, **options)


def written(network, **options):
    """The article and its part about the rest of the pass, sample by sample, the whole pass last."""
    text = network.derive().handout(**options).markdown
    rest = text.split("## The rest of the pass\n")[1].split("\n## Was it worth it?")[0]
    return text, re.split(r"^### .*$", rest, flags=re.MULTILINE)


def layer(size, inputs, **options):
    return derive.Layer([[0.3 - 0.1 * (i + j) for i in range(inputs)] for j in range(size)], **options)


def sized(*sizes, count=2, **options):
    """An online network of layers of these sizes, the inputs first."""
    layers = [layer(size, inputs, activation="tanh") for inputs, size in itertools.pairwise(sizes)]
    sample = derive.Sample([0.5] * sizes[0], [0.25] * sizes[-1])
    return online(derive.Network(layers, [sample]), count, **options)


@settings(max_examples=5, deadline=None)
@given(
    networks(activations=("logistic", "tanh", "relu", "identity"), deepest=2),
    st.integers(2, 3),
    st.sampled_from(RULES),
    st.randoms(use_true_random=False),
)
def test_each_result_that_a_turn_uses_stands_above_it(network, count, rule, draw):
    names = sorted(network.derive().parameters)
    kept = {name for name in names[1:] if draw.random() < 0.3}
    with contextlib.suppress(derive.UnsupportedError):
        network = online(network, count, optimizer=rule, trained=[name for name in names if name not in kept])
        text, (_, *turns, _) = written(network)
        assert len(turns) == count - 1
        for turn in turns:
            for place, used in lines(text, text.index(turn), text.index(turn) + len(turn)):
                for number in re.findall(RESULT, used):
                    assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text[:place]), (number, used)


def lines(text, start, end):
    """Yield of each displayed line between two places where it begins, and all of it but the result."""
    for display in re.finditer(r"\$\$\n(.*?)\n\$\$", text[start:end], flags=re.DOTALL):
        place = start + display.start(1)
        for line in re.split(r"(?<=\\\\ )(?=[^&])", display[1]):
            yield place, re.split(r"(?:=|\\approx) (?!.*(?:=|\\approx) )", line, flags=re.DOTALL)[0]
            place += len(line)


@pytest.mark.parametrize("form", ["scalar", "matrix", "both"])
def test_the_errors_that_are_added_in_a_turn_have_a_line_each(form):
    _, (_, turn, _) = written(sized(2, 2, 3), form=form)
    assert re.search(r"E_\{\\mathrm\{total\}\} &\\approx \S+ \+ \S+ \+", turn)
    for output in ("o1", "o2", "o3"):
        assert rf"E_{{{output}}} &\approx \frac{{1}}{{2}}" in turn


@pytest.mark.parametrize("rule", RULES[1:])
@pytest.mark.parametrize("trained", [["w1"], ["w1", "w2"], ["w1", "w3"], ["w5"], ["w5", "w6"]])
def test_the_steps_of_one_parameter_are_shown_in_each_turn_wherever_it_stands(rule, trained):
    _, (_, *turns, _) = written(sized(2, 2, 1, count=3, optimizer=rule, trained=trained))
    for number, turn in enumerate(turns, start=2):
        # Of layers that are alike in all turns, the last that is trained comes first.
        first, layers = ("5" if "w5" in trained else "1"), 1
        assert turn.count("step by step") == 1
        assert f"For $w_{{{first}}}$, step by step" in turn
        assert (f"with $t = {number}$" in turn) == (rule == "adam")
        assert turn.count("| $g$ |") == (layers if len(trained) > 1 else 0)
        assert turn.count("| value |") == layers


def test_one_parameter_is_followed_through_the_pass():
    """Its velocity moves it on where its own gradient is 0."""
    samples = [derive.Sample([0, 1], [0]), derive.Sample([1, 0], [0]), derive.Sample([0, 1], [1])]
    network = derive.Network([derive.Layer([[0.5, 0.25]])], samples, updates="online", optimizer="momentum")
    text, (_, *turns, _) = written(network)
    assert text.count("For $w_{2}$, step by step") == 3
    for turn in turns:
        assert "For $w_{2}$, step by step" in turn
    assert r"\partial w_{2}} \\ &= 0 \end" in turns[0]


def cells(part):
    """The numbers of the tables of a pass: by name, those of the samples in order."""
    found = {}
    for row in re.findall(r"^\| \$(.+?)\$ \|(.*)\|", part, flags=re.MULTILINE):
        name = re.sub(r"\^\{\+\}|[_{}]|\\mathrm", "", row[0])
        found.setdefault(name, []).extend(number(cell) for cell in row[1].split("|"))
    return found


def number(cell):
    digits, power = re.fullmatch(r" \$(?:=|\\approx) (-?[\d.]+)(?: \\cdot 10\^\{(-?\d+)\})?\$ ", cell).groups()
    return float(digits) * 10 ** int(power or 0)


@settings(max_examples=5, deadline=None)
@given(networks(activations=("logistic", "tanh"), deepest=2), st.integers(2, 6))
def test_the_table_of_a_pass_has_the_numbers_of_a_loop_in_numpy(network, count):
    with contextlib.suppress(derive.UnsupportedError):
        network = online(network, count)
        found = cells(written(network)[1][-1])
        values = {name: float(network.derive().evaluation.quantity(name)) for name in network.trained}
        for place, sample in enumerate(network.samples):
            alone = network.replace(samples=[sample], updates="simultaneous").replace(values)
            gradients, _, _ = backward(alone)
            _, error, _ = backward(alone.replace(learning_rate=1e-300))  # a step that changes nothing
            assert found["Etotal"][place] == pytest.approx(error, abs=1e-8)
            for name in values:
                values[name] -= 0.1 * gradients[name]
                assert found[name.replace("_", "")][place] == pytest.approx(values[name], abs=1e-8), name
        assert set(found) == {"Etotal", *(name.replace("_", "") for name in values)}


@pytest.mark.parametrize(
    ("sizes", "neurons", "parameters"),
    [((2, 8, 1), 0, 0), ((2, 9, 1), 1, 0), ((5, 8, 1), 0, 0), ((6, 8, 1), 0, 1), ((20, 3, 1), 0, 1), ((5, 9, 9), 1, 1)],
)
def test_what_is_cut_is_said_and_nothing_else(sizes, neurons, parameters):
    _, (words, turn, _) = written(sized(*sizes), digits=4)
    assert ("more than 8 neurons" in words, "more than 40 trained parameters" in words) == (neurons, parameters)
    lines = len(re.findall(r"\\mathrm\{net\}_\{h\d+\} &\\approx", turn))
    assert lines == (sizes[1] if sizes[1] <= 8 else 5)
    assert (r"$\vdots$" in turn) == bool(parameters)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 13])
def test_the_words_agree_with_how_many_samples_there_are(count):
    _, (words, *turns, last) = written(sized(1, 1, 1, count=count), digits=4)
    assert ("Sample 2 goes" in words, "The other samples go" in words) == (count == 2, count > 2)
    assert len(turns) == min(count, 4) - 1
    follows = {5: "Sample 5 follows", 6: "Samples 5 to 6 follow", 13: "Samples 5 to 13 follow"}
    assert re.findall(r"Samples? .*? follows?\b", last) == ([follows[count]] if count in follows else [])
    assert ("(the first 8 samples and the last 2)" in last) == (count > 12)
    assert ("trained parameters after" in last) == (count > 0)
    assert len(re.findall(r"sample \d+ \|", last)) == min(count, 10)
