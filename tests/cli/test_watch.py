"""Watching: a handout is written again when its network or a template changes, and a mistake does not end it."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

from derive import example
from derive.language.folder import FOLDER

PATIENCE = 60  # seconds until a line has to be there


class Watched:
    """A process that watches, and the lines that it prints."""

    def __init__(self, *arguments, cwd):
        command = [sys.executable, "-u", "-m", "derive", "handout", "--watch", "--format", "md", *arguments]
        self.process = subprocess.Popen(
            command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout], daemon=True).start()

    def says(self, beginning):
        """Wait for a line that begins so, and return it; other lines about figures may come before."""
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self.lines.get(timeout=deadline - time.monotonic())
            if line.startswith(beginning):
                return line
            assert "-figures/" in line, line

    def is_silent(self, seconds):
        time.sleep(seconds)
        left = [self.lines.get_nowait() for _ in range(self.lines.qsize())]
        return [line for line in left if "-figures/" not in line] == []


@pytest.fixture
def watch(tmp_path):
    """Start a process that watches; it is ended with the test."""
    started = []

    def start(*arguments):
        started.append(Watched(*arguments, cwd=tmp_path))
        return started[-1]

    yield start
    for watched in started:
        watched.process.kill()
        watched.process.wait()
        watched.process.stdout.close()


def put(path, text):
    """Put a new file in the place of the old one in one step, as editors do."""
    path.with_name("new.tmp").write_text(text, encoding="utf-8")
    os.replace(path.with_name("new.tmp"), path)


def test_a_network_is_written_again_when_it_changes_and_a_mistake_is_said(tmp_path, watch):
    network, written = tmp_path / "mine.toml", tmp_path / "out" / "mine.md"
    network.write_text(example(), encoding="utf-8")
    title = next(line for line in example().splitlines() if line.startswith("title"))
    watched = watch("mine.toml", "-o", "out")
    watched.says("wrote out/mine.md")

    put(network, example().replace(title, 'title = "Second"'))
    watched.says("wrote out/mine.md")
    second = written.read_text(encoding="utf-8")
    assert second.startswith("# Second\n")

    put(network, example().replace(title, "title = 7"))
    assert "title" in watched.says("derive: mine.toml")
    assert written.read_text(encoding="utf-8") == second

    with network.open("w", encoding="utf-8") as file:  # in place this time
        file.write(example().replace(title, 'title = "Third"'))
    watched.says("wrote out/mine.md")
    assert written.read_text(encoding="utf-8").startswith("# Third\n")

    (tmp_path / "other.toml").write_text("x")
    assert watched.is_silent(1)
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(PATIENCE) == 0
    assert watched.is_silent(0)


def test_a_template_is_used_again_when_it_changes(tmp_path, watch):
    own = tmp_path / "own"
    own.mkdir()
    (own / "article.md.j2").write_text("# First\n", encoding="utf-8")
    # The output lies among the templates: what is written there is no change.
    watched = watch("single_neuron", "--template", "own", "-o", "own")
    watched.says("wrote own/single_neuron.md")
    put(own / "article.md.j2", "# Second\n\n{{ nothing }}\n")
    assert "'nothing' is undefined" in watched.says("derive: own/article.md.j2, line 3")
    assert (own / "single_neuron.md").read_text(encoding="utf-8") == "# First\n"
    put(own / "article.md.j2", "# Third\n")
    watched.says("wrote own/single_neuron.md")
    assert (own / "single_neuron.md").read_text(encoding="utf-8") == "# Third\n"
    assert watched.is_silent(1)


def failed(*arguments, cwd, **options):
    command = [sys.executable, "-m", "derive", "handout", "--watch", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False, **options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def test_where_nothing_can_change_that_is_said(tmp_path):
    assert failed("article", cwd=tmp_path).startswith(
        "derive: --watch: nothing here can change, as this is a built-in network"
    )


def test_what_is_not_there_is_not_watched(tmp_path):
    assert "no such file; give a TOML or JSON file" in failed("missing.toml", cwd=tmp_path)
    assert "expected a folder" in failed("article", "--template", "missing", cwd=tmp_path)


def test_without_watchfiles_it_says_what_to_install(tmp_path):
    (tmp_path / "watchfiles.py").write_text("raise ImportError")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    own = str(FOLDER)
    message = failed("article", "--template", own, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path})
    assert "pip install 'derive-backprop[watch]'" in message


def network(title):
    """A small network file; the title tells one content from another."""
    return f'title = "{title}"\n[[sample]]\ninputs = [1]\ntargets = [0]\n[[layer]]\nweights = [[0.5]]\n'


def test_links_are_followed_to_what_changes(tmp_path, watch):
    """A link to a link, in a folder behind a link; each of them is led elsewhere, removed and made again in turn."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    (tmp_path / "one" / "real.toml").write_text(network("First"))
    (tmp_path / "one" / "inner.toml").symlink_to("real.toml")
    (tmp_path / "folder").symlink_to("one")
    (tmp_path / "mine.toml").symlink_to("folder/../one/inner.toml")
    watched, written = watch("mine.toml", "-o", "out"), tmp_path / "out" / "mine.md"

    def is_written(title):
        watched.says("wrote out/mine.md")
        assert written.read_text(encoding="utf-8").startswith(f"# {title}\n")

    is_written("First")
    (tmp_path / "one" / "real.toml").write_text(network("In place"))
    is_written("In place")
    put(tmp_path / "one" / "real.toml", network("Another file"))
    is_written("Another file")

    (tmp_path / "two" / "real.toml").write_text(network("Second folder"))
    point(tmp_path / "one" / "inner.toml", "../two/real.toml")
    is_written("Second folder")
    (tmp_path / "two" / "real.toml").write_text(network("Behind the new link"))
    is_written("Behind the new link")

    (tmp_path / "two" / "real.toml").unlink()
    assert "no such file; give a TOML or JSON file" in watched.says("derive: ")
    (tmp_path / "two" / "real.toml").write_text(network("Made again"))
    is_written("Made again")

    put(tmp_path / "mine.toml", network("A file where the link was"))
    is_written("A file where the link was")
    assert watched.is_silent(1)


def point(link, target):
    """Lead a link elsewhere in one step."""
    link.with_name("new.tmp").symlink_to(target)
    os.replace(link.with_name("new.tmp"), link)


def test_a_folder_that_is_swapped_behind_a_link(tmp_path, watch):
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "net.toml").write_text(network(name))
        (tmp_path / name / "article.md.j2").write_text(f"# {name}\n")
        (tmp_path / name / "deep" / "back").symlink_to("..")  # in a circle
    (tmp_path / "now").symlink_to("one")
    watched, written = watch("now/net.toml", "--template", "now", "-o", "out"), tmp_path / "out" / "net.md"
    watched.says("wrote out/net.md")
    assert written.read_text() == "# one\n"
    point(tmp_path / "now", "two")
    watched.says("wrote out/net.md")
    assert written.read_text() == "# two\n"
    (tmp_path / "two" / "article.md.j2").write_text("# two, changed\n")
    watched.says("wrote out/net.md")
    assert written.read_text() == "# two, changed\n"
    assert watched.is_silent(1)
