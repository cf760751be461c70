"""flint's precision: one thread has it at a time, and nothing but `derive.numbers.precision` touches it."""

import ast
import importlib.util
import os
import threading
from pathlib import Path

import flint
import pytest
from flint import arb

from derive.errors import InternalError
from derive.numbers.precision import at_bits, present_bits

SOURCES = Path(importlib.util.find_spec("derive").origin).parent
PRECISION = SOURCES / "numbers" / "precision.py"
DEADLINE = 60  # seconds, after which a thread that waits has failed


def test_a_call_works_at_its_bits_and_puts_back_what_was_set():
    before = flint.ctx.prec
    assert at_bits(100, lambda: (flint.ctx.prec, at_bits(300, lambda: flint.ctx.prec), flint.ctx.prec)) == (
        100,
        300,
        100,
    )
    assert flint.ctx.prec == before


def test_an_exception_puts_back_what_was_set_and_lets_others_go_on():
    before = flint.ctx.prec
    with pytest.raises(KeyboardInterrupt):
        at_bits(100, _interrupted)
    assert flint.ctx.prec == before
    assert in_a_thread(lambda: at_bits(64, present_bits)) == 64
    with pytest.raises(InternalError):
        present_bits()


def _interrupted():
    raise KeyboardInterrupt


def test_an_iterator_cannot_leave_a_precision_open():
    with pytest.raises(InternalError):
        at_bits(100, lambda: (arb(2).sqrt() for _ in range(3)))
    assert in_a_thread(lambda: at_bits(64, present_bits)) == 64


def test_two_threads_do_not_mix():
    expected = {bits: str(at_bits(bits, _sums).mid_rad_10exp()) for bits in (30, 60, 200, 1000)}
    found, start = [], threading.Barrier(4)

    def calculate(bits):
        start.wait(DEADLINE)
        found.extend((bits, str(at_bits(bits, _sums).mid_rad_10exp())) for _ in range(20))

    threads = [threading.Thread(target=calculate, args=(bits,), daemon=True) for bits in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert len(found) == 80
    assert all(expected[bits] == text for bits, text in found)


def _sums():
    total = arb(0)
    for number in range(1, 300):
        total += arb(number).sqrt()
    return total


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # that is what is tried
def test_a_forked_process_calculates_though_another_thread_did():
    inside, go_on = threading.Event(), threading.Event()

    def hold():
        inside.set()
        go_on.wait(DEADLINE)

    thread = threading.Thread(target=lambda: at_bits(999, hold), daemon=True)
    thread.start()
    assert inside.wait(DEADLINE)
    threading.Timer(0.1, go_on.set).start()
    before = 2  # set in conftest.py
    child = os.fork()
    if not child:
        os._exit(0 if flint.ctx.prec == before and in_a_thread(lambda: at_bits(64, present_bits)) == 64 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join(DEADLINE)
    assert in_a_thread(lambda: at_bits(64, present_bits)) == 64


def in_a_thread(compute):
    """Return what another thread computes, None where it does not come to an end."""
    found = []
    thread = threading.Thread(target=lambda: found.append(compute()), daemon=True)
    thread.start()
    thread.join(DEADLINE)
    return found[0] if found else None


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_no_other_file_touches_the_precision(path):
    found = {
        word
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for word in _words(node)
        if word in ("ctx.flint", "workprec", "extraprec", "workdps", "extradps", "flint")
    }
    assert found <= ({"ctx.flint"} if path == PRECISION else set())


def _words(node):
    """What a node may reach flint's precision by: ``ctx``, the whole of flint, or the names of its contexts."""
    if isinstance(node, ast.ImportFrom) and node.module == "flint":
        return [f"{alias.name}.flint" for alias in node.names]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.attr] if isinstance(node, ast.Attribute) else []
