"""A computation: equations over named quantities in order, and the exact values that they start from.

It knows nothing of layers: a shared weight, a skip or an unrolled recurrence are just equations.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import chain

import attrs
from sympy import Expr, Symbol

from derive.checks import numbered, one_kind, one_of, sequence
from derive.computation.groups import Group
from derive.computation.layers import Layers
from derive.computation.naming import given_title, own_name
from derive.computation.shapes import SAME, Shape, beside_others, joint_shape
from derive.computation.wellformed import PARAMETERS, check, check_names, check_terms
from derive.errors import InputError, Message, Text, UnsupportedError, shown
from derive.notation import to_text
from derive.notation.trees import add
from derive.numbers.brief import LONGEST, shortened
from derive.numbers.exact import NUMBER, GivenNumber, exact
from derive.stored import Stored

TEXTS = frozenset((str,))
A_NAME, NAMES = Message("the name of a quantity"), Message("a list of names")
A_SHAPE = Message("a shape")
SAMPLES = Message("a list of mappings, each with the value of every quantity that is given")


def _name(given: str) -> str:
    # Whether it is a name in all else is looked at once for each quantity.
    return given if isinstance(given, str) else own_name(given, A_NAME)


def _name_list(given: Iterable[str]) -> tuple[str, ...]:
    # A network of many weights has a term for each: what is right is looked at without a step of Python's a name.
    if type(given) is tuple and TEXTS.issuperset(map(type, given)):
        return given
    return tuple(map(_name, sequence(given, "names", NAMES)))


def _shape(given: Shape) -> Shape:
    return given if isinstance(given, Shape) else one_kind(given, Shape, "shape", A_SHAPE)


@attrs.frozen
class Term:
    """A shape with the names of quantities put into its places; ``siblings`` are named by its derivative alone.

    The functions of `derive.terms` make the usual ones.
    """

    shape: Shape = attrs.field(converter=_shape)
    names: tuple[str, ...] = attrs.field(converter=_name_list)
    siblings: tuple[str, ...] = attrs.field(default=(), converter=_name_list)

    @property
    def expression(self) -> Expr:
        """The SymPy tree of this term."""
        return self.shape.build(*map(Symbol, self.names))


def _terms(given: Iterable[Term]) -> tuple[Term, ...]:
    terms = sequence(given, "terms", Message("a list of terms"))
    for number, term in enumerate(terms, start=1):
        if not isinstance(term, Term):  # the place is only put into words where it is needed
            one_kind(term, Term, numbered("terms", number), Message("a term"))
    return terms if len(terms) == 1 else tuple(_beside_others(term) for term in terms)


def _beside_others(term: Term) -> Term:
    return term if term.shape.derivative is None else Term(beside_others(term.shape), term.names)


@attrs.frozen(slots=False, repr=False)
class Equation(Stored):
    """One line of the forward pass: the quantity ``name`` is the sum of ``terms``.

    >>> from derive.computation.terms import bias, product
    >>> print(Equation("net_h1", [product("w1", "i1"), bias("b1")]))
    net_h1 = w1·i1 + b1·1
    """

    name: str = attrs.field(converter=_name)
    terms: tuple[Term, ...] = attrs.field(converter=_terms)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The quantities on the right-hand side, each once, in the order in which they are written."""
        return tuple(dict.fromkeys(chain.from_iterable([term.names for term in self.terms])))

    @cached_property
    def terms_with(self) -> Mapping[str, tuple[Term, ...]]:
        """The terms in which a name stands, by name: all others are constants to it."""
        found: dict[str, tuple[Term, ...]] = {}
        for term in self.terms:
            for name in dict.fromkeys(term.names):
                found[name] = (*found[name], term) if name in found else (term,)
        return found

    @cached_property
    def expression(self) -> Expr:
        """The right-hand side as an unevaluated SymPy tree."""
        terms = [term.expression for term in self.terms]
        return add(*terms) if len(terms) > 1 else terms[0]

    def __str__(self) -> str:
        return f"{self.name} = {to_text(self.expression)}"

    def __repr__(self) -> str:
        return f"<Equation {shortened(str(self), LONGEST)}>"


