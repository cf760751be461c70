"""What a published number may be called: each name, before and after updates, against training by mpmath."""

import copy
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import networks, neuron_names, numbers
from precise_training import Training

import derive
from derive.comparison.published import RIGHT, WRONG
from derive.comparison.published.lookup import names
from derive.errors import UnknownNameError

KEPT = {"momentum": "v", "nesterov": "v", "adagrad": "s", "rmsprop": "s", "adam": "ms"}
HATS = {"m": "m_hat", "s": "s_hat"}


def places(network):
    """Where the calculation of the tests has a parameter, by its name."""
    found, count = {}, 0
    for k, layer in enumerate(network.layers):
        for r, row in enumerate(layer.weights):
            for c in range(len(row)):
                count += 1
                found[f"w{count}"] = (k, r, c)
        if isinstance(layer.bias, tuple):
            found |= {f"b_{name}": (k, r) for r, name in enumerate(neuron_names(network, k))}
        elif layer.bias is not None:
            found[f"b{k + 1}"] = (k,)
    return found


def trained_names(network):
    """The parameters that updates change."""
    return [name for name, place in places(network).items() if len(place) == 3 or network.layers[place[0]].train_bias]


def derivatives(training, sample):
    """The nets, outs and deltas of one sample, and its partials by every parameter."""
    network, x, targets = training.network, training.inputs[sample], training.targets[sample]
    nets, outs = training.forward(x)
    flow = [training.loss(1, t, o, len(targets)) for t, o in zip(targets, outs[-1], strict=True)]
    found, by_place = {}, {}
    for k in reversed(range(len(nets))):
        deltas = training.deltas(k, nets[k], outs[k + 1], flow)
        for r, (name, delta) in enumerate(zip(neuron_names(network, k), deltas, strict=True)):
            found |= {f"net_{name}": nets[k][r], f"out_{name}": outs[k + 1][r], f"delta_{name}": delta}
            by_place |= {(k, r, c): delta * out for c, out in enumerate(outs[k])} | {(k, r): delta}
        by_place[k,] = sum(deltas)
        flow = [mpmath.fdot(deltas, column) for column in zip(*training.weights[k], strict=True)]
    found["E_total"] = sum(training.loss(0, t, o, len(targets)) for t, o in zip(targets, outs[-1], strict=True))
    return found, {name: by_place[place] for name, place in places(network).items()}


def state(training):
    """The weights and biases, the errors and the gradients over all samples, and what the optimizer keeps."""
    network = training.network
    found = dict(training.parameters)
    if len(network.samples) > 1:
        found[f"E_{network.reduction}"] = training.error
        partials = [derivatives(training, sample)[1] for sample in range(len(network.samples))]
        for name in places(network):
            found[f"dE_{network.reduction}_d{name}"] = training.scale * sum(each[name] for each in partials)
    for name in trained_names(network):
        first, second = training.state.get(places(network)[name], (mpmath.mpf(0), mpmath.mpf(0)))
        for kind in KEPT.get(network.optimizer.name, ""):
            found[f"{kind}_{name}"] = second if kind == "s" else first
            if kind == "v":
                rate = network.learning_rate
                found[f"velocity_{name}"] = -first * rate.numerator / rate.denominator
    return found


def made(before, after):
    """What the update between two states makes: the changes, and moments corrected for their start."""
    network = before.network
    found = {
        f"Delta_{name}": after.parameters[name] - value
        for name, value in before.parameters.items()
        if name in trained_names(network)
    }
    if network.optimizer.name == "adam":
        shares = dict(zip("ms", (network.optimizer.constants[beta] for beta in ("beta1", "beta2")), strict=True))
        for name in trained_names(network):
            for kind, share in shares.items():
                rest = 1 - mpmath.mpf(share.numerator) ** after.t / mpmath.mpf(share.denominator) ** after.t
                found[f"{HATS[kind]}_{name}"] = state(after)[f"{kind}_{name}"] / rest
    return found


