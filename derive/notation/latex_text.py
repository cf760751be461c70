r"""Text as LaTeX for pdflatex and lualatex alike: what both can show is written, anything else is refused by its name.

Letters stand as they are where the T1 encoding and Latin Modern have them; other Latin letters are composed of a letter
and accents, Greek letters and signs are mathematics. The PDF's own title takes any character by its number.
"""

import re
import unicodedata
from functools import cache

from derive.errors import InputError
from derive.notation.names import GREEK

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    # Behind the end of a line these would belong to it.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "½": r"$\frac{1}{2}$",
    "−": r"\textminus{}",
    "·": r"\textperiodcentered{}",
    "\u202f": r"\,",
    "ẞ": "SS",  # Latin Modern has it so
    "‒": "–",
    "―": "—",
}
# Beyond ASCII, what T1 (with textcomp) and Latin Modern's OpenType fonts both have.
SET_AS_IT_IS = "¡-§¨-¬®-ķĹ-ľŁ-ňŊ-ťŨ-žƒǍ-ǔǦǧǪǫǰǴǵȘ-țȷˆˇ˘˙˜˝ḍḥḷṃṅṇṛṣṭỲỳ‐‑–—‖‘’‚“”„†‡•…‰‱‹›※‽⁄⁒₡₤₦₩₫€₱℃№℗℞℠™℧℮"
AS_IT_IS = re.compile(rf"[ -~]|(?![Ħħ])[{SET_AS_IT_IS}]")
# Two of them would be joined to another sign; lualatex heeds no empty braces between them.
JOINED = re.compile(r"(?<=-)(?=-)|(?<=,)(?=,)|(?<=<)(?=<)|(?<=>)(?=>)")
CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
APART = r"\kern0pt{}"
ACCENTS = {
    "\u0300": ("`", "grave"),
    "\u0301": ("'", "acute"),
    "\u0302": ("^", "hat"),
    "\u0303": ("~", "tilde"),
    "\u0304": ("=", "bar"),
    "\u0306": ("u", "breve"),
    "\u0307": (".", "dot"),
    "\u0308": ('"', "ddot"),
    "\u030a": ("r", "mathring"),
    "\u030b": ("H", ""),
    "\u030c": ("v", "check"),
    "\u0323": ("d", ""),
    "\u0331": ("b", ""),
}
COMMANDS = (
    "← leftarrow → rightarrow ↑ uparrow ↓ downarrow ↔ leftrightarrow ↕ updownarrow ↖ nwarrow ↗ nearrow ↘ searrow ↙ "
    "swarrow ↦ mapsto ↩ hookleftarrow ↪ hookrightarrow ↺ circlearrowleft ↻ circlearrowright ⇀ rightharpoonup ⇄ "
    "rightleftarrows ⇌ rightleftharpoons ⇐ Leftarrow ⇒ Rightarrow ⇑ Uparrow ⇓ Downarrow ⇔ Leftrightarrow ⟵ "
    "longleftarrow ⟶ longrightarrow ⟷ longleftrightarrow ⟸ Longleftarrow ⟹ Longrightarrow ⟺ Longleftrightarrow ⟼ "
    r"longmapsto ↝ leadsto ≤ leq ≥ geq ≠ neq ≈ approx ≡ equiv ≢ not\equiv ≪ ll ≫ gg ∼ sim ≃ simeq ≅ cong ∝ propto ⩽ "
    r"leqslant ⩾ geqslant ≺ prec ≻ succ ∈ in ∉ notin ∋ ni ⊂ subset ⊃ supset ⊆ subseteq ⊇ supseteq ⊄ not\subset ∥ "
    "parallel ∦ nparallel ⊥ perp ∠ angle ∣ mid ⊢ vdash ⊨ models ∓ mp ∗ ast ∘ circ ∙ bullet ⊕ oplus ⊖ ominus ⊗ "
    "otimes ⊘ oslash ⊙ odot ∧ wedge ∨ vee ∩ cap ∪ cup ∖ setminus ⋅ cdot ⋆ star √ surd ∞ infty ∂ partial ∇ nabla ∆ "
    "Delta ∑ sum ∏ prod ∐ coprod ∫ int ∬ iint ∮ oint ∀ forall ∃ exists ∄ nexists ∅ emptyset ∴ therefore ∵ because ℓ "
    "ell ℜ Re ℑ Im ℵ aleph ℘ wp ℏ hbar ħ hbar ⋯ cdots ⋮ vdots ⋱ ddots ′ prime □ square ■ blacksquare △ triangle ▲ "
    "blacktriangle ▽ triangledown ▼ blacktriangledown ◇ diamond ○ bigcirc ● bullet ★ bigstar ☆ star ♠ spadesuit ♡ "
    "heartsuit ♥ heartsuit ♢ diamondsuit ♦ diamondsuit ♣ clubsuit ♭ flat ♮ natural ♯ sharp ✓ checkmark ⟨ langle ⟩ "
    "rangle ⌊ lfloor ⌋ rfloor ⌈ lceil ⌉ rceil ς varsigma ϑ vartheta ϕ phi ϖ varpi ϱ varrho ϵ epsilon ϰ varkappa"
)
# The letters of Greek that have no command look like Latin ones.
LIKE_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
MATHEMATICS = (
    {sign: f"\\{command}" for sign, command in re.findall(r"(\S) (\S+)", COMMANDS)}
    | {letter: "\\" + name for name, letter in GREEK.items()}
    | {greek: rf"\mathrm{{{latin}}}" for greek, latin in LIKE_LATIN.items()}
    | {"ε": r"\varepsilon", "φ": r"\varphi", "ϵ": r"\epsilon", "ϕ": r"\phi", "″": "{}''", "‴": "{}'''"}
)
# How the letters of the mathematical alphabets are called, and their commands; the bolder ones come first.
ALPHABETS = {
    "BOLD ITALIC": "boldsymbol",
    "SANS-SERIF": "mathsf",
    "BOLD": "mathbf",
    "ITALIC": "mathnormal",
    "MONOSPACE": "mathtt",
    "DOUBLE-STRUCK": "mathbb",
    "SCRIPT": "mathcal",
    "FRAKTUR": "mathfrak",
    "BLACK-LETTER": "mathfrak",
}
CAPITALS_ONLY = ("mathbb", "mathcal")


