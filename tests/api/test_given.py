"""What is given in Python and in files: numbers, words, names and keys, understood or refused well."""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import derive
from derive.checks import one_of

THREES = [
    3,
    3.0,
    np.int64(3),
    np.int8(3),
    np.uint16(3),
    np.float64(3),
    np.float32(3),
    Fraction(3),
    Decimal(3),
    Decimal("3.00"),
    sympy.Integer(3),
    sympy.Rational(6, 2),
    sympy.Float(3),
]
NO_WHOLE_NUMBERS = [
    True,
    np.bool_(True),
    "3",
    b"3",
    None,
    3.5,
    Fraction(7, 2),
    Decimal("3.5"),
    Decimal("nan"),
    Decimal("sNaN"),
    Decimal("1e999999999"),
    float("inf"),
    float("nan"),
    np.float64("nan"),
    3 + 0j,
    sympy.Rational(7, 2),
    sympy.Symbol("n"),
    sympy.oo,
    [3],
    np.array([3]),
    object,
]
INPUTS = "[[sample]]\ninputs = [1]\ntargets = [1]\n"
LAYER = "[[layer]]\nweights = [[0.5]]\n"


@pytest.fixture(scope="module")
def article() -> derive.Derivation:
    return derive.load("article").derive()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "given.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def small(**settings: Any) -> derive.Network:
    return derive.Network(
        layers=[derive.Layer(weights=[[0.5]])], samples=[derive.Sample(inputs=[1], targets=[1])], **settings
    )


