"""Sentences of the handout: each stands where it applies and nowhere else, in the words of the field.

What applies is decided here from the shape of the network, and from its numbers by a loop over fractions.
"""

import random
import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import derive
from derive import Layer, Network, Sample
from derive.language.folder import FOLDER
from derive.language.language import language
from derive.language.templates import environment

READY = sorted(derive.ready_networks())
SECTIONS = ("opening", "network", "forward", "error", "factors", "recap", "shared")
MATH = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
SQUARES = ("half_squared_error", "squared_error", "mean_squared_error")


def drawn(seed):
    """A network of any shape: one to three inputs, neurons, outputs and samples, with biases or without."""
    rng = random.Random(seed)
    sizes = [rng.randint(1, 3) for _ in range(rng.randint(2, 4))]
    layers = []
    for inputs, size in pairwise(sizes):
        bias = rng.choice([None, 0.25, [rng.randint(-9, 9) / 10 for _ in range(size)]])
        weights = [[rng.randint(-9, 9) / 10 for _ in range(inputs)] for _ in range(size)]
        layers.append(Layer(weights, bias=bias, activation=rng.choice(["tanh", "logistic", "identity"])))
    samples = [
        Sample([rng.randint(-9, 9) / 10 for _ in range(sizes[0])], [rng.randint(-9, 9) / 10 for _ in range(sizes[-1])])
        for _ in range(rng.randint(1, 3))
    ]
    return Network(layers, samples, error=rng.choice(SQUARES), iterations=0)


@pytest.fixture(scope="module", params=range(12))
def shape(request):
    """A network, and its handout in English."""
    network = drawn(request.param)
    return network, network.derive().handout(language="en").markdown


def fan_ins(network):
    return [len(layer.weights[0]) for layer in network.layers]


def bias_count(layer):
    return 0 if layer.bias is None else len(layer.bias) if isinstance(layer.bias, tuple) else 1


def expected(network):
    """What is said of a network of that shape, and only of such a one: each phrase, and whether it applies."""
    first, *later = fan_ins(network)
    outputs, hidden, samples = network.layers[-1].size, len(network.layers) - 1, len(network.samples)
    alike = len({layer.size for layer in network.layers[:-1]}) == 1
    weights = sum(layer.size * inputs for layer, inputs in zip(network.layers, fan_ins(network), strict=True))
    biases = sum(map(bias_count, network.layers))
    return {
        "weighted sum of the inputs": first > 1,
        "is the input times its weight": first == 1,
        "weighted sum of the previous layer’s outputs": any(inputs > 1 for inputs in later),
        "the previous layer’s output times its weight": any(inputs == 1 for inputs in later),
        "passed on to the next layer": hidden > 0,
        "layer by layer": hidden > 0,
        "one hidden layer of": hidden == 1,
        "each, and": hidden > 1 and alike,
        "hidden layers (of sizes": hidden > 1 and not alike,
        "together with a bias": biases > 0,
        "The initial weight and bias:": (weights, biases) == (1, 1),
        "The initial weight:": (weights, biases) == (1, 0),
        "The initial weights:": weights > 1 and biases == 0,
        "The initial weights and the bias:": weights > 1 and biases == 1,
        "The initial weights and biases:": biases > 1,
        "How far off is this output?": outputs == 1,
        "How far off are these outputs?": outputs > 1,
        "The error is the squared difference": outputs == 1 and network.error != "half_squared_error",
        "Each output contributes": outputs > 1 and network.error != "mean_squared_error",
        "each output contributes its share": outputs > 1 and network.error == "mean_squared_error",
        "Summed over the outputs $k$:": outputs > 1,
        "Output by output": outputs > 1,
        "error is their sum:": outputs > 1,
        "With a single output": outputs == 1,
        "the other is constant": outputs == 2,
        "the others are constant with": outputs > 2,
        "which we call samples": samples > 1,
        "The training example and the learning rate:": samples == 1,
        "The steps for the other sample are": samples == 2,
        "The steps for the other samples are": samples > 2,
        "Sample 2 is processed": samples == 2,
        "The other samples are processed": samples > 2,
        "over the samples; a superscript": samples > 1,
        "with the numbers of sample 1": samples > 1,
        "so that the output moves closer": outputs * samples == 1,
        "so that the outputs move closer": outputs * samples > 1,
        "different for a hidden neuron": any(layer.size > 1 for layer in network.layers[1:]),
        "feeds into a single neuron": any(layer.size == 1 for layer in network.layers[1:]),
        "Backpropagation in four equations": hidden > 0 and biases > 0,
        "Backpropagation in three equations": hidden > 0 and biases == 0,
    }


