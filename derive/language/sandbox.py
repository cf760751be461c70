"""The sandbox in which a user's templates run: only what is offered by name can be used.

A template may come from anybody. It is given plain data, and of anything else the names that a table offers: an
attribute to read, or a function to call with arguments of the kinds that stand beside it. Nothing of another class is
ever handed to it, and nothing that it makes in one step is larger than `LONGEST`. How many steps it takes is its own
affair: one that never ends is ended with Ctrl-C.
"""

import re
from collections.abc import Callable, Collection, ItemsView, Iterable, KeysView, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from fractions import Fraction
from functools import wraps
from inspect import signature
from types import EllipsisType, MappingProxyType, NoneType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import SandboxedEnvironment, safe_range
from jinja2.utils import Cycler, Joiner, Namespace

from derive.errors import InputError, shown

LONGEST = 20_000_000  # characters of a text, or items of a list
WIDEST = 1_000  # what a template may say of a width, a number of decimals or of columns
MOST_BITS = 10_000  # of a whole number

# What an argument may be: of a class, of one of several, or a whole number in a range.
Kind = type | tuple[type, ...] | range
Takes = tuple[Kind, ...] | EllipsisType
Offer = Mapping[str, Takes | None]
ANYTHING = ...


@dataclass(frozen=True, eq=False)
class Tool:
    """A function that a template may call; every argument has to be of the kind in ``takes``, or `ANYTHING` goes.

    >>> Tool("double", lambda text: text + text, (str,))("ab")
    'abab'
    """

    name: str
    function: Callable[..., Any]
    takes: Takes

    def __call__(self, /, *arguments: Any, **named: Any) -> Any:
        """Call the function; raises `SecurityError` for an argument of another kind."""
        if self.takes is not ANYTHING:
            self._check(signature(self.function).bind(*arguments, **named).args if named else arguments)
        return self.function(*arguments, **named)

    def _check(self, arguments: Sequence[Any]) -> None:
        assert isinstance(self.takes, tuple)
        if len(arguments) > len(self.takes):
            raise SecurityError(f"{self.name}: found {len(arguments)} arguments; expected at most {len(self.takes)}")
        for argument, kind in zip(arguments, self.takes, strict=False):
            if not _is_of(argument, kind):
                raise SecurityError(f"{self.name}: found {shown(argument)}; expected {_kind_text(kind)}")


def _is_of(argument: Any, kind: Kind) -> bool:
    if isinstance(kind, range):
        return isinstance(argument, int) and not isinstance(argument, bool) and argument in kind
    return isinstance(argument, kind)


def _kind_text(kind: Kind) -> str:
    if isinstance(kind, range):
        return f"a whole number from {kind.start} to {kind.stop - 1}"
    return " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))


WIDTH = range(WIDEST + 1)
_PART = (str, NoneType)
_ENDS = (str, tuple)
_TEXT: Offer = {
    **dict.fromkeys(
        ("capitalize", "casefold", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "islower", "isnumeric"), ()
    ),
    **dict.fromkeys(("isprintable", "isspace", "istitle", "isupper", "lower", "swapcase", "title", "upper"), ()),
    **dict.fromkeys(("center", "ljust", "rjust"), (WIDTH, str)),
    **dict.fromkeys(("lstrip", "rstrip", "strip"), (_PART,)),
    **dict.fromkeys(("partition", "rpartition", "removeprefix", "removesuffix"), (str,)),
    **dict.fromkeys(("split", "rsplit"), (_PART, int)),
    **dict.fromkeys(("count", "find", "index", "rfind", "rindex"), (str, int, int)),
    **dict.fromkeys(("startswith", "endswith"), (_ENDS, int, int)),
    "join": (Iterable,),
    "replace": (str, str, int),
    "splitlines": (bool,),
    "zfill": (WIDTH,),
}
_LOOP: Offer = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0")),
    **dict.fromkeys(("previtem", "nextitem")),
    "cycle": ANYTHING,
    "changed": ANYTHING,
}
_PLAIN: tuple[type, ...] = (
    bool,
    int,
    float,
    range,
    set,
    frozenset,
    slice,
    NoneType,
    KeysView,
    ItemsView,
    ValuesView,
    Undefined,
)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.items()), type({}.values()))
_CALLED: tuple[type, ...] = (Tool, Macro, BlockReference, LoopContext, Joiner)
# What the language of templates brings itself.
BASIC: Mapping[type, Offer] = {
    **{kind: {} for kind in (*_PLAIN, *_VIEWS, *_CALLED, TemplateModule, TemplateReference, Namespace)},
    str: _TEXT,
    Fraction: dict.fromkeys(("numerator", "denominator")),
    tuple: {"count": ANYTHING, "index": ANYTHING},
    list: {"append": ANYTHING, "count": ANYTHING, "index": ANYTHING},
    dict: {"get": ANYTHING, "items": (), "keys": (), "values": ()},
    MappingProxyType: {"get": ANYTHING, "items": (), "keys": (), "values": ()},
    LoopContext: _LOOP,
    Cycler: {"current": None, "next": (), "reset": ()},
}
_WITH_ITEMS = (str, tuple, list, range, Mapping, TemplateReference)
_WIDTHS = ("batch", "center", "filesizeformat", "indent", "round", "slice", "tojson", "truncate", "urlize", "wordwrap")


