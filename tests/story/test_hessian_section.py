"""The section on second derivatives: where it is asked for, with the numbers and the signs of the Hessian."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import derive


def test_it_is_there_where_it_is_asked_for_alone() -> None:
    derivation = derive.load("single_neuron").derive()
    assert "second derivatives" not in derivation.handout(language="en").markdown
    for detail in ("brief", "article", "full"):
        text = derivation.handout(language="en", detail=detail, hessian=True).markdown
        assert text.count("## The second derivatives") == 1
    assert r"{\partial \theta_{0} \, \partial \theta_{2}} &= x_{2} \\ &= -2" in text
    assert "Signs of its eigenvalues: 2 positive, 0 negative, 1 zero." in text
    assert "curves upwards in some directions" in text
    section = text[text.index("## The second derivatives") :]
    rows = re.findall(r"^\| \$(\\theta_\{\d\})\$ \| \$(\S+)\$ \| \$(\S+)\$ \| \$(\S+)\$ \|$", section, re.MULTILINE)
    assert [[float(cell) for cell in row[1:]] for row in rows] == derivation.hessian.array().tolist()


def test_a_saddle_and_a_bowl_are_told() -> None:
    saddle = derive.load("xor").derive().handout(language="en", hessian=True, detail="brief").markdown
    assert "5 positive, 4 negative, 0 zero" in saddle
    assert "as on a saddle" in saddle
    layer = derive.Layer([[1]], bias=0, activation="identity")
    bowl = derive.Network([layer], [derive.Sample([1], [1]), derive.Sample([2], [1])]).derive()
    assert "as in a bowl" in bowl.handout(language="en", hessian=True, detail="brief").markdown


def test_the_json_has_it() -> None:
    derivation = derive.load("single_neuron").derive()
    (content,) = derivation.handout(hessian=True).render("json").values()
    data = json.loads(content)["hessian"]
    assert data["signs"] == {"positive": 2, "negative": 0, "zero": 1, "open": 0}
    assert float(data["values"]["theta1"]["theta2"]) == -1.25
    (content,) = derivation.handout().render("json").values()
    assert "hessian" not in json.loads(content)


def test_the_command_line_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "derive", "handout", "single_neuron", "--hessian", "--format", "md"]
    done = subprocess.run([*command, "-o", str(tmp_path)], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "## The second derivatives" in next(tmp_path.glob("*.md")).read_text()


def test_too_many_parameters_are_one_sentence() -> None:
    with pytest.raises(derive.UnsupportedError, match="at most 20"):
        _ = derive.load("two_hidden_layers").derive().handout(hessian=True).markdown