def test_each_sentence_stands_where_it_applies(shape):
    network, text = shape
    found = {phrase: phrase in text for phrase in expected(network)}
    assert found == expected(network)
    assert text.count("different for a hidden neuron") <= 1


def test_no_phrase_is_tried_in_vain():
    """Among the networks that are drawn, each of the phrases applies to some and not to others."""
    cases = [expected(drawn(seed)) for seed in range(400)]
    for phrase in {phrase for case in cases for phrase in case}:
        assert {case.get(phrase) for case in cases} >= {True}, phrase


def test_one_is_one_and_many_are_many(shape):
    _, text = shape
    assert not re.findall(r"\b1 (?:inputs|outputs|neurons|paths|samples|decimals)\b", text)
    assert not re.findall(r"\b(?:[02-9]|\d\d+) (?:input|output|neuron|path|sample|decimal)\b", text)


def opening_words(text):
    """The first word of each sentence; tables, headings and what is said of figures are none."""
    lines = [line for line in MATH.sub("$", text).split("\n") if line and not re.match(r"[|#!<$]", line)]
    plain = [re.sub(r"^[>\s-]+|\*\*|\[|\]\([^)]*\)", "", line) for line in lines]
    return [found.split()[0] for line in plain for found in re.split(r"(?<=[.?!:]) ", line) if found.strip()]


def test_no_sentence_begins_with_a_digit(shape):
    assert [word for word in opening_words(shape[1]) if word[0].isdigit()] == []


def test_what_repeats_a_step_is_said_once():
    for name in ("article", "xor"):
        for iterations in (0, 2):
            text = derive.load(name).replace(iterations=iterations).derive().handout(language="en").markdown
            assert text.count("Training repeats") == 1


@pytest.mark.parametrize("detail", ["article", "full"])
def test_a_product_along_a_single_path_is_said_once(detail):
    text = Network([Layer([[0.5]]), Layer([[0.25]])], [Sample([1], [1])], iterations=0)
    text = text.derive().handout(language="en", detail=detail).markdown
    product = (
        r"\frac{\partial E_{\mathrm{total}}}{\partial \mathrm{net}_{o1}} \cdot"
        r" \frac{\partial \mathrm{net}_{o1}}{\partial \mathrm{out}_{h1}}"
    )
    assert text.count(product) == 1
    assert "Path through" not in text


# What is trained


def partly_trained(seed):
    """A network of which any weights and biases are trained, but not none."""
    rng = random.Random(seed)
    sizes = [rng.randint(1, 2), rng.randint(1, 2), 1]
    layers = [
        Layer(
            [[rng.randint(1, 9) / 10 for _ in range(inputs)] for _ in range(size)],
            bias=[0.5] * size,
            train=[[rng.random() < 0.4 for _ in range(inputs)] for _ in range(size)],
            train_bias=[rng.random() < 0.3 for _ in range(size)],
        )
        for inputs, size in pairwise(sizes)
    ]
    network = Network(layers, [Sample([1] * sizes[0], [0])], iterations=0)
    return network if network.derive().computation.trained else partly_trained(seed + 100)


