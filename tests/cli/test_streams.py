"""The standard streams: full, closed, left by their reader, or in an encoding that has few signs."""

import os
import re
import subprocess
import sys
import unicodedata

import pytest

import derive
from derive.cli.streams import spelled
from derive.language.language import language
from derive.render import show, terminal

COMMANDS = [
    ["show", "w5"],
    ["networks"],
    ["check"],
    ["train", "--iterations", "3"],
    ["handout", "single_neuron", "--format", "json"],
    ["new", "my.toml"],
    ["--help"],
]
FEW_SIGNS = ["ascii", "cp1252", "latin-1", "cp437", "iso8859-7"]
QUIET = ["show", "w55"]


def in_shell(redirected, arguments, cwd, **environment):
    """Run in bash with what stands behind the command; the code is the command's."""
    command = subprocess.list2cmdline([sys.executable, "-m", "derive", *arguments])
    return subprocess.run(
        ["bash", "-c", f"{command} {redirected}; exit ${{PIPESTATUS[0]}}"],
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("where", "why", "arguments"),
    [
        *((">/dev/full", "no space is left", arguments) for arguments in COMMANDS),
        (">&-", "it is closed", COMMANDS[0]),
        (">&-", "it is closed", ["--help"]),
    ],
)
def test_output_that_cannot_be_written_is_said_in_one_sentence(tmp_path, where, why, arguments):
    done = in_shell(where, arguments, tmp_path, PYTHONUNBUFFERED=str(len(arguments) % 2 or ""))
    assert done.returncode == 2
    assert done.stderr.decode() == f"derive: the output cannot be written ({why})\n"


@pytest.mark.parametrize("arguments", COMMANDS[::2], ids=" ".join)
def test_a_reader_that_leaves_is_no_failed_check(tmp_path, arguments):
    done = in_shell("| true", arguments, tmp_path)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_shells_completion_is_output_too(tmp_path):
    environment = {"_DERIVE_COMPLETE": "bash_complete", "COMP_WORDS": "derive ha", "COMP_CWORD": "1"}
    command = f"{os.path.dirname(sys.executable)}/derive"
    codes = [
        subprocess.run(
            ["bash", "-c", f"{command} {where}; exit ${{PIPESTATUS[0]}}"],
            env=os.environ | environment,
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode
        for where in ("", ">/dev/full", "| true")
    ]
    assert codes == [0, 2, 141]


@pytest.mark.parametrize(
    ("where", "arguments", "code"),
    [
        ("| head -1", ["show", "w5"], (0, 141)),
        ("2>&-", QUIET, (2,)),
        ("2>/dev/full", QUIET, (2,)),
        (">&- 2>&-", ["show", "w5"], (2,)),
        ("<&- >&- 2>&-", ["new", "my.toml"], (2,)),
        ("<&- 2>&-", ["handout", "single_neuron", "--format", "json"], (0,)),
    ],
)
def test_other_streams(tmp_path, where, arguments, code):
    done = in_shell(where, arguments, tmp_path)
    assert done.returncode in code
    assert b"Traceback" not in done.stderr
    assert b"ignored" not in done.stderr


def test_files_are_not_taken_for_closed_streams(tmp_path):
    """A file that is opened first has the number of a stream that is closed; nothing that is said may land in it."""
    in_shell(">&- 2>&-", ["handout", "single_neuron", "--format", "json"], tmp_path)
    made = derive.load("single_neuron").derive().handout().render("json")["handout.json"]
    assert (tmp_path / "output" / "single_neuron.json").read_bytes() == made


def in_ascii(text):
    return spelled(text, "ascii")


def greek(names=("theta_1", "alpha_2", "w_3", "lambda_4")):
    """A network with Greek names, powers, cases, tiny numbers and roots."""
    return derive.Network(
        title="Δίκτυο – naïve",
        layers=[
            derive.Layer(
                weights=[[0.1, 0.2], [1e-9, 0.4]],
                activation="gelu",
                bias=0.3,
                weight_names=[names[:2], names[2:]],
            ),
            derive.Layer(weights=[[0.1, -0.2]], activation="elu", bias=0.1),
        ],
        samples=[derive.Sample(inputs=[0.1, 1e-7], targets=[1])],
    ).derive()


@pytest.mark.parametrize("encoding", FEW_SIGNS)
@pytest.mark.parametrize("name", ["theta_1", "w5", "out_h1", "delta_o1", "delta_h1", "E_total", "w_3"])
def test_formulas_stay_in_their_columns(encoding, name):
    """Each line of a fraction is as wide as what it divides, and raised signs stand behind their base."""
    derivation = greek()
    short = show.render(derivation.evaluation, name, digits=6, spell=lambda text: spelled(text, encoding))
    written = spelled(short, encoding)
    assert written.encode(encoding).decode(encoding) == written
    assert "?" not in written
    assert "\\u" not in written
    # What is spelled afterwards takes the place of one sign each: no column moves.
    assert [len(line) for line in written.splitlines()] == [len(line) for line in short.splitlines()]
    for above, bar, below in zip(lines := written.splitlines(), lines[1:], lines[2:], strict=False):
        for rule in re.finditer(r"(?<![-─\w])(-{2,}|─{2,})(?![-─])", bar):
            start, end = rule.span()
            assert_within(above, start, end)
            assert_within(below, start, end)


@pytest.mark.parametrize("name", ["theta_1", "lambda_4", "w5", "net_h1", "delta_h2"])
def test_a_greek_name_is_laid_out_as_a_word_of_its_length(name):
    words = {"theta_1": "thetq_1", "alpha_2": "alphq_2", "w_3": "w_3", "lambda_4": "lambdq_4"}
    latin = show.render(greek(tuple(words.values())).evaluation, words.get(name, name), digits=6, spell=in_ascii)
    found = in_ascii(show.render(greek().evaluation, name, digits=6, spell=in_ascii))
    for greek_name, latin_name in words.items():
        found = found.replace(greek_name, latin_name)
    assert found == in_ascii(latin)


def assert_within(line, start, end):
    """Nothing that stands over or under a fraction's line reaches beyond it."""
    padded = line.ljust(end + 1)
    assert padded[start:end].strip()
    for edge in (start, end):
        before, behind = padded[edge - 1], padded[edge]
        assert set(" ()/\\|") & {before, behind}, (line, start, end)


def test_the_tables_stay_in_their_columns():
    derivation, english = greek(), language("en")
    training = derivation.train(3)
    named = {"digits": 6, "language": english, "spell": in_ascii}
    tables = [
        terminal.check(derivation.evaluation, ["numpy"], **named)[0],
        terminal.training(derivation.evaluation, training, training.certified(6), wanted=3, **named),
    ]
    for table in tables:
        rows = [line for line in in_ascii(table).splitlines() if re.match(r"(theta_1|alpha_2|w_3|lambda_4|w5) ", line)]
        assert len(rows) == 5
        starts = {re.search(r" (?=[-=~\d])[-=~ ]*\d", row).end() for row in rows}
        assert len(starts) <= 2, rows  # a minus sign before some


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("∂E/∂w ≈ −0.5·10⁻⁷", "ascii", "dE/dw ~ -0.5*10^-7"),
        ("10⁻² and 10²", "cp1252", "10^-2 and 10²"),
        ("½·x", "cp1252", "½·x"),
        ("δ_o1, θ_1, Σ, λ, ς", "cp1252", "delta_o1, theta_1, Sigma, lambda, sigma"),
        ("m̂_w5, w5⁺, x₁₂", "ascii", "m_hat_w5, w5^+, x_12"),
        ("¿Quiso decir «años»?", "ascii", 'Quiso decir "años"?'.replace("ñ", "n")),
        ("não, função, você, parâmetro", "ascii", "nao, funcao, voce, parametro"),
        ("não, função", "cp1252", "não, função"),
        ("█░ 50 %", "ascii", "#. 50 %"),
        ("日本 🙂", "cp1252", "\\u65e5\\u672c \\U0001f642"),
        ("caf\udce9.toml", "utf-8", "caf\\xe9.toml"),
        ("caf\udce9.toml", "ascii", "caf\\xe9.toml"),
        ("what?", "ascii", "what?"),
        ("∂ 日 \x1b[1m", "utf-8", "∂ 日 \x1b[1m"),
    ],
)
def test_each_sign_has_a_form(text, encoding, expected):
    assert spelled(text, encoding) == expected
    assert expected.encode(encoding)


