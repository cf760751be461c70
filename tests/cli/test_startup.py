"""What the command line and the package load: no more than they need, and every public name when it is asked for."""

import ast
import copy
import importlib.metadata
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import derive

HEAVY = {"sympy", "mpmath", "numpy", "flint", "weasyprint", "jinja2", "markdown_it", "math_core", "nbformat", "attrs"}
# Stages that help and completion have no business with.
STAGES = {"calculus", "computation", "evaluation", "functions", "lines", "network", "notation", "training", "typeset"}
COMMAND = "import sys; sys.argv[0] = 'derive'; from derive.cli.main import main; main()"


def loaded(code, *arguments, words=""):
    """Return what a fresh process prints, and which modules it has loaded in the end."""
    asked = {"_DERIVE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    told = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", told + code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **(asked if words else {})},
    )
    return done.stdout, set(done.stderr.split())


def is_light(modules):
    of_derive = {name.split(".")[1] for name in modules if name.startswith("derive.")}
    return not (HEAVY & modules) and not (STAGES & of_derive)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["show", "--help"], ["--help", "--language", "es"]])
def test_help_and_version_load_nothing_heavy(arguments):
    said, modules = loaded(COMMAND, *arguments)
    assert "derive" in said
    assert "derive.cli.main" in modules
    assert is_light(modules)


def test_the_version_loads_no_command():
    _, modules = loaded(COMMAND, "--version")
    assert not {"derive.cli.handout", "derive.cli.show", "derive.cli.check", "derive.render"} & modules


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("derive ha", "plain,handout"),
        ("derive handout ar", "plain,article"),
        ("derive check --against ar", "plain,article"),
        ("derive show --la", "plain,--latex"),
        ("derive handout --rounding b", "plain,by-hand"),
        ("derive handout --paper l", "plain,letter"),
        ("derive handout --language p", "plain,pt-BR"),
    ],
)
def test_completion_loads_nothing_heavy(words, offered):
    said, modules = loaded(COMMAND, words=words)
    assert offered in said.split()
    assert is_light(modules)


def test_show_loads_neither_what_it_does_not_print_nor_libraries_for_that():
    said, modules = loaded(COMMAND, "show", "w5")
    assert said.rstrip().endswith("≈ 0.082167041")
    assert (
        not {"numpy", "weasyprint", "markdown_it", "math_core", "fontTools", "nbformat", "sympy.tensor.tensor"}
        & modules
    )
    of_derive = {name.split(".")[1] for name in modules if name.startswith("derive.")}
    assert not {"api", "comparison", "training", "typeset", "verification", "figure"} & of_derive


def test_importing_the_package_loads_none_of_its_modules():
    _, modules = loaded("import derive; dir(derive)")
    assert [name for name in modules if name.startswith("derive")] == ["derive"]


def test_a_name_loads_its_module_and_no_later_one():
    _, modules = loaded("import derive; derive.InputError")
    assert {name for name in modules if name.startswith("derive")} == {"derive", "derive.errors"}


def test_every_public_name_is_there():
    assert set(derive.__all__) <= set(dir(derive))
    star = {}
    exec("from derive import *", star)
    for name in derive.__all__:
        assert getattr(derive, name) is star[name]
    assert derive.ComputationGraph is derive.Computation


def test_those_who_check_types_read_the_same_names_from_the_same_modules():
    tree = ast.parse(Path(derive.__file__).read_text(encoding="utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    read = {name.name: line.module for line in typed.body if isinstance(line, ast.ImportFrom) for name in line.names}
    assert read == derive._MODULES
    assert set(derive.__all__) == {*derive._MODULES, *derive._EARLIER}


@pytest.mark.parametrize("name", ["Netwrok", "networks_", "_nothing", "__wrapped__"])
def test_an_unknown_name_is_an_attribute_error(name):
    assert not hasattr(derive, name)
    with pytest.raises(AttributeError, match=f"module 'derive' has no attribute '{name}'"):
        getattr(derive, name)
    with pytest.raises(ImportError):
        exec(f"from derive import {name}")


def test_the_version_is_that_of_the_installed_package():
    assert derive.__version__ == importlib.metadata.version("derive-backprop")
    said, _ = loaded(COMMAND, "--version")
    assert said == f"derive {derive.__version__}\n"


def test_a_checkout_that_is_not_installed_has_a_version():
    code = (
        "import importlib.metadata as m\ndef none(name): raise m.PackageNotFoundError(name)\n"
        "m.version = none\nimport derive\nprint(derive.__version__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0+unknown\n"


def test_pickles_are_read_where_nothing_is_loaded_yet(tmp_path):
    network = derive.load("article")
    (tmp_path / "network").write_bytes(pickle.dumps(network))
    code = f"import pickle; print(pickle.load(open({str(tmp_path / 'network')!r}, 'rb')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{network}\n"
    assert copy.deepcopy(network) == network


def test_the_testing_module_is_imported_by_its_name():
    code = "import derive.testing; derive.testing.assert_gradients_match(derive.load('article'), {'w5': 0.08216704})"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_command_stands_in_its_module_under_its_own_name():
    from derive.cli.main import COMMANDS, commands

    assert commands.list_commands(None) == sorted(COMMANDS)
    for name in COMMANDS:
        assert commands.get_command(None, name).name == name
    assert commands.get_command(None, "nothere") is None
