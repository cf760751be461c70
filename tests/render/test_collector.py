"""The garbage collector rests while a file is made, and never longer."""

import gc

import pytest

from derive.render.collector import resting
from derive.verification import verify


def test_it_runs_again_afterwards_whatever_happened():
    with pytest.raises(ZeroDivisionError), resting():
        raise ZeroDivisionError(f"{gc.isenabled()}")
    assert gc.isenabled()


def test_one_that_was_switched_off_stays_so():
    gc.disable()
    try:
        with resting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_handout_is_made_while_it_rests(article, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "derive.api.handout.verify", lambda evaluation: seen.append(gc.isenabled()) or verify(evaluation)
    )
    article.handout().render("json")
    assert seen == [False]
    assert gc.isenabled()
