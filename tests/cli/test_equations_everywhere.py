"""Every command and format takes any file of equations: it ends in success or in one sentence."""

import json
import subprocess
import sys
from contextlib import suppress

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
from derive.cli.main import commands
from derive.errors import DeriveError
from derive.render.formats import FORMATS
from derive.render.schema import SCHEMAS
from tests.computation.computations import CASES
from tests.computation.random_computations import random_computation

READY = ("circuit", "recurrence")
COMMANDS = (
    ["show"],
    ["show", "--json"],
    ["train", "--iterations", "2"],
    ["train", "--iterations", "2", "--json", "--every", "1"],
    ["check"],
    ["check", "--with", "torch,numpy"],
    ["check", "--json"],
    ["handout", "--format", "ipynb,json,md,tex"],
    ["handout", "--format", "json", "--form", "matrix", "--detail", "brief"],
    ["handout", "--format", "ipynb", "--rounding", "by-hand", "--digits", "5"],
    ["figure"],
)


def run(*arguments):
    """The command line, with the exit code that a mistake has."""
    result = CliRunner().invoke(commands, arguments, catch_exceptions=True)
    if isinstance(result.exception, DeriveError):
        return 2, str(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_ends_in_success_or_a_sentence(words, name, tmp_path):
    command, *options = words
    output = {"handout": ["-o", str(tmp_path)], "figure": ["-o", str(tmp_path / "drawn.svg")]}.get(command, [])
    code, said = run(command, name, *options, *output)
    assert code in (0, 2)
    assert code == 0 or "\n" not in said.strip()
    if "--json" in options and code == 0 and command != "show":
        jsonschema.validate(json.loads(said), SCHEMAS[command]())


@pytest.mark.parametrize("name", READY)
def test_every_name_that_is_listed_is_shown(name):
    listed = json.loads(run("show", name, "--json")[1])["names"]
    for quantity in (each for names in listed.values() for each in names):
        for form in ([], ["--latex"], ["--json"], ["--digits", "3", "--rounding", "by-hand"]):
            assert run("show", name, quantity, *form)[0] == 0


def test_in_a_process_of_its_own_no_traceback_is_printed(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[values]\nx = 2\n[equations]\nf = "x^2"\n')
    for words in (["show", str(file), "x"], ["train", str(file)], ["check", str(file)]):
        done = subprocess.run(
            [sys.executable, "-m", "derive", *words], capture_output=True, text=True, timeout=120, check=False
        )
        assert "Traceback" not in done.stderr
        assert done.returncode in (0, 2)


def test_where_no_line_is_of_a_whole_layer_the_command_says_so(tmp_path):
    done = CliRunner().invoke(
        commands, ["handout", "circuit", "--form", "matrix", "--format", "json", "-o", str(tmp_path)]
    )
    assert "there are no layers or blocks here" in done.stderr


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("format_", [each for each in FORMATS if each not in ("pdf", "docx", "epub", "slides")])
def test_every_format_is_written(name, format_):
    derivation = CASES[name].computation.derive()
    files = derivation.handout().render(format_)
    assert all(files.values())
    if format_ == "json":
        (content,) = files.values()
        jsonschema.validate(json.loads(content), SCHEMAS["handout"]())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.sampled_from(["simultaneous", "sequential", "online"]), st.sampled_from([0, 2]))
def test_a_random_computation_ends_in_success_or_a_sentence(seed, updates, iterations):
    made = random_computation(seed, most=6)
    derivation = made.computation.derive(derive.Plan(learning_rate=0.0625, updates=updates, iterations=iterations))
    for ask in (
        lambda: derivation.handout().render("json"),
        lambda: derivation.handout(detail="brief").render("md"),
        lambda: derivation.handout().render("ipynb"),
        lambda: derivation.by_hand(6).handout().render("md"),
        lambda: derivation._repr_mimebundle_(),
        lambda: derivation.train(3).certified(6),
        lambda: derivation.at({made.parameters[0]: 0.5}).gradients[made.parameters[0]].decimal(6),
        lambda: str(derive.compare_gradients(derivation, dict.fromkeys(made.parameters, 1.0))),
        lambda: str(derive.compare_published(derivation, {"values": {"q1": "0.25", made.parameters[0]: "0.1"}})),
        lambda: derivation.figure("computation"),
    ):
        with suppress(derive.InputError, derive.UnsupportedError):  # in a sentence
            ask()
