"""What the page says beside its formulas holds for the network that it is said of, and stands only where it holds."""

import itertools
import re
from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import PRECISE, networks, parameter_places, precise_error, round_half_up

import derive

ACTIVATIONS = ("logistic", "tanh", "relu", "identity", "softmax")


def text_of(network, **options):
    return network.derive().handout(**options).markdown


def section(text, title):
    return re.split(r"^## ", text.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def of_sizes(*sizes, activation="tanh", last="identity", **options):
    """A network of these sizes, the inputs first; no two of its numbers are alike."""
    numbers = (Fraction(7 * n % 31 - 15, 20) for n in itertools.count(1))
    layers = [
        derive.Layer(
            [[next(numbers) for _ in range(inputs)] for _ in range(size)],
            activation=last if place == len(sizes) - 2 else activation,
            bias=next(numbers),
        )
        for place, (inputs, size) in enumerate(itertools.pairwise(sizes))
    ]
    targets = [1] + [0] * (sizes[-1] - 1)
    return derive.Network(layers, [derive.Sample([next(numbers) for _ in range(sizes[0])], targets)], **options)


def frac(of, by):
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


# The paths.


@settings(max_examples=6, deadline=None)
@given(networks())
def test_the_product_that_the_chain_rule_announces_is_what_a_path_begins_with(network):
    text = text_of(network.replace(updates="simultaneous"))
    announced = 0
    for layer, following in itertools.pairwise(network.derive().computation.layered.rows):
        out = rf"\mathrm{{out}}_{{{subscript(layer.neurons[0].name)}}}"
        for neuron in following.neurons:
            net, delta = (rf"{of}_{{{subscript(neuron.name)}}}" for of in (r"\mathrm{net}", r"\delta"))
            product = frac(r"E_{\mathrm{total}}", net) + r" \cdot " + frac(net, out)
            weight = neuron.weights[0]
            assert re.search(
                re.escape(product) + r" (\\\\ )?&= " + re.escape(rf"{delta} \cdot w_{{{weight[1:]}}}"), text
            )
            announced += 1
    assert announced == sum(len(layer.weights) for layer in network.layers[1:])


def subscript(name):
    """h1_2 as it is written: h1,2."""
    return name.replace("_", ",")


@settings(max_examples=4, deadline=None)
@given(networks(largest=2), st.sampled_from(["article", "full"]))
def test_with_one_output_there_is_one_error_to_differentiate(network, detail):
    only = replace(network.layers[-1], weights=network.layers[-1].weights[:1], bias=Fraction(1, 4))
    sample = replace(network.samples[0], targets=network.samples[0].targets[:1])
    text = text_of(network.replace(layers=(*network.layers[:-1], only), samples=[sample]), detail=detail)
    assert re.findall(r"\\partial (E_\{[^}]*\})", text)
    assert r"\partial E_{o1}" not in text
    if len(network.layers) > 1 and len(network.layers[-1].weights) > 1:
        assert r"\partial E_{o1}" in text_of(network)


def walks(sizes, joint):
    """Every way from the first neuron of the first layer to the error, one by one: a list of neurons passed."""
    steps = []
    for place, size in enumerate(sizes):
        # Into a neuron of the next layer; where the layer is coupled, on to any of its outputs.
        steps += ([] if place == 0 else [range(size)]) + ([range(size)] if joint[place] else [])
    return sum(1 for _ in itertools.product(*steps))


@settings(max_examples=7, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=4, max_size=5), st.data())
def test_the_paths_to_the_error_are_as_many_as_there_are_ways_through_the_later_layers(sizes, data):
    hidden = data.draw(st.sampled_from(["tanh", "softmax"]))
    last = data.draw(st.sampled_from(["identity", "softmax"]))
    network = of_sizes(*sizes, activation=hidden, last=last)
    text = text_of(network)
    joint = [hidden == "softmax"] * (len(sizes) - 2) + [last == "softmax"]
    count = walks(sizes[1:], joint)
    said = re.search(r"from \$w_\{1\}\$ to the error there are ([\d,]+), one", text)
    assert (int(said[1].replace(",", "")) if said else 1) == count
    assert ("path from w1 to" in text, "paths from w1 to" in text) == (count == 1, count > 1)


