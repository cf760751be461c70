"""What is written: all files of a run or none, with the modes and links that a user has chosen."""

import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import derive
from derive.language.own_templates import copy_to
from derive.writing import NotWritten, write_all, write_new

FIVE = ["a.md", "a-figures/network.svg", "a.json", "deep/er/a.tex", "a.html"]
ROOT = os.geteuid() == 0


def run(*arguments, cwd, **options):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False, **options)


def handout(cwd, *arguments, **options):
    formats = () if "--format" in arguments else ("--format", "md", "--format", "json")
    return run("handout", "single_neuron", "-o", "out", *formats, *arguments, cwd=cwd, **options)


def seen(folder):
    """Everything in the folder: what it is, its mode and what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (stat.S_IFMT(path.lstat().st_mode), path.lstat().st_mode & 0o777, what)
    return found


@pytest.mark.parametrize("umask", [0o002, 0o022, 0o027, 0o077, 0])
def test_new_files_and_folders_have_the_mode_that_the_umask_gives(tmp_path, umask):
    older = os.umask(umask)
    try:
        derive.load("single_neuron").derive().handout().write(tmp_path / "out", ["md", "json"])
        copy_to(tmp_path / "own")
    finally:
        os.umask(older)
    assert modes(tmp_path) == {(False, 0o666 & ~umask), (True, 0o777 & ~umask)}


def test_the_command_line_heeds_the_umask(tmp_path):
    assert handout(tmp_path, umask=0o027).returncode == 0
    assert run("new", "my.toml", cwd=tmp_path, umask=0o027).returncode == 0
    assert modes(tmp_path) == {(False, 0o640), (True, 0o750)}


def modes(folder):
    return {(path.is_dir(), path.stat().st_mode & 0o777) for path in folder.rglob("*")}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path, mode):
    (tmp_path / "a.md").write_text("older")
    (tmp_path / "a.md").chmod(mode)
    write_all({tmp_path / "a.md": b"new"})
    assert (tmp_path / "a.md").stat().st_mode & 0o777 == mode
    assert (tmp_path / "a.md").read_bytes() == b"new"


@pytest.mark.skipif(not ROOT, reason="only root gives files away")
def test_a_replaced_file_keeps_its_owner(tmp_path):
    (tmp_path / "a.md").write_text("older")
    os.chown(tmp_path / "a.md", 4321, 8765)
    write_all({tmp_path / "a.md": b"new"})
    found = (tmp_path / "a.md").stat()
    assert (found.st_uid, found.st_gid) == (4321, 8765)


@pytest.mark.skipif(not ROOT, reason="only root may write as somebody else")
def test_in_a_sticky_folder_the_file_of_somebody_else_stays():
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        folder.chmod(0o1777)
        other = folder / "a.json"
        other.write_text("old")
        other.chmod(0o666)
        before = seen(folder)
        os.seteuid(65534)
        try:
            with pytest.raises(NotWritten, match=r"a\.json: permission denied"):
                write_all({folder / "a.md": b"new", other: b"new"})
        finally:
            os.seteuid(0)
        assert seen(folder) == before


@pytest.mark.skipif(ROOT, reason="root may write to everything")
@pytest.mark.parametrize("locked", ["out/single_neuron.json", "out"])
def test_what_may_not_be_written_to_stays(tmp_path, locked):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "single_neuron.json").write_text("older")
    (tmp_path / locked).chmod(0o555)
    before = seen(tmp_path)
    done = handout(tmp_path)
    assert (done.returncode, seen(tmp_path)) == (2, before)
    assert "permission denied" in done.stderr


def a_folder(path):
    path.mkdir()


def a_fifo(path):
    os.mkfifo(path)


def a_device(path):
    path.symlink_to("/dev/null")


def a_circle(path):
    path.symlink_to(path.name)


def another_format(path):
    path.symlink_to("single_neuron.html")


def below_a_file(path):
    path.symlink_to("older/single_neuron.tex")


@pytest.mark.parametrize("name", ["single_neuron.html", "single_neuron.json", "single_neuron.md"])
@pytest.mark.parametrize(
    ("obstacle", "why"),
    [
        (a_folder, "it is a folder"),
        (a_fifo, "it is a device"),
        (a_device, "it is a device"),
        (a_circle, "its links form a loop"),
        (below_a_file, "a part of the path is not a folder"),
    ],
)
def test_one_that_cannot_be_written_leaves_all_as_they_were(tmp_path, name, obstacle, why):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "older").write_text("older")
    for each in ("single_neuron.md", "single_neuron.html", "single_neuron.json"):
        (folder / each).write_text("older")
    (folder / name).unlink()
    obstacle(folder / name)
    before = seen_without_fifos(folder)
    network = derive.load("single_neuron").derive().handout()
    with pytest.raises(derive.InputError, match=why) as caught:
        network.write(folder, ["md", "html", "json"], name="single_neuron")
    assert name in str(caught.value)
    assert seen_without_fifos(folder) == before


def seen_without_fifos(folder):
    return {name: found for name, found in seen(folder).items() if found[0] != stat.S_IFIFO}


def test_two_formats_do_not_write_one_file(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "single_neuron.md").symlink_to("single_neuron.json")
    done = handout(tmp_path)
    assert done.returncode == 2
    assert "single_neuron.json: cannot be written (it leads to the same file as another output)" in done.stderr
    assert os.listdir(tmp_path / "out") == ["single_neuron.md"]


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("file", "a part of the path is not a folder"),
        ("file/in/it", "a part of the path is not a folder"),
        ("x" * 300, "the name is too long"),
    ],
)
def test_a_folder_that_cannot_be_is_said(tmp_path, command, folder, why):
    (tmp_path / "file").write_text("older")
    done = command("handout", "single_neuron", "--format", "json", "-o", folder, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert why in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_the_figures_folder_is_a_file_nothing_is_written(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "single_neuron-figures").write_text("mine")
    before = seen(tmp_path)
    done = handout(tmp_path)
    assert (done.returncode, seen(tmp_path)) == (2, before)
    assert "single_neuron-figures" in done.stderr


def links(folder):
    """Links of every sort on the way to files, and where their files are in the end."""
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "real.md").write_text("older")
    (folder / "out").mkdir()
    (folder / "out" / "single_neuron.md").symlink_to("../first.md")
    (folder / "first.md").symlink_to(folder / "elsewhere" / "real.md")
    (folder / "out" / "single_neuron.json").symlink_to("../elsewhere/none.json")  # dangling
    (folder / "out" / "single_neuron-figures").symlink_to("../elsewhere/pictures")  # a folder that is to be made


def test_links_stay_and_what_they_lead_to_is_written(tmp_path):
    links(tmp_path)
    before = {name: found for name, found in seen(tmp_path).items() if found[0] == stat.S_IFLNK}
    assert handout(tmp_path).returncode == 0
    after = seen(tmp_path)
    assert {name: after[name] for name in before} == before
    assert (tmp_path / "elsewhere" / "real.md").read_text().startswith("# ")
    assert (tmp_path / "elsewhere" / "none.json").read_text().startswith("{")
    assert list((tmp_path / "elsewhere" / "pictures").glob("*.svg"))


def test_a_folder_behind_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    assert handout(tmp_path).returncode == 0
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "single_neuron.md").is_file()


def test_another_hard_link_keeps_the_older_content(tmp_path):
    (tmp_path / "a.md").write_text("older")
    os.link(tmp_path / "a.md", tmp_path / "kept.md")
    write_all({tmp_path / "a.md": b"new"})
    assert ((tmp_path / "a.md").read_text(), (tmp_path / "kept.md").read_text()) == ("new", "older")


def test_a_name_as_long_as_the_disk_allows(tmp_path):
    name = "n" * 252 + ".md"
    write_all({tmp_path / name: b"new"})
    write_all({tmp_path / name: b"newer"})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(name, b"newer")]
    with pytest.raises(NotWritten, match="too long"):
        write_all({tmp_path / f"n{name}": b"new"})


@pytest.mark.parametrize("name", ["a\0b.md", "\ud800.md"])
def test_a_name_that_no_file_has(tmp_path, name):
    with pytest.raises(NotWritten, match="a character that file names cannot have"):
        write_all({tmp_path / name: b"new"})


@pytest.mark.parametrize("error", [OSError(5, "broken"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("failing", range(5))
@pytest.mark.parametrize("older", [[], FIVE[:1], FIVE[2:], FIVE])
@pytest.mark.parametrize("has_links", [True, False])
def test_a_failure_in_the_middle_leaves_what_was_there(tmp_path, monkeypatch, error, failing, older, has_links):
    for name in older:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"older {name}")
        (tmp_path / name).chmod(0o640)
    before, inodes = seen(tmp_path), {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    replace, done = Path.replace, []

    def breaking(path, target):
        done.append(target)
        if len(done) == failing + 1:
            raise error
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", breaking)
    if not has_links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(1, "no hard links")))
    with pytest.raises((NotWritten, KeyboardInterrupt, MemoryError)):
        write_all({tmp_path / name: b"new" for name in FIVE})
    assert len(done) > failing
    assert seen(tmp_path) == before
    if has_links:
        assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == inodes


def at_most(size):
    """Have the system refuse files that are larger, as a full disk does halfway."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("older", [True, False])
