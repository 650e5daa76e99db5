"""Tables as spreadsheets and forms write them: each tells of the same three guests, or of those beside it."""

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import xlsxwriter

from tests.webapp.badfiles import MAIN, archive, packed, sheet_of, workbook

Guests = tuple[tuple[str, str], ...]
"""Names and organisations."""

GUESTS: Guests = (("Élodie Carpentier", "Café à Noël"), ("Hervé Noël", "Lamp; Reed"), ("Zoë O’Neil, Jr", 'The "House"'))
HEADER = ("Name", "Organisation")
SCRIPTS: dict[str, Guests] = {
    "Arabic": (("سلمى البدري", "مصباح القصب"), ("عمر، الابن", "بيت؛ النور")),
    "Persian with a joiner that is none": (("زهرا کریمی‌زاده", "خانه‌ی روشنی"), ("مهسا", "کتاب‌خانه")),
    "Amharic": (("ሰላም ተስፋዬ", "የብርሃን ቤት"), ("አበበ በቀለ", "ሸምበቆ")),
    "Khmer": (("សុភា រតនា", "ផ្ទះពន្លឺ"), ("គឹម", "បឹង")),
    "Russian": (("Виктор Зимин", "Белая Ворона"), ("Ёлка", "Дом")),
    "Chinese": (("王小明", "芦苇灯"), ("李 四", "光之家")),
    "Hindi": (("श्री नाथ", "दीपक"), ("क्षिति", "घर")),
    "Vietnamese": (("Nguyễn Thị Ánh", "Đèn Sậy"), ("Phạm Văn Đức", "Nhà")),
    "emoji": (("Noor 👩‍👩‍👧‍👦", "Lamp 🏮"), ("Ada 🏳️‍🌈", "𝒢arden")),
}
DECOMPOSED: Guests = (("E\u0301lodie Carpentier", "Cafe\u0301 a\u0300 Noe\u0308l"), *GUESTS[1:])


def separated(guests: Guests = GUESTS, *, sign: str = ",", ends: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Plain text as spreadsheets write it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sign, lineterminator=ends, quoting=quoting).writerows((HEADER, *guests))  # type: ignore[arg-type]
    return text.getvalue()


def of_openpyxl(guests: Guests = GUESTS, change: Callable[[openpyxl.Workbook], object] = lambda book: None) -> bytes:
    """A workbook of shared texts, like Excel's."""

    def fill(book: openpyxl.Workbook) -> None:
        for row in (HEADER, *guests):
            book.active.append(row)
        change(book)

    return workbook(fill)


def of_xlsxwriter(*, constant: bool) -> bytes:
    """A workbook with formats; with constant memory each text stands in its cell."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "constant_memory": constant}) as book:
        sheet, bold = book.add_worksheet("Gäste"), book.add_format({"bold": True, "bg_color": "yellow"})
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 3, 1)
        for number, row in enumerate((HEADER, *GUESTS)):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell, bold)
    return content.getvalue()


def inline(cell: str) -> bytes:
    """A cell that holds its text."""
    shown = cell.replace("&", "&amp;").replace("<", "&lt;")
    return b'<c t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % shown.encode()


def rows(*told: bytes) -> bytes:
    """The header and rows of cells."""
    lines = (b"".join(map(inline, HEADER)), *told)
    return b"".join(b"<row>%s</row>" % line for line in lines)


PLAIN = tuple(b"".join(map(inline, guest)) for guest in GUESTS)
RUNS = "<is><r><t xml:space='preserve'>Élodie </t></r><r><rPr><b/></rPr><t>Carpentier</t></r></is>".encode()
RICH = (b'<c t="inlineStr">%s</c>' % RUNS + inline(GUESTS[0][1]), *PLAIN[1:])
FORMULA = (
    '<c t="str"><f>CONCATENATE("Élodie"," Carpentier")</f><v>Élodie Carpentier</v></c>'.encode() + inline(GUESTS[0][1]),
    *PLAIN[1:],
)  # fmt: skip


def prefixed() -> bytes:
    """A sheet whose elements all carry a prefix, as some libraries write it."""
    plain = MAIN + b"<sheetData>%s</sheetData></worksheet>" % rows(*PLAIN)
    marked = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", plain).replace(b"xmlns=", b"xmlns:x=")
    return packed({"xl/worksheets/sheet1.xml": marked})


def bare() -> bytes:
    """A workbook of nothing but what must be there."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = f'Type="{relations}/officeDocument" Target="xl/workbook.xml"'
    sheet = f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"'
    book = f'<workbook {MAIN[11:-1].decode()} xmlns:r="{relations}">'
    return archive(
        {
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r" {office}/></Relationships>'.encode(),
            "xl/_rels/workbook.xml.rels":
                f'<Relationships xmlns="{package}"><Relationship Id="s" {sheet}/></Relationships>'.encode(),
            "xl/workbook.xml": f'{book}<sheets><sheet name="A" sheetId="1" r:id="s"/></sheets></workbook>'.encode(),
            "xl/worksheets/sheet1.xml": MAIN + b"<sheetData>%s</sheetData></worksheet>" % rows(*PLAIN),
        }
    )  # fmt: skip