# Each asks for a whole number, and says what it makes of it.
ASKED: dict[str, Callable[[derive.Derivation, Any], Any]] = {
    "iterations": lambda article, number: small(iterations=number).iterations,
    "every": lambda article, number: small(every=number).every,
    "train": lambda article, number: article.train(number).iterations,
    "train, every": lambda article, number: [row.iteration for row in article.train(7, every=number).rows],
    "by_hand": lambda article, number: article.by_hand(number).rounding.digits,
    "certified": lambda article, number: article.train(1).certified(number).errors[-1].text,
    "decimal": lambda article, number: article["w5"].value.decimal(number),
    "partial's decimal": lambda article, number: article["w5"].decimal(number),
    "rounded": lambda article, number: article["w5"].value.rounded(number),
    "latex": lambda article, number: article["w5"].value.latex(number),
    "is_exact": lambda article, number: article["w5"].value.is_exact(number),
    "handout": lambda article, number: article.handout(digits=number).digits,
    "handout by hand": lambda article, number: article.handout(digits=number, rounding="by-hand").shown.rounding.digits,
    "max_parameters": lambda article, number: derive.load("single_neuron", max_parameters=number).size,
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("three", THREES, ids=lambda three: f"{type(three).__name__} {three}")
def test_a_whole_number_of_any_kind_is_the_number(article: derive.Derivation, asked: str, three: Any) -> None:
    found = ASKED[asked](article, three)
    assert (found, type(found)) == (ASKED[asked](article, 3), type(ASKED[asked](article, 3)))


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("given", NO_WHOLE_NUMBERS, ids=lambda given: f"{type(given).__name__} {given}")
def test_what_is_no_whole_number_gets_one_sentence(article: derive.Derivation, asked: str, given: Any) -> None:
    if given is None and asked in ("every", "train, every", "handout", "handout by hand"):
        return
    with pytest.raises(derive.InputError, match=r"expected a whole number from [01] to") as caught:
        ASKED[asked](article, given)
    assert "\n" not in str(caught.value)


FROM_0 = ("iterations", "train", "decimal", "partial's decimal", "rounded", "latex", "is_exact")


@pytest.mark.parametrize("given", [0, -1, 10**30, 0.0])
@pytest.mark.parametrize("asked", ASKED)
def test_a_whole_number_outside_its_range_is_refused(article: derive.Derivation, asked: str, given: Any) -> None:
    least = 0 if asked in FROM_0 else 1
    if given == least:
        return
    with pytest.raises(derive.InputError, match=f"expected a whole number from {least} to"):
        ASKED[asked](article, given)


def test_a_value_has_none_to_ten_thousand_decimals(article: derive.Derivation) -> None:
    value = article["w5"].value
    assert value.decimal(0) == "8.217e-2"
    assert value.decimal(10_000).startswith("0.0821670405642")
    assert len(value.decimal(10_000)) == 10_002


@pytest.mark.parametrize("name", ["1000", "1e3", "1000.0"])
def test_iterations_of_a_file_may_be_written_in_any_way(file: Callable[[str], Path], name: str) -> None:
    path = file(INPUTS + LAYER + f"[training]\niterations = {name}\nevery = {name}\n")
    assert (derive.load(path).iterations, derive.load(path).every) == (1000, 1000)


@pytest.mark.parametrize("given", [True, False, np.bool_(True), np.bool_(False)])
def test_a_truth_value_is_pythons_own(article: derive.Derivation, given: Any) -> None:
    layer = derive.Layer(weights=[[1]], train_bias=given)
    handout = article.handout(notes_margin=given)
    assert layer.train_bias is bool(given)
    assert handout.page.notes_margin is bool(given)


@pytest.mark.parametrize("given", [1, 0, None, "true", "no", np.int64(1), 1.0, [], np.array([True]), sympy.Symbol("t")])
def test_what_is_no_truth_value_gets_one_sentence(article: derive.Derivation, given: Any) -> None:
    for ask in (
        lambda: derive.Layer(weights=[[1]], train_bias=given),
        lambda: article.handout(notes_margin=given),
    ):
        with pytest.raises(derive.InputError, match="expected true or false"):
            ask()


NUMBERS = [
    (np.float32(0.1), Fraction(1, 10)),
    (np.float64(0.1), Fraction(1, 10)),
    (np.int64(2), Fraction(2)),
    (Decimal("0.1"), Fraction(1, 10)),
    (Fraction(1, 3), Fraction(1, 3)),
    (sympy.Integer(2), Fraction(2)),
    (sympy.Rational(1, 3), Fraction(1, 3)),
    (sympy.Float("0.5"), Fraction(1, 2)),
]


@pytest.mark.parametrize(("given", "value"), NUMBERS)
def test_a_number_of_any_kind_is_exact(given: Any, value: Fraction) -> None:
    layer = derive.Layer(weights=[[given]], bias=given)
    assert (layer.weights, layer.bias) == (((value,),), value)
    assert derive.Sample(inputs=[given], targets=(given,)).targets == (value,)


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2], [3, 4]],
        ((1, 2), (3, 4)),
        np.array([[1, 2], [3, 4]]),
        np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32),
        [np.array([1, 2]), (3, 4)],
        (row for row in ([1, 2], range(3, 5))),
        sympy.Matrix([[1, 2], [3, 4]]).tolist(),
    ],
)
def test_weights_of_any_kind_of_rows(rows: Any) -> None:
    assert derive.Layer(weights=rows).weights == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    "weights",
    ["12", ["12"], [["1", "2"]], [b"12"], bytearray(b"12"), [{1, 2}], {1: 2}, [[True]], [[None]], [np.array(["1"])], 3],
)
def test_what_is_no_row_of_numbers_gets_one_sentence(weights: Any) -> None:
    with pytest.raises(derive.InputError, match=r"weights.*: found .*; expected"):
        derive.Layer(weights=weights)


