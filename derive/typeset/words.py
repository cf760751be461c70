"""What the signs of mathematics are called, by language. A new language is one more table with the same keys.

Keys are signs, signs of a power after ^, simple fractions, and the names of the patterns in speech.py, whose parts go
in at {}.
"""

from __future__ import annotations

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ϵ": "epsilon", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "ϱ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "ϕ": "phi", "φ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

_ENGLISH = _GREEK | {
    # relations
    "=": "equals", "≠": "is not equal to", "≈": "is approximately", "≡": "is identical to", "∼": "is similar to",
    "<": "is less than", ">": "is greater than", "≤": "is at most", "≥": "is at least", "≔": "is defined as",
    "≪": "is much less than", "≫": "is much greater than", "∝": "is proportional to", "∈": "in", "∉": "not in",
    "⊂": "is a subset of", "⊆": "is a subset of", "∣": "given", ":": "colon",
    "→": "to", "↦": "maps to", "⇒": "implies", "⇔": "if and only if", "⟹": "implies", "⟺": "if and only if",
    "←": "from",
    # operations
    "+": "plus", "−": "minus", "-": "minus", "±": "plus or minus", "∓": "minus or plus", "⋅": "times", "·": "times",
    "×": "times", "÷": "divided by", "/": "over", "∗": "star", "⊙": "elementwise times", "⊗": "tensor",
    "∘": "composed with", "∪": "union", "∩": "intersection", "negative": "negative",
    "∑": "the sum", "∏": "the product", "∫": "the integral", "∂": "partial", "∇": "gradient", "∞": "infinity",
    # fences and punctuation
    "(": "open parenthesis", ")": "close parenthesis", "[": "open bracket", "]": "close bracket",
    "{": "open brace", "}": "close brace", "|": "bar", "‖": "double bar", ",": ",", ";": ";",
    "…": "and so on", "⋯": "and so on", "⋮": "and so on", "⋱": "and so on", "!": "factorial",
    # marks above and below
    "ˆ": "hat", "\u0302": "hat", "^": "hat", "¯": "bar", "\u0332": "bar", "˜": "tilde", "\u0303": "tilde",
    "⃗": "vector", "˙": "dot", "¨": "double dot", "⏞": "with a brace above", "⏟": "a brace",
    "′": "prime", "″": "double prime", "‴": "triple prime",
    # powers
    "^2": "squared", "^3": "cubed", "^′": "prime", "^″": "double prime", "^‴": "triple prime", "^∗": "star",
    "^⊤": "transposed", "^𝖳": "transposed", "^†": "dagger",
    "^+": "plus", "^−": "minus",
    # simple fractions
    "1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter", "3/4": "three quarters",
    # functions
    "exp": "exponential", "log": "log", "ln": "natural log", "lim": "the limit", "max": "the maximum",
    "min": "the minimum", "tanh": "hyperbolic tangent", "sin": "sine", "cos": "cosine", "tan": "tangent",
    # patterns
    "of": "of",
    "partial": "the partial derivative of {} with respect to {}",
    "partial operator": "the partial derivative with respect to {} of",
    "derivative": "the derivative of {} with respect to {}",
    "derivative operator": "the derivative with respect to {} of",
    "over": "{} over {}",
    "fraction": "the fraction {} over {}, end of fraction,",
    "choose": "{} choose {}",
    "sub": "sub {},",
    "superscript": "superscript {},",
    "power": "to the power {},",
    "from to": "{} from {} to {} of",
    "over index": "{} over {} of",
    "with over": "{} with {} above",
    "with under": "with {} below",
    "labelled": "{}, labelled {},",
    "root": "the square root of {}, end of root,",
    "cube root": "the cube root of {}, end of root,",
    "nth root": "the root of {} of degree {},",
    "matrix": "the {} by {} matrix {}, end of matrix,",
}  # fmt: skip

