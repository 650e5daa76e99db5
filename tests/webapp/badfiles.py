"""Files that cannot be taken as they are: those nobody can read, and those in which a cell is wrong."""

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping

import openpyxl

MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(fill: Callable[[openpyxl.Workbook], object]) -> bytes:
    """A workbook that this fills."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(content)
    return content.getvalue()


ONE_CELL = workbook(lambda book: book.active.append(["Name"]))


def archive(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as new:
        for name, text in parts.items():
            new.writestr(name, text)
    return content.getvalue()


def packed(parts: Mapping[str, bytes], like: bytes = ONE_CELL) -> bytes:
    """A workbook with some parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(like)) as old:
        return archive({name: old.read(name) for name in old.namelist()} | parts)


def sheet_of(inner: bytes, before: bytes = b"") -> bytes:
    """A workbook with these rows."""
    xml = b"%s%s<sheetData>%s</sheetData></worksheet>" % (MAIN, before, inner)
    return packed({"xl/worksheets/sheet1.xml": xml})


def locked() -> bytes:
    """An archive whose parts say that they need a password."""
    content = bytearray(ONE_CELL)
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def doubled() -> bytes:
    """An archive that names a part twice, so that two readers may see two different ones."""
    content = io.BytesIO(ONE_CELL)
    with warnings.catch_warnings(), zipfile.ZipFile(content, "a") as parts:
        warnings.simplefilter("ignore")
        parts.writestr("xl/workbook.xml", b"<workbook/>")
    return content.getvalue()