def test_the_paths_of_a_network_with_one_hidden_layer_are_not_counted():
    assert "The number of paths" not in text_of(of_sizes(2, 3, 2))


# What a derivative says.


def outs_of(network, changed):
    """The outputs by mpmath, parameters changed as in `oracle.precise_error`."""
    signals = [mpmath.mpf(v.numerator) / v.denominator for v in network.samples[0].inputs]
    for k, layer in enumerate(network.layers):
        nets = []
        for r, row in enumerate(layer.weights):
            bias = layer.bias[r] if isinstance(layer.bias, tuple) else layer.bias or Fraction(0)
            terms = [(w, changed.get((k, r, c), 0), signals[c]) for c, w in enumerate(row)]
            net = sum((mpmath.mpf(w.numerator) / w.denominator + more) * signal for w, more, signal in terms)
            nets.append(net + mpmath.mpf(bias.numerator) / bias.denominator)
        signals = [PRECISE[layer.activation](net) for net in nets]
    return signals


SAYS = re.compile(
    r"is (above|below) \$\\mathrm\{target\}_\{o1\} .*?would (raise|lower) it( further)?\. The derivative is therefore "
    r"(positive|negative)\. For .* must become (smaller|larger)\."
)


@settings(max_examples=10, deadline=None)
@given(networks(activations=("logistic", "tanh", "identity", "relu")))
def test_what_is_said_of_a_derivatives_sign_is_so(network):
    text = text_of(network)
    weight = network.derive().computation.layered.last.neurons[0].weights[0]
    place, h = parameter_places(network)[weight], mpmath.mpf(10) ** -25
    with mpmath.workdps(60):
        out, target = outs_of(network, {})[0], network.samples[0].targets[0]
        target = mpmath.mpf(target.numerator) / target.denominator
        rise = outs_of(network, {place: h})[0] - outs_of(network, {place: -h})[0]
        slope = (precise_error(network, {place: h}) - precise_error(network, {place: -h})) / (2 * h)
    said = SAYS.search(text)
    if abs(out - target) > 1e-9 and abs(rise / h) > 1e-12 and abs(slope) > 1e-12:
        assert said
    if said:
        where, moves, further, sign, then = said.groups()
        assert (where == "above") == (out > target)
        assert (moves == "raise") == (rise > 0)
        assert (sign == "positive") == (slope > 0)
        assert (then == "smaller") == (slope > 0)
        assert bool(further) == ((where == "above") == (moves == "raise"))


@pytest.mark.parametrize("error", ["hinge", "half_squared_error", "absolute_error", "huber"])
@pytest.mark.parametrize("target", [-1, 1])
def test_no_sign_is_explained_by_what_does_not_explain_it(error, target):
    """The hinge asks for a sign: an output beyond its target adds nothing, and nothing is said of it."""
    layer = derive.Layer([[2]], activation="identity")
    text = text_of(derive.Network([layer], [derive.Sample([target], [target])], error=error))
    assert ("What the derivative says" in text) == (error != "hinge")


def test_where_softmax_has_no_shortcut_the_sign_has_other_reasons():
    coupled = of_sizes(2, 2, 3, last="softmax", error="half_squared_error")
    assert "What the derivative says" not in text_of(coupled)
    assert "What the derivative says" in text_of(coupled.replace(error="cross_entropy"))


DELTAS = re.compile(
    r"\\Delta (?P<name>\w+?_\{[^ ]*\}) &= (?P<step>[\d.]+) \\\\ \\Delta E_\{\\mathrm\{total\}\} &(?:=|\\approx) "
    r"(?P<change>\S+)(?: \\cdot 10\^\{(?P<power>-\d+)\})? \\\\ .*? &(?:=|\\approx) (?P<ratio>\S+)"
    r"(?: \\cdot 10\^\{(?P<ratio_power>-\d+)\})? \\\\ "
)