# Keys that are no names.
KEYS = [0, 1.5, None, True, ("a",), ["w5"], {}, {"w5"}, b"w5", slice(1), np.array([1]), sympy.Symbol("w5"), object()]
LOOKUPS: dict[str, Callable[[derive.Derivation, Any], Any]] = {
    "derivation": lambda derivation, key: derivation[key],
    "partials": lambda derivation, key: derivation.partials[key],
    "gradients": lambda derivation, key: derivation.gradients[key],
    "quantity": lambda derivation, key: derivation.evaluation.quantity(key),
    "after": lambda derivation, key: derivation.evaluation.after(key),
    "gradient": lambda derivation, key: derivation.evaluation.gradient(key),
    "gradient_used": lambda derivation, key: derivation.evaluation.gradient_used(key),
    "partial_used": lambda derivation, key: derivation.evaluation.partial_used(key),
    "updated": lambda derivation, key: derivation.evaluation.updated(key),
    "step": lambda derivation, key: derivation.evaluation.step(key, "w+"),
    "trained parameters": lambda derivation, key: derivation.train(1).parameters[key],
    "certified parameters": lambda derivation, key: derivation.train(1).certified(3).parameters[key],
    "activations": lambda derivation, key: derive.ACTIVATIONS[key],
    "errors": lambda derivation, key: derive.ERRORS[key],
    "optimizers": lambda derivation, key: derive.OPTIMIZERS[key],
    "built-in networks": lambda derivation, key: derive.ready_networks()[key],
}


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize(
    "key", [*KEYS, "", "w99", "\x1b[31m"], ids=lambda key: "object" if type(key) is object else repr(key)
)
def test_a_key_that_names_nothing_gets_one_sentence(article: derive.Derivation, lookup: str, key: Any) -> None:
    with pytest.raises(derive.InputError) as caught:
        LOOKUPS[lookup](article, key)
    said = str(caught.value)
    assert re.search("; (expected|try|give) ", said)
    assert said.isprintable()


@pytest.mark.parametrize("sample", [-1, 1, True, None, "0", 0.5, (0,), 10**30])
def test_a_sample_that_there_is_not_gets_one_sentence(article: derive.Derivation, sample: Any) -> None:
    for ask in (article.evaluation.quantity, article.evaluation.after):
        with pytest.raises(derive.InputError, match=r"sample: found .*; expected a whole number from 0 to 0"):
            ask("out_h1", sample)


@pytest.mark.parametrize("variant", ["pdf/a-9", "PDF", 3, b"pdf/ua-1"])
def test_a_variant_that_there_is_not_gets_one_sentence(article: derive.Derivation, variant: Any) -> None:
    with pytest.raises(derive.InputError, match=r"pdf variant: found .*; expected one of pdf/ua-1, pdf/ua-2"):
        article.handout().render("pdf", pdf_variant=variant)


@pytest.mark.parametrize(
    ("lookup", "key", "meant"),
    [
        ("derivation", "W5", "w5"),
        ("derivation", "w_5", "w5"),
        ("derivation", "Out_H1", "out_h1"),
        ("derivation", "Delta_o1", "delta_o1"),
        ("derivation", "nett_o1", "net_o1"),
        ("gradients", "W5", "w5"),
        ("quantity", "E_Total", "E_total"),
        ("quantity", "outh1", "out_h1"),
        ("updated", "B1", "b1"),
        ("activations", "ReLU", "relu"),
        ("errors", "Huber", "huber"),
        ("optimizers", "Adam", "adam"),
    ],
)
def test_a_key_that_nearly_names_something_is_asked_about(lookup: str, key: str, meant: str) -> None:
    derivation = derive.load("article_trained_biases").derive()
    with pytest.raises(derive.InputError, match=f"Did you mean '{meant}'"):
        LOOKUPS[lookup](derivation, key)


@pytest.mark.parametrize("sample", [1, 7, None, "0"])
def test_a_sample_that_is_not_there_gets_one_sentence(article: derive.Derivation, sample: Any) -> None:
    with pytest.raises(derive.InputError, match=r"sample: found .*; expected a whole number from 0 to 0"):
        article.evaluation.quantity("w5", sample)


@pytest.mark.parametrize("source", [3, None, 1.5, ["article"], ("article",), b"article", {}, object()])
def test_what_is_no_file_and_no_ready_network_gets_one_sentence(article: derive.Derivation, source: Any) -> None:
    with pytest.raises(derive.InputError, match="expected the path of a file"):
        derive.load(source)


def test_a_ready_network_is_understood_in_other_letters_and_hinted_at() -> None:
    assert derive.load("Article") == derive.load("ARTICLE") == derive.load("article")
    with pytest.raises(derive.InputError, match="Did you mean 'article'"):
        derive.load("artcle")


