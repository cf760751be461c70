"""What a grading says of the class: which blank was how hard, and which slip how often, with a chart."""

from collections import Counter
from fractions import Fraction

from derive.comparison.grading import EMPTY, FOLLOWS, REPEATED, RIGHT, VERDICTS, WRONG
from derive.comparison.line_slips import without_blanks
from derive.errors import Message
from derive.figure.bars import Bar, bars_svg
from derive.language.language import Language
from derive.language.templates import environment
from derive.numbers.decimals import decimal
from derive.render.grade_files import SCORE_DECIMALS, GradedClass
from derive.story.markdown import escape

KINDS = {
    RIGHT: Message("right"),
    FOLLOWS: Message("consequence"),
    REPEATED: Message("repeated"),
    WRONG: Message("wrong"),
    EMPTY: Message("empty"),
}
CHART = Message("How the answers at each blank were graded")
MOST_BLANKS = 6  # that are named with a slip


def summary(graded: GradedClass, missing: int, language: Language) -> dict[str, bytes]:
    """Return summary.md and summary.svg; ``missing`` says how many students of the key have no graded sheet."""
    if not graded.graded:
        return {}
    gradings = [each.grading for each in graded.graded]
    scores = [Fraction(grading.points) for grading in gradings]
    most = graded.most(gradings[0])
    unit = most / gradings[0].out_of if gradings[0].out_of else Fraction(0)

    def points(value: Fraction) -> str:
        return language.number(decimal(value * unit, SCORE_DECIMALS))

    rows = _rows(graded)
    text = (
        environment(language)
        .get_template("grading/summary.md.j2")
        .render(
            title=escape(graded.title),
            sheets=len(gradings),
            mean=points(sum(scores, Fraction(0)) / len(scores)),
            lowest=points(min(scores)),
            highest=points(max(scores)),
            most=points(Fraction(gradings[0].out_of)),
            missing=missing,
            kinds=[language.say(KINDS[kind]) for kind in VERDICTS],
            chart_title=language.say(CHART),
            rows=[
                {"number": number, "name": name, "counts": [language.whole(counts[kind]) for kind in VERDICTS]}
                for number, name, counts in rows
            ],
            slips=_slips(graded, language),
            whole=language.whole,
        )
    )
    return {"summary.md": text.encode(), "summary.svg": f"{_chart(rows, language)}\n".encode()}


Row = tuple[int, str, Counter[str]]


def _rows(graded: GradedClass) -> list[Row]:
    """Return number, name and how many verdicts of each kind every blank has."""
    columns = zip(*(each.grading.verdicts for each in graded.graded), strict=True)
    return [
        (number, verdicts[0].name, Counter(verdict.kind for verdict in verdicts))
        for number, verdicts in enumerate(columns, start=1)
    ]


def _chart(rows: list[Row], language: Language) -> str:
    bars = tuple(Bar(f"{number}: {name}", tuple(counts[kind] for kind in VERDICTS)) for number, name, counts in rows)
    return bars_svg(bars, tuple(language.say(KINDS[kind]) for kind in VERDICTS), language.say(CHART))


def _slips(graded: GradedClass, language: Language) -> list[dict[str, str]]:
    """Return each slip with the students who made it and where it cost a point, the most frequent first."""
    students: Counter[str] = Counter()
    blanks: dict[str, Counter[str]] = {}
    for each in graded.graded:
        found = {
            (language.say(without_blanks(verdict.slip.sentence)), verdict.name)
            for verdict in each.grading.verdicts
            if verdict.kind == WRONG and verdict.slip
        }
        students.update({sentence for sentence, _ in found})
        for sentence, name in found:
            blanks.setdefault(sentence, Counter())[name] += 1
    order = sorted(students, key=lambda sentence: (-students[sentence], sentence))
    return [
        {
            "sentence": escape(sentence),
            "students": language.whole(students[sentence]),
            "blanks": _named(blanks[sentence], language),
        }
        for sentence in order
    ]


def _named(blanks: Counter[str], language: Language) -> str:
    names = sorted(blanks, key=lambda name: (-blanks[name], name))
    more = ", …" if len(names) > MOST_BLANKS else ""
    return ", ".join(f"`{name}` ({language.whole(blanks[name])})" for name in names[:MOST_BLANKS]) + more