@pytest.mark.parametrize("seed", range(8))
def test_only_what_is_trained_takes_a_step(seed):
    network = partly_trained(seed)
    text = network.derive().handout(language="en").markdown
    weights = [is_trained for layer in network.layers for row in layer.trained_weights for is_trained in row]
    trained = sum(weights) + sum(sum(layer.train_bias) for layer in network.layers)
    one, every = trained == 1, all(weights)
    assert "takes a step" in text
    assert bool(re.search(r"^Now \$", text, re.MULTILINE)) == one
    assert ("Each weight takes a step" in text) == (every and not one)
    assert ("Each parameter that is trained takes a step" in text) == (not every and not one)
    assert ("do we change the weights, all" in text) == (every and not one)
    assert ("do we change the trained parameters, all" in text) == (not every and not one)
    assert ("with the new value of $" in text) == one
    # What a fixed weight should do is no question.
    first = network.layers[-1].trained_weights[0][0]
    assert ("must become" in text) == (first and "What the derivative says" in text)


def test_parts_of_every_kind_are_trained():
    cases = [partly_trained(seed) for seed in range(8)]
    assert {len(network.derive().computation.trained) == 1 for network in cases} == {True, False}
    assert {network.layers[-1].trained_weights[0][0] for network in cases} == {True, False}


# Numbers in tables


def number_cells(table):
    """The cells that hold a number and nothing else, with what stands before it."""
    return re.findall(r"\$(=|\\approx)? ?(-?[\d.]+(?: \\cdot 10\^\{-?\d+\})?)\$", table)


@pytest.mark.parametrize("seed", range(4))
def test_a_number_that_is_rounded_has_its_sign_in_every_table(seed):
    """Numbers of at most 1 decimal are given; of 9 decimals, one that is shown with as many is rounded."""
    network = drawn(seed).replace(iterations=2)
    for options in ({}, {"detail": "brief"}, {"rounding": "by-hand", "digits": 6}):
        text = network.derive().handout(language="en", **options).markdown
        cells = [cell for line in text.split("\n") if line.startswith("|") for cell in number_cells(line)]
        digits = options.get("digits", 9)
        for sign, number in cells:
            if len(number.partition(".")[2]) >= digits:
                assert sign, (number, options)
        assert cells


def test_a_given_number_that_is_rounded_is_not_said_to_be_equal():
    network = Network([Layer([[Fraction(1, 3)]])], [Sample([Fraction(1, 7)], [1])], iterations=0)
    text = network.derive().handout(language="en").markdown
    assert r"$w_{1} \approx 0.333333333$" in text
    assert r"| $\approx 0.142857143$ |" in text


# Kinks


KINKS = {"relu": (0,), "leaky_relu": (0,), "hard_tanh": (-1, 1), "identity": ()}


def at_a_kink(network):
    """The neurons whose net lies at a kink in the first sample, and whether each output meets its target."""
    functions = {
        "relu": lambda net: max(net, 0),
        "leaky_relu": lambda net: net if net > 0 else net / 100,
        "hard_tanh": lambda net: min(max(net, -1), 1),
        "identity": lambda net: net,
    }
    signals, found = [Fraction(value) for value in network.samples[0].inputs], []
    for layer, names in zip(network.layers, network.neuron_names, strict=True):
        biases = layer.bias or (Fraction(0),) * layer.size
        outs = []
        for row, bias, name in zip(layer.weights, biases, names, strict=True):
            net = sum((Fraction(w) * s for w, s in zip(row, signals, strict=True)), Fraction(bias))
            outs.append(functions[layer.activation](net))
            if net in KINKS[layer.activation]:
                found.append(name)
        signals = outs
    return found, [out == target for out, target in zip(signals, network.samples[0].targets, strict=True)]


def kinked(seed):
    """A network of whole numbers, whose nets often lie at a kink; its last layer at times meets a target."""
    rng = random.Random(seed)
    sizes = [2, rng.randint(1, 3), 2]
    layers = []
    for inputs, size in pairwise(sizes):
        weights = [[rng.randint(-1, 1) for _ in range(inputs)] for _ in range(size)]
        activation = rng.choice(["relu", "leaky_relu", "hard_tanh", "identity"])
        layers.append(Layer(weights, bias=[rng.randint(-1, 1) for _ in range(size)], activation=activation))
    targets = [rng.choice([-1, 1]) for _ in range(2)]
    error = rng.choice(["absolute_error", "half_squared_error"])
    return Network(layers, [Sample([rng.randint(-1, 1), 1], targets)], error=error, iterations=0)


