"""The command line as a user meets it: what it prints, its exit codes, no traceback."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def run(*arguments, cwd=None, **options):
    command = [sys.executable, "-m", "derive", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False, **options)


def test_handout_writes_all_five_formats_and_says_so(tmp_path):
    done = run("handout", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for suffix in ("pdf", "html", "tex", "md", "json"):
        assert f"wrote out/article.{suffix}" in done.stdout
        assert (tmp_path / "out" / f"article.{suffix}").stat().st_size > 5000
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_one_format_and_digits(tmp_path):
    done = run("handout", "article", "--format", "md", "--digits", "4", "--detail", "full", "-o", tmp_path)
    assert done.returncode == 0
    text = (tmp_path / "article.md").read_text(encoding="utf-8")
    assert "0.5933" in text
    assert "0.59327" not in text
    assert "The weight $w_{6}$" in text
    assert not (tmp_path / "article.pdf").exists()


@pytest.mark.parametrize("name", ["w5", "out_h1", "E_total", "w1", "b2", "i1", "target_o1", "delta_h1", "net_o2"])
def test_show_fits_the_terminal(name):
    done = run("show", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "≈" in done.stdout


def test_show_gives_chain_rule_factors_rules_formula_numbers_and_value():
    text = run("show", "article", "w5").stdout
    assert "──────── = ──────── · ─────── · ───────" in text
    assert "(rules: sum, constant multiple, chain, power)" in text
    assert "2·½·(target_o1 − out_o1)     ·(−1) + 0" in text
    assert "≈ −(0.01 − 0.751365070)" in text
    assert "(rules: logistic)" in text
    assert text.rstrip().endswith("≈ 0.082167041")


def test_show_latex():
    text = run("show", "w5", "--latex").stdout
    assert r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}}" in text
    assert r"\approx 0.082167041" in text


def test_new_writes_a_network_that_runs_and_overwrites_nothing(tmp_path):
    assert run("new", "mine.toml", cwd=tmp_path).stdout == "wrote mine.toml\n"
    assert run("handout", "mine.toml", "--format", "json", cwd=tmp_path).stdout == "wrote output/mine.json\n"
    (tmp_path / "mine.toml").write_text("# mine\n")
    again = run("new", "mine.toml", cwd=tmp_path)
    assert (again.returncode, (tmp_path / "mine.toml").read_text()) == (2, "# mine\n")


def test_networks_lists_the_article():
    assert run("networks").stdout.startswith("article: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["handout", "nothere.toml"], "nothere.toml"),
        (["handout", "artcle"], "Did you mean 'article'"),
        (["hanout"], "Did you mean 'handout'"),
        (["handout", "--format", "pfd"], "Did you mean 'pdf'"),
        (["handout", "--fromat", "pdf"], "--format"),
        (["handout", "--detail", "fulll"], "Did you mean 'full'"),
        (["handout", "--digits", "0"], "from 1 to 1,000"),
        *(
            ([*command, "--digits", digits], f"digits: found {digits}; expected a whole number from 1 to 1,000")
            for command in (["handout"], ["show", "w5"], ["train"], ["check"])
            for digits in ("-3", "5000")
        ),
        (["check", "article", "--with", ""], "with: found ''; expected one of numpy"),
        (["handout", "--digits", "x"], "not a valid integer"),
        (["handout", "--max-parameters", "3"], "--max-parameters"),
        (["show", "w55"], "Did you mean 'w5'"),
        (["show", "__class__"], "not a quantity of this network"),
        (["show", "a", "b", "c"], "at most two"),
        (["show"], "NAME"),
        (["new", "x.txt"], ".toml"),
        (["handout", "-o", "/dev/null/x", "--format", "md"], "cannot be written"),
    ],
)
def test_wrong_input_ends_in_one_message_and_exit_code_2(tmp_path, arguments, message):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def on_a_terminal(arguments, cwd):
    """Run with stderr on a terminal and return what it showed there."""
    try:
        master, slave = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to be had here: {error}")
    command = [sys.executable, "-m", "derive", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave, cwd=cwd)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert process.wait(timeout=120) == 0
    return shown.decode()


def test_a_progress_bar_shows_when_it_takes_long_and_not_before(tmp_path):
    assert "%" not in on_a_terminal(["handout", "--format", "json"], tmp_path)
    layer = "[[layer]]\nweights = [" + ",".join("[" + ",".join(["0.1"] * 7) + "]" for _ in range(7)) + "]\n"
    sample = f"[[sample]]\ninputs = {[0.1] * 7}\ntargets = {[0.5] * 7}\n"
    (tmp_path / "wide.toml").write_text(sample + layer * 3)
    assert "%" in on_a_terminal(
        ["handout", "wide.toml", "--detail", "full", "--format", "md", "--format", "html"], tmp_path
    )


def test_train_shows_errors_outs_and_parameters():
    done = run("train", "article")
    assert (done.returncode, done.stderr) == (0, "")
    assert "    10,000  ≈ 0.000035102" in done.stdout
    assert "0.015913620" in done.stdout
    assert "0.984064274" in done.stdout
    assert "every digit shown is correct" in done.stdout
    assert "floating point" not in done.stdout


def test_train_takes_iterations_every_and_digits():
    done = run("train", "xor", "--iterations", "25", "--every", "10", "--digits", "4")
    steps = [line.split()[0] for line in done.stdout.splitlines()[3:7]]
    assert steps == ["0", "10", "20", "25"]
    assert "0.7149" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iterations", "-1"], "iterations: found -1; expected a whole number from 0"),
        (["--every", "0"], "every: found 0; expected a whole number from 1"),
        (["--iterations", "many"], "'many' is not a valid integer"),
    ],
)
def test_wrong_numbers_of_iterations(arguments, message):
    done = run("train", "article", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_training_that_diverges_ends_in_exit_code_3_and_keeps_its_table(tmp_path):
    (tmp_path / "wild.toml").write_text(
        'learning_rate = 30\nerror = "squared_error"\n[[sample]]\ninputs = [1]\ntargets = [1]\n'
        '[[layer]]\nactivation = "identity"\nweights = [[0.5]]\n'
    )
    done = run("train", tmp_path / "wild.toml")
    assert done.returncode == 3
    assert "the learning rate is probably too large" in done.stdout
    assert "         1  = 870.25" in done.stdout
    assert "        10  " in done.stdout
    assert "Traceback" not in done.stderr


def heed_interrupts():
    """Undo what a shell hands on to what it starts in the background: to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_keeps_the_table_so_far():
    command = [sys.executable, "-m", "derive", "train", "xor", "--iterations", "10000000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert "Interrupted after" in out
    assert "Traceback" not in err
    assert "     1,000  ≈ 0.00" in out


def test_the_forms(tmp_path):
    assert run("handout", "xor", "--form", "matrix", "--format", "md", "-o", tmp_path).returncode == 0
    assert "pmatrix" in (tmp_path / "xor.md").read_text(encoding="utf-8")
    assert run("handout", "xor", "--form", "vector", "-o", tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("derive ha", {"plain,handout"}),
        ("derive handout ar", {"plain,article", "plain,article_trained_biases", "file,ar"}),
        ("derive handout --rounding b", {"plain,by-hand"}),
        ("derive show --language p", {"plain,pt-BR"}),
        ("derive show --la", {"plain,--latex", "plain,--language"}),
    ],
)
def test_the_shell_completes_commands_options_and_words(words, offered):
    environment = {
        **os.environ,
        "_DERIVE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        [Path(sys.executable).parent / "derive"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert set(done.stdout.split()) == offered
