"""Pictures of a plan as SVG: still, without scripts, with nothing from elsewhere."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

import pygal
from pygal.style import Style

WIDTH, HEIGHT = 640, 300
CELL, LETTER, LONGEST, FAINT = 56, 8.4, 34, 0.06
NAMESPACE = "http://www.w3.org/2000/svg"
FONTS = "system-ui, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Khmer', sans-serif"

ET.register_namespace("", NAMESPACE)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


@dataclass(frozen=True, slots=True)
class Tone:
    """The colours of a picture, as in the style sheet; numbers change their ink above a `share` of the accent."""

    paper: str
    ink: str
    soft: str
    accent: str
    on_faint: str
    on_full: str
    share: float


LIGHT = Tone("#ffffff", "#1d2433", "#4a5163", "#0a5050", "#000000", "#ffffff", 0.72)
DARK = Tone("#1f232c", "#ece9e1", "#b9b6ae", "#7fd0c7", "#ffffff", "#000000", 0.49)


def bars(rows: Sequence[tuple[str, int]], *, across: str, tone: Tone = LIGHT) -> bytes:
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
            background=tone.paper,
            plot_background=tone.paper,
            foreground=tone.ink,
            foreground_strong=tone.ink,
            foreground_subtle=tone.soft,
            colors=(tone.accent,),
            value_colors=(tone.ink,),
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


def grid(titles: Sequence[str], counts: Sequence[Sequence[int]], *, tone: Tone = LIGHT) -> bytes:
    """Draw a square for each two titles, the darker the more, with its number in it."""
    size, left, top = CELL, 20 + round(LETTER * max((len(_short(title)) for title in titles), default=0)), 32
    side = size * len(titles)
    root = ET.Element(
        f"{{{NAMESPACE}}}svg", viewBox=f"0 0 {left + side + 8} {top + side + 8}", width=str(left + side + 8)
    )
    ET.SubElement(root, f"{{{NAMESPACE}}}rect", width="100%", height="100%", fill=tone.paper)
    most = max((max(row, default=0) for row in counts), default=0) or 1
    for at, title in enumerate(titles):
        _words(root, _short(title), (left - 8, top + (at + 0.5) * size), anchor="end", ink=tone.ink)
        _words(root, str(at + 1), (left + (at + 0.5) * size, top - 12), anchor="middle", ink=tone.ink)
        for other, count in enumerate(counts[at]):
            share = count / most
            place = {"x": str(left + other * size + 1), "y": str(top + at * size + 1), "rx": "3"}
            fill = {"fill": tone.accent, "fill-opacity": f"{FAINT + (1 - FAINT) * share:.3f}"}
            ET.SubElement(root, f"{{{NAMESPACE}}}rect", place | fill, width=str(size - 2), height=str(size - 2))
            middle = (left + (other + 0.5) * size, top + (at + 0.5) * size)
            _words(root, str(count), middle, anchor="middle", ink=tone.on_full if share > tone.share else tone.on_faint)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _words(root: ET.Element, words: str, where: tuple[float, float], *, anchor: str, ink: str) -> None:
    x, y = where
    look = {"text-anchor": anchor, "font-family": FONTS, "font-size": "15", "unicode-bidi": "plaintext", "fill": ink}
    held = ET.SubElement(root, f"{{{NAMESPACE}}}text", look, x=f"{x:.0f}", y=f"{y + 5:.0f}")
    held.text = words


def _short(title: str) -> str:
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
