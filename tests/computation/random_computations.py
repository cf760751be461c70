"""Random computations without layers, written down twice: as equations of derive, and as a PyTorch program.

The program takes mistakes: a use that passes nothing back, an activation without its derivative, a factor.
"""

import random
from dataclasses import dataclass, field
from typing import Any

import derive
from derive import Equation, terms

ACTIVATIONS = ("tanh", "logistic", "softplus", "silu")
KINDS = {"w": "weight", "x": "input", "t": "target", "q": "out", "E": "error"}


@dataclass(frozen=True)
class Mistake:
    """What goes wrong in the backward pass of the program; the forward pass stays right."""

    detached: frozenset[tuple[str, str]] = frozenset()  # (user, name)
    turned: frozenset[tuple[str, str]] = frozenset()  # of which the sign is wrong
    straight: frozenset[str] = frozenset()  # activations without their derivative
    factor: float = 1.0


RIGHT = Mistake()


@dataclass(frozen=True)
class Random:
    """``lines`` are (name, list of (operation, names)); ``samples`` decimal texts by name."""

    lines: list[tuple[str, list[tuple[str, list[str]]]]]
    samples: list[dict[str, str]]
    reduction: str = "mean"
    other: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> list[str]:
        return [name for name in self.samples[0] if name[0] == "w"]

    @property
    def uses(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, parts in self.lines:
            for given in dict.fromkeys(each for _, names in parts for each in names):
                found.setdefault(given, []).append(name)
        return found

    @property
    def computation(self) -> Any:
        made = []
        for name, parts in self.lines:
            made.append(Equation(name, [_term(operation, names) for operation, names in parts]))
        names = [*self.samples[0], *(name for name, _ in self.lines)]
        kinds = {name: KINDS[name[0]] for name in names}
        return derive.Computation(made, self.samples, kinds, "E", reduction=self.reduction, **self.other)

    def gradients(self, mistake: Mistake = RIGHT) -> dict[str, float]:
        import torch

        found = dict.fromkeys(self.parameters, 0.0)
        for sample in self.samples:
            leaves = {n: torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for n, v in sample.items()}
            known = dict(leaves)
            for name, parts in self.lines:
                known[name] = sum(self._value(name, *part, known, mistake) for part in parts)  # type: ignore[misc]
            known["E"].backward()
            share = mistake.factor / (len(self.samples) if self.reduction == "mean" else 1)
            for name in found:
                if leaves[name].grad is not None:
                    found[name] += leaves[name].grad.item() * share
        return found

    def _value(self, user: str, operation: str, names: list[str], known: dict[str, Any], mistake: Mistake) -> Any:
        import torch

        f = torch.nn.functional
        given = []
        for name in names:
            value = known[name]
            if (user, name) in mistake.detached:
                value = value.detach()
            if (user, name) in mistake.turned:
                value = 2 * value.detach() - value
            given.append(value)
        if operation == "product":
            return given[0] * given[1]
        if operation == "same":
            return given[0]
        if operation == "squared_error":
            return (given[0] - given[1]) ** 2
        function = {"tanh": torch.tanh, "logistic": torch.sigmoid, "softplus": f.softplus, "silu": f.silu}[operation]
        value = function(given[0])
        return given[0] + (value - given[0]).detach() if user in mistake.straight else value


def _term(operation: str, names: list[str]) -> Any:
    if operation == "product":
        return terms.product(*names)
    if operation == "same":
        return terms.same(*names)
    return terms.error(operation, *names) if operation == "squared_error" else terms.activation(operation, *names)


def random_computation(seed: int, most: int = 7) -> Random:
    """Return a computation in which names are shared, skip and come together again; every quantity is used."""
    pick = random.Random(seed)
    given = [f"w{k}" for k in range(1, pick.randint(2, 4))] + ["x1", "x2"][: pick.randint(1, 2)]
    lines: list[tuple[str, list[tuple[str, list[str]]]]] = []
    known, unused = list(given), dict.fromkeys(given)
    for number in range(1, pick.randint(3, most)):
        kind = pick.choice(["product", "sum", "activation", "activation", "mixed"])
        fresh = list(unused) or known
        take = lambda: pick.choice(fresh if pick.random() < 0.5 else known)  # noqa: B023,E731
        if kind == "product":
            parts = [("product", [take(), take()])]
        elif kind == "sum":
            parts = [("product", [take(), take()]), ("product", [take(), take()])]
        elif kind == "activation":
            parts = [(pick.choice(ACTIVATIONS), [take()])]
        else:
            parts = [("product", [take(), take()]), ("same", [take()])]
        name = f"q{number}"
        lines.append((name, parts))
        for each in (each for _, names in parts for each in names):
            unused.pop(each, None)
        known.append(name)
        unused[name] = None
    ends = list(unused)
    parts = [("squared_error", ["t", ends[-1]])] if pick.random() < 0.6 or len(ends) == 1 else []
    rest = ends[:-1] if parts else ends
    parts += [("product", [name, known[-1]]) if name != known[-1] else ("same", [name]) for name in rest]
    lines.append(("E", parts))
    given += ["t"] * (parts[0][0] == "squared_error")
    shared = {n: _number(pick) for n in given if n[0] == "w"}
    samples = [{n: shared.get(n) or _number(pick) for n in given} for _ in range(pick.choice([1, 1, 2]))]
    return Random(lines, samples, pick.choice(["mean", "sum"]))


def _number(pick: random.Random) -> str:
    return f"{pick.choice([-1, 1]) * pick.randint(5, 150) / 100}"


def mistakes(made: Random) -> dict[str, Mistake]:
    """Return mistakes that one can make here, by a word that their explanation has to hold."""
    found: dict[str, Mistake] = {}
    for name, users in made.uses.items():
        if len(users) > 1 and name[0] != "t":
            for user in users:
                sentence = f"through {user} is missing from the derivative with respect to {name}."
                found[sentence] = Mistake(detached=frozenset({(user, name)}))
        for user in users:
            found[f"derivative of {user} with respect to {name} has the wrong sign"] = Mistake(
                turned=frozenset({(user, name)})
            )
    for name, parts in made.lines:
        if len(parts) == 1 and parts[0][0] in ACTIVATIONS:
            found[f"missing in {name}"] = Mistake(straight=frozenset({name}))
    found["wrong sign"] = Mistake(factor=-1.0)
    return found
