"""What is made in several threads at once is, byte for byte, what is made alone."""

import concurrent.futures
import dataclasses
import itertools
import random
import sys
import threading

import pytest

import derive
from derive import Layer, Network, Optimizer, Sample

DEADLINE = 240  # seconds: threads that wait for each other fail the test instead of keeping it


@pytest.fixture(autouse=True)
def _threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def small(seed, activation, error="half_squared_error", **more):
    """A network of numbers with few digits, of two inputs and two outputs."""
    draw = random.Random(seed)
    numbers = lambda count: [draw.randint(-99, 99) / 100 for _ in range(count)]  # noqa: E731
    layers = [Layer([numbers(2) for _ in range(2)], numbers(2), activation=kind) for kind in (activation, "logistic")]
    return Network(layers, [Sample(numbers(2), [0.25, 0.75])], error=error, **more)


NETWORKS = {
    "article": lambda: derive.load("article"),
    "sequential": lambda: dataclasses.replace(derive.load("article"), updates="sequential"),
    "gelu": lambda: small(1, "gelu", optimizer=Optimizer("adam")),
    "elu": lambda: small(2, "elu", "huber", iterations=30),
    "softmax": lambda: derive.load("softmax_classifier"),
}
# Every format, language and network, and few as well as many digits; 20 is what a handout goes up to.
HANDOUTS = [
    ("article", "md", "en", 9, {}),
    ("gelu", "html", "pt-BR", 20, {"form": "both"}),
    ("elu", "json", "es", 20, {}),
    ("sequential", "ipynb", "en", 4, {"form": "matrix"}),
    ("article", "tex", "pt-BR", 20, {"detail": "full"}),
    ("gelu", "pdf", "es", 9, {}),
    ("elu", "md", "en", 6, {"rounding": "by-hand"}),
    ("softmax", "pdf", "pt-BR", 4, {}),
]


def handout(name, format_, language, digits, more):
    return NETWORKS[name]().derive().handout(language=language, digits=digits, **more).render(format_)


def together(*tasks):
    """Start all at the same moment, each in a thread; return what each gives."""
    start = threading.Barrier(len(tasks))

    def begin(task):
        start.wait(DEADLINE)
        return task()

    found = [concurrent.futures.Future() for _ in tasks]
    for future, task in zip(found, tasks, strict=True):
        threading.Thread(target=_settle, args=(future, begin, task), daemon=True).start()
    return [future.result(DEADLINE) for future in found]


def _settle(future, begin, task):
    try:
        future.set_result(begin(task))
    except BaseException as error:
        future.set_exception(error)


def test_handouts_are_the_same_bytes_whatever_is_made_beside_them():
    alone = [handout(*wanted) for wanted in HANDOUTS]
    for turn in range(2):
        order = HANDOUTS[turn:] + HANDOUTS[:turn]
        found = together(*[lambda wanted=wanted: handout(*wanted) for wanted in order])
        for wanted, expected in zip(HANDOUTS, alone, strict=True):
            assert found[order.index(wanted)] == expected, wanted


def test_one_derivation_is_asked_by_all_threads_at_once():
    """Whatever it keeps is the same, whoever asked first."""
    formats = ("md", "html", "json", "tex", "md", "json")
    languages = itertools.cycle(("en", "pt-BR", "es"))
    wanted = list(zip(formats, languages, strict=False))
    fresh = NETWORKS["gelu"]().derive()
    alone = [fresh.handout(language=language).render(format_) for format_, language in wanted]
    shared = NETWORKS["gelu"]().derive()
    tasks = [lambda f=f, language=language: shared.handout(language=language).render(f) for f, language in wanted]
    assert together(*tasks) == alone
    made = shared.handout()
    assert together(*[lambda f=f: made.render(f) for f in formats]) == [fresh.handout().render(f) for f in formats]


def digits_of(name, digits):
    derivation = NETWORKS[name]().derive()
    return [number.decimal(digits) for number in (*derivation.gradients.values(), derivation.error.after)]


@pytest.mark.parametrize("digits", [(9, 35, 50, 200)])
def test_digits_training_checks_and_comparisons(digits):
    def slips(name):
        derivation = NETWORKS[name]().derive()
        return str(derive.compare_gradients(derivation, {key: -value for key, value in derivation.gradients.items()}))

    tasks = [
        *[lambda n=n: digits_of("elu", n) for n in digits],
        lambda: NETWORKS["elu"]().derive().train(40).certified(35),
        lambda: NETWORKS["article"]().derive().train(200).certified(50),
        lambda: slips("gelu"),
        lambda: str(derive.compare_published(derive.load("article").derive(), {"values": {"net_h1": "0.3775"}})),
        lambda: NETWORKS["sequential"]().derive().handout().report,
    ]
    alone = [task() for task in tasks]
    for _ in range(3):
        assert together(*tasks) == alone


def test_whoever_is_told_of_progress_may_wait_for_another_thread():
    told = []

    def progress(done):
        told.append(together(lambda: digits_of("article", 30))[0][0])

    found = derive.load("article").derive().train(1500).certified(30, progress=progress)
    assert set(told) == {digits_of("article", 30)[0]}
    assert found == derive.load("article").derive().train(1500).certified(30)
