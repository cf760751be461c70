"""Every number of the article, from the derivation and from what is written."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

# name: recomputed at 30 digits, independently, by mpmath; the first nine decimals are what is printed.
QUANTITIES = {
    "net_h1": "0.3775",
    "out_h1": "0.593269992107",
    "net_h2": "0.3925",
    "out_h2": "0.596884378260",
    "net_o1": "1.10590596706",
    "out_o1": "0.751365069552",
    "net_o2": "1.22492140410",
    "out_o2": "0.772928465321",
    "E_o1": "0.274811083176",
    "E_o2": "0.0235600255838",
    "E_total": "0.298371108760",
}
PARTIALS = {
    "out_o1": "0.741365069552",
    "delta_o1": "0.138498561629",
    "delta_o2": "-0.0380982365166",
    "out_h1": "0.0363503063931",
    "delta_h1": "0.00877135468949",
    "delta_h2": "0.00995425470522",
    "w1": "0.000438567734474",
    "w2": "0.000877135468949",
    "w3": "0.000497712735261",
    "w4": "0.000995425470522",
    "w5": "0.0821670405642",
    "w6": "0.0826676278475",
    "w7": "-0.0226025404775",
    "w8": "-0.0227402422160",
    "b1": "0.0187256093947",
    "b2": "0.100400325112",
}
LOCALS = {
    ("w5", 0): "0.741365069552",
    ("w5", 1): "0.186815601809",
    ("w5", 2): "0.593269992107",
    ("w1", 0): "0.0363503063931",
    ("w1", 1): "0.241300708572",
    ("w1", 2): "0.05",
}
PATHS = ["0.0553994246514", "-0.0190491182583"]
UPDATED = {
    "w1": "0.149780716133",
    "w2": "0.199561432266",
    "w3": "0.249751143632",
    "w4": "0.299502287265",
    "w5": "0.358916479718",
    "w6": "0.408666186076",
    "w7": "0.511301270239",
    "w8": "0.561370121108",
}
AFTER = "0.291027773694"
AFTER_SEQUENTIAL = "0.291027923905"


def significant(text):
    """How many decimals the reference gives."""
    return len(text.partition(".")[2])


def agrees(found, reference):
    return Decimal(found.decimal(significant(reference))) == Decimal(reference)


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_quantity_of_the_forward_pass(article, name):
    assert agrees(article.evaluation.quantity(name), QUANTITIES[name])


@pytest.mark.parametrize("name", PARTIALS)
def test_a_partial(article, name):
    assert agrees(article[name].value, PARTIALS[name])


@pytest.mark.parametrize("place", LOCALS)
def test_a_factor(article, place):
    name, number = place
    assert agrees(article[name].factors[number].value, LOCALS[place])


def test_the_paths_of_the_hidden_neuron(article):
    assert all(agrees(path.value, text) for path, text in zip(article["out_h1"].paths, PATHS, strict=True))


@pytest.mark.parametrize("name", UPDATED)
def test_an_updated_weight(article, name):
    assert agrees(article.evaluation.updated(name), UPDATED[name])


def test_the_error_after_one_update(article, sequential):
    assert agrees(article.error.after, AFTER)
    assert agrees(sequential.error.after, AFTER_SEQUENTIAL)


def test_the_output_layer_is_updated_alike_either_way(article, sequential):
    for name in ("w5", "w6", "w7", "w8"):
        assert sequential.evaluation.updated(name).decimal(12) == article.evaluation.updated(name).decimal(12)
    assert sequential.evaluation.updated("w1").decimal(12) != article.evaluation.updated("w1").decimal(12)


def printed():
    """Each number as nine decimals print it."""
    numbers = [*QUANTITIES.values(), *PARTIALS.values(), *LOCALS.values(), *PATHS, *UPDATED.values(), AFTER]
    short = {"0.3775", "0.3925", "0.05"}
    return sorted({n if n in short else str(Decimal(n).quantize(Decimal("1e-9"))) for n in numbers})


class TextOfPage(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("suffix", ["md", "tex", "html", "json"])
def test_every_number_is_printed(written, suffix):
    text = (written / f"article.{suffix}").read_text(encoding="utf-8")
    if suffix == "html":
        page = TextOfPage()
        page.feed(text)
        text = page.text
    found = set(re.findall(r"\d+\.\d+", text))
    assert {number.removeprefix("-") for number in printed()} <= found


@pytest.mark.parametrize("suffix", ["md", "tex", "html", "json"])
def test_the_sequential_error_is_printed(sequential, tmp_path, suffix):
    (path,) = sequential.handout().write(tmp_path, [suffix], name="s")[:1]
    assert "0.291027924" in path.read_text(encoding="utf-8")


def test_the_unrounded_lines_as_the_article_writes_them(written):
    text = (written / "article.md").read_text(encoding="utf-8")
    target, out = r"\mathrm{target}_{o1}", r"\mathrm{out}_{o1}"
    assert rf"2 \cdot \frac{{1}}{{2}} \left({target} - {out}\right)^{{2 - 1}} \cdot \left(-1\right) + 0" in text
    assert rf"= -\left({target} - {out}\right)" in text
    assert r"1 \cdot \mathrm{out}_{h1} \cdot w_{5}^{1 - 1} + 0 + 0" in text
    assert r"w_{1} \cdot i_{1} + w_{2} \cdot i_{2} + b_{1} \cdot 1" in text


def test_the_data_gives_the_error_before_and_after(written):
    data = json.loads((written / "article.json").read_text(encoding="utf-8"))
    assert data["error"] == {"before": "0.298371109", "after": "0.291027774"}