def questions(text, start, end):
    """The names of the neurons under whose question the sentence on a kink stands."""
    found = []
    for part in re.split(r"(?=\*\*How does)", text)[1:]:
        asked = re.match(rf"\*\*How does {start}.*?\\mathrm\{{out\}}_\{{(\w+)\}}.*?{end}", part)
        if asked and re.search(r"has a kink here", part):
            found.append(asked[1])
    return found


@pytest.mark.parametrize("seed", range(10))
def test_a_kink_is_told_of_where_there_is_one(seed):
    network = kinked(seed)
    text = network.derive().handout(language="en", detail="full").markdown.partition("## The update")[0]
    names, meets = at_a_kink(network)
    assert sorted(questions(text, r"\$", r"change with")) == sorted(names)
    outputs = [name for name, met in zip(network.neuron_names[-1], meets, strict=True) if met]
    assert questions(text, "the error change with", r"\?") == (outputs if network.error == "absolute_error" else [])


def test_kinks_are_drawn_of_every_kind():
    drawn_kinks = [(kinked(seed), at_a_kink(kinked(seed))) for seed in range(10)]
    assert any(names for _, (names, _) in drawn_kinks)
    assert any(not names for _, (names, _) in drawn_kinks)
    assert any(any(meets) and network.error == "absolute_error" for network, (_, meets) in drawn_kinks)


# The article


def mazur(network):
    """Whether its handout names the author of the article."""
    return "Matt Mazur" in network.derive().handout(language="en").markdown


@pytest.mark.parametrize("name", READY)
def test_the_article_is_named_for_its_own_network_alone(name):
    assert mazur(derive.load(name).replace(iterations=0)) == (name == "article")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "My network"},
        {"learning_rate": 0.25},
        {"updates": "sequential"},
        {"error": "squared_error"},
        {"samples": [Sample([0.05, 0.1], [0.01, 0.98])]},
    ],
)
def test_a_network_that_differs_from_it_is_the_user_s_own(changes):
    text = derive.load("article").replace(iterations=0, **changes).derive().handout(language="en").markdown
    assert "Mazur" not in text
    assert "this handout follows" not in text


def test_how_it_is_shown_does_not_matter(article):
    for options in ({"rounding": "by-hand", "digits": 4}, {"form": "both"}, {"digits": 12}):
        assert "Matt Mazur" in article.handout(language="en", **options).markdown
    for code in ("es", "pt-BR"):
        text = article.handout(language=code).markdown
        assert "(https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/)" in text


# The goal, and what is computed for it


def test_the_goal_is_the_network_s():
    network = Network([Layer([[0.5]])], [Sample([1], [0])], iterations=0)
    texts = [
        network.derive().handout(language="en").markdown,
        Network([Layer([[0.5]], train=False, train_bias=False)], [Sample([1], [0])]).derive().handout().markdown,
        Network([Layer([[0.5]])], [Sample([1])], differentiate="out_o1").derive().handout().markdown,
        Network([Layer([[0.5]])], [Sample([1])]).derive().handout().markdown,
    ]
    goals = [
        "how each weight $w$ should change",
        "How does the error of a network depend on its weights?",
        r"How does the output $\mathrm{out}_{o1}$ of a network change",
        "What does a network compute from its inputs?",
    ]
    assert [[goal in text for goal in goals] for text in texts] == np.eye(4, dtype=bool).tolist()
    numbers = [text.partition("## The forward pass")[0] for text in texts]
    assert [r"\eta" in text for text in numbers] == [True, False, False, False]


def test_the_derivative_of_the_opening_has_the_error_s_own_letter():
    text = derive.load("single_neuron").derive().handout(language="en").markdown
    assert r"written $\partial J / \partial w$" in text


