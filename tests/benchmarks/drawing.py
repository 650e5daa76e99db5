"""Charts as SVG: still, without scripts, with nothing from elsewhere, in light or in dark as the reader prefers."""

import xml.etree.ElementTree as ET
from math import floor, log10

import pygal
from pygal.style import Style

from tests.benchmarks.section import Chart

NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH, HEIGHT = 860, 380
FONTS = "system-ui, 'Noto Sans', sans-serif"
INK, LINE = "#1d2433", "#8a92a3"
# ours first; the others are the palette of Okabe and Ito, which people with colour-blindness can tell apart
COLOURS = ("#14857f", "#56b4e9", "#e69f00", "#cc79a7", "#999999", "#d55e00")
DARK = """
@media (prefers-color-scheme: dark) {
  text { fill: #e8eaf0 !important; }
}
"""

ET.register_namespace("", NAMESPACE)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def drawn(chart: Chart) -> bytes:
    """Draw a chart; every bar has its figure above it."""
    picture = pygal.Bar(
        width=WIDTH,
        height=HEIGHT,
        explicit_size=True,
        title=chart.title,
        js=(),
        logarithmic=chart.logarithmic,
        legend_at_bottom=True,
        legend_at_bottom_columns=max(len(chart.series), 1),
        truncate_legend=-1,
        show_legend=len(chart.series) > 1,
        legend_box_size=14,
        print_values=True,
        print_zeroes=True,
        print_values_position="top",
        show_y_guides=True,
        show_minor_y_labels=False,
        value_formatter=_told,
        margin=10,
        spacing=12,
        style=_style(),
        range=_range(chart),
        zero=_range(chart)[0] if chart.logarithmic else 0,
    )
    picture.x_labels = list(chart.labels)
    for name, values in chart.series:
        picture.add(name, list(values))
    return _still(picture.render(), chart.title)


def _style() -> Style:
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=INK,
        foreground_strong=INK,
        foreground_subtle=LINE,
        guide_stroke_color=LINE,
        major_guide_stroke_color=LINE,
        colors=COLOURS,
        value_colors=(INK,) * len(COLOURS),
        opacity="1",
        opacity_hover="1",
        font_family=FONTS,
        title_font_size=17,
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=14,
        value_font_size=12,
    )


def _range(chart: Chart) -> tuple[float, float]:
    """From 0 (or below) to somewhat above the longest bar; logarithmic: from one power of ten to another."""
    values = [value for _, row in chart.series for value in row if value is not None]
    if chart.logarithmic:
        ends = [log10(value) for value in values if value > 0] or [0.0]
        return 10.0 ** (floor(min(ends)) - (min(ends) == floor(min(ends)))), 10.0 ** (floor(max(ends)) + 1)
    return 1.12 * min([0.0, *values]), 1.12 * max([0.0, *values]) or 1.0


def _told(value: float) -> str:
    """Three figures that count.

    Examples
    --------
    >>> [_told(value) for value in (0, 0.8641, 7.5, 12345.6)]
    ['0', '0.864', '7.5', '12,346']
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _still(svg: bytes, title: str) -> bytes:
    """Take out scripts and the tooltips that need them; name the picture; add the colours of the dark."""
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{NAMESPACE}}}script" or "tooltip" in child.get("class", "").split():
                parent.remove(child)
    for number in root.iterfind(f".//{{{NAMESPACE}}}g[@class='plot text-overlay']//{{{NAMESPACE}}}text"):
        number.set("dy", "-4")
    for desc in root.iter(f"{{{NAMESPACE}}}desc"):
        desc.text = ""
    name = root.find(f"{{{NAMESPACE}}}title")
    if name is not None:
        name.text = title
    style = root.find(f".//{{{NAMESPACE}}}style")
    if style is not None:
        style.text = (style.text or "") + DARK
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
