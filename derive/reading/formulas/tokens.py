"""A formula's text as tokens, in an order that can be a formula's: what is wrong with it is found here, with its place.

A text is looked at sign by sign and once, so that a hostile one is refused before anything takes it apart.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.computation.naming import LONGEST_NAME, NAME
from derive.errors import InputError, Message, Text, Whole
from derive.notation.names import GREEK
from derive.numbers.exact import comma_hint

MOST_CHARACTERS, MOST_TOKENS, MOST_PARENTHESES = 10_000, 2_000, 40
SHOWN_BEFORE, SHOWN = 50, 90  # characters of a long formula that stand before its fault, and in all
TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|[-+*/^(),−·⋅×])",
    re.ASCII,
)
WRITTEN = {"**": "^", "−": "-", "·": "*", "⋅": "*", "×": "*"}
OPERATORS, SIGNS = frozenset("+-*/^"), frozenset("+-")
TOO_DEEP = Message(
    "found more than {most} parentheses in one another; give parts of it lines of their own.",
    {"most": MOST_PARENTHESES},
)
AN_OPERAND = Message("a number, a name or an opening parenthesis")
AN_OPERATOR = Message("one of + - * / ^ before it")
ABSOLUTE, ROUND = Message(" Write |x| as abs(x)."), Message(" Use round parentheses.")
HINTS: dict[str, Text] = {"|": ABSOLUTE, **dict.fromkeys("[]{}", ROUND)}
INSTEAD = {"√": "sqrt(x)", "÷": "/", "–": "-", "—": "-", "∗": "*", "∙": "*", "•": "*"}
GREEK_NAMES = {letter: name for name, letter in GREEK.items()}


@dataclass(frozen=True)
class Token:
    """A number, a name or a sign, and where in the formula it begins."""

    kind: str
    text: str
    start: int


def fault(formula: str, place: int, message: Message) -> InputError:
    """Return an error whose message shows the formula with a caret under the place.

    >>> print(fault("2 x", 2, Message("found {found}.", {"found": "x"})))
    found x.
        2 x
          ^
    """
    start = max(0, place - SHOWN_BEFORE) if len(formula) > SHOWN else 0
    before = "…" if start else ""
    part = formula[start : start + SHOWN]
    behind = "…" if start + SHOWN < len(formula) else ""
    line = before + "".join(map(_shown, part)) + behind
    return InputError(
        "{message}\n    {line}\n    {caret}",
        message=message,
        line=line,
        caret=" " * (len(before) + place - start) + "^",
    )


def _shown(sign: str) -> str:
    """Return a sign that takes one column: what is wider, or has none, is shown as a question mark."""
    is_plain = sign.isprintable() and not unicodedata.combining(sign) and unicodedata.east_asian_width(sign) not in "WF"
    return sign if is_plain else " " if sign.isspace() else "?"


def tokens(formula: str) -> list[Token]:
    """Return the tokens of a formula; raises `InputError` for what is none, and for too much of it."""
    if len(formula) > MOST_CHARACTERS:
        raise InputError(
            "found a formula of {found} characters; expected at most {most}. Give parts of it lines of their own.",
            found=Whole(len(formula)),
            most=Whole(MOST_CHARACTERS),
        )
    found: list[Token] = []
    place = 0
    while place < len(formula):
        match = TOKEN.match(formula, place)
        if match is None:
            raise fault(formula, place, _no_token(formula[place]))
        if match.lastgroup == "name" and (len(match[0]) > LONGEST_NAME or not NAME.fullmatch(match[0])):
            raise fault(formula, place, _no_name(match[0]))
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), WRITTEN.get(match[0], match[0]), place))
        place = match.end()
    if len(found) > MOST_TOKENS:
        raise InputError(
            "found a formula of {found} names, numbers and signs; expected at most {most}. Give parts of it lines of "
            "their own.",
            found=Whole(len(found)),
            most=Whole(MOST_TOKENS),
        )
    _check_order(formula, found)
    return found


def _no_name(text: str) -> Message:
    found = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
    return Message(
        "found the name {found}; expected one of at most {longest} letters, digits and single underscores that begins "
        "with a letter, such as w14 or h_1.",
        {"found": found, "longest": LONGEST_NAME},
    )


def _no_token(sign: str) -> Message:
    return Message(
        "found {found}; expected a formula of names, numbers, + - * / ^, parentheses, and functions such as exp(x)."
        "{hint}",
        {"found": repr(sign), "hint": _hint(sign)},
    )


def _hint(sign: str) -> Text:
    if sign in HINTS:
        return HINTS[sign]
    instead = INSTEAD.get(sign) or GREEK_NAMES.get(sign) or _of_number(sign)
    return Message(" Write {instead} for it.", {"instead": instead}) if instead else ""


def _of_number(sign: str) -> str:
    """Return how a sign such as ½ or ² is written in a formula, "" for any other sign."""
    plain = unicodedata.normalize("NFKC", sign).replace("\u2044", "/")
    if not re.fullmatch(r"\d+(/\d+)?", plain, re.ASCII):
        return ""
    return f"^{plain}" if unicodedata.decomposition(sign).startswith("<super>") else plain


def _check_order(formula: str, found: Sequence[Token]) -> None:
    """Refuse what cannot follow one another, and parentheses that do not match or lie too deep."""
    order = _Order(formula)
    followers = [token.text for token in found[1:]] + [""]
    for token, follower in zip(found, followers, strict=bool(found)):
        order.take(token, is_function=token.kind == "name" and follower == "(")
    order.end()


@dataclass
class _Order:
    """What may come next in a formula.

    ``is_behind`` says that an operand stands before, ``has_sign`` that a sign of one does. ``opened`` are the
    parentheses that are open, each with whether it is a function's, and ``powers`` says for each of them, and for the
    whole, whether an exponent stands before.
    """

    formula: str
    is_behind: bool = False
    has_sign: bool = False
    is_called: bool = False
    opened: list[tuple[Token, bool]] = field(default_factory=list)
    powers: list[bool] = field(default_factory=lambda: [False])

    def take(self, token: Token, *, is_function: bool) -> None:
        """Go on by one token; raises `InputError` for one that cannot stand here."""
        if token.kind in ("number", "name") or token.text == "(":
            self._operand(token)
            self.is_behind, self.is_called = token.text != "(" and not is_function, is_function
        elif self.is_behind:
            self._behind_operand(token)
        elif token.text in SIGNS and not self.has_sign:
            self.has_sign = True
        else:
            raise self._fault(token, AN_OPERAND)

    def end(self) -> None:
        """Raise `InputError` where the formula cannot end."""
        if not self.is_behind:
            message = Message("the formula ends here; expected {expected}.", {"expected": AN_OPERAND})
            raise fault(self.formula, len(self.formula.rstrip()), message)
        if self.opened:
            token, _ = self.opened[-1]
            raise fault(self.formula, token.start, Message("this parenthesis is not closed; expected a ) for it."))

    def _operand(self, token: Token) -> None:
        if self.is_behind:
            raise self._fault(token, AN_OPERATOR)
        self.has_sign = False
        if token.text == "(":
            self.opened.append((token, self.is_called))
            self.powers.append(False)
            if len(self.opened) > MOST_PARENTHESES:
                raise fault(self.formula, token.start, TOO_DEEP)

    def _behind_operand(self, token: Token) -> None:
        self.is_behind = token.text == ")"
        if token.text == ")":
            if not self.opened:
                message = Message("found a ) that closes nothing; expected a ( before it.")
                raise fault(self.formula, token.start, message)
            self.opened.pop()
            self.powers.pop()
        elif token.text == ",":
            if not self.opened or not self.opened[-1][1]:
                raise self._fault(token, Message("a comma between what a function takes alone"))
            self.powers[-1] = False
        elif token.text == "^" and self.powers[-1]:
            message = Message("found a power of a power; expected parentheses that say which is meant, as in (a^2)^3.")
            raise fault(self.formula, token.start, message)
        else:
            self.powers[-1] = token.text == "^"

    def _fault(self, token: Token, expected: Message) -> InputError:
        hint = comma_hint(self.formula) if token.text == "," else ""
        found = {"found": repr(token.text), "expected": expected, "hint": hint}
        return fault(self.formula, token.start, Message("found {found}; expected {expected}.{hint}", found))