def hidden_first(book: openpyxl.Workbook) -> None:
    """Put a sheet that is not shown, and an empty one, before the others."""
    book.create_sheet("notes", 0)["A1"] = "secret"
    book["notes"].sheet_state = "hidden"
    book.create_sheet("empty", 1)


def beneath_a_title(book: openpyxl.Workbook) -> None:
    """Leave rows and a column empty before the table."""
    book.active.insert_rows(1, amount=4)
    book.active.insert_cols(1)


def with_formats(book: openpyxl.Workbook) -> None:
    """Give format, notes and a height to what holds nothing."""
    book.active.row_dimensions[900].height = 40
    book.active["C2"].number_format = "yyyy-mm-dd"
    book.active["B2"].comment = openpyxl.comments.Comment("see =cmd|' /C calc'!A0", "nobody")
    book.active.merge_cells("D1:F1")


GOOD: dict[str, tuple[Callable[[], bytes], Guests]] = {
    "Excel, CSV UTF-8": (lambda: separated().encode("utf-8-sig"), GUESTS),
    "Excel in France, CSV": (lambda: separated(sign=";").encode("cp1252"), GUESTS),
    "Excel, Unicode text": (lambda: separated(sign="\t").encode("utf-16"), GUESTS),
    "Excel in Russia, CSV": (lambda: separated(SCRIPTS["Russian"], sign=";").encode("cp1251"), SCRIPTS["Russian"]),
    "Excel in Egypt, CSV": (lambda: separated(SCRIPTS["Arabic"], sign=";").encode("cp1256"), SCRIPTS["Arabic"]),
    "Excel on an old Mac": (lambda: separated(ends="\r").encode("utf-8-sig"), GUESTS),
    "Google, CSV": (lambda: separated().encode(), GUESTS),
    "Google, TSV": (lambda: separated(sign="\t", ends="\n").encode(), GUESTS),
    "LibreOffice, CSV": (lambda: separated(ends="\n").encode(), GUESTS),
    "LibreOffice, all in quotes": (lambda: separated(ends="\n", quoting=csv.QUOTE_ALL).encode(), GUESTS),
    "Numbers, CSV": (lambda: separated(sign=";", ends="\n").encode(), GUESTS),
    "no end of line at the end": (lambda: separated().rstrip().encode(), GUESTS),
    "empty rows and columns": (lambda: separated().replace("\r\n", ",,\r\n,,,\r\n").encode(), GUESTS),
    "letters with marks of their own": (lambda: separated(DECOMPOSED).encode(), GUESTS),
    "UTF-16 the other way round": (lambda: b"\xfe\xff" + separated().encode("utf-16-be"), GUESTS),
    "UTF-16 without a mark": (lambda: separated().encode("utf-16-le"), GUESTS),
    **{f"{script}, CSV": (lambda told=told: separated(told).encode(), told) for script, told in SCRIPTS.items()},
    **{f"{script}, XLSX": (lambda told=told: of_openpyxl(told), told) for script, told in SCRIPTS.items()},
    "Excel, XLSX": (of_openpyxl, GUESTS),
    "XLSX, letters with marks of their own": (lambda: of_openpyxl(DECOMPOSED), GUESTS),
    "XLSX with formats": (lambda: of_xlsxwriter(constant=False), GUESTS),
    "XLSX, each text in its cell": (lambda: of_xlsxwriter(constant=True), GUESTS),
    "XLSX, the first sheet hidden": (lambda: of_openpyxl(change=hidden_first), GUESTS),
    "XLSX, beneath a title": (lambda: of_openpyxl(change=beneath_a_title), GUESTS),
    "XLSX, notes and heights": (lambda: of_openpyxl(change=with_formats), GUESTS),
    "XLSX, rows without numbers": (lambda: sheet_of(rows(*PLAIN)), GUESTS),
    "XLSX, a name half in bold": (lambda: sheet_of(rows(*RICH)), GUESTS),
    "XLSX, a name made by a formula": (lambda: sheet_of(rows(*FORMULA)), GUESTS),
    "XLSX, a size that is not true": (lambda: sheet_of(rows(*PLAIN), b'<dimension ref="A1:XFD1048576"/>'), GUESTS),
    "XLSX with prefixes": (prefixed, GUESTS),
    "XLSX, the least there can be": (bare, GUESTS),
}  # fmt: skip
"""How each is made, and who is in it."""