def vast() -> bytes:
    """A million rows: more than a hundred megabytes in less than two."""
    content, rows = io.BytesIO(), b'<row><c t="inlineStr"><is><t>Anna Berg</t></is></c></row>' * 5000
    with zipfile.ZipFile(io.BytesIO(ONE_CELL)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name == "xl/worksheets/sheet1.xml":
                with new.open(name, "w") as part:
                    part.write(MAIN + b"<sheetData>")
                    for _time in range(400):
                        part.write(rows)
                    part.write(b"</sheetData></worksheet>")
            else:
                new.writestr(name, old.read(name))
    return content.getvalue()


def belittled(content: bytes, size: int) -> bytes:
    """A workbook whose list says of its sheet that it has only this size."""
    changed = bytearray(content)
    # the list comes last, and tells the size as the 4 bytes before the lengths of names
    at = changed.rindex(b"xl/worksheets/sheet1.xml") - 46
    changed[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(changed)


def copied() -> bytes:
    """One long text that many cells share: two gigabytes as a table."""
    cells = b"".join(b'<row r="%d">%s</row>' % (at, b'<c t="s"><v>0</v></c>' * 50) for at in range(1, 4001))
    shared = b"<sst xmlns='%s'><si><t>%s</t></si></sst>" % (MAIN[18:-2], b"y" * 10_000)
    return packed({"xl/sharedStrings.xml": shared}, like=sheet_of(cells))


def nested() -> bytes:
    """An archive in an archive in an archive, that calls itself a sheet."""
    content = b"\0" * 1_000_000
    for name in ("a", "b", "c"):
        content = archive({name: content})
    return packed({"xl/worksheets/sheet1.xml": content})


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
OUTSIDE = b'<!DOCTYPE worksheet SYSTEM "http://a.example/x.dtd"><worksheet/>'
LYING = ONE_CELL.replace(b"xl/workbook.xml", b"xl/workbookxxml")
FAR = b'<row r="%d"><c r="%s"><v>1</v></c></row>'

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    # plain text
    "empty": (lambda: b"", "empty"),
    "nothing but a mark": (lambda: b"\xef\xbb\xbf\r\n", "empty"),
    "nothing but NUL": (lambda: bytes(5000), "empty"),
    "nothing but a mark of UTF-16": (lambda: b"\xff\xfe\r\0\n\0", "empty"),
    "nothing but separators": (lambda: b";;;\n;;;\n", "empty"),
    "no row": (lambda: b"Name,Organisation\n", "no row beneath"),
    "one line in UTF-16": (lambda: "Name;Land".encode("utf-16"), "no row beneath"),
    "too long": (lambda: b"Name\n" + b"a" * (2 * 1024 * 1024), "2 megabytes"),
    "too many rows": (lambda: b"Name\n" + b"a\n" * 5001, "5000 rows"),
    "a million columns": (lambda: b"a," * 1_000_000 + b"\nb\n", "Row 1 has more than 60 columns"),
    "columns too many": (lambda: b"Name;x\nAnna" + b";x" * 61 + b"\n", "Row 2 has more than 60 columns"),
    "a million rows of nothing": (lambda: b"Name\n" + b"\n" * 1_000_000, "5000 rows"),
    "a long cell": (lambda: b"Name,x\nAnna," + b"y" * 131_073 + b"\n", "Row 2, column B"),
    "a very long cell": (lambda: b"Name,x\nAnna," + b'"' + b"y" * 140_000 + b'"\n', "Row 2, column B"),
    "an open quotation mark": (lambda: b'Name,x\nAnna,"open\nBert,y\n', "Row 2"),
    "quotation marks in quotation marks": (lambda: b'Name,x\nAnna,"a"b"c"\n', "Row 2"),
    "a row too wide": (lambda: b"Name,x\nAnna,1\nBert,2,3\n", "Row 3, column C"),
    "a ragged row in semicolons": (lambda: "Prénom;Nom\nA;B\nC;D;E;F\n".encode("cp1252"), "Row 3, column C"),
    "half of UTF-16": (lambda: "Name\nAnna\n".encode("utf-16") + b"\x41", "characters"),
    "half a pair in UTF-16": (lambda: b"\xff\xfe" + "Name\nAn".encode("utf-16-le") + b"\x00\xd8\n\0", "characters"),
    "UTF-8 that breaks off": (lambda: b"\xef\xbb\xbfName\n\xe2\x82\n\x81", "characters"),
    # other things than tables
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "no CSV"),
    "a page": (lambda: b"<!DOCTYPE html><table>", "no CSV"),
    "a page called xls": (lambda: b"<html><table><tr><td>Name</td></tr></table>", "no CSV"),
    "a workbook of 2003 in XML": (lambda: b'<?xml version="1.0"?><Workbook/>', "no CSV"),
    "paper": (lambda: b"%PDF-1.7\n%\xe2\xe3", "no CSV"),
    "something packed": (lambda: b"\x1f\x8b\x08\x00" + b"x" * 50, "no CSV"),
    "an archive": (lambda: archive({"readme.txt": b"x"}), "no XLSX"),
    "a text document": (lambda: archive({"word/document.xml": b"<x/>"}), "no XLSX"),
    "a sheet of LibreOffice": (lambda: archive({"mimetype": b"x", "content.xml": b"<x/>"}), "no XLSX"),
    "a list in Numbers": (lambda: archive({"Index/Document.iwa": b"x"}, zipfile.ZIP_STORED), "no XLSX"),
    # workbooks
    "nothing but a beginning": (lambda: b"PK\x03\x04", "damaged"),
    "an archive cut short": (lambda: ONE_CELL[:900], "damaged"),
    "an archive with a hole": (lambda: ONE_CELL[:300] + bytes(300) + ONE_CELL[600:], "damaged"),
    "a lying name": (lambda: LYING, "no XLSX"),
    "a password": (locked, "password"),
    "no sheet": (lambda: workbook(lambda book: None), "no row"),
    "a sheet that is not there": (lambda: packed({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}), "damaged"),
    "a part twice": (doubled, "damaged"),
    "macros": (lambda: packed({"xl/vbaProject.bin": b"x"}), "macros"),
    "macros under another name": (lambda: packed({"xl/sub/VBAPROJECT.BIN": b"x"}), "macros"),
    "other files": (lambda: packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "other files"),
    "a way out": (lambda: packed({"../../etc/cron.xml": b"<x/>"}), "damaged"),
    "a way to the top": (lambda: packed({"/etc/cron.xml": b"<x/>"}), "damaged"),
    "a way out on Windows": (lambda: packed({"xl\\..\\..\\x.xml": b"<x/>"}), "damaged"),
    "an entity": (lambda: packed({"xl/worksheets/sheet1.xml": ENTITY}), "damaged"),
    "many laughs": (lambda: packed({"xl/sharedStrings.xml": LAUGHS}), "damaged"),
    "a document type elsewhere": (lambda: packed({"xl/styles.xml": OUTSIDE}), "damaged"),
    "a document type in UTF-16": (
        lambda: packed({"xl/worksheets/sheet1.xml": ENTITY.decode().encode("utf-16")}), "damaged",
    ),
    "no XML": (lambda: packed({"xl/workbook.xml": b"<workbook>"}), "damaged"),
    "a far row": (lambda: sheet_of(FAR % (1_048_576, b"A1048576")), "too large"),
    "a far column": (lambda: sheet_of(FAR % (1, b"XFD1")), "too large"),
    "no column": (lambda: sheet_of(FAR % (1, b"ZZZZZZ1")), "too large"),
    "no row number": (lambda: sheet_of(b'<row r="x"><c><v>1</v></c></row>'), "damaged"),
    "a number of 9999 digits": (lambda: sheet_of(b'<row r="%s"><c><v>1</v></c></row>' % (b"9" * 9999)), "damaged"),
    "rows that lie about where they are": (
        lambda: sheet_of(b'<row r="1"><c r="A900000"><v>1</v></c></row>', b'<dimension ref="A1:B2"/>'), "too large",
    ),
    "a million rows": (lambda: sheet_of(b"<row><c><v>1</v></c></row>" * 400_000), "too large"),
    "a million cells": (lambda: sheet_of(b"<row>%s</row>" % (b"<c/>" * 1_000_000)), "too large"),
    "a million shared texts": (
        lambda: packed({"xl/sharedStrings.xml": b"<sst>%s</sst>" % (b"<si><t/></si>" * 900_000)}), "too large",
    ),
    "a bomb of blanks": (lambda: packed({"xl/worksheets/sheet1.xml": b" " * 25_000_000}), "too large"),
    "a bomb of copies": (copied, "too large"),
    "a bomb that lies about its size": (lambda: belittled(sheet_of(b" " * 19_000_000), 10), "damaged"),
    "a bomb within bombs": (nested, "damaged"),
    "a million parts": (lambda: packed({f"xl/media/{at}": b"" for at in range(600)}), "too large"),
}  # fmt: skip
"""Nobody can read these: how each is made, and what the sentence about it says."""