class _Generator(CodeGenerator):
    """Generates code in which a text put together with ~ is no longer than any other."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")


class Sandbox(SandboxedEnvironment):
    """Runs templates that may use what is offered, and nothing else; ``offered`` comes on top of `BASIC`.

    ``check_named`` raises `SecurityError` for the name of a template that another one must not take in.
    """

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(
        self, *, offered: Mapping[type, Offer], check_named: Callable[[str], None] = lambda name: None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.check_named = check_named
        self.offered = {**BASIC, **offered}
        self._known: dict[type, Offer | None] = {}
        self.globals = {name: value for name, value in self.globals.items() if name in ("_", "gettext", "ngettext")}
        self.globals |= {
            "range": Tool("range", safe_range, (int, int, int)),
            "dict": Tool("dict", lambda *pairs, **named: dict(*pairs, **named), ANYTHING),
            "cycler": Tool("cycler", lambda *items: Cycler(*items), ANYTHING),
            "joiner": Tool("joiner", lambda mark=", ": Joiner(mark), (str,)),
            "namespace": Tool("namespace", lambda *pairs, **named: Namespace(*pairs, **named), ANYTHING),
        }
        self.filters = {**self.filters, **dict(_bounded_filters())}

    def offer(self, value: object) -> Offer | None:
        """Return what may be used of a value; None where it must not be handed out at all."""
        kind = type(value)
        if kind not in self._known:
            self._known[kind] = next((self.offered[base] for base in kind.__mro__ if base in self.offered), None)
        return self._known[kind]

    def handed(self, value: Any) -> Any:
        """Return the value; raises `SecurityError` where it is nothing that a template is given."""
        if self.offer(value) is None:
            raise SecurityError(f"{type(value).__name__}: a template is given nothing of that kind")
        return value

    def join_path(self, template: str, parent: str) -> str:
        """Return the name of a template that another one includes, imports or extends."""
        self.check_named(template)
        return super().join_path(template, parent)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute that is offered, else an item of that name, else what is undefined."""
        return self._first(obj, attribute, self._attribute, self._item)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item, else an attribute of that name, else what is undefined."""
        return self._first(obj, argument, self._item, self._attribute)

    def _first(self, obj: Any, name: Any, *ways: Callable[[Any, Any], Any]) -> Any:
        if isinstance(obj, Undefined):
            raise obj._undefined_exception(obj._undefined_message)
        for way in ways:
            try:
                return self.handed(way(obj, name))
            except InputError:  # an unknown name of a derivation says more than that it is undefined
                raise
            except (TypeError, LookupError, AttributeError):
                continue
        return self.undefined(obj=obj, name=name)

    def _attribute(self, obj: Any, name: Any) -> Any:
        offer = self.offer(obj) or {}
        is_own = isinstance(obj, Namespace | TemplateModule) and isinstance(name, str) and not name.startswith("_")
        if name not in offer and not is_own:
            raise AttributeError
        value, takes = getattr(obj, name), offer.get(name)
        if takes is None:
            return value
        if isinstance(obj, str) and name in _BOUNDED_TEXT:
            value = _BOUNDED_TEXT[name](obj, value)
        return Tool(name, value, takes)

    def _item(self, obj: Any, name: Any) -> Any:
        if not isinstance(obj, _WITH_ITEMS):
            raise TypeError
        return obj[name]

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether the attribute is offered."""
        return attr in (self.offer(obj) or {})

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether it is a tool, a part of the template's own, or a function that translates."""
        return isinstance(obj, _CALLED) or any(obj is known for known in self.globals.values())

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call what may be called; what it returns has to be something that may be handed out."""
        if isinstance(__obj, Undefined):
            raise __obj._undefined_exception(__obj._undefined_message)
        return __self.handed(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate; raises `SecurityError` for what would be too large."""
        if operator == "%" and isinstance(left, str):
            check_format(left)
        elif operator == "*":
            _check_product(left, right)
        elif operator == "**":
            _check_power(left, right)
        return self.bounded(super().call_binop(context, operator, left, right))

    def bounded(self, value: Any) -> Any:
        """Return what a step made; raises `SecurityError` where it is too large to go on with."""
        if isinstance(value, str | list | tuple):
            check_size(len(value))
        return value

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """Return the pieces of a macro, a block or a template put together."""
        return "".join(_measured(pieces))


def check_size(size: int) -> None:
    """Refuse what would be larger than `LONGEST`."""
    if size > LONGEST:
        raise SecurityError(f"found something of {size:,} characters or items; expected at most {LONGEST:,}")