_GERMAN = _GREEK | {
    "=": "gleich", "≠": "ungleich", "≈": "ungefähr gleich", "≡": "identisch gleich", "∼": "ähnlich",
    "<": "kleiner als", ">": "größer als", "≤": "höchstens", "≥": "mindestens", "≔": "definiert als",
    "≪": "viel kleiner als", "≫": "viel größer als", "∝": "proportional zu", "∈": "in", "∉": "nicht in",
    "⊂": "Teilmenge von", "⊆": "Teilmenge von", "∣": "gegeben", ":": "Doppelpunkt",
    "→": "gegen", "↦": "wird abgebildet auf", "⇒": "daraus folgt", "⇔": "genau dann, wenn", "⟹": "daraus folgt",
    "⟺": "genau dann, wenn", "←": "von",
    "+": "plus", "−": "minus", "-": "minus", "±": "plus oder minus", "∓": "minus oder plus", "⋅": "mal", "·": "mal",
    "×": "mal", "÷": "geteilt durch", "/": "durch", "∗": "Stern", "⊙": "elementweise mal", "⊗": "Tensor",
    "∘": "verkettet mit", "∪": "vereinigt mit", "∩": "geschnitten mit", "negative": "minus",
    "∑": "die Summe", "∏": "das Produkt", "∫": "das Integral", "∂": "partiell", "∇": "Gradient", "∞": "unendlich",
    "(": "Klammer auf", ")": "Klammer zu", "[": "eckige Klammer auf", "]": "eckige Klammer zu",
    "{": "geschweifte Klammer auf", "}": "geschweifte Klammer zu", "|": "Strich", "‖": "Doppelstrich",
    ",": ",", ";": ";", "…": "und so weiter", "⋯": "und so weiter", "⋮": "und so weiter", "⋱": "und so weiter",
    "!": "Fakultät",
    "ˆ": "Dach", "\u0302": "Dach", "^": "Dach", "¯": "quer", "\u0332": "quer", "˜": "Tilde", "\u0303": "Tilde",
    "⃗": "Vektor", "˙": "Punkt", "¨": "zwei Punkte", "⏞": "mit Klammer darüber", "⏟": "eine Klammer",
    "′": "Strich", "″": "zwei Striche", "‴": "drei Striche",
    "^2": "Quadrat", "^3": "hoch drei", "^′": "Strich", "^″": "zwei Striche", "^‴": "drei Striche", "^∗": "Stern",
    "^⊤": "transponiert", "^𝖳": "transponiert", "^†": "Kreuz", "^+": "plus", "^−": "minus",
    "1/2": "ein halb", "1/3": "ein Drittel", "2/3": "zwei Drittel", "1/4": "ein Viertel", "3/4": "drei Viertel",
    "exp": "Exponentialfunktion", "log": "Logarithmus", "ln": "natürlicher Logarithmus", "lim": "der Grenzwert",
    "max": "das Maximum", "min": "das Minimum", "tanh": "Tangens hyperbolicus", "sin": "Sinus", "cos": "Kosinus",
    "tan": "Tangens",
    "of": "von",
    "partial": "die partielle Ableitung von {} nach {}",
    "partial operator": "die partielle Ableitung nach {} von",
    "derivative": "die Ableitung von {} nach {}",
    "derivative operator": "die Ableitung nach {} von",
    "over": "{} durch {}",
    "fraction": "der Bruch {} durch {}, Ende des Bruchs,",
    "choose": "{} über {}",
    "sub": "Index {},",
    "superscript": "hochgestellt {},",
    "power": "hoch {},",
    "from to": "{} von {} bis {} von",
    "over index": "{} über {} von",
    "with over": "{} mit {} darüber",
    "with under": "mit {} darunter",
    "labelled": "{}, bezeichnet {},",
    "root": "die Wurzel aus {}, Ende der Wurzel,",
    "cube root": "die dritte Wurzel aus {}, Ende der Wurzel,",
    "nth root": "die Wurzel aus {} vom Grad {},",
    "matrix": "die {}-mal-{}-Matrix {}, Ende der Matrix,",
}  # fmt: skip

WORDS = {"en": _ENGLISH, "de": _GERMAN}