def test_every_sign_of_unicode_has_a_form():
    """Only marks that belong to the letter before them, and ¿ and ¡, are left out."""
    for number in [*range(0x20000), 0xE0001, 0x10FFFF]:
        sign = chr(number)
        form = in_ascii(sign)
        assert form.isascii()
        marks = all(map(unicodedata.combining, unicodedata.normalize("NFKD", sign)))
        assert form or marks or sign in "¿¡", hex(number)
        assert "?" not in form or "?" in unicodedata.normalize("NFKD", sign)


ASCII_LOCALE = {"PYTHONIOENCODING": "", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"PYTHONIOENCODING": "cp1252"}, ["show", "w5", "--language", "es"]),
        ({"PYTHONIOENCODING": "ascii"}, ["show", "w55", "--language", "pt-BR"]),
        (ASCII_LOCALE, ["--help", "--language", "pt-BR"]),
    ],
)
def test_nothing_is_lost_on_a_console_of_few_signs(tmp_path, environment, arguments):
    encoding = environment["PYTHONIOENCODING"] or "ascii"
    few, all_ = (in_shell("", arguments, tmp_path, **each) for each in (environment, {}))
    told, whole = (few.stdout + few.stderr).decode(encoding), (all_.stdout + all_.stderr).decode()
    assert told.count("?") == whole.count("?")
    # Word for word, but for the letters that the console does not have.
    words = [re.findall("[A-Za-z]{4,}", text) for text in (spelled(told, "ascii"), spelled(whole, "ascii"))]
    assert words[0] == words[1]
    assert len(words[0]) > 5


def test_a_name_that_is_no_utf8_is_said(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "derive", "show", b"caf\xe9.toml", "w5"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"caf\\xe9.toml" in done.stderr or b"caf\\udce9.toml" in done.stderr
    written = subprocess.run(
        [sys.executable, "-m", "derive", "new", b"caf\xe9.toml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert written.returncode == 0
    assert re.search(rb"caf\\(xe9|udce9)\.toml", written.stdout)
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9.toml"]


def test_the_interpreter_says_nothing_at_its_end():
    code = (
        "import os, sys\nfrom derive.cli.streams import OutputError, standard_streams\n"
        "try:\n    with standard_streams():\n        sys.stdout.write('x' * 100000)\n        sys.stdout.flush()\n"
        "except OutputError as error:\n    print(type(error.reason).__name__, file=sys.stderr)\n"
    )
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "$0" >/dev/full', code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "OSError\n")
