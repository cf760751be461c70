"""The built wheel, installed in an empty environment, works from another folder, its packaged files included."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*command, cwd):
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_writes_a_handout(tmp_path):
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
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
