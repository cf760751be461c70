"""Time and peak memory of long documents: both must grow no faster than the pages.

About 10, 50, 100 and 200 pages of displays, formulas in lines of text and numbers, no two formulas alike, so that the
cache of formulas gives nothing. Each length has a process of its own, which first writes one line, so that imports and
fonts are not counted; printed are the time and the memory (``ru_maxrss``) that the document takes beyond that. This
process imports nothing large: on Linux a child's ``ru_maxrss`` starts from its parent's peak. The exponents are the
slopes of a line through the logarithms.
"""

import os
import resource
import time

from measuring import exponent, fresh_process, line, options

LENGTHS = (10, 50, 100, 200)
SHORT_LENGTHS = (1, 2)
PARTS_A_PAGE = 3.69
PART = r"""
## Part INDEX

The weight $w_{INDEX} = VALUE$ reaches the error through $\mathrm{out}_{hINDEX}$ alone:

$$
\frac{\partial E}{\partial w_{INDEX}} = \sum_{k=1}^{INDEX} \delta_{k} \cdot \mathrm{out}_{hINDEX}
$$

$$
\mathrm{out}_{hINDEX} = \frac{1}{1 + e^{-VALUE}} = \left(1 + e^{-\mathrm{net}_{hINDEX}}\right)^{-1}
$$

With $\eta_{INDEX} = 0.5$ the step is $\Delta w_{INDEX} = -\eta_{INDEX} \cdot VALUE$, which gives the new weight.
"""


def part(index: int) -> str:
    """Return a heading, text and displays in Markdown, with numbers of their own."""
    return PART.replace("INDEX", str(index)).replace("VALUE", f"{(index * 0.618033989) % 1:.9f}")


def peak() -> float:
    """Return the most memory that this process has had, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(length: int) -> None:
    """Write about so many pages in this process; print the pages, the seconds, the MB beyond the start and the MB."""
    import io

    import pikepdf

    from derive.render import pdf
    from derive.story.parse import parse

    pdf.typeset(parse("# One line\n\nIt has $x$."), {})
    before = peak()
    parts = round(length * PARTS_A_PAGE)
    document = parse("# Pages\n" + "".join(map(part, range(1, parts + 1))))
    start = time.perf_counter()
    content = pdf.typeset(document, {})
    took = time.perf_counter() - start
    memory = peak()
    with pikepdf.open(io.BytesIO(content)) as opened:
        print(len(opened.pages), took, memory - before, memory)


def measured(length: int) -> tuple[float, ...]:
    """Return what a process of its own measures."""
    return tuple(map(float, fresh_process(os.path.abspath(__file__), "--pages", str(length)).split()))


def main(quick: bool) -> None:
    """Print the table and the two exponents."""
    rows = [measured(length) for length in (SHORT_LENGTHS if quick else LENGTHS)]
    for pages, took, grown, memory in rows:
        each = f"{1000 * took / pages:6.1f} ms and {grown / pages:5.2f} MB a page"
        print(f"{pages:4.0f} pages {took:7.2f} s {grown:6.0f} MB beyond the start {memory:6.0f} MB in all   {each}")
    if quick:
        return
    pages, times, memory, _ = map(list, zip(*rows, strict=True))
    for what, values in (("time", times), ("memory beyond the start", memory)):
        line(f"exponent of {what}", exponent(pages, values), "linear, at most 1.1")


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--pages", type=int, help="what a process of its own measures")
    asked = parser.parse_args()
    if asked.pages:
        measure(asked.pages)
    else:
        main(asked.quick)