# The recap


ACTIVATIONS = {
    "tanh": (np.tanh, lambda net: 1 / np.cosh(net) ** 2),
    "logistic": (lambda net: 1 / (1 + np.exp(-net)), lambda net: np.exp(-net) / (1 + np.exp(-net)) ** 2),
    "identity": (lambda net: net, np.ones_like),
}
SLOPE_OF_ERROR = {
    "half_squared_error": lambda out, target: out - target,
    "squared_error": lambda out, target: 2 * (out - target),
    "mean_squared_error": lambda out, target: 2 * (out - target) / len(out),
}
PLAIN_ROWS = [
    r"\delta_{k} &= \frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{k}} \cdot"
    r" \frac{\partial \mathrm{out}_{k}}{\partial \mathrm{net}_{k}}",
    r"\delta_{j} &= \left(\sum_{k} \delta_{k} \cdot w_{kj}\right) \cdot"
    r" \frac{\partial \mathrm{out}_{j}}{\partial \mathrm{net}_{j}}",
    r"\frac{\partial E_{\mathrm{total}}}{\partial w_{ji}} &= \delta_{j} \cdot x_{i}",
]
OWN = r"\frac{\partial E_{\mathrm{total}}}{\partial b_{j}} &= \delta_{j}"
SHARED = r"\frac{\partial E_{\mathrm{total}}}{\partial b} &= \sum_{j} \delta_{j}"


def recap(text):
    """The rows of the equations in the box."""
    box = re.search(
        r"\*\*Backpropagation in \w+ equations\..*?\\begin\{aligned\} (.*?) \\end\{aligned\}", text, re.DOTALL
    )
    return box[1].split(r" \\ ") if box else []


def by_the_recap(network):
    """The gradient of the first sample by the equations of the box, neuron by neuron, in floats."""
    sample, found = network.samples[0], {}
    signals, slopes = [[float(value) for value in sample.inputs]], []
    for layer in network.layers:
        bias = layer.bias if isinstance(layer.bias, tuple) else [layer.bias or 0] * layer.size
        nets = np.array(
            [sum(float(w) * x for w, x in zip(row, signals[-1], strict=True)) + float(b)
             for row, b in zip(layer.weights, bias, strict=True)]
        )  # fmt: skip
        function, slope = ACTIVATIONS[layer.activation]
        slopes.append(slope(nets))
        signals.append(list(function(nets)))
    deltas = (
        SLOPE_OF_ERROR[network.error](np.array(signals[-1]), np.array([float(t) for t in sample.targets])) * slopes[-1]
    )
    for place in reversed(range(len(network.layers))):
        layer, names = network.layers[place], network.bias_names[place]
        for j, delta in enumerate(deltas):
            for i, signal in enumerate(signals[place]):
                found[network.weight_names[place][j][i]] = delta * signal
            if names:  # the one name of a shared bias, or a name a neuron
                found[names if isinstance(names, str) else names[j]] = sum(deltas) if isinstance(names, str) else delta
        if place:
            deltas = [
                sum(deltas[k] * float(layer.weights[k][j]) for k in range(layer.size)) * slopes[place - 1][j]
                for j in range(len(signals[place]))
            ]
    return found


def test_the_box_has_the_equations_by_which_the_gradient_is_found(shape):
    network, text = shape
    own = any(bias_count(layer) == layer.size for layer in network.layers)
    shared = any(0 < bias_count(layer) < layer.size for layer in network.layers)
    biases = [OWN] if own else [SHARED] if shared else []
    assert recap(text) == (PLAIN_ROWS + biases if len(network.layers) > 1 else [])
    derivation = network.derive()
    for name, value in by_the_recap(network).items():
        assert float(derivation[name].value) == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_the_box_has_the_shortcut_where_there_is_one():
    texts = {name: derive.load(name).derive().handout(language="en").markdown for name in ("xor", "softmax_classifier")}
    for text in texts.values():
        assert recap(text)[0] == r"\delta_{k} &= \mathrm{out}_{k} - \mathrm{target}_{k}"
    layers = [Layer([[0.5], [0.25]], activation="tanh"), Layer([[0.5, 0.25], [0.1, 0.3]], activation="softmax")]
    text = Network(layers, [Sample([1], [0.5, 0.25])]).derive().handout(language="en").markdown
    assert "the sum runs over all of its outputs $m$" in text
    assert recap(text)[0].startswith(
        r"\delta_{k} &= \sum_{m} \frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{m}}"
    )


