"""Pictures of a plan as SVG: still, without scripts, with nothing from elsewhere."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

import pygal
from pygal.style import Style

WIDTH, HEIGHT = 640, 300
CELL, LETTER, LONGEST, DARK, FAINT = 56, 8.4, 34, 0.73, 0.06
NAMESPACE = "http://www.w3.org/2000/svg"
BLACK, INK, SOFT, PAPER, ACCENT = "#000000", "#1d2433", "#4a5163", "#ffffff", "#0a5050"
FONTS = "system-ui, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Khmer', sans-serif"

ET.register_namespace("", NAMESPACE)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def bars(rows: Sequence[tuple[str, int]], *, across: str) -> bytes:
    """Draw one bar a row, the first on top, each its number at its end; `across` names the axis."""
    chart = pygal.HorizontalBar(
        width=WIDTH,
        height=HEIGHT,
        explicit_size=True,
        show_legend=False,
        show_y_guides=False,
        show_x_guides=False,
        show_x_labels=False,
        print_values=True,
        print_zeroes=True,
        print_values_position="top",
        x_title=across,
        js=(),
        margin=8,
        spacing=14,
        range=(0, max((count for _label, count in rows), default=0) * 1.12 or 1),
        value_formatter=lambda value: str(int(value)),
        style=Style(
            background=PAPER,
            plot_background=PAPER,
            foreground=INK,
            foreground_strong=INK,
            foreground_subtle=SOFT,
            colors=(ACCENT,),
            value_colors=(INK,),
            opacity="1",
            font_family=FONTS,
            label_font_size=17,
            major_label_font_size=17,
            value_font_size=17,
            title_font_size=17,
        ),
    )
    chart.x_labels = [label for label, _count in reversed(rows)]
    chart.add("", [count for _label, count in reversed(rows)])
    return _still(chart.render())


def _still(svg: bytes) -> bytes:
    """Take out the scripts and the tooltips that need them; move the numbers off the bars."""
    root = ET.fromstring(svg)  # noqa: S314 - the text was made a line above, not sent by anybody
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{NAMESPACE}}}script" or "tooltip" in child.get("class", "").split():
                parent.remove(child)
    for number in root.iterfind(f".//{{{NAMESPACE}}}g[@class='plot text-overlay']//{{{NAMESPACE}}}text"):
        number.set("dx", str(6 + 5 * len(number.text or "")))
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def grid(titles: Sequence[str], counts: Sequence[Sequence[int]]) -> bytes:
    """Draw a square for each two titles, the darker the more, with its number in it."""
    size, left, top = CELL, 20 + round(LETTER * max((len(_short(title)) for title in titles), default=0)), 32
    side = size * len(titles)
    root = ET.Element(
        f"{{{NAMESPACE}}}svg", viewBox=f"0 0 {left + side + 8} {top + side + 8}", width=str(left + side + 8)
    )
    ET.SubElement(root, f"{{{NAMESPACE}}}rect", width="100%", height="100%", fill=PAPER)
    most = max((max(row, default=0) for row in counts), default=0) or 1
    for at, title in enumerate(titles):
        _words(root, _short(title), (left - 8, top + (at + 0.5) * size), anchor="end")
        _words(root, str(at + 1), (left + (at + 0.5) * size, top - 12), anchor="middle")
        for other, count in enumerate(counts[at]):
            share = count / most
            place = {"x": str(left + other * size + 1), "y": str(top + at * size + 1), "rx": "3"}
            tone = {"fill": ACCENT, "fill-opacity": f"{FAINT + (1 - FAINT) * share:.3f}"}
            ET.SubElement(root, f"{{{NAMESPACE}}}rect", place | tone, width=str(size - 2), height=str(size - 2))
            middle = (left + (other + 0.5) * size, top + (at + 0.5) * size)
            _words(root, str(count), middle, anchor="middle", ink=PAPER if share > DARK else BLACK)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _words(root: ET.Element, words: str, where: tuple[float, float], *, anchor: str, ink: str = INK) -> None:
    x, y = where
    look = {"text-anchor": anchor, "font-family": FONTS, "font-size": "15", "unicode-bidi": "plaintext", "fill": ink}
    held = ET.SubElement(root, f"{{{NAMESPACE}}}text", look, x=f"{x:.0f}", y=f"{y + 5:.0f}")
    held.text = words


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