def check_format(text: str) -> None:
    """Refuse a format with %, of printf's kind, that asks for a great width."""
    position = 0
    while (position := text.find("%", position) + 1) > 0:
        position = _behind_key(text, position)
        found = _FORMAT.match(text, position)
        assert found  # each of its parts may be empty
        if "*" in found[0] or any(len(part) > len(str(WIDEST)) - 1 for part in (found[1], found[2] or "")):
            raise SecurityError(f"found the format {shown(found[0])}; expected widths below {WIDEST:,}")
        position = found.end() + 1


_FORMAT = re.compile(r"[-+ #0]*(\*|\d*)(?:\.(\*|\d*))?")


def _behind_key(text: str, position: int) -> int:
    """Return the position behind a name in parentheses, which may hold parentheses; the same where there is none."""
    if text[position : position + 1] != "(":
        return position
    depth = 0
    for sign in re.finditer(r"[()]", text[position:]):
        depth += 1 if sign[0] == "(" else -1
        if not depth:
            return position + sign.end()
    return len(text)


def _bits(value: Any) -> int:
    """Return how long a number is that is kept in full, 0 for anything else."""
    is_full = isinstance(value, int | Fraction)
    return max(value.numerator.bit_length(), value.denominator.bit_length()) if is_full else 0


def _check_bits(bits: int) -> None:
    if bits > MOST_BITS:
        raise SecurityError(f"found a number of more than {MOST_BITS:,} bits; expected shorter ones")


def _check_product(left: Any, right: Any) -> None:
    for many, times in ((left, right), (right, left)):
        if isinstance(many, str | list | tuple) and isinstance(times, int):
            check_size(len(many) * times)
    _check_bits(_bits(left) + _bits(right))


def _check_power(base: Any, exponent: Any) -> None:
    if not all(isinstance(number, int | float | Fraction) for number in (base, exponent)):
        raise SecurityError("found a power of something else than numbers")
    if isinstance(exponent, int):
        _check_bits(_bits(base) * abs(exponent))


def _measured(pieces: Iterable[str], between: int = 0) -> list[str]:
    """Return the texts, so many characters between them; refuses them before they are too long together."""
    found, size = [], 0
    for piece in pieces:
        size += len(piece) + between
        check_size(size)
        found.append(piece)
    return found


def _check_replaced(text: str, old: str, new: str) -> None:
    check_size(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def _bounded_join(text: str, bound: Callable[..., str]) -> Callable[..., str]:
    def join(items: Iterable[str]) -> str:
        return bound(_measured(items, len(text)))

    return join


def _bounded_replace(text: str, bound: Callable[..., str]) -> Callable[..., str]:
    def replace(old: str, new: str, count: int = -1) -> str:
        _check_replaced(text, old, new)
        return bound(old, new, count)

    return replace


_BOUNDED_TEXT = {"join": _bounded_join, "replace": _bounded_replace}


def _bounded_filters() -> Iterable[tuple[str, Callable[..., Any]]]:
    """Yield Jinja's filters that can make much out of little, with a look at their arguments before."""

    def by_width(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def checked(*arguments: Any, **named: Any) -> Any:
            for value in (*arguments[1 + _is_passed(function) :], *named.values()):
                size = len(value) if isinstance(value, Collection) else value if isinstance(value, int) else 0
                if isinstance(value, float) or abs(size) > WIDEST:
                    raise SecurityError(f"found {shown(value)}; expected a width or a text of at most {WIDEST:,}")
            return function(*arguments, **named)

        return checked

    yield from ((name, by_width(FILTERS[name])) for name in _WIDTHS)

    @wraps(FILTERS["replace"])
    def replace(context: Any, text: Any, old: Any, new: Any, count: int | None = None) -> Any:
        _check_replaced(*map(str, (text, old, new)))
        return FILTERS["replace"](context, text, old, new, count)

    @wraps(FILTERS["join"])
    def join(context: Any, items: Iterable[Any], mark: Any = "", attribute: Any = None) -> Any:
        kept = list(items)
        if attribute is not None:
            kept = list(map(make_attrgetter(context.environment, attribute), kept))
        _measured(map(str, kept), len(str(mark)))
        return FILTERS["join"](context, kept, mark)

    @wraps(FILTERS["format"])
    def formatted(text: Any, *arguments: Any, **named: Any) -> Any:
        check_format(str(text))
        return FILTERS["format"](text, *arguments, **named)

    @wraps(FILTERS["sum"])
    def total(environment: Any, items: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
        kept = list(items)
        if attribute is not None:
            kept = list(map(make_attrgetter(environment, attribute), kept))
        check_size(sum(len(item) for item in kept if isinstance(item, Sequence)))
        return FILTERS["sum"](environment, kept, None, start)

    yield from (("replace", replace), ("join", join), ("format", formatted), ("sum", total))


def _is_passed(function: Callable[..., Any]) -> bool:
    """Whether Jinja gives the filter something before its arguments."""
    return hasattr(function, "jinja_pass_arg")