def escape(text: str, place: str = "tex") -> str:
    r"""Return text that LaTeX shows literally; raises `InputError` for a character that its fonts do not have.

    >>> print(escape(r"100% \input{x}"), escape("Réseau α → ∞"))
    100\% \textbackslash{}input\{x\} Réseau $\alpha$ $\rightarrow$ $\infty$
    """
    parts = JOINED.split(unicodedata.normalize("NFC", text))
    return APART.join("".join(_set(cluster, place) for cluster in CLUSTER.findall(part)) for part in parts)


def pdf_string(text: str) -> str:
    r"""Return text for hyperref, which writes it into the PDF as it is: any sign but letters and digits by its number.

    >>> print(pdf_string("α: 5%"))
    \unichar{945}\unichar{58} 5\unichar{37}
    """
    return "".join(c if c.isascii() and (c.isalnum() or c == " ") else rf"\unichar{{{ord(c)}}}" for c in text)


@cache
def _set(cluster: str, place: str) -> str:
    found = _latex(cluster)
    if found is not None:
        return found
    character = cluster if len(cluster) == 1 else cluster[1]
    raise InputError(
        "{place}: found {found} ({code}, {name}), which LaTeX’s fonts cannot show in pdflatex and lualatex; "
        "write it differently, or choose formats other than tex with --format.",
        place=place,
        found=repr(character),
        code=f"U+{ord(character):04X}",
        name=unicodedata.name(character, "?"),
    )


def _latex(cluster: str) -> str | None:
    """Return a character with its combining accents in LaTeX; None where there is no way."""
    if cluster in SPECIAL:
        return SPECIAL[cluster]
    if AS_IT_IS.fullmatch(cluster):
        return cluster
    if cluster in MATHEMATICS:
        return f"${MATHEMATICS[cluster]}$"
    return _accented(cluster) or _alphabet(cluster) or _compatible(cluster)


def _accented(cluster: str) -> str | None:
    letter, *marks = list(unicodedata.normalize("NFD", cluster))
    if not marks or any(mark not in ACCENTS for mark in marks):
        return None
    if letter in MATHEMATICS and all(ACCENTS[mark][1] for mark in marks):
        accented = MATHEMATICS[letter]
        for mark in marks:
            accented = rf"\{ACCENTS[mark][1]}{{{accented}}}"
        return f"${accented}$"
    if not (letter.isascii() and letter.isalpha()):
        return None
    # An i or j loses its dot below an accent by itself.
    for mark in marks:
        letter = rf"\{ACCENTS[mark][0]}{{{letter}}}"
    return letter


def _alphabet(character: str) -> str | None:
    plain = unicodedata.normalize("NFKC", character)
    if len(character) > 1 or not unicodedata.decomposition(character).startswith("<font>") or len(plain) > 1:
        return None
    name = unicodedata.name(character)
    command = next((command for words, command in ALPHABETS.items() if words in name), "")
    if not command or (command in CAPITALS_ONLY and not plain.isupper()):
        return None
    inner = MATHEMATICS.get(plain, plain)
    return rf"$\{command}{{{inner}}}$" if plain.isascii() or command == "boldsymbol" else None


def _compatible(character: str) -> str | None:
    """Return a raised or lowered sign, a fraction, a Roman numeral or joined letters in the signs they are made of."""
    kind, _, codes = unicodedata.decomposition(character).partition(" ") if len(character) == 1 else ("", "", "")
    plain = "".join(chr(int(code, 16)) for code in codes.split()) if kind.startswith("<") else ""
    inner = [_latex(sign) for sign in plain]
    if not inner or None in inner:
        return None
    written = "".join(map(str, inner))
    if kind == "<fraction>" and re.fullmatch(r"\d+⁄\d+", plain):
        above, below = plain.split("⁄")
        return rf"$\frac{{{above}}}{{{below}}}$"
    commands = {"<super>": r"\textsuperscript{%s}", "<sub>": r"\textsubscript{%s}", "<compat>": "%s"}
    return commands[kind] % written if kind in commands else None
