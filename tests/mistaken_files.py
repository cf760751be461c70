"""Files of networks with a mistake each, and what is said of it."""

import derive
from derive.reading.files import READY

ARTICLE = (READY / "article.toml").read_text(encoding="utf-8")


def load(folder, content, name="net.toml", **options):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return derive.load(path, **options)


def changed(old, new):
    assert old in ARTICLE
    return ARTICLE.replace(old, new)


MISTAKES = [
    (changed("learning_rate = 0.5", "learning_rate = = 0.5"), "line 3"),
    (changed("learning_rate", "lerning_rate"), "unknown key 'lerning_rate'"),
    (changed("learning_rate", "lerning_rate"), "Did you mean 'learning_rate'"),
    (changed("inputs", "input"), "sample 1: found the unknown key 'input'"),
    (changed("weights = [[0.40", "wieghts = [[0.40"), "layer 2: found the unknown key 'wieghts'"),
    (changed("weights = [[0.40, 0.45], [0.50, 0.55]]\n", ""), "layer 2, weights: no value follows it"),
    (changed("[0.50, 0.55]", "[0.50]"), "layer 2, weights, row 2: found 1 number; expected 2"),
    (changed("inputs = [0.05, 0.10]", "inputs = [0.05]"), "sample 1, inputs: found 1 number; expected 2"),
    (changed("targets = [0.01, 0.99]", "targets = [1, 2, 3]"), "sample 1, targets: found 3 numbers; expected 2"),
    (changed('activation = "logistic"', 'activation = "logisitc"'), "Did you mean 'logistic'"),
    (changed("0.15", "nan"), "layer 1, weights, row 1, number 1"),
    (changed("0.15", "inf"), "expected a finite number"),
    (changed("0.15", '"0.15"'), "found the text '0.15'; expected a number"),
    (changed("0.15", "1e999999"), "expected a number between"),
    (changed("0.15", "1e99999999999999999999"), "found the number '1e99999999999999999999'; expected a number"),
    (changed("0.15", "1" * 5000), "too long"),
    (changed("0.15", "true"), "layer 1, weights, row 1, number 1: found true; expected a number"),
    (changed("= 0.5", "= -1e400"), "learning_rate: found -1E+400; expected 0 or a positive number"),
    (changed("= 0.5", f"= [0x{'f' * 6000}]"), "learning_rate: found a value that is too long to show"),
    (ARTICLE + "[[sample]]\ninputs = [1]\ntargets = [1, 1]\n", "sample 2, inputs: found 1 number; expected 2"),
    ("title = '\x1b[31m'", "line 1, column 10: found text that is not TOML"),
    ('"\\u001b[31m" = 1', r"unknown key '\x1b[31m'"),
    ("k" * 100_000 + " = 1", "kkk...; expected one of title"),
    ("[" + "k" * 100_000 + "]\n[" + "k" * 100_000 + "]", "line 2, column"),
    (ARTICLE[: ARTICLE.index("[[layer]]")], "no [[layer]], [equations] or [[node]] found; expected a [[layer]] for"),
    ("", "net.toml: no [[layer]], [equations] or [[node]] found; expected a [[layer]] for each layer of a network"),
    ("layer = []", "layers: no [[layer]] found"),
    (ARTICLE.replace("[[layer]]", "[layer]", 1).partition("[[layer]]")[0], "expected [[layer]]"),
    ("layer = 3", "layer: found 3"),
    ("[[layer]]\nweights = 3", "layer 1, weights: found 3"),
    (b"title = '\xff'", "not UTF-8"),
    ("x = " + "[" * 5000, "nested too deeply"),
]
