"""A class made by two worker processes of Dask, of which one is killed in the middle: every sheet there, once, alike.

`.ci/dask` runs it in an environment of its own; elsewhere it is skipped where Dask is missing.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from class_recipes import Stub

from derive.api.class_engine import engine_of
from derive.api.class_set import make_class
from derive.errors import InputError
from derive.reading.roster import Student

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).parent.parent.parent
STUDENTS = [Student(f"{number:03d}") for number in range(96)]


def start(*arguments, logs):
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with open(logs, "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": paths},
        )


def told(path, process):
    """Return what the scheduler says of itself once it is there."""
    for _ in range(600):
        assert process.poll() is None
        if path.exists() and path.read_text().strip():
            return json.loads(path.read_text())
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def scheduler(tmp_path):
    said = tmp_path / "scheduler.json"
    alone = ["--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", ":0"]
    processes = [
        start("dask_scheduler", *alone, "--port", "0", "--scheduler-file", str(said), logs=tmp_path / "scheduler.log")
    ]
    try:
        address = told(said, processes[0])["address"]
        for name in ("a", "b"):
            alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1", "--name", name]
            processes.append(start("dask_worker", address, *alone, logs=tmp_path / f"{name}.log"))
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def made(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.pdf")}


def test_one_of_two_workers_is_killed(scheduler, tmp_path):
    address, workers = scheduler
    log = tmp_path / "log"
    log.mkdir()
    serial = make_class(Stub(), STUDENTS, tmp_path / "serial")
    progress = []

    def kill_one(done):
        progress.append(done)
        # In the middle, when both have worked.
        if workers[0].poll() is None and len(list(log.glob("prepared-*"))) > 1:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()

    spread = make_class(
        Stub(log=str(log), seconds=0.05),
        STUDENTS,
        tmp_path / "spread",
        engine=engine_of(f"dask:{address}"),
        progress=kill_one,
    )
    assert workers[0].poll() is not None
    assert workers[1].poll() is None
    assert progress == list(range(1, len(STUDENTS) + 1))
    assert spread.done == serial.done
    assert spread.entries == serial.entries
    assert not spread.failed
    assert made(tmp_path / "spread") == made(tmp_path / "serial")
    assert len(made(tmp_path / "serial")) == 2 * len(STUDENTS)


def test_a_scheduler_that_is_not_there(tmp_path, monkeypatch):
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(InputError, match="not be reached"),
    ):
        make_class(Stub(), STUDENTS[:2], tmp_path, engine=engine_of("dask:tcp://127.0.0.1:9"))
