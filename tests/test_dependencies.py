"""What the package imports is declared in pyproject.toml, as a dependency or in an extra.

Read off the syntax trees, so that what is imported within a function counts too.
"""

import ast
import importlib.metadata
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Libraries that a user of them has, and nobody else needs: to compare gradients with, to draw, and to spread work.
OF_THE_USER = {"torch", "jax", "matplotlib", "distributed", "ray", "joblibspark"}
NOT_IN_THE_WHEEL = [
    pattern for pattern in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"] if pattern.endswith(".py")
]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements):
    return {canonical(re.match(r"[\w.-]+", text)[0]) for text in requirements if isinstance(text, str)}


DEPENDENCIES = declared(PROJECT["project"]["dependencies"])
EXTRAS = {name for extra in PROJECT["project"]["optional-dependencies"].values() for name in declared(extra)}
TEST_GROUP = declared(PROJECT["dependency-groups"]["test"])


def imported(path):
    """Return the distributions that a file imports anything of, without those that come with Python."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    others = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"derive"} - OF_THE_USER
    return {canonical(owners().get(module, [module])[0]) for module in others}


@cache
def owners():
    return importlib.metadata.packages_distributions()


@cache
def files():
    return {path.relative_to(ROOT).as_posix(): imported(path) for path in sorted((ROOT / "derive").rglob("*.py"))}


def test_every_import_is_declared():
    missing = {
        path: found - DEPENDENCIES - EXTRAS - (TEST_GROUP if path in NOT_IN_THE_WHEEL else set())
        for path, found in files().items()
    }
    assert {path: found for path, found in missing.items() if found} == {}


def test_every_dependency_is_imported():
    found = set().union(*files().values())
    assert (DEPENDENCIES | EXTRAS) - found == set()


@pytest.mark.parametrize("path", NOT_IN_THE_WHEEL)
def test_nothing_in_the_wheel_imports_what_is_left_out_of_it(path):
    module = path.removesuffix(".py").replace("/", ".")
    left_out = {other.removesuffix(".py").replace("/", ".") for other in NOT_IN_THE_WHEEL}
    for file in (ROOT / "derive").rglob("*.py"):
        name = file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        assert name in left_out or f"from {module} import" not in file.read_text(encoding="utf-8")


def test_every_requirement_has_a_floor_and_is_pinned_for_the_tests():
    pinned = {canonical(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split()}
    optional = [text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
    test = PROJECT["dependency-groups"]["test"]
    for requirement in [*PROJECT["project"]["dependencies"], *optional, *test]:
        assert re.match(r"[\w.-]+(\[\w+\])?>=\d", requirement), requirement
        assert declared([requirement]) <= pinned, requirement