def _exact_samples(samples: Iterable[Mapping[str, GivenNumber | str]]) -> tuple[Mapping[str, Fraction], ...]:
    """Return the samples with exact numbers; a float counts as the decimal that it prints."""
    found = sequence(samples, "samples", SAMPLES)
    for number, sample in enumerate(found, start=1):
        _check_mapping(sample, numbered("samples", number))
    return tuple(
        {name: value if isinstance(value, Fraction) else _number(value, str(name)) for name, value in sample.items()}
        for sample in found
    )


def _number(value: GivenNumber | str, name: str) -> Fraction:
    return exact(Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value, name)


def _in_order(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    found = sequence(equations, "equations", Message("a list of equations"))
    for number, equation in enumerate(found, start=1):
        one_kind(equation, Equation, numbered("equations", number), Message("an equation"))
    return found


def _kinds(given: Mapping[str, str]) -> Mapping[str, str]:
    _check_mapping(given, "kinds")
    return dict(given)


def _units(given: Mapping[str, str]) -> Mapping[str, str]:
    _check_mapping(given, "units")
    return dict(given)


def _check_mapping(given: object, place: Text) -> None:
    if not isinstance(given, Mapping):
        raise InputError("{place}: found {found}; expected a mapping by name.", place=place, found=shown(given))


def _trained(names: Iterable[str]) -> frozenset[str]:
    if isinstance(names, frozenset) and TEXTS.issuperset(map(type, names)):
        return names
    return frozenset(map(_name, names if isinstance(names, Set) else sequence(names, "trained", NAMES)))


def _named(objective: str | None) -> str:
    return "" if objective is None else objective


def _title(given: str) -> str:
    return given_title(given) if given != "" else ""


def _groups(given: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(given)


def _reduction(given: str) -> str:
    return one_of(given, ("mean", "sum"), "reduction")


@attrs.frozen(slots=False, repr=False)
class Computation(Stored):
    """Equations in the order in which the forward pass computes them, and the exact values that it starts from.

    ``samples`` gives, for each sample, every quantity that no equation defines; ``kinds`` the kind of every quantity
    (input, target, weight, bias, net, out, error). ``objective`` is the quantity that is differentiated, the error of a
    sample, or "" (None when it is made) where there is only a forward pass; over several samples it is their
    ``reduction``, "mean" or "sum", which is called ``whole_objective``. ``trained`` are the parameters that an update
    changes, all where none are named. ``units`` gives a net the name of its neuron, after which its delta is called;
    ``layers`` is what only layers can tell, None where there are none; ``groups`` are the blocks that the equations
    come from, in their order, () where there are none.

    Raises `InputError` for a name that nothing defines or that is defined twice, for an equation that stands before one
    that it needs, for an objective that is none of the equations, and for whatever else `derive.computation.wellformed`
    refuses.

    >>> import derive
    >>> print(derive.load("article").derive().computation)
    net_h1 = w1·i1 + w2·i2 + b1·1
    net_h2 = w3·i1 + w4·i2 + b1·1
    out_h1 = 1/(1 + e^(−net_h1))
    out_h2 = 1/(1 + e^(−net_h2))
    net_o1 = w5·out_h1 + w6·out_h2 + b2·1
    net_o2 = w7·out_h1 + w8·out_h2 + b2·1
    out_o1 = 1/(1 + e^(−net_o1))
    out_o2 = 1/(1 + e^(−net_o2))
    E_o1 = ½(target_o1 − out_o1)²
    E_o2 = ½(target_o2 − out_o2)²
    E_total = E_o1 + E_o2
    """

    equations: tuple[Equation, ...] = attrs.field(converter=_in_order)
    samples: tuple[Mapping[str, Fraction], ...] = attrs.field(converter=_exact_samples)
    kinds: Mapping[str, str] = attrs.field(converter=_kinds)
    objective: str = attrs.field(default="", converter=_named)
    trained: frozenset[str] = attrs.field(converter=_trained)
    reduction: str = attrs.field(default="mean", converter=_reduction)
    whole_objective: str = ""
    title: str = attrs.field(default="", converter=_title)
    units: Mapping[str, str] = attrs.field(factory=dict, converter=_units)
    layers: Layers | None = None
    groups: tuple[Group, ...] = attrs.field(default=(), converter=_groups)

    @trained.default
    def _all_parameters(self) -> frozenset[str]:
        return frozenset(name for name, kind in self.kinds.items() if self.objective and kind in PARAMETERS)

    def __attrs_post_init__(self) -> None:
        if self.layers is None:  # a network has checked its names, and makes terms that fit
            self._check_names()
            for sample in self.samples:
                for name, value in sample.items():
                    exact(value, name)  # whose size is looked at
        check(
            [(equation.name, equation.names) for equation in self.equations],
            self.samples,
            self.kinds,
            self.objective,
            self.trained,
        )

    def _check_names(self) -> None:
        check_terms(
            (equation.name, [(term.shape.name, term.shape.arity, term.names) for term in equation.terms])
            for equation in self.equations
        )
        check_names(self.kinds, self.units, self.objective, self.whole_objective)
        for equation in self.equations:
            for term in equation.terms:
                if term.shape.siblings and not self._are_siblings(equation.name, term):
                    raise InputError(
                        "the equation of {name}: found the outputs {outs}; expected the quantities that "
                        "{function} defines, including {name}, in the order of its net inputs.",
                        name=equation.name,
                        outs=", ".join(map(str, term.siblings)),
                        function=term.shape.name,
                    )

    def _are_siblings(self, name: str, term: Term) -> bool:
        """Whether each out of a joint activation is defined by it, at its place and of the same nets."""
        shapes = {}
        for sibling in term.siblings:
            known = self.by_name.get(sibling)
            alike = known is not None and len(known.terms) == 1 and known.terms[0]
            if not alike or (alike.names, alike.siblings) != (term.names, term.siblings):
                return False
            shapes[sibling] = alike.shape
        wanted = [joint_shape(term.shape.entry, term.shape.arity, k) for k in range(term.shape.arity)]
        return name in term.siblings and [shapes[sibling] for sibling in term.siblings] == wanted

    @cached_property
    def by_name(self) -> Mapping[str, Equation]:
        """The equation that defines a quantity, by its name."""
        return {equation.name: equation for equation in self.equations}

    @property
    def values(self) -> Mapping[str, Fraction]:
        """What the first sample and the parameters start from."""
        return self.samples[0]

    @property
    def whole_objective_name(self) -> str:
        """What the objective over all samples is called: E_mean, and E_total where there is one sample; "" without."""
        several = f"{self.objective}_{self.reduction}" if len(self.samples) > 1 and self.objective else self.objective
        return self.whole_objective or several

    def named(self, name: str) -> str:
        """Return the name by which the quantity is known here: in a notation of the user's, out_h1 may be a_h1.

        A name in derive's own words is understood as well, also within that of a derivative; any other one is returned
        as it is.

        >>> import derive
        >>> computation = derive.load("article").replace(notation={"out": "a", "error": "J"}).derive().computation
        >>> [computation.named(name) for name in ("out_h1", "a_h1", "dE_total_dout_h1", "w5+")]
        ['a_h1', 'a_h1', 'dJ_total_da_h1', 'w5+']
        """
        return self.layers.own_name(name) if self.layers is not None and name not in self.kinds else name

    @property
    def is_mean(self) -> bool:
        """Whether the samples' errors are averaged; else they are added up."""
        return self.reduction == "mean"

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, in the order of the forward pass."""
        return tuple(name for name, kind in self.kinds.items() if kind in PARAMETERS)

    @cached_property
    def uses(self) -> Mapping[str, tuple[str, ...]]:
        """The quantities in whose equation a quantity stands, by its name."""
        found: dict[str, list[str]] = {}
        for equation in self.equations:
            for name in equation.names:
                found.setdefault(name, []).append(equation.name)
        return {name: tuple(users) for name, users in found.items()}

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """Parameters of layers or blocks on which the objective does not depend: every derivative by them is 0."""
        if self.layers is not None:
            return self.layers.unused
        names = dict.fromkeys(name for group in self.groups for each in group.weights.values() for name in each.names)
        needed = self.needed(self.objective) if names else ()
        return tuple(name for name in names if name not in needed)

    @cached_property
    def layered(self) -> Layers:
        """The layers; raises `UnsupportedError` where there are none."""
        if self.layers is None:
            raise UnsupportedError(
                "this computation has no layers, which matrices and code with arrays need; "
                "describe it as a derive.Network."
            )
        return self.layers

    @property
    def differentiates_output(self) -> bool:
        """Whether an out is differentiated, where others have an error."""
        return self.kinds.get(self.objective) == "out"

    @property
    def has_error(self) -> bool:
        """Whether the objective is an error, for which parameters can be trained."""
        return bool(self.objective) and not self.differentiates_output

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """What the forward pass ends in: the outs that the objective is made of, or that nothing goes on with."""
        if self.differentiates_output:
            return self.by_name[self.objective].terms[0].siblings or (self.objective,)
        last = self.opened_objective.names if self.objective else [n for n in self.kinds if n not in self.uses]
        return tuple(name for name in last if self.kinds[name] == "out")

    @cached_property
    def errors(self) -> tuple[str, ...]:
        """The errors that the objective adds up, such as E_o1 and E_o2, each used there alone and once."""
        return tuple(
            name
            for name in self.folded
            if self.uses[name] == (self.objective,) and len(self.by_name[self.objective].terms_with[name]) == 1
        )

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The sums below the objective whose terms stand in it where it is differentiated.

        Each is used by the objective and other such sums alone, and in no other way than as a term of theirs.
        """
        inside = {self.objective: None} if self.has_error else {}
        for equation in reversed(self.equations):
            users = self.uses.get(equation.name, ())
            if self.kinds[equation.name] == "error" and users and all(user in inside for user in users):
                terms = (term for user in users for term in self.by_name[user].terms_with[equation.name])
                if all(term.shape is SAME for term in terms):
                    inside[equation.name] = None
        # In the order in which the objective names them.
        found = [name for user in inside for name in self.by_name[user].names if name in inside]
        return tuple(dict.fromkeys(found))

    @cached_property
    def errors_behind(self) -> Mapping[str, frozenset[str]]:
        """The errors of outputs that a quantity can change, by its name; the objective where it does so otherwise."""
        found: dict[str, frozenset[str]] = {name: frozenset((name,)) for name in (*self.errors, self.objective)}
        for equation in reversed(self.equations):
            behind = found.setdefault(equation.name, frozenset())
            for name in equation.names:
                if name not in self.errors:
                    found[name] = found.get(name, frozenset()) | behind
        return found

    def needed(self, name: str) -> frozenset[str]:
        """Return the quantity and all that it comes from."""
        found = {name}
        for equation in reversed(self.equations):
            if equation.name in found:
                found.update(equation.names)
        return frozenset(found)

    @cached_property
    def opened_objective(self) -> Equation:
        """The objective with the terms of the sums below it put in: E_total = ½(target_o1 − out_o1)² + …

        Without an objective it has no terms.
        """
        if not self.objective:
            return Equation("", ())
        if self.differentiates_output:
            return self.by_name[self.objective]
        # Written in what its terms are made of: no later line names the objective itself.
        return Equation(self.objective, tuple(map(_beside_others, self._opened(self.by_name[self.objective]))))

    @cached_property
    def differentiated(self) -> tuple[Equation, ...]:
        """The equations that are differentiated: those below the objective stand in it, which is the last."""
        inside = {self.objective, *self.folded}
        return (*(equation for equation in self.equations if equation.name not in inside), self.opened_objective)

    def _opened(self, equation: Equation) -> Iterator[Term]:
        for term in equation.terms:
            if term.shape is SAME and term.names[0] in self.folded:
                yield from self._opened(self.by_name[term.names[0]])
            else:
                yield term

    @property
    def summary(self) -> str:
        """What is differentiated, and how much there is of everything.

        >>> import derive
        >>> derive.load("article").derive().computation
        <Computation of E_total: 11 equations, 10 parameters, 1 sample>
        """
        sizes = {"equation": self.equations, "parameter": self.parameters, "sample": self.samples}
        counts = (f"{len(all_)} {word}{'s' * (len(all_) != 1)}" for word, all_ in sizes.items())
        return f"{self.objective or 'a forward pass'}: {', '.join(counts)}"

    def __str__(self) -> str:
        return "\n".join(map(str, self.equations))

    def __repr__(self) -> str:
        return f"<Computation of {self.summary}>"
