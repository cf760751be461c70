"""The derivation as a user holds it: partials in symbols with their numbers, and the doors to every later stage."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from os import PathLike
from typing import Any

import attrs
from sympy import Expr

from derive.api.drawing import Drawing
from derive.api.explore import ExplorablePage
from derive.api.gradients import Gradients, Values
from derive.api.handout import Handout
from derive.api.training import Training
from derive.calculus.composition import Composition
from derive.calculus.partials import Partial
from derive.checks import check_digits, unknown
from derive.computation.equations import Computation
from derive.computation.plan import Plan
from derive.evaluation.corners import Corners
from derive.evaluation.evaluation import Evaluation
from derive.evaluation.hessian import Hessian
from derive.evaluation.objective import Objective, no_objective
from derive.language.language import language as named_language
from derive.network.network import Network
from derive.notation import name_latex, to_latex
from derive.numbers.exact import GivenNumber, exact
from derive.numbers.number import DIGITS
from derive.numbers.rounding import Rounding
from derive.render.jupyter import derivation_html
from derive.stored import Stored
from derive.story.single_figure import single_figure, split
from derive.training.run import planned, train

MOST_ROWS = 40  # of the table in Jupyter


@dataclass(frozen=True, eq=False)
class Derivation(Stored):
    """Every partial derivative of a computation's objective, by the name of the quantity.

    ``derivation["w5"]`` is the partial by w5, ``derivation["delta_h1"]`` the one by net_h1: of the error of one sample,
    with the numbers of the first. ``derivation.gradients["w5"]`` is the number over all samples. ``plan`` says how an
    update is made, ``network`` is what the computation was made of, None where it was no network. ``rounding`` is None
    where values are carried in full, else how each is rounded: see `by_hand`.

    >>> import derive
    >>> derivation = derive.load("article").derive()
    >>> print(derivation["out_h1"])
    ∂E_total/∂out_h1 = δ_o1·w5 + δ_o2·w7
    >>> derivation.parameters
    ('w1', 'w2', 'w3', 'w4', 'b1', 'w5', 'w6', 'w7', 'w8', 'b2')
    """

    computation: Computation
    plan: Plan = Plan()  # noqa: RUF009 - frozen
    rounding: Rounding | None = None
    network: Network | None = None

    @cached_property
    def evaluation(self) -> Evaluation:
        """The number of every quantity and of every partial."""
        return Evaluation(self.computation, self.plan, self.rounding)

    @property
    def graph(self) -> Computation:
        """The equations; the same as ``computation``."""
        return self.computation

    # What is derived.

    @property
    def partials(self) -> Mapping[str, Partial]:
        """Every partial by name, in the order in which the backward pass finds them."""
        return self.evaluation.derivation.partials

    def __getitem__(self, name: str) -> Partial:
        if not self.computation.objective:
            raise no_objective(self.computation)
        return self.evaluation.derivation[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every weight and bias, trained or not."""
        return self.computation.parameters

    @property
    def short_deltas(self) -> Mapping[str, tuple[Expr, ...]]:
        """The deltas that have a short form: by net, the lines that lead to it, ∂E/∂net last."""
        return self.evaluation.derivation.short_deltas

    def delta_formula(self, partial: Partial) -> Expr:
        """Return the formula by which a delta is calculated where it stands: the short form, where it has one."""
        return self.evaluation.derivation.delta_formula(partial)

    @property
    def composition(self) -> Composition:
        """Quantities and partials written in weights, biases, inputs and targets alone."""
        return self.evaluation.derivation.composition

    # Its numbers.

    @property
    def error(self) -> Objective:
        """The network's error."""
        return self.evaluation.whole

    @cached_property
    def gradients(self) -> Gradients:
        """The gradient of the error of all samples: the mean or the sum of the samples' partials, by parameter.

        ``gradients.arrays()`` are the same numbers as NumPy arrays by layer.
        """
        return Gradients(self.evaluation)

    @cached_property
    def values(self) -> Values:
        """The value of every quantity in the forward pass of the first sample, by name.

        >>> import derive
        >>> derive.load("article").derive().values["out_o1"].decimal(6)
        '0.751365'
        """
        return Values(self.evaluation)

    @cached_property
    def hessian(self) -> Hessian:
        """The second derivatives of the error of all samples by every two of up to 20 parameters.

        Raises `UnsupportedError` for more, `InputError` where nothing is differentiated.

        >>> import derive
        >>> hessian = derive.load("article").derive().hessian
        >>> hessian["w5", "w6"].decimal(9), hessian["w5", "w7"].decimal(9)
        ('-0.012297420', '0')
        """
        return Hessian(self.evaluation)

    @cached_property
    def corners(self) -> Corners:
        """The corners that nets and outs lie at, where there is a derivative from each side alone."""
        return Corners(self.evaluation)

    def at(self, numbers: Mapping[str, GivenNumber] | None = None, /, **more: GivenNumber) -> "Derivation":
        """Return the same derivation at another point: with other weights, biases, inputs or targets, by name.

        All others stay as they are; inputs and targets can be given where there is one sample. ``numbers`` may be the
        parameters of a training. Raises `InputError` for an unknown name and for what is no number.

        >>> import derive
        >>> derivation = derive.load("article").derive()
        >>> derivation.at(w5=0.5).gradients["w5"].decimal(9)
        '0.080874312'
        >>> derivation.at(derivation.train(1000).parameters).error.value.decimal(6)
        '0.001114'
        """
        computation = self.computation
        is_single = len(computation.samples) == 1
        known = [name for name in computation.samples[0] if is_single or name in computation.parameters]
        given: dict[str, Fraction] = {}
        for typed, value in {**dict(numbers or {}), **more}.items():
            name = computation.named(typed)
            if name not in known:
                raise unknown(name, known)
            given[name] = exact(value, name)
        samples = [{**sample, **given} for sample in computation.samples]
        network = None if self.network is None else self.network.replace(given)
        return replace(self, computation=attrs.evolve(computation, samples=samples), network=network)

    def by_hand(self, digits: int = 9, *, significant: bool = False) -> "Derivation":
        """Return the same derivation with every intermediate result rounded to so many decimals and carried on so.

        That is what a student with a calculator gets. With ``significant`` it is so many significant digits: small
        derivatives keep theirs, which decimals would round to 0. Raises `InputError` for digits outside 1 to 20.

        >>> import derive
        >>> derivation = derive.load("article").derive()
        >>> [d["out_h1"].paths[1].value.decimal(9) for d in (derivation, derivation.by_hand(9))]
        ['-0.019049118', '-0.019049119']
        """
        return replace(self, rounding=self.evaluation.by_hand(digits, significant=significant).rounding)

    @cached_property
    def with_biases(self) -> "Derivation | None":
        """The derivation of the same network with all its biases trained; None where they are, or there are none."""
        trained = self.evaluation.with_biases
        return None if trained is None else replace(self, computation=trained.computation)

    # Later stages.

    @cached_property
    def training(self) -> Training | None:
        """The training that the network asks for; None where it asks for none."""
        found = planned(self.evaluation)
        return None if found is None else Training.of(found)

    def train(
        self, iterations: int, *, every: int | None = None, progress: Callable[[int], None] | None = None
    ) -> Training:
        """Return what so many steps of training come to: a table of errors, the last parameters and outs.

        A step is an update; where updates are online, it is one pass over all samples, with an update after each.
        The table has a row at 1, 10, 100, …, or ``every`` so many steps; ``progress`` is told the steps done.

        >>> import derive
        >>> training = derive.load("article").derive().train(10_000)
        >>> [row.iteration for row in training.rows], f"{training.error:.9f}"
        ([0, 1, 10, 100, 1000, 10000], '0.000035102')
        """
        return Training.of(train(self.evaluation, iterations, every=every, progress=progress))

    def explore(self, **options: Any) -> ExplorablePage:
        """Return the handout as a page in which every given number can be changed, and every printed line follows.

        It shows itself in Jupyter; ``explore().write("output")`` writes it. ``options`` are those of `handout`. Raises
        `InputError` where one of them is none.
        """
        return ExplorablePage(self.handout(**options))

    def handout(
        self,
        *,
        detail: str = "article",
        digits: int | None = None,
        form: str = "scalar",
        rounding: str | None = None,
        language: str | None = None,
        paper: str = "a4",
        notes_margin: bool = False,
        author: str = "",
        course: str = "",
        date: str = "",
        template: str | PathLike[str] | None = None,
        hessian: bool = False,
    ) -> Handout:
        """Return the handout; ``handout().write("output", formats=["pdf"])`` writes it.

        ``detail`` is "brief" (each formula once, the numbers in tables), "article" (the first weight of each layer in
        full) or "full" (each), ``digits`` the decimals (9),
        ``form`` "scalar" (a line a quantity), "matrix" (a line a layer) or "both", ``rounding`` "exact", "by-hand"
        (each result to these decimals) or "significant" (to so many significant digits), ``language`` "en", "pt-BR",
        "es" or "es-MX", None for the one of the environment. The page: ``paper`` "a4" or "letter", ``notes_margin``
        True for room beside the text, ``author``, ``course`` and ``date``, a line each under the title, and
        ``template`` a folder with templates that take the place of the package's. ``hessian`` True adds a section on
        the second derivatives by up to 20 parameters. Raises `InputError` for other words and for digits outside 1 to
        1,000, by hand 1 to 20.
        """
        if rounding is None:
            rounding = "exact" if self.rounding is None else self.rounding.word
        if digits is None:
            digits = DIGITS if self.rounding is None else self.rounding.digits
        return Handout(
            self,
            detail=detail,
            digits=digits,
            form=form,
            rounding=rounding,
            language=language,
            paper=paper,
            notes_margin=notes_margin,
            author=author,
            course=course,
            date=date,
            template=template,
            hessian=hessian,
        )

    def figure(
        self,
        name: str = "network",
        *,
        digits: int = 4,
        language: str | None = None,
        training: Training | None = None,
    ) -> Drawing:
        """Return one figure: "network", "path:w5" (the paths from w5 to the error), "computation" or "training".

        ``figure("path:w5").write("w5.svg")`` writes it, as .svg, .pdf, .png or .tex. Numbers have at most ``digits``
        decimals, and at most 4; ``training`` is drawn in place of the one that the network asks for. Raises
        `InputError` for another name, and for what cannot be drawn.
        """
        spoken = named_language(language)
        shown = training or (self.training if split(name)[0] == "training" else None)
        drawn = single_figure(self.evaluation, shown, name, check_digits(digits), spoken)
        return Drawing(name, self.computation.title, drawn, spoken)

    # How it shows itself.

    def _repr_latex_(self) -> str:
        if not self.computation.objective:
            return f"$\\displaystyle {' '.join(map(name_latex, self.computation.outputs))}$"
        rows = r" \\ ".join(
            rf"{self[name].left_latex} &= {to_latex(self[name].formula)} & {self[name].value.latex(9)}"
            for name in self.parameters[:MOST_ROWS]
        )
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        html = derivation_html(self.evaluation)
        return {"text/plain": repr(self), "text/latex": self._repr_latex_(), "text/html": html}

    def __repr__(self) -> str:
        return f"<Derivation of {self.evaluation.summary}>"