@settings(max_examples=10, deadline=None)
@given(networks(activations=("logistic", "tanh", "identity", "relu")), st.sampled_from(["exact", "by-hand"]))
def test_a_nudge_changes_the_error_by_what_the_page_says(network, rounding):
    text = text_of(network, rounding=rounding, digits=6)
    found = DELTAS.search(text)
    if not found:
        return
    name = found["name"].replace("{", "").replace("}", "").replace(",", "_").replace(r"\mathrm", "")
    places = parameter_places(network)
    place = places[name if name in places else name.replace("_", "", 1)]
    with mpmath.workdps(60):
        step = mpmath.mpf(found["step"])
        change = precise_error(network, {place: step}) - precise_error(network, {})
        assert_rounded(found["change"], found["power"], change)
        assert_rounded(found["ratio"], found["ratio_power"], change / step)
        slope = (precise_error(network, {place: mpmath.mpf(10) ** -25}) - precise_error(network, {})) * 10**25
        assert abs(change / step - slope) <= abs(slope) / 19


def assert_rounded(text, power, value):
    scaled = value / mpmath.mpf(10) ** int(power or 0)
    assert round_half_up(Fraction(str(mpmath.nstr(scaled, 50))), len(text.split(".")[1])) == text or (
        Fraction(text) == Fraction(str(mpmath.nstr(scaled, 50)))
    )


def test_nothing_is_nudged_where_no_step_bears_the_derivative_out():
    still = derive.Network([derive.Layer([[1]], activation="relu")], [derive.Sample([-1], [1])])
    assert "Check a derivative" not in text_of(still)


# Matrices.


@settings(max_examples=6, deadline=None)
@given(networks(activations=ACTIVATIONS[:4]), st.booleans())
def test_the_matrix_form_says_what_it_starts_from_and_what_the_vector_of_ones_is(network, coupled):
    if coupled:
        layers = (*network.layers[:-1], replace(network.layers[-1], activation="softmax"))
        network = network.replace(layers=layers)
    text = text_of(network, form="matrix")
    forward, backward = section(text, "The forward pass"), section(text, "The backward pass")
    shared = any(layer.bias is not None and not isinstance(layer.bias, tuple) for layer in network.layers)
    assert (r"\mathbf{1}" in forward + backward) == shared == ("the vector of ones" in forward)
    by_out, net = frac(r"E_{\mathrm{total}}", r"\mathbf{out}_{L}"), r"\left(\mathbf{net}_{L}\right)"
    rule = rf"J_{{L}}^{{\top}} {by_out}" if coupled else rf"{by_out} \odot f_{{L}}'{net}"
    assert rf"\boldsymbol{{\delta}}_{{L}} &= {rule}" in backward
    assert (r"\boldsymbol{\delta}_{n+1}" in backward) == (len(network.layers) > 1)


def test_the_matrix_form_of_a_shortcut_and_of_an_output_has_its_own_start():
    text = section(text_of(derive.load("softmax_classifier"), form="matrix"), "The backward pass")
    assert r"\boldsymbol{\delta}_{L} &= \mathbf{out}_{L} - \mathbf{target}" in text
    assert "output minus target" in text
    network = of_sizes(2, 3, 2)
    output = network.replace(differentiate="out_o1", samples=[replace(network.samples[0], targets=())])
    text = section(text_of(output, form="matrix"), "The backward pass")
    assert r"\boldsymbol{\delta}_{L} &= " + frac(r"\mathrm{out}_{o1}", r"\mathbf{net}_{L}") in text


@pytest.mark.parametrize("detail", ["brief", "article"])
def test_the_matrix_form_calculates_the_outputs_before_the_error_takes_them(detail):
    text = text_of(of_sizes(2, 3, 2), form="matrix", detail=detail)
    titles = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    places = [titles.index(title) for title in ("The forward pass", "The error", "The backward pass", "The update")]
    assert places == sorted(places)
    assert "The same" not in text
    assert r"\mathbf{out}_{2} &=" in section(text, "The forward pass")