# Words: what is written in another way, or under another name that says the same.
ACTIVATIONS = [
    ("sigmoid", "logistic"),
    ("Sigmoid", "logistic"),
    ("Logistic", "logistic"),
    ("linear", "identity"),
    ("Linear", "identity"),
    ("ReLU", "relu"),
    ("RELU", "relu"),
    ("LeakyReLU", "leaky_relu"),
    ("leaky-relu", "leaky_relu"),
    ("Leaky ReLU", "leaky_relu"),
    ("ELU", "elu"),
    ("GELU", "gelu"),
    ("SiLU", "silu"),
    ("swish", "silu"),
    ("Tanh", "tanh"),
    ("HardTanh", "hard_tanh"),
    ("hardtanh", "hard_tanh"),
    ("Softmax", "softmax"),
    ("SoftPlus", "softplus"),
    ("softsign", "softsign"),
]
ERRORS = [
    ("mse", "mean_squared_error"),
    ("MSE", "mean_squared_error"),
    ("MSELoss", "mean_squared_error"),
    ("MeanSquaredError", "mean_squared_error"),
    ("SSE", "squared_error"),
    ("bce", "binary_cross_entropy"),
    ("BCELoss", "binary_cross_entropy"),
    ("binary_crossentropy", "binary_cross_entropy"),
    ("categorical_cross_entropy", "cross_entropy"),
    ("categorical_crossentropy", "cross_entropy"),
    ("CrossEntropy", "cross_entropy"),
    ("Huber", "huber"),
    ("hinge", "hinge"),
    ("half-squared-error", "half_squared_error"),
]
OPTIMIZERS = [
    ("sgd", "gradient_descent"),
    ("SGD", "gradient_descent"),
    ("GradientDescent", "gradient_descent"),
    ("Adam", "adam"),
    ("RMSprop", "rmsprop"),
    ("AdaGrad", "adagrad"),
    ("Nesterov", "nesterov"),
]


@pytest.mark.parametrize(("word", "meant"), ACTIVATIONS)
def test_an_activation_by_another_name(file: Callable[[str], Path], word: str, meant: str) -> None:
    layer = derive.Layer(weights=[[1]], activation=word)
    assert layer.activation == meant
    network = derive.load(file(f'{INPUTS}{LAYER}activation = "{word}"\n'))
    assert network.layers[0].activation == meant
    assert meant in str(network)


@pytest.mark.parametrize(("word", "meant"), ERRORS)
def test_an_error_by_another_name(file: Callable[[str], Path], word: str, meant: str) -> None:
    assert small(error=word).error == meant
    assert derive.load(file(f'error = "{word}"\n{INPUTS}{LAYER}')).error == meant


@pytest.mark.parametrize(("word", "meant"), OPTIMIZERS)
def test_an_optimizer_by_another_name(file: Callable[[str], Path], word: str, meant: str) -> None:
    assert small(optimizer=word).optimizer == derive.Optimizer(meant)
    for text in (f'"{word}"', f'{{ name = "{word}" }}'):
        assert derive.load(file(f"optimizer = {text}\n{INPUTS}{LAYER}")).optimizer.name == meant


@pytest.mark.parametrize(
    ("make", "meant"),
    [
        (lambda: small(error="mae"), "absolute_error"),
        (lambda: small(error="L1Loss"), "absolute_error"),
        (lambda: small(error="NLLLoss"), "cross_entropy"),
        (lambda: small(error="SmoothL1Loss"), "huber"),
        (lambda: small(optimizer="AdamW"), "adam"),
        (lambda: derive.Layer(weights=[[1]], activation="logistik"), "logistic"),
        (lambda: derive.Layer(weights=[[1]], activation="PReLU"), "leaky_relu"),
        (lambda: small(updates="sequentiel"), "sequential"),
    ],
)
def test_a_word_that_nearly_says_the_same_is_asked_about(make: Callable[[], Any], meant: str) -> None:
    with pytest.raises(derive.InputError, match=f"Did you mean '{meant}'"):
        make()


@pytest.mark.parametrize("word", [None, 3, True, ["relu"], b"relu", "", " ", "-"])
def test_what_is_no_word_gets_one_sentence(word: Any) -> None:
    with pytest.raises(derive.InputError, match=r"expected one of relu, tanh\."):
        one_of(word, ["relu", "tanh"], "activation")


