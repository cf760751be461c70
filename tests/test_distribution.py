"""The distribution is derive-backprop: it is called so wherever something is installed, and on its index page.

The distribution called derive is somebody else's.
"""

import doctest
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = PROJECT["name"]
EXTRAS = PROJECT["optional-dependencies"]
# What is read by people or run; catalogues are made from it.
ENDINGS = {".py", ".md", ".j2", ".toml", ".ipynb", ".sh", ".css", ".js", ""}
FOLDERS = ("derive", "templates", "docs", "tests", ".ci")
INSTALLED = re.compile(
    r"""(?:\bpipx? |\buv\ tool )install\ +(?:-\S+\ +)*\\*["']?(derive[\w-]*)"""  # pip install -q 'derive…
    rf"""|(?<![\w./-])(derive[\w-]*)\\*\[\\*(?:{"|".join(EXTRAS)})\b"""  # derive…[notebook]
    r"""|(?:metadata|importlib)\S*\.version\(["'](derive[\w-]*)"""
)


def strays(text):
    """Return the names under which a text installs derive, and that are not its own."""
    found = ("".join(match) for match in INSTALLED.findall(text))
    return [name for name in found if not re.fullmatch(rf"{NAME}|{NAME.replace('-', '_')}(-[\d.].*)?", name)]


@pytest.fixture(scope="module")
def hook():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stray_name_is_found():
    for text in (
        "pip install derive",
        'pip install -q "derive[watch]"',
        r"install derive\[notebook\]'",
        "derive[watch]",
    ):
        assert strays(text) == ["derive"], text
    for text in (
        f"pip install '{NAME}[notebook]'",
        "pip install .",
        "pip install derive_backprop-0.1.0-py3-none-any.whl",
        "derive handout",
        "derive.load",
        ".venv/bin/derive [watch]",
    ):
        assert strays(text) == [], text


def test_nothing_is_installed_under_another_name():
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*"))
    paths = [path for path in paths if path.is_file() and path.suffix in ENDINGS and path != Path(__file__)]
    assert len(paths) > 300
    found = {path.relative_to(ROOT).as_posix(): strays(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_command_and_the_package_keep_their_name():
    assert set(PROJECT["scripts"]) == {"derive"}
    assert (ROOT / "derive" / "__init__.py").exists()


def test_the_index_page_has_no_link_that_leads_nowhere(hook):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = hook.on_an_index(text)
    assert "](output/" in text
    outside_code = re.sub(r"^```.*?^```$|`[^`\n]+`", "", shown, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", outside_code) == []
    code = re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)
    assert code
    assert all(block in shown for block in code)
    assert doctest.testmod(hook) == (0, 2)


def test_every_link_of_the_readme_is_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for file in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text):
        assert (ROOT / file).exists(), file