def test_a_disk_that_is_full_leaves_what_was_there(tmp_path, older):
    if older:
        derive.load("single_neuron").derive().handout(digits=3).write(tmp_path / "out", ["md"], name="single_neuron")
    before = seen(tmp_path)
    done = handout(tmp_path, preexec_fn=at_most(5000))
    assert (done.returncode, done.stdout, seen(tmp_path)) == (2, "", before)
    assert "(the file would be too large)" in done.stderr


@pytest.mark.parametrize(("command", "most"), [("new", 100), ("template", 5000)])
def test_a_disk_that_is_full_leaves_nothing_of_an_example(tmp_path, command, most):
    done = run(command, "my.toml", cwd=tmp_path, preexec_fn=at_most(most))
    assert (done.returncode, seen(tmp_path)) == (2, {})


WRITING = """
import os, signal, sys
from pathlib import Path
from derive.writing import write_all
replace = Path.replace
def slow(path, target):
    os.kill(os.getpid(), getattr(signal, sys.argv[1]))
    return replace(path, target)
Path.replace = slow
try:
    write_all({Path(name): b"new" for name in ("a.md", "b.md", "c.md")})
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 0), ("SIGTERM", -signal.SIGTERM), ("SIGHUP", -signal.SIGHUP)])
def test_a_signal_waits_until_the_files_are_whole(tmp_path, name, code):
    (tmp_path / "b.md").write_text("older")
    command = [sys.executable, "-c", WRITING, name]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, preexec_fn=heed_signals
    )
    assert done.returncode == code
    assert done.stdout == ("interrupted\n" if name == "SIGINT" else "")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("a.md", "b.md", "c.md"), "new"
    )


def heed_signals():
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("wait", [1.5, 3])
def test_an_interrupted_run_leaves_all_or_nothing(tmp_path, wait):
    command = [sys.executable, "-m", "derive", "handout", "article", "-o", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=heed_signals
    ) as process:
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    written = [name for name in seen(tmp_path) if name.startswith("out/article.")]
    assert process.returncode in (0, 130, -signal.SIGINT)  # the last while Python still starts
    assert len(written) == (5 if process.returncode == 0 else len(written) and 5)
    assert said.strip() == "derive: interrupted" or process.returncode != 130


@pytest.mark.parametrize("obstacle", ["file", "folder", "dangling"])
def test_new_and_template_write_over_nothing(tmp_path, command, obstacle):
    (tmp_path / "own").mkdir()
    for path in (tmp_path / "my.toml", tmp_path / "own" / "print.css"):
        {"file": lambda p: p.write_text("mine"), "folder": Path.mkdir, "dangling": lambda p: p.symlink_to("none")}[
            obstacle
        ](path)
    before = seen(tmp_path)
    assert command("new", "my.toml", cwd=tmp_path).returncode == 2
    assert command("template", "own", cwd=tmp_path).returncode == 2
    assert seen(tmp_path) == before


def test_what_comes_there_meanwhile_is_not_written_over(tmp_path, monkeypatch):
    link = os.link

    def late(made, target):
        if target.name == "b":
            target.write_text("another's")
        link(made, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(NotWritten):
        write_new({tmp_path / name: b"new" for name in "abc"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": "another's"}


def test_a_network_is_not_written_over_by_its_handout(tmp_path, command):
    text = '{"layer": [{"weights": [[0.5]]}], "sample": [{"inputs": [1], "targets": [0]}]}'
    (tmp_path / "net.json").write_text(text)
    (tmp_path / "link.json").symlink_to("net.json")
    for source in ("net.json", "link.json"):
        done = command("handout", source, "-o", ".", "--format", "md", "--format", "json", cwd=tmp_path)
        assert done.returncode == 2
        assert "this is the file that the network is read from" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["link.json", "net.json"]
    assert (tmp_path / "net.json").read_text() == text