@pytest.mark.parametrize("bias", [Fraction(1, 4), (Fraction(1, 4), Fraction(1, 8)), None])
def test_the_general_equations_in_matrices_are_all_there(bias):
    network = of_sizes(2, 2, 2)
    layers = [replace(layer, bias=bias) for layer in network.layers]
    text = text_of(network.replace(layers=layers), form="matrix")
    forward, backward = section(text, "The forward pass"), section(text, "The backward pass")
    assert r"\mathbf{out}_{n} &= f_{n}\left(\mathbf{net}_{n}\right)" in forward
    assert r"\mathrm{out}_{j} &= f\left(\mathrm{net}_{j}\right)" in forward
    own, shared = isinstance(bias, tuple), isinstance(bias, Fraction)
    assert (frac(r"E_{\mathrm{total}}", r"\mathbf{b}_{n}") + r" &= \boldsymbol{\delta}_{n}" in backward) == own
    assert (
        frac(r"E_{\mathrm{total}}", "b_{n}") + r" &= \mathbf{1}^{\top} \boldsymbol{\delta}_{n}" in backward
    ) == shared
    assert "the first equation is for a hidden one" in backward


def test_equations_of_a_single_neuron_stand_once():
    rule = r"\sum_{k} \delta_{k} \cdot w_{kj}"
    assert all(text_of(of_sizes(2, 2, 2), form=form).count(rule) == 1 for form in ("both", "matrix"))


def test_matrices_say_whose_numbers_they_are_and_update_with_the_mean():
    network = derive.load("xor")
    derivation = network.derive()
    text = derivation.handout(form="both").markdown
    assert "The numbers are those of sample 1." in section(text, "The same in matrix form")
    update = section(text, "The update")
    for name in ("w1", "b_h1"):
        assert f"{float(derivation.evaluation.gradient(name)):.6f}" in update.split("The update in matrix form:")[1]
    assert r"\mathbf{b}_{2}^{+} &=" in update


def test_a_shared_bias_in_matrices_has_their_decimals_and_what_it_is_the_sum_of():
    text = section(text_of(derive.load("article"), form="both"), "The same in matrix form")
    assert r"&\approx \begin{pmatrix} 1 & 1 \end{pmatrix} \begin{pmatrix} 0.138499 \\ -0.038098 \end{pmatrix}" in text
    assert r"\\ &\approx 0.100400^{\dagger}" in text
    assert r"4.386 \cdot 10^{-4} & 8.771 \cdot 10^{-4}" in text


# What readers missed, or read twice.


def test_a_kink_says_from_which_side_its_derivative_is_taken():
    zeros = [[Fraction(0), Fraction(0)]]
    for activation, net, side in (
        ("relu", 0, "left, $0$"),
        ("hard_tanh", -1, "left, $0$"),
        ("hard_tanh", 1, "right, $0$"),
    ):
        layer = derive.Layer(zeros, activation=activation, bias=net)
        text = text_of(derive.Network([layer], [derive.Sample([1, 2], [3])]))
        assert f"like PyTorch, we use the derivative from the {side}." in section(text, "The backward pass")


def test_the_graph_says_what_softmax_does_there_and_of_other_functions_that_they_are_others():
    text = section(text_of(derive.load("softmax_classifier")), "The computational graph")
    assert "The softmax function has an arrow from every net input to every output of its layer" in text
    assert "- An activation function multiplies" not in text
    assert "- An activation function multiplies" in section(text_of(derive.load("article")), "The computational graph")


@pytest.mark.parametrize("detail", ["article", "full"])
def test_a_product_with_a_delta_is_written_once(detail):
    text = section(text_of(derive.load("softmax_classifier"), detail=detail), "The backward pass")
    last = text.split("### Hidden layer: backward pass")[0]
    assert "Multiplying the factors" not in last
    assert "Their product is" not in last
    assert "Multiplying the factors" in text