def test_words_of_the_handout_in_other_letters(article: derive.Derivation) -> None:
    handout = article.handout(detail="Full", form="MATRIX", rounding="by_hand", paper="A4")
    assert (handout.detail, handout.form, handout.rounding, handout.page.paper) == ("full", "matrix", "by-hand", "a4")
    assert small(reduction="Average", updates="Sequential").reduction == "mean"


# Keys in the wrong table: TOML takes whatever stands below [[layer]] for a part of the layer.
@pytest.mark.parametrize(
    "line",
    [
        "learning_rate = 0.1",
        'error = "mse"',
        'reduction = "sum"',
        'optimizer = "adam"',
        'updates = "sequential"',
        'title = "x"',
        "delta = 2",
        'error_name = "J"',
        'learning_rate_name = "alpha"',
    ],
)
def test_a_key_of_the_network_below_a_table_says_where_it_belongs(file: Callable[[str], Path], line: str) -> None:
    training = "[training]\niterations = 3\n"
    for text in (INPUTS + LAYER + line, LAYER + INPUTS + line, INPUTS + LAYER + training + line):
        with pytest.raises(derive.InputError) as caught:
            derive.load(file(text))
        assert f"found '{line.split()[0]}', which belongs to the network, above the first" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"weights = [[1]]\n{INPUTS}{LAYER}", "'weights', which belongs to a layer"),
        (f'activation = "tanh"\n{INPUTS}{LAYER}', "'activation', which belongs to a layer"),
        (f"inputs = [1]\n{INPUTS}{LAYER}", "'inputs', which belongs to a sample"),
        (f"iterations = 5\n{INPUTS}{LAYER}", "'iterations', which belongs to the training"),
        (f"{INPUTS}{LAYER}iterations = 5\n", "'iterations', which belongs to the training"),
        (f"momentum = 0.5\n{INPUTS}{LAYER}", "'momentum', which belongs to the optimizer"),
        (f"{INPUTS}{LAYER}targets = [1]\n", "'targets', which belongs to a sample"),
        (f"lr = 0.5\n{INPUTS}{LAYER}", "Did you mean 'learning_rate'?"),
        (f'loss = "mse"\n{INPUTS}{LAYER}', "Did you mean 'error'?"),
        (f"Learning-Rate = 0.5\n{INPUTS}{LAYER}", "Did you mean 'learning_rate'?"),
        (f"{INPUTS}{LAYER}biases = [1]\n", "Did you mean 'bias'?"),
        (f"{INPUTS}{LAYER}[training]\nepochs = 5\n", "Did you mean 'iterations'?"),
        (f"{INPUTS}{LAYER}lr = 0.5\n", "found 'lr', which belongs to the network"),
        (f"{INPUTS}{LAYER}lr = 0.5\n", "are part of that section. Did you mean 'learning_rate'?"),
        (f"{INPUTS}{LAYER}epochs = 5\n", "which belongs to the training, below [training]"),
        (f"{INPUTS}{LAYER}Learning_Rate = 5\n", "which belongs to the network"),
        (f'name = "x"\n{INPUTS}{LAYER}', "found the unknown key 'name'; expected one of title"),
        (f"alpha = 0.5\n{INPUTS}{LAYER}", "Did you mean 'learning_rate'?"),
        (f"{INPUTS}alpha = 0.5\n{LAYER}", "'alpha', which belongs to a layer"),
        (f"{INPUTS}{LAYER}lerning_rate = 0.5\n", "Did you mean 'learning_rate'?"),
        (f"iteration = 5\n{INPUTS}{LAYER}", "Did you mean 'iterations'?"),
        (f"[[data]]\ninputs = [1]\n{LAYER}", "Did you mean 'sample'?"),
        (f"[[sample]]\ninputs = [1]\nlabels = [1]\n{LAYER}", "Did you mean 'targets'?"),
        (f"{INPUTS}[layer]\nweights = [[1]]\n", "expected [[layer]], in double brackets, for each layer"),
        (
            f"{INPUTS}[layer]\nweights = [[1]]\n[layer]\nweights = [[1]]\n",
            "line 6, column 7: layer: found [layer]; expected [[layer]], in double brackets, for each layer.",
        ),
        (f"{INPUTS}[sample]\ninputs = [1]\n{LAYER}", "sample: found [sample]; expected [[sample]]"),
    ],
)
def test_a_key_elsewhere_or_under_another_name(file: Callable[[str], Path], text: str, said: str) -> None:
    with pytest.raises(derive.InputError) as caught:
        derive.load(file(text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (10**999, "about 1e999; expected a number between 1e-400 and 1e400"),
        (-(10**999), "about -1e999; expected"),
        (Fraction(1, 10**999), "about 1e-999; expected"),
        (Fraction(10**999, 7), "about 1e998; expected"),
        (10**1500, "more than 1,000 digits"),
    ],
)
def test_a_number_beyond_the_range_is_told_by_its_size(given: Any, said: str) -> None:
    with pytest.raises(derive.InputError) as caught:
        derive.Layer(weights=[[given]])
    assert said in str(caught.value)