NAMED = "Number,Registration,Name,Organisation,Country,Languages,Offers,Wishes,Away,First time\n"
WRONG: dict[str, tuple[str, tuple[int, str], str]] = {
    "a control character": (",,An\x02na,,,,,,,", (2, "C"), "U+0002"),
    "NUL": (",,An\x00na,,,,,,,", (2, "C"), "U+0000"),
    "a mark that turns text": (",,An\u202ena,,,,,,,", (2, "C"), "U+202E"),
    "an isolate": (",,\u2067Anna,,,,,,,", (2, "C"), "U+2067"),
    "a character lost on the way": (",,An\ufffda,,,,,,,", (2, "C"), "U+FFFD"),
    "a character for private use": (",,An\ue000a,,,,,,,", (2, "C"), "U+E000"),
    "a name of nothing that shows": (",,\u200b\u200b,,,,,,,", (2, "C"), "no letter"),
    "a name of dots": (",,...,,,,,,,", (2, "C"), "no letter"),
    "no name": (",X1,,Lamp,,,,,,", (2, "C"), "no name"),
    "a long name": (f",,{'A' * 81},,,,,,,", (2, "C"), "81 characters are too many; 80"),
    "a long organisation": (f",,Anna,{'A' * 201},,,,,,", (2, "D"), "201 characters"),
    "an organisation of dashes": (",,Anna,—–,,,,,,", (2, "D"), "no letter"),
    "letters for a number": ("A7,,Anna,,,,,,,", (2, "A"), "no event number"),
    "a number too long": ("123456789,,Anna,,,,,,,", (2, "A"), "no event number"),
    "half a number": ("1.5,,Anna,,,,,,,", (2, "A"), "no event number"),
    "a country nobody knows": (",,Anna,,Atlantis,,,,,", (2, "E"), "no country"),
    "a language nobody knows": (",,Anna,,,Frensh,,,,", (2, "F"), "no language"),
    "an interest nobody listed": (",,Anna,,,,Juggling,,,", (2, "G"), "list of interests"),
    "parts too many": (f",,Anna,,,,{';'.join(['Privacy'] * 61)},,,", (2, "G"), "too many parts"),
    "no wish": (",,Anna,,,,,everybody,,", (2, "H"), "no wish"),
    "a wish for nobody": (",,Anna,,,,,person:99,,", (2, "H"), "Nobody has the event number"),
    "a day that is none": (",,Anna,,,,,,2013-02-30T09:00/2013-02-30T10:00,", (2, "I"), "no span of time"),
    "a time that ends before": (",,Anna,,,,,,2013-06-19T09:00/2013-06-19T08:00,", (2, "I"), "no span of time"),
    "a time in another zone": (",,Anna,,,,,,2013-06-19T09:00Z/2013-06-19T10:00Z,", (2, "I"), "no span of time"),
    "neither yes nor no": (",,Anna,,,,,,,perhaps", (2, "J"), "neither yes nor no"),
    "a person twice": (",,Anna,Lamp,,,,,,\n,,Boris,,,,,,,\n,,ANNA,lamp,,,,,,", (4, "C"), "Row 2 is about the same"),
    "a number twice": ("7,,Anna,,,,,,,\n7,,Boris,,,,,,,", (3, "A"), "Row 2 is about the same"),
    "a registration twice": (",X,Anna,,,,,,,\n,X,Boris,,,,,,,", (3, "B"), "Row 2 is about the same"),
    "the second of three": (",,Anna,,SE,,,,,\n,,Boris,,Nowhere,,,,,\n,,Carla,,FR,,,,,", (3, "E"), "no country"),
    "after an empty row": (",,Anna,,,,,,,\n,,,,,,,,,\n\n,,Boris,,,xx-,,,,", (5, "F"), "no language"),
    "after a row of two lines": (',,Anna,"Lamp\nHouse",,,,,,\n,,Boris,,Nowhere,,,,,', (3, "E"), "no country"),
}
"""These are read, and one cell is wrong: the rows beneath the header, where it stands, what is said of it."""
