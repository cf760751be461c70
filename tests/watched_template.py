"""Walks everything that a template can reach, calls it with hostile arguments, and prints what that did.

The sandbox is asked as the code of a template asks it: ``getattr``, ``getitem``, ``call`` and the filters. What must
not be reached is known here by itself: no module, class or function, and no object of a library that calculates.
"""

import inspect
import os
import sys
import warnings
from itertools import islice, product
from pathlib import Path
from types import FunctionType

from jinja2 import Undefined

import derive
from derive.language.templates import Templates
from derive.story.offered import OFFERED
from tests.watched import CODE, happened, limit, watching

FOREIGN = ("sympy", "numpy", "flint", "os", "posix", "io", "builtins_", "inspect", "importlib", "subprocess", "sys")
DUNDERS = ("__class__", "__dict__", "__globals__", "__init__", "__mro__", "__subclasses__", "__self__", "__func__")
HOSTILE = (
    *(CODE, "{0.__class__.__mro__}", "%(x)s %*d", "__class__", "../../etc/passwd", "x" * 100_000),
    *(10**9, -(10**9), 2**70, -1, float("nan"), None),
    *([CODE], {CODE: CODE}, [[CODE]], range(100_000)),
)
MOST_OF_A_KIND = 8
MOST_OF_A_TOOL = 2
GIVEN = ("_", "gettext", "ngettext")  # functions: the sandbox lets nobody look into them


def reached(value):
    """Yield what is wrong with a value that a template has in its hands."""
    kind = type(value)
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value) or inspect.isframe(value):
        yield f"a {kind.__name__}, {value!r}"
    if kind.__module__.partition(".")[0] in FOREIGN:
        yield f"a {kind.__module__}.{kind.__name__}"


class Walk:
    """Everything that is reached from the names that a template is given."""

    def __init__(self, environment, context):
        self.environment, self.context = environment, context
        self.called = environment.from_string("").new_context({})
        self.pool, self.kinds, self.count = [], {}, 0
        self.queue = [*context.items(), *((n, v) for n, v in environment.globals.items() if n not in GIVEN)]

    def run(self):
        while self.queue:
            name, value = self.queue.pop(0)
            if isinstance(value, Undefined):
                continue
            for what in reached(value):
                happened.append(f"{name} is {what}")
            is_tool = type(value).__name__ == "Tool"
            kind = value.name if is_tool else type(value)
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            if self.kinds[kind] <= (MOST_OF_A_TOOL if is_tool else MOST_OF_A_KIND):
                self.pool.append(value)
                self.look(name, value)

    def look(self, name, value):
        for attribute in {*dir(value), *DUNDERS, *dir(type(value))}:
            for way in (self.environment.getattr, self.environment.getitem):
                with watching(f"{name}.{attribute}"):
                    found = self.asked(way, value, attribute)
                if attribute.startswith("_") and not isinstance(found, Undefined):
                    happened.append(f"{name}.{attribute} is given")
                self.queue.append((f"{name}.{attribute}", found))
        with watching(f"{name}, item by item"):
            for number, item in enumerate(self.asked(lambda: [*islice(value, 5)]) or ()):
                self.queue.append((f"{name}[{number}]", item))
                self.queue.append((f"{name}[{number}]", self.asked(self.environment.getitem, value, item)))
        for argument in HOSTILE:
            with watching(f"{name}[{argument!r:.30}]"):
                self.queue.append((f"{name}[…]", self.asked(self.environment.getitem, value, argument)))
        with watching(f"{name}, printed"):
            str(value)
        if callable(value):
            self.call(name, value)

    def asked(self, way, *arguments):
        try:
            return way(*arguments)
        except Exception:
            return Undefined()

    def call(self, name, tool):
        takes = getattr(tool, "takes", ())
        takes = takes if isinstance(takes, tuple) else ((object,),)
        fitting = [[*[value for value in self.pool if self.fits(value, kind)][:3], 0, 1] for kind in takes]
        benign = [list(islice(product(*fitting[:count]), 8)) for count in range(len(takes) + 1)]
        hostile = [[value] * count for value in HOSTILE for count in (1, 2)]
        mixed = [[good[0], bad] for good in islice(product(*fitting[:1]), 1) for bad in HOSTILE] if takes else []
        for arguments in (*(a for group in benign for a in group), *hostile, *mixed):
            self.count += 1
            with watching(f"{name}({', '.join(f'{argument!r:.30}' for argument in arguments)})"):
                found = self.asked(self.environment.call, self.called, tool, *arguments)
                str(found)
                self.queue.append((f"{name}()", found))

    @staticmethod
    def fits(value, kind):
        return not isinstance(kind, range) and isinstance(value, kind)

    def filters(self):
        """Put what was reached, and what is hostile, through every filter and every test with hostile arguments."""
        values = [
            *(self.context[name] for name in ("network", "formulas", "layers")),
            CODE,
            [CODE, "a"],
            {"a": CODE},
            7,
        ]
        for name in (*self.environment.filters, *(f"is {test}" for test in self.environment.tests)):
            for arguments in ("", "(b)", "(b, b)", "('attr', b)"):
                text = (
                    f"{{{{ a {name}{arguments} }}}}" if name.startswith("is ") else f"{{{{ a | {name}{arguments} }}}}"
                )
                try:
                    template = self.environment.from_string(text)
                except Exception:
                    continue
                for value, argument in product(values, (HOSTILE if arguments else [0])):
                    self.count += 1
                    with watching(f"{value!r:.20} in {text}, b = {argument!r:.30}"):
                        self.asked(template.render, {"a": value, "b": argument})


def contexts(name, folder):
    """Return what each template of a handout is given, and the sandbox in which it runs."""
    found = []

    class Noting(Templates):
        def render(self, name, environment, /, **context):
            found.append((environment, context))
            return super().render(name, environment, **context)

    handout = derive.load(name).derive().handout(template=folder, form="both")
    handout.__dict__["templates"] = Noting(Path(folder), OFFERED)
    for format_ in ("html", "tex"):
        handout.render(format_)
    return found[1:]  # the article is written twice


def main():
    warnings.simplefilter("ignore")
    folder, *names = sys.argv[1:]
    found = [pair for name in names for pair in contexts(name, folder)]
    limit()
    count = 0
    for place, (environment, context) in enumerate(found):
        walk = Walk(environment, context)
        walk.run()
        if not place:
            walk.filters()
        count += walk.count
    print(count, "called")
    print(*dict.fromkeys(happened), sep="\n", flush=True)
    assert isinstance(main, FunctionType)


if __name__ == "__main__":
    main()
    os._exit(0)