def life(network, updates):
    """The calculation of the tests before each update and after the last, at least one."""
    training, found = Training(network), []
    for _ in range(max(updates, 1)):
        found.append(copy.deepcopy(training))
        training.step()
    return [*found, training]


def expected(network, updates, sample):
    """Every number with a name, by name; of quantities and partials those of one sample."""
    course = life(network, updates)
    now = course[updates]
    values, partials = derivatives(now, sample)
    values |= {f"dE_total_d{name}": partial for name, partial in partials.items()}
    values |= state(now) | made(*course[max(updates, 1) - 1 : max(updates, 1) + 1])
    if not updates:
        later = state(course[1])
        values |= {f"{name}+": later[name] for name in trained_names(network)}
        for name in trained_names(network):
            values |= {f"{kind}_{name}+": later[f"{kind}_{name}"] for kind in KEPT.get(network.optimizer.name, "")}
    return values


def printed(value, decimals):
    with localcontext(prec=100):
        number = Decimal(mpmath.nstr(value, 50, min_fixed=-mpmath.inf, max_fixed=mpmath.inf))
        return f"{number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP):f}"


@st.composite
def trained_networks(draw):
    """Random networks with any optimizer, in either order of updates, with 1 or 3 samples."""
    network = draw(networks(largest=2, deepest=2))
    first = network.samples[0]
    more = [
        derive.Sample(
            draw(st.lists(numbers, min_size=len(first.inputs), max_size=len(first.inputs))),
            draw(st.lists(numbers, min_size=len(first.targets), max_size=len(first.targets))),
        )
        for _ in range(draw(st.sampled_from([0, 2])))
    ]
    decay = draw(st.sampled_from([0, Fraction(1, 10)]))
    return derive.Network(
        layers=network.layers,
        samples=[first, *more],
        learning_rate=Fraction(1, 10),
        updates=network.updates,
        reduction=draw(st.sampled_from(["mean", "sum"])),
        optimizer=derive.Optimizer(draw(st.sampled_from(sorted(derive.OPTIMIZERS))), weight_decay=decay),
    )


@settings(max_examples=40, deadline=None)
@given(net=trained_networks(), updates=st.integers(0, 4), data=st.data())
def test_every_name_has_its_number(net, updates, data):
    sample = data.draw(st.integers(0, len(net.samples) - 1))
    with mpmath.workdps(60):
        true = expected(net, updates, sample)
    assume(max(map(abs, true.values())) < 10**20)
    texts = {name: printed(value, 9) for name, value in true.items()}
    section = {"sample": {sample + 1: texts}}
    found = derive.compare_published(net.derive(), {"after": {updates: section}} if updates else section)
    assert {row.verdict for row in found} == {RIGHT}, found
    assert set(true) <= set(names(net.derive().evaluation, updates))


# A few names at a time: every number is wrong, and what explains many wrong ones together is looked for very long.
@settings(max_examples=6, deadline=None)
@given(net=trained_networks(), updates=st.integers(0, 3))
def test_every_name_that_is_offered_has_a_number(net, updates):
    derivation = net.derive()
    offered = list(names(derivation.evaluation, updates))
    for start in range(0, len(offered), 20):
        texts = dict.fromkeys(offered[start : start + 20], "0.12")
        section = {"after": {updates: texts}} if updates else {"values": texts}
        assert len(derive.compare_published(derivation, section)) == len(texts)


# --- a course on momentum: (x − 4)² from x = 10

PARABOLA = derive.Network(
    [derive.Layer([[10]], activation="identity", weight_names=[["x"]])],
    [derive.Sample([1], [4])],
    learning_rate=Fraction(1, 5),
    error="squared_error",
    error_name="f",
    optimizer=derive.Optimizer("momentum", momentum=Fraction(9, 10)),
)


def verdicts(published):
    return {row.verdict for row in derive.compare_published(PARABOLA.derive(), published)}