def test_a_layer_that_is_joint_within_has_no_box():
    layers = [Layer([[0.5], [0.25]], activation="softmax"), Layer([[0.5, 0.25]])]
    assert recap(Network(layers, [Sample([1], [0.5])]).derive().handout(language="en").markdown) == []


def test_matrices_alone_have_no_box(article):
    assert recap(article.handout(form="matrix", language="en").markdown) == []


# The words


NOT_ENGLISH = re.compile(
    r"\b(?:nets?(?! input)|(?:the|its|an|each|every|all|other|of) outs?|corners?|walks?|behind|pre-activations?|"
    r"calculated|short form|carried on|goes? into|gives? on|makes? of|layer before|touch|by itself|derivatives? by)\b"
)


def sentences():
    """What the sections say: each message, for one thing and for many where it has both."""
    reader = environment()
    for name in SECTIONS:
        source = (FOLDER / "article" / f"{name}.md.j2").read_text(encoding="utf-8")
        for _, _, message in reader.extract_translations(source):
            yield tuple(filter(None, message)) if isinstance(message, tuple) else (message,)


def translated(message, code):
    """The message in that language, in its last form."""
    catalogue = language(code).translations
    return catalogue.gettext(*message) if len(message) == 1 else catalogue.ngettext(*message, 2)


def prose(message):
    return re.sub(r"%\(\w+\)s|\(#[^)]*\)", "", MATH.sub("", message))


def test_the_words_are_those_of_the_field():
    found = {form: NOT_ENGLISH.findall(prose(form)) for message in sentences() for form in message}
    assert len(found) > 100
    assert {message: words for message, words in found.items() if words} == {}


@pytest.mark.parametrize(("code", "articles"), [("es", ("la ",)), ("pt-BR", ("a ",))])
def test_layers_and_functions_have_their_article(code, articles):
    say = language(code).translations.gettext
    layers = ("the output layer", "hidden layer %(n)s", "the hidden layer")
    functions = (
        "the logistic function",
        "ReLU",
        "ReLU (the rectified linear unit)",
        "hard tanh",
        "the identity function",
    )
    assert [words for words in (*layers, *functions) if not say(words).startswith(articles)] == []


@pytest.mark.parametrize(
    ("code", "english", "said"),
    [
        ("es", r"\bnet inputs?\b", r"\bentradas? netas?\b"),
        ("pt-BR", r"\bnet inputs?\b", r"\bpré-ativaç(?:ão|ões)\b"),
        ("es", r"\bderivatives?\b.*\bwith respect to\b", r"\brespecto de\b"),
        ("pt-BR", r"\bderivatives?\b.*\bwith respect to\b", r"\bem relação a"),
        ("es", r"\bkink\b", r"\bpunto anguloso\b"),
        ("pt-BR", r"\bkink\b", r"\bponto anguloso\b"),
        ("es", r"\bprevious layer’s\b", r"\bcapa anterior\b"),
        ("pt-BR", r"\bprevious layer’s\b", r"\bcamada anterior\b"),
        ("pt-BR", r"\bThis handout\b", r"\bEsta apostila\b"),
        ("es", r"\bThis handout\b", r"\bestas páginas\b"),
    ],
)
def test_one_word_for_one_thing(code, english, said):
    about = [message for message in sentences() if re.search(english, message[-1])]
    assert about
    assert [message for message in about if not re.search(said, translated(message, code))] == []