# Names of files.
@pytest.mark.parametrize(
    "name",
    [
        *("../x", "/abs", "a/b", "a\\b", "..", ".", "", " ", "x.", "x ", "\0", "a\0b", "a\nb", "\x1b", "x" * 300),
        *("é" * 150, "con", "NUL", "Aux", "prn", "com1", "LPT9", "con.v2", "\ud800", None, 3, b"x", ["x"], Path("x")),
    ],
)
def test_a_name_that_leads_elsewhere_or_is_none_gets_one_sentence(
    article: derive.Derivation, tmp_path: Path, name: Any
) -> None:
    with pytest.raises(derive.InputError, match=r"the name of the handout: found .*; expected a file name") as caught:
        article.handout().write(tmp_path / "output", ["json"], name=name)
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["my net (1)", "ñandú", "a.b", ".hidden", "-x", "console", "com10", "auxiliary"])
def test_other_names_are_taken(article: derive.Derivation, tmp_path: Path, name: str) -> None:
    assert article.handout().write(tmp_path, "json", name=name) == [tmp_path / f"{name}.json"]


@pytest.mark.parametrize("folder", [None, 3, b"x", "a\0b", ["x"]])
def test_a_folder_that_is_none_gets_one_sentence(article: derive.Derivation, folder: Any) -> None:
    with pytest.raises(derive.InputError, match=r"folder: found .*; expected the path of a folder"):
        article.handout().write(folder, ["json"])


@pytest.mark.parametrize(
    ("formats", "written"),
    [
        ("json", ["json"]),
        (("json", "json"), ["json"]),
        ({"md", "json"}, ["json", "md"]),
        ((word for word in ("json", "md")), ["json", "md"]),
        (["JSON", "markdown", ".MD"], ["json", "md"]),
        ([], []),
    ],
)
def test_formats_of_any_kind(article: derive.Derivation, tmp_path: Path, formats: Any, written: list[str]) -> None:
    paths = article.handout().write(tmp_path, formats)
    assert [path.suffix[1:] for path in paths if path.suffix != ".svg"] == written


@pytest.mark.parametrize("formats", [None, 3, ["odt"], "odt", [None], [3], {"pdf": 1}, [["pdf"]], b"pdf"])
def test_formats_that_are_none_get_one_sentence(article: derive.Derivation, tmp_path: Path, formats: Any) -> None:
    with pytest.raises(derive.InputError, match="expected"):
        article.handout().write(tmp_path / "output", formats)
    assert not list(tmp_path.iterdir())


def test_the_files_of_one_format_are_asked_for_in_the_same_words(article: derive.Derivation) -> None:
    assert list(article.handout().render("JSON", "x")) == ["x.json"]
    for format_, name in (("odt", "x"), (None, "x"), (["json"], "x"), ("json", "../x"), ("json", None)):
        with pytest.raises(derive.InputError, match="expected"):
            article.handout().render(format_, name)  # type: ignore[arg-type]