def test_gradients_and_velocities_after_updates():
    places = "7.6", "4.0", "0.76", "-0.86"
    slopes = "7.2", "0", "-6.48"
    changes = "-2.4", "-3.6", "-3.24", "-1.62"
    sections = {
        number: {"x": x, "Δx": change} for number, (x, change) in enumerate(zip(places, changes, strict=True), 1)
    }
    for number, slope in enumerate(slopes, 1):
        sections[number] |= {"df_total_dx": slope, "∂f_total/∂x": slope, "delta_o1": slope, "df_total_dout_o1": slope}
    assert verdicts({"values": {"df_total_dx": "12", "Δx": "-2.4", "eta": "0.2"}, "after": sections}) == {RIGHT}
    assert verdicts({"after": {2: {"df_total_dx": "0.1"}}}) == {WRONG}


@pytest.mark.parametrize("name", ["Δx", "Δ_x", "∆x", "Delta_x", "delta_x", "change_x"])
def test_the_change_of_a_weight_goes_by_several_names(name):
    assert verdicts({"after": {3: {name: "-3.24"}}}) == {RIGHT}


def test_the_velocity_with_the_rate_in_it():
    """v ← μ·v − η·g; with momentum it is the change, with Nesterov's the weight looks one more step ahead."""
    velocities = "-2.4", "-3.6", "-3.24", "-1.62"
    sections = {number: {"velocity_x": text} for number, text in enumerate(velocities, 1)}
    assert verdicts({"values": {"velocity_x": "0", "velocity_x+": "-2.4"}, "after": sections}) == {RIGHT}


def test_nesterovs_velocity():
    place, velocity, true = Fraction(10), Fraction(0), {}
    # Sutskever et al. (2013): the gradient is taken ahead of the weight, at w + μ·v; PyTorch's weight is that place.
    for number in range(1, 5):
        ahead = place + Fraction(9, 10) * velocity
        velocity = Fraction(9, 10) * velocity - Fraction(1, 5) * 2 * (ahead - 4)
        place += velocity
        true[number] = {"velocity_x": f"{float(velocity):.6f}", "x": f"{float(place + Fraction(9, 10) * velocity):.6f}"}
    network = PARABOLA.replace(optimizer=derive.Optimizer("nesterov", momentum=Fraction(9, 10)))
    assert {row.verdict for row in derive.compare_published(network.derive(), {"after": true})} == {RIGHT}


@pytest.mark.parametrize("name", ["v_x", "momentum_buffer_x"])
def test_the_velocity_without_the_rate_goes_by_two_names(name):
    assert verdicts({"values": {name: "0", f"{name}+": "12"}, "after": {1: {name: "12"}, 2: {name: "18"}}}) == {RIGHT}


def test_the_moments_go_by_several_names(article):
    adam = derive.load("article").replace(optimizer=derive.Optimizer("adam")).derive()
    gradient = Decimal("0.0821670405642")
    texts = {"m_w5": f"{gradient / 10:.9f}", "m_hat_w5": f"{gradient:.9f}", "m̂_w5": f"{gradient:.9f}"}
    for name in ("s_w5", "v_w5", "exp_avg_sq_w5"):
        texts[name] = f"{gradient**2 / 1000:.12f}"
    for name in ("s_hat_w5", "ŝ_w5", "v_hat_w5", "v̂_w5", "vhat_w5"):
        texts[name] = f"{gradient**2:.12f}"
    assert {row.verdict for row in derive.compare_published(adam, {"after": {1: texts}})} == {RIGHT}


@pytest.mark.parametrize(
    "name", ["δ_o1", "δo1", "∂E_total/∂net_o1", "dE_total/dnet_o1", "dE_total_dnet_o1", " delta_o1 "]
)
def test_names_as_they_are_printed(article, name):
    (row,) = derive.compare_published(article, {"values": {name: "0.138498562"}})
    assert (row.name, row.verdict) == (name, RIGHT)


