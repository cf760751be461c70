"""Bytecode of the package's templates: read where it is that of the text, made anew otherwise, never a user's."""

import dataclasses
import sys

import pytest

from derive.language import bytecode
from derive.language.compiled import Compiled, Source
from derive.language.templates import Templates, environment

SOURCE = Source("x.j2", "/x.j2", "{{ 1 + 1 }}", is_sandboxed=False, autoescape=False, is_finalized=False)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


@pytest.fixture
def compiled():
    """Compile a source and count how often that was needed."""
    made = environment()

    class Counted:
        times = 0

        def __call__(self, source=SOURCE):
            def make():
                self.times += 1
                return made.compile(source.text, source.name, source.file)

            return bytecode.kept(made, source, make)

    return Counted()


def files(folder):
    """What is kept of templates: Python keeps its own modules' bytecode below the same folder."""
    return [path for path in folder.rglob("*.pyc") if ".cpython" not in path.name and ".pypy" not in path.name]


def test_the_second_process_compiles_nothing(folder, compiled):
    first = compiled()
    assert len(files(folder)) == 1
    assert compiled() == first
    assert compiled.times == 1


@pytest.mark.parametrize(
    "other",
    [{"text": "{{ 1 + 2 }}"}, {"file": "/y.j2"}, {"name": "y.j2"}, {"autoescape": True}, {"is_finalized": True}],
    ids=lambda other: next(iter(other)),
)
def test_what_else_the_code_depends_on_makes_it_anew(folder, compiled, other):
    compiled()
    compiled(dataclasses.replace(SOURCE, **other))
    assert compiled.times == 2


def test_another_version_of_jinja_makes_it_anew(folder, compiled, monkeypatch):
    compiled()
    monkeypatch.setattr("jinja2.__version__", "3.999")
    compiled()
    assert compiled.times == 2


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-9], lambda b: b[:30], lambda b: b[:25] + b"?" * 200])
def test_a_damaged_file_is_made_anew(folder, compiled, damage):
    first = compiled()
    (path,) = files(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert compiled() == first
    assert compiled() == first
    assert compiled.times == 2


def test_without_a_folder_it_is_compiled_and_not_kept(folder, compiled, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setattr(sys, "pycache_prefix", str(folder / "file"))
    compiled()
    compiled()
    assert compiled.times == 2


def test_nothing_is_written_where_bytecode_is_not_wanted(folder, compiled, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiled()
    assert files(folder) == []


def test_a_users_templates_and_what_a_sandbox_compiles_are_not_written(folder, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("derive.language.templates._COMPILED", Compiled())
    own = tmp_path_factory.mktemp("own")
    (own / "page.html.j2").write_text("{% include 'show.txt.j2' %}")
    users = Templates(own)
    users.environment().get_template("page.html.j2")
    users.environment().get_template("show.txt.j2")
    assert files(folder) == []
    environment().get_template("show.txt.j2")
    assert len(files(folder)) == 1
