"""The files to start from: each is read, derived and verified, in every language, and names what there is."""

import re

import pytest

import derive
from derive.language.language import LANGUAGES
from derive.reading.network_file import STARTERS
from derive.verification import verify


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", STARTERS)
def test_each_can_be_derived(tmp_path, kind, code):
    path = tmp_path / "mine.toml"
    path.write_text(derive.example(code, kind), encoding="utf-8")
    derivation = derive.load(path).derive()
    assert verify(derivation.evaluation).partials
    assert derivation.computation.trained
    assert all(len(line) <= 120 for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("kind", STARTERS)
def test_comments_are_in_the_language(kind):
    def comments(code):
        text = derive.example(code, kind)
        lines = [line for line in text.splitlines() if line.startswith("# ") and "=" not in line]
        return [line for line in lines if set(re.findall(r"\w+", line)) - derive.BLOCKS.keys()]

    english = comments("en")
    assert english
    for code in set(LANGUAGES) - {"en"}:
        assert not {line for line in english if line.count(" ") > 3} & set(comments(code))


def test_the_one_of_blocks_names_every_block():
    assert set(derive.BLOCKS) <= set(re.findall(r"\w+", derive.example(kind="blocks")))


def test_the_one_of_equations_has_every_way_of_the_other(tmp_path):
    """What stands in comments may be used."""
    text = derive.example(kind="equations")
    path = tmp_path / "mine.toml"
    path.write_text(re.sub(r"^# (?=\[|\w+ = [-\d])", "", text, flags=re.MULTILINE), encoding="utf-8")
    made = derive.load(path)
    assert made.plan.iterations
    assert len(made.derive().computation.samples) == 2


def test_another_kind_is_refused():
    with pytest.raises(derive.InputError, match=r"kind: found 'block'; expected one of .*'blocks'"):
        derive.example(kind="block")