def test_a_name_of_the_network_comes_first():
    """A weight may be called as the change of another one would be."""
    network = derive.Network(
        [derive.Layer([[2, 3]], activation="identity", weight_names=[["w", "Delta_w"]])], [derive.Sample([1, 1], [4])]
    )
    assert {row.verdict for row in derive.compare_published(network.derive(), {"values": {"Delta_w": "3"}})} == {RIGHT}
    (row,) = derive.compare_published(network.derive(), {"values": {"change_w": "-0.5"}})
    assert row.verdict == RIGHT


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ({"after": {1: {"w5+": 1}}}, "w5+"),
        ({"values": {"v_w5": 1}}, "v_w5"),  # plain gradient descent keeps nothing
        ({"values": {"Delta_i1": 1}}, "Delta_i1"),
        ({"values": {"Delta_w5+": 1}}, "Delta_w5+"),
        ({"values": {"b1+": 1}}, "b1+"),  # not trained
        ({"values": {"Δ": 1}}, "Δ"),
        ({"values": {"_": 1}}, "_"),
    ],
)
def test_what_has_no_name(article, section, name):
    with pytest.raises(derive.InputError, match="not a quantity of this network"):
        derive.compare_published(article, section)


# --- names that the network does not have

UNKNOWN = {
    "values": {"out_h1": "0.593269992", "out_h11": "1", "foo": "2"},
    "sample": {1: {"net_h11": "3"}},
    "after": {1: {"w55": "0.4", "w5": "0.35891648"}, 2: {"w5+": "0.1"}},
}


def test_unknown_names_are_reported_together_and_the_rest_is_judged(article):
    found = derive.compare_published(article, UNKNOWN)
    assert [(row.name, row.verdict) for row in found] == [("out_h1", RIGHT), ("w5", RIGHT)]
    assert [(name.name, name.printed, name.place, name.nearest, name.updates) for name in found.unknown] == [
        ("out_h11", "1", "values, out_h11", "out_h1", 0),
        ("foo", "2", "values, foo", "", 0),
        ("net_h11", "3", "values, net_h11", "net_h1", 0),
        ("w55", "0.4", "after.1, w55", "w5", 1),
        ("w5+", "0.1", "after.2, w5+", "w5", 2),
    ]
    assert found.counts == {RIGHT: 2, "rounded differently": 0, WRONG: 0}
    assert str(found).splitlines()[-1] == ("w5+: printed 0.1: this network has no such name. Did you mean 'w5'?")
    first, *lines, last = str(found.refusal).splitlines()
    assert first == "published: found 5 names that this network does not have:"
    assert lines[:2] == ["  values, out_h11. Did you mean 'out_h1'?", "  values, foo."]
    assert (len(lines), last[:29]) == (5, "Expected names such as i1, i2")
    assert isinstance(found.refusal, UnknownNameError)


def test_where_all_names_are_known_there_is_nothing_to_refuse(article):
    found = derive.compare_published(article, {"values": {"out_h1": "0.59"}})
    assert (found.unknown, found.refusal) == ((), None)


def test_where_no_name_is_known_it_is_an_error(article):
    with pytest.raises(UnknownNameError, match="found 2 names that this network does not have"):
        derive.compare_published(article, {"values": {"foo": "1", "bar": "2"}})
    with pytest.raises(UnknownNameError, match="values, foo: not a quantity of this network"):
        derive.compare_published(article, {"values": {"foo": "1"}})


def test_the_command_line_prints_the_rest_and_then_the_unknown(tmp_path):
    path = tmp_path / "numbers.toml"
    path.write_text("[values]\nout_h1 = 0.5\nfoo = 1\nbar = 2\n", encoding="utf-8")
    command = [sys.executable, "-m", "derive", "check", "--against", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stdout.endswith("wrong: 1.\n")
    assert done.stderr.startswith("derive: numbers.toml: found 2 names that this network does not have:\n  values, foo")