def test_training_by_hand_keeps_the_digits_of_small_numbers():
    text = text_of(derive.load("article"), rounding="by-hand", digits=4)
    training = section(text, "Training")
    assert r"3.510 \cdot 10^{-5}" in training
    assert "only the numbers shown are rounded, to 4 significant digits" in training
    assert "four significant digits" not in section(text, "The computational graph")
    check = text.split("### Check a derivative yourself")[1]
    assert re.findall(r"approx (0\.\d+)", check) == ["0.0008211", "0.08211", "0.0822"]


def test_a_brief_handout_has_the_error_of_every_output_and_says_what_its_tables_are():
    text = text_of(of_sizes(2, 3, 4), detail="brief")
    assert all(rf"E_{{o{n}}} &" in section(text, "The error") for n in (1, 2, 3, 4))
    backward = section(text, "The backward pass")
    assert "the deltas of its neurons are added" in backward
    for table in re.finditer(r"(.*)\n\n(?:<a id=[^\n]*\n\n)*\|.*\n\|-", backward):
        assert table[1].endswith(":")


def test_where_nothing_is_rounded_no_sign_of_rounding_is_explained():
    exact, rounded = (text_of(derive.load(name)).split("## The network")[0] for name in ("single_neuron", "article"))
    assert "All values in formulas and tables are exact" in exact
    assert r"\approx" not in exact
    assert r"a value after $\approx$ is rounded" in rounded


def test_samples_stand_only_where_there_are_several_and_tables_are_counted():
    several = text_of(derive.load("xor"))
    assert "the last row of each table has the mean" in section(several, "All samples together")
    assert "| sample | neuron | output |" in several
    one = text_of(derive.load("article"))
    assert "\n| neuron | output | target |" in one
    narrow = text_of(derive.Network([derive.Layer([[1, 2]])], [derive.Sample([1, 2], [3]), derive.Sample([2, 1], [0])]))
    assert "The table lists all derivatives" in section(narrow, "All samples together")


def test_targets_have_their_name_and_online_samples_their_values():
    assert r"is its *target*, written $\mathrm{target}$" in section(text_of(derive.load("article")), "The error")
    online = text_of(derive.load("xor").replace(updates="online"))
    assert "The other samples, still with the initial values, are processed" in section(online, "The error")
    assert "of sample 1 again" in online.split("### Check a derivative yourself")[1]
    assert "From here on, everything in this section refers to sample 1" in section(online, "The backward pass")


# The same number in text and table; as many as there are.


@settings(max_examples=7, deadline=None)
@given(networks(), st.integers(2, 6), st.sampled_from(["exact", "by-hand"]))
def test_the_error_after_the_update_is_printed_in_one_way(network, digits, rounding):
    trained = network.replace(layers=[replace(layer, train_bias=True) for layer in network.layers])
    text = section(text_of(trained, digits=digits, rounding=rounding), "Was it worth it?")
    row = re.search(
        r"\| \$E_\{\\mathrm\{total\}\}\$ \| \$(?:=|\\approx) (.*?)\$ \| \$(?:=|\\approx) (.*?)\$ \|", text
    ).groups()
    said = re.search(r"The error has (?:dropped|increased) from \$(.*?)\$ to \$(.*?)\$\.", text)
    assert said is None or said.groups() == row
    assert (said is None) == (row[0] == row[1])


@pytest.mark.parametrize("detail", ["article", "full"])
@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_there_are_as_many_other_deltas_as_are_spoken_of(hidden, detail):
    text = section(text_of(of_sizes(2, hidden, 1), detail=detail), "The backward pass")
    part = text.split("### Hidden layer: backward pass\n")[1]
    expected = hidden - 1 if detail == "article" else 0
    assert ("the other delta\n" in part, "the other deltas\n" in part) == (expected == 1, expected == 2)
    assert ("of the other neuron is" in part, "of the other neurons are" in part) == (expected == 1, expected == 2)
    assert "other delta" not in text.split("### Hidden layer: backward pass\n")[0]


def test_a_large_layer_of_one_neuron_has_no_other_deltas():
    text = text_of(of_sizes(30, 1, 1))
    assert "other delta" not in text
    assert "first and last" not in section(text, "The backward pass")


