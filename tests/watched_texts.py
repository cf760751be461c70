"""Calls everything that the package has with texts in place of expressions, and prints what that did."""

import importlib
import inspect
import os
import pkgutil
import warnings
from itertools import islice

from sympy import Symbol

import derive
from tests.watched import CODE, happened, limit, watching

X = Symbol("x")
# Modules that are the command line, wait, or write files.
LEFT_OUT = {"derive.__main__", "derive.cli.main", "derive.cli.watch", "derive.cli.progress", "derive.writing"}
# What writes files or waits for changes by its name, and what compiles the code that the package generates: that of a
# notebook is read before any of it runs, see test_code_of_a_notebook_that_does_not_calculate_is_not_run.
WRITERS = {"copy_to", "write", "write_all", "write_new", "watch", "compiled", "_compiled", "bounds_of"}
DEEPEST = 3


def arguments():
    """Yield lists of arguments: the code alone, beside a symbol or a number, and in lists and tables."""
    for count in range(1, 5):
        yield [CODE] * count
        for other in (X, 1, (X, X)):
            yield [other] + [CODE] * (count - 1)
            yield [CODE] * (count - 1) + [other]
        yield [[CODE, CODE]] * count
        yield [(X, CODE)] * count
        yield [{CODE: CODE}] * count


def attempt(name, function):
    for given in arguments():
        with watching(f"{name}{[type(each).__name__ for each in given]}"):
            try:
                made = function(*given)
                str(list(islice(made, 9)) if hasattr(made, "__next__") else made)
            except Exception:
                pass


class Walk:
    """Everything that can be reached from a module by public names, once."""

    def __init__(self):
        self.seen, self.count = {}, 0

    def look(self, name, found, depth=0):
        if id(found) in self.seen or depth > DEEPEST:
            return
        self.seen[id(found)] = found
        is_own = (getattr(found, "__module__", "") or "").startswith("derive")
        if callable(found) and is_own and getattr(found, "__name__", "") not in WRITERS:
            self.count += 1
            attempt(name, found)
        if inspect.isclass(found):
            return
        if hasattr(found, "items") and not inspect.isclass(found):
            for key, value in list(found.items())[:30]:
                self.look(f"{name}[{key!r}]", value, depth + 1)
        elif isinstance(found, list | tuple):
            for place, value in enumerate(found[:30]):
                self.look(f"{name}[{place}]", value, depth + 1)
        if type(found).__module__.startswith("derive"):
            for attribute in dir(found):
                if not attribute.startswith("_") or attribute == "__getitem__":
                    try:
                        value = getattr(found, attribute)
                    except Exception:
                        continue
                    self.look(f"{name}.{attribute}", value, depth + 1)


def main():
    warnings.simplefilter("ignore")
    names = [found.name for found in pkgutil.walk_packages(derive.__path__, "derive.")]
    modules = [derive, *(importlib.import_module(name) for name in names if name not in LEFT_OUT)]
    derivation = derive.load("two_hidden_layers").derive()
    limit()
    walk = Walk()
    for module in modules:
        for name, found in sorted(vars(module).items()):
            is_own = (getattr(found, "__module__", "") or "derive").startswith("derive")
            if not name.startswith("__") and is_own and not inspect.ismodule(found):
                walk.look(f"{module.__name__}.{name}", found)
    walk.look("derivation", derivation)
    walk.look("local", derivation["w1"].factors[-1])
    print(walk.count, "called")
    print(*happened, sep="\n", flush=True)


if __name__ == "__main__":
    main()
    # Whatever hostile arguments left behind in a library is not asked to clean up.
    os._exit(0)
