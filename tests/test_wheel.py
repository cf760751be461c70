"""The built wheel, installed in an empty environment, works from another folder, its packaged files included."""

import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# They make catalogues and fonts, and are run from a checkout.
BUILD_SCRIPTS = {
    "derive/language/extraction.py",
    "derive/typeset/opentype.py",
    "derive/typeset/fonts/make_fonts.py",
}
NOT_PACKAGED = {".po", ".pot", ".pyc"}


def run(*command, cwd):
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the sdist as an installer does that finds no wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder)
    run(*build, "--sdist", ROOT, cwd=folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    run(*build, "--wheel", folder / sdist.name.removesuffix(".tar.gz"), cwd=folder)
    return next(folder.glob("*.whl"))


def packaged(folder, inside):
    """Return what of a folder of the checkout belongs into the wheel, by its name there."""
    files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix not in NOT_PACKAGED]
    return {f"{inside}/{path.relative_to(ROOT / folder).as_posix()}" for path in files}


def test_the_wheel_has_what_runs_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == (packaged("derive", "derive") | packaged("templates", "derive/templates")) - BUILD_SCRIPTS
    # The rest says what that must come to, whatever lies in the checkout.
    assert {
        "derive/py.typed",
        "derive/templates/article.md.j2",
        "derive/templates/locale/es/LC_MESSAGES/derive.mo",
        "derive/templates/locale/pt_BR/LC_MESSAGES/click.mo",
        "derive/typeset/fonts/GUST-FONT-LICENSE.txt",
        "derive/typeset/fonts/latinmodern-math.otf",
        "derive/networks/article.toml",
        "derive/networks/published/article.toml",
    } <= found
    assert {Path(name).suffix for name in found} == {
        ".py", ".typed", ".toml", ".json", ".otf", ".woff2", ".txt", ".j2", ".css", ".js", ".mo",
    }  # fmt: skip


def test_the_wheel_offers_users_no_extras_of_developers(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = archive.read(name).decode()
    assert {line for line in metadata.splitlines() if line.startswith("Provides-Extra: ")} == {
        "Provides-Extra: watch",
        "Provides-Extra: notebook",
        "Provides-Extra: class",
    }
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ") and "extra ==" not in line]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(required) == len(project["dependencies"])


def test_the_wheel_writes_a_handout(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = run(tmp_path / "env" / "bin" / "derive", "handout", "-o", "here", cwd=elsewhere)
    assert "wrote here/article.pdf" in said
    assert (elsewhere / "here" / "article.pdf").stat().st_size > 50_000
    assert (elsewhere / "here" / "article.html").stat().st_size > 50_000
    compare = "import derive; print(derive.compare_published(derive.load('article').derive(), 'article').counts)"
    assert "'wrong': 4" in run(python, "-c", compare, cwd=elsewhere)
    # The catalogues are in it.
    assert "Opciones:" in run(tmp_path / "env" / "bin" / "derive", "show", "--help", "--language", "es", cwd=elsewhere)
    assert "parâmetro" in run(tmp_path / "env" / "bin" / "derive", "check", "--language", "pt-BR", cwd=elsewhere)
