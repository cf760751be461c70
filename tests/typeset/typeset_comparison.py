"""The same formulas set by derive and by pdflatex, side by side, with an overlay: red is ours alone, blue theirs.

    python tests/typeset/typeset_comparison.py [FOLDER]

Writes comparison-1.png … to FOLDER (default: tests/typeset/sheets, where they are kept) and prints how far widths are
apart. Needs pdflatex (with lmodern and amsmath) and pdftoppm.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import math_core
from PIL import Image, ImageChops, ImageDraw

from derive.typeset import MathImages, font_faces

# One a line. Those that start with a dash stand in a line of text, the others are displays.
FORMULAS = (Path(__file__).parent / "typeset_formulas.txt").read_text(encoding="utf-8").splitlines()

WIDTH, HEIGHT, DPI = 300, 90, 110
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{amsmath,amssymb}
\usepackage[paperwidth=WIDTHpt,paperheight=HEIGHTpt,margin=6pt]{geometry}
\pagestyle{empty}\parindent0pt\topskip0pt
\newsavebox\formula
\newcommand\measure[1]{\sbox\formula{#1}%
  \typeout{SIZE \the\wd\formula\space\the\ht\formula\space\the\dp\formula}%
  \mbox{}\vfill\usebox\formula\vfill\mbox{}\newpage}
\begin{document}
""".replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))


def latex_sizes(formulas: list[str], folder: Path, preamble: str = PREAMBLE) -> list[tuple[float, ...]]:
    """Width, height and depth in em of 10 pt of formulas set by pdflatex, which also leaves latex.pdf there."""
    lines = [
        f"\\measure{{In a line ${formula[2:]}$ of text.}}"
        if formula.startswith("- ")
        else f"\\measure{{$\\displaystyle {formula}$}}"
        for formula in formulas
    ]
    (folder / "latex.tex").write_text(preamble + "\n".join(lines) + "\n\\end{document}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "latex.tex"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    log = (folder / "latex.log").read_text(encoding="latin-1")
    found = re.findall(r"SIZE ([\d.]+)pt ([\d.]+)pt ([\d.]+)pt", log.replace("\n", " "))
    return [tuple(float(value) / 10 for value in sizes) for sizes in found]


def our_pdf(formulas: list[str], target: Path) -> MathImages:
    from weasyprint import HTML

    convert = math_core.LatexToMathML(pretty_print="never").convert_with_local_state
    images = MathImages(font_size=10, max_width=WIDTH * 2)
    pages = []
    for formula in formulas:
        display = not formula.startswith("- ")
        image = images.markup(convert(formula.removeprefix("- "), displaystyle=display), display=display)
        pages.append(f"<div>{image if display else f'In a line {image} of text.'}</div>")
    style = (
        f"{font_faces('pdf', math=False)} @page {{ size: {WIDTH}pt {HEIGHT}pt; margin: 6pt }} {images.stylesheet}"
        "body { font: 10pt/1.2 'Derive Roman'; margin: 0 } div { break-after: page; padding-top: 12pt }"
        "img.math-display { margin: 0 }"
    )
    html = f"<html lang=en><style>{style}</style><body>{''.join(pages)}"
    HTML(string=html).render(cache=images.cache).write_pdf(target, finisher=images.finisher)
    return images


def pictures(pdf: Path) -> list[Image.Image]:
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", pdf.name, pdf.stem], cwd=pdf.parent, check=True)
    return [Image.open(path).convert("L") for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))]


def cropped(picture: Image.Image) -> Image.Image:
    """The ink alone."""
    box = ImageChops.invert(picture).getbbox()
    return picture.crop(box) if box else picture


def overlay(ours: Image.Image, theirs: Image.Image) -> Image.Image:
    size = max(ours.width, theirs.width), max(ours.height, theirs.height)
    layers = []
    for picture in (ours, theirs):
        layer = Image.new("L", size, 255)
        layer.paste(picture, (0, 0))
        layers.append(layer)
    return Image.merge("RGB", (layers[1], ImageChops.lighter(*layers), layers[0]))


def sheets(ours: list[Image.Image], theirs: list[Image.Image], folder: Path, rows: int = 16) -> None:
    """Contact sheets: ours, pdflatex's, and both on top of each other."""
    pairs = [(cropped(a), cropped(b)) for a, b in zip(ours, theirs, strict=True)]
    column = max(max(a.width, b.width) for a, b in pairs) + 24
    for number, start in enumerate(range(0, len(pairs), rows), start=1):
        part = pairs[start : start + rows]
        heights = [max(a.height, b.height) + 18 for a, b in part]
        sheet = Image.new("RGB", (column * 3 + 30, sum(heights)), "white")
        y = 6
        for index, ((a, b), height) in enumerate(zip(part, heights, strict=True), start=start + 1):
            ImageDraw.Draw(sheet).text((2, y), str(index), fill="gray")
            for place, picture in enumerate((a, b, overlay(a, b))):
                sheet.paste(picture, (30 + column * place, y))
            y += height
        sheet.save(folder / f"comparison-{number}.png")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "sheets")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        sizes = latex_sizes(FORMULAS, work)
        images = our_pdf(FORMULAS, work / "ours.pdf")
        sheets(pictures(work / "ours.pdf"), pictures(work / "latex.pdf"), folder)
    boxes = [image.drawing.box for image in images.cache.values()]
    displays = [f for f in FORMULAS if not f.startswith("- ")]
    for formula, box, (width, height, depth) in zip(displays, boxes, sizes, strict=False):
        apart = (box.width / width - 1) * 100
        print(
            f"{apart:+6.2f} %  height {box.height:.3f} {height:.3f}  depth {box.depth:.3f} {depth:.3f}  {formula[:70]}"
        )


if __name__ == "__main__":
    main()