@pytest.mark.parametrize(("of_hidden", "of_output"), [*itertools.product([False, True], repeat=2)])
@pytest.mark.parametrize("each", [False, True])
def test_a_bias_is_also_kept_fixed_where_another_one_is(of_hidden, of_output, each):
    network = of_sizes(2, 2, 2)
    trains, bias = (of_hidden, of_output), [Fraction(1, 8), Fraction(1, 4)] if each else Fraction(1, 8)
    layers = [replace(layer, bias=bias, train_bias=train) for layer, train in zip(network.layers, trains, strict=True)]
    text = section(text_of(network.replace(layers=layers)), "The backward pass")
    first, also = ("They could be", "They are also kept") if each else ("It could be trained", "It is also kept")
    assert text.count(first) == (not (of_hidden and of_output))
    assert (also in text) == (not of_hidden and not of_output)


def test_a_kink_that_a_net_lies_at_is_spoken_of_under_its_own_function_alone():
    layers = [
        derive.Layer([[1, 1], [1, 2]], activation="relu"),
        derive.Layer([[1, 0.5]], activation="leaky_relu", bias=0.5),
    ]
    network = derive.Network(layers, [derive.Sample([1, -1], [1])])
    text = text_of(network).split("## Appendix")[1]
    (kinked,) = (part for part in text.split("\n### ") if "This case occurs here" in part)
    assert kinked.split("\n")[0].endswith("ReLU") or "rectifier (ReLU)" in kinked.split("\n")[0]
    assert r"for $\mathrm{net}_{h1}$." in kinked


@pytest.mark.parametrize(("bias", "outputs"), [*itertools.product([None, Fraction(1, 2)], [1, 2])])
@pytest.mark.parametrize("activation", ["tanh", "softmax"])
def test_the_graph_speaks_of_sums_and_slopes_where_its_arrows_show_them(bias, outputs, activation):
    network = of_sizes(2, outputs, last=activation)
    network = network.replace(layers=[replace(network.layers[0], bias=bias)])
    text = section(text_of(network), "The computational graph")
    assert ("A sum passes" in text) == (bias is not None or outputs > 1)
    assert ("An activation function multiplies" in text) == (activation == "tanh")
    assert "A product swaps" in text


def test_what_a_weight_decay_does_to_the_error_is_not_blamed_on_the_step():
    layers = [derive.Layer([[1.01]], activation="identity")]
    network = derive.Network(layers, [derive.Sample([1], [1])], learning_rate=Fraction(1, 10))
    decaying = network.replace(optimizer=derive.Optimizer("gradient_descent", weight_decay=5))
    text = section(text_of(decaying), "Was it worth it?")
    assert "The error has increased" in text
    assert "overshot" not in text
    assert "overshot" in section(text_of(network.replace(learning_rate=50)), "Was it worth it?")


def test_the_nudge_of_the_article_is_that_of_its_first_output_weight(article):
    found = DELTAS.search(article.handout().markdown)
    network = derive.load("article")
    with mpmath.workdps(60):
        change = precise_error(network, {parameter_places(network)["w5"]: mpmath.mpf("0.01")}) - precise_error(network)
    assert (found["name"], found["step"]) == ("w_{5}", "0.01")
    assert_rounded(found["ratio"], None, change * 100)
    assert found["ratio"].startswith("0.0821")


@pytest.mark.parametrize(("name", "digits"), [("article", 3), ("article", 6), ("two_hidden_layers", 4)])
def test_the_derivative_of_the_check_by_hand_is_that_of_the_table(name, digits):
    page = derive.load(name).derive().handout(rounding="by-hand", digits=digits, language="en").markdown
    parameter = DELTAS.search(page)["name"]
    (in_table,) = re.findall(rf"^\| \${re.escape(parameter)}\$ \| [^|]*delta[^|]* \| \$(.*?)\$ \|", page, re.M)
    (checked,) = re.findall(
        r"partial \S+}{\\partial \S+}+ &((?:=|\\approx) \S+) \\end\{aligned\}", page[page.index("### Check a") :]
    )
    assert checked == in_table
