"""The site of docs/ has every page, every public name and every handout, and needs nothing from the network."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import derive
from derive.language.language import LANGUAGES
from derive.render.formats import OWN

DOCS = Path(__file__).parent.parent / "docs"
LINK = re.compile(r"""<(\w+)[^>]*?\s(?:href|src)=["']([^"'#]+)""")


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_in_the_contents():
    listed = re.findall(r"^([\w-]+)$", (DOCS / "index.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in DOCS.glob("*.md") if path.stem != "index")


def test_every_public_name_is_in_the_reference():
    found = set(re.findall(r"^\.\. auto\w+:: (\S+)$", (DOCS / "reference.md").read_text(), re.MULTILINE))
    own = {name for name in derive.__all__ if name not in derive._EARLIER} - {"terms"}
    assert found >= own | {"derive.computation.terms", "derive.testing.assert_gradients_match"}
    assert {name for name in found - own if not name.startswith("derive.")} == set()


def test_the_gallery_links_to_what_it_writes(gallery, tmp_path, monkeypatch):
    monkeypatch.setattr("derive.render.pdf.render", lambda handout: {f"{handout.name}.pdf": b"%PDF"})
    assert gallery.table(tmp_path / "gallery") == gallery.NOTHING
    gallery.write_one("single_neuron", "es", tmp_path / "gallery")
    table = gallery.table(tmp_path / "gallery")
    links = re.findall('href="([^"]+)"', table)
    handout = derive.load("single_neuron").derive().handout()
    made = [form for name, form in OWN.items() if handout.lacks(name) is None]
    assert links == [f"gallery/es/single_neuron{form.ending}" for form in made]
    assert len(made) >= 5
    assert all((tmp_path / link).exists() for link in links)
    assert 'lang="es"' in (tmp_path / "gallery/es/single_neuron.html").read_text(encoding="utf-8")
    assert set(gallery.OF_LANGUAGES) == set(LANGUAGES)
    assert set(gallery.OF_FORMATS) <= set(OWN)
    assert all(f"<code>{name}</code>" in table for name in derive.ready_networks())


def test_the_site_is_built_and_its_links_lead_somewhere(tmp_path):
    pytest.importorskip("sphinx")
    pytest.importorskip("myst_parser")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    pages = list(tmp_path.glob("*.html"))
    assert {path.stem for path in DOCS.glob("*.md")} <= {path.stem for path in pages}
    for page in pages:
        for tag, link in LINK.findall(page.read_text(encoding="utf-8")):
            if re.match(r"\w+:", link):
                assert tag == "a", link  # nothing is loaded from elsewhere
            else:
                assert (tmp_path / link.partition("?")[0]).exists(), f"{page.name}: {link}"
    assert "derive.Network.replace" in (tmp_path / "reference.html").read_text(encoding="utf-8")
