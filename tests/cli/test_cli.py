"""The command line as a user meets it: what it prints, its exit codes, no traceback."""

import dataclasses
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

import derive
import derive.__main__


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
    assert "(rules: logistic function)" in text
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
    assert process.returncode == 130
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


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["W5"], "Weight w5"),
        (["dE_total_dw5"], "Weight w5"),
        (["∂E/∂w₅"], "Weight w5"),
        (["DE_TOTAL_DOUT_H1"], "Output out_h1"),
        (["OUT_H1"], "Output out_h1"),
        (["e_total"], "Error E_total"),
        (["w5", "xor"], "Weight w5"),
        (["xor", "dE_mean_dw5"], "Weight w5"),
    ],
)
def test_show_takes_names_as_they_are_typed(command, tmp_path, words, title):
    done = command("show", *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{title}\n")


def test_show_tells_letters_of_two_sizes_apart(command, tmp_path):
    network = '[[sample]]\ninputs = [1, 2]\n[[layer]]\nweights = [[0.5, 0.25]]\nweight_names = [["w1", "W1"]]\n'
    (tmp_path / "net.toml").write_text(network)
    assert command("show", "net.toml", "W1", cwd=tmp_path).stdout.startswith("Weight W1\n\n    = 0.25\n")
    assert command("show", "net.toml", "w₁", cwd=tmp_path).stdout.startswith("Weight w1\n\n    = 0.5\n")


def test_show_lists_the_names_of_a_network(command, tmp_path):
    done = command("show", "article", "--language", "pt-BR", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  Pesos:         w1, w2, w3, w4, w5, w6, w7, w8\n" in done.stdout
    assert done.stdout.endswith("\nderive show article w1 mostra uma grandeza e a sua derivada.\n")
    assert done.stdout.startswith("Um exemplo passo a passo\n")  # in its language, as train and check have it
    assert command("show", "--language", "pt-BR", cwd=tmp_path).stdout == done.stdout
    found = json.loads(command("show", "article", "--json", cwd=tmp_path).stdout)["names"]
    assert (found["delta"], found["error"]) == (
        ["delta_h1", "delta_h2", "delta_o1", "delta_o2"],
        ["E_o1", "E_o2", "E_total"],
    )
    assert "'my.toml': no such file" in command("show", "my.toml", cwd=tmp_path).stderr
    assert "expected one, such as w1" in command("show", "article", "--latex", cwd=tmp_path).stderr


def test_names_of_a_large_network_are_counted(command, tmp_path):
    rows = f"[{', '.join(['0.1'] * 50)}]"
    (tmp_path / "net.toml").write_text(f"[[sample]]\ninputs = {rows}\n[[layer]]\nweights = [{rows}]\n")
    said = command("show", "net.toml", cwd=tmp_path).stdout
    assert " w40, … (50 in all)\n" in re.sub(r"\n {3,}", " ", said)
    assert all(len(line) <= 80 for line in said.splitlines())


@pytest.mark.parametrize(
    ("given", "rows"), [("1e1", ["0", "1", "10"]), ("1.2E1", ["0", "1", "10", "12"]), ("1_0", ["0", "1", "10"])]
)
def test_whole_numbers_may_have_a_power_of_ten(command, tmp_path, given, rows):
    done = command("train", "--iterations", given, "--digits", "3e0", cwd=tmp_path)
    assert [line.split()[0] for line in done.stdout.split("\n\n")[1].splitlines()[1:]] == rows


@pytest.mark.parametrize("given", ["1e-2", "1.25e1", "1.5", "10.000", "1e99999", "nan"])
def test_what_is_no_whole_number_is_said(command, tmp_path, given):
    done = command("train", "--iterations", given, cwd=tmp_path)
    assert (done.returncode, f"'{given}' is not a valid integer." in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["train", "figure", "show", "handout"])
def test_the_help_shows_no_bound_that_there_is_not(command, tmp_path, name):
    said = command(name, "--help", cwd=tmp_path).stdout
    assert "None" not in said
    assert "x>=1]" in said


def test_an_interrupt_while_the_command_line_loads_ends_in_one_line(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("derive.cli.main.main", interrupted)
    monkeypatch.setenv("LANG", "es_ES.UTF-8")
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(SystemExit) as ended:
            derive.__main__.main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (ended.value.code, capsys.readouterr().err) == (130, "derive: interrumpido\n")


def offered(*words):
    """Return what a shell offers for the last word of a command line."""
    from derive.cli.main import commands

    complete = ShellComplete(commands, {}, "derive", "_DERIVE_COMPLETE")
    return [item.value for item in complete.get_completions(list(words[:-1]), words[-1])]


def test_the_shell_completes_names(tmp_path):
    assert {"xor", "w5", "delta_h1"} <= set(offered("show", ""))
    assert offered("show", "xor", "b") == ["b_h1", "b_h2", "b_o1"]
    assert offered("show", str(tmp_path / "none.toml"), "w") == []


@pytest.mark.parametrize(("code", "begins"), [("en", "# A network for"), ("es", "# Una red"), ("pt-BR", "# Uma rede")])
def test_new_writes_its_comments_in_the_language(command, tmp_path, code, begins):
    assert command("new", "my.toml", "--language", code, cwd=tmp_path).returncode == 0
    text = (tmp_path / "my.toml").read_text(encoding="utf-8")
    assert text.startswith(begins)
    assert all(len(line) <= 120 for line in text.splitlines())
    network = derive.load(tmp_path / "my.toml")
    assert dataclasses.replace(network, title=derive.load("article").title).derive()["w1"].value
    assert ("Change the numbers" in text) == (code == "en")
