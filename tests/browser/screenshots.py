"""Make the README's pictures from the demo: `make screenshots`.

The server's clock stands still, and the browser is given the vendored fonts, so that the pictures say the same on any
day and any machine.
"""

import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, TOP, House, free_port, start_demo, stop
from tests.browser.looking import follow

PICTURES = TOP / ".readme"
FONTS = TOP / "webapp" / "exchange" / "fonts"
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 860}
SHARP = 2
BEFORE, AFTER = "2013-06-19T06:20+00:00", "2013-06-20T06:20+00:00"
"""When the pictures are taken: forty minutes before Speed Dating at the venue, and the day after it."""
FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>system-ui</family><prefer><family>Noto Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Noto Sans</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Look:
    """One picture of the gallery: whose page, where, and on what device."""

    name: str
    who: str
    path: str
    size: dict[str, int]
    language: str = "en-GB"
    scheme: Literal["light", "dark"] = "light"


GALLERY = (
    Look("my-rounds", "participant", "/me", PHONE),
    Look("my-rounds-dark", "participant", "/me", PHONE, scheme="dark"),
    Look("my-rounds-arabic", "participant", "/me", PHONE, "ar"),
    Look("profile", "participant", "/me/profile/topics", PHONE),
    Look("profile-arabic", "participant", "/me/profile/topics", PHONE, "ar"),
    Look("specialists", "participant", "/me/specialists", PHONE),
    Look("desk", "organiser", "/desk/speed-dating", LAPTOP),
    Look("desk-dark", "organiser", "/desk/speed-dating", LAPTOP, scheme="dark"),
    Look("desk-arabic", "organiser", "/desk/speed-dating", LAPTOP, "ar"),
    Look("desk-phone", "organiser", "/desk/speed-dating", PHONE),
    Look("plan", "organiser", "/desk/speed-dating/plan", LAPTOP),
    Look("plan-dark", "organiser", "/desk/speed-dating/plan", LAPTOP, scheme="dark"),
    Look("office", "organiser", "/office", LAPTOP),
)
GALLERY_AFTER = (Look("numbers", "organiser", "/office/numbers", LAPTOP),)


def pages(browser: Browser, house: House, gallery: Iterable[Look]) -> None:
    """Pictures of the pages, one sign-in for each kind of device."""
    devices: dict[tuple[object, ...], Page] = {}
    for look in gallery:
        device = (look.who, look.size["width"], look.language, look.scheme)
        if device not in devices:
            devices[device] = enter(browser, house, look)
        page = devices[device]
        page.goto(house.url + look.path)
        keep(Image.open(io.BytesIO(page.screenshot())), look.name)


def paper(browser: Browser, house: House) -> None:
    """Pictures of the paper: the first leaf of each, in grey."""
    page = enter(browser, house, Look("", "organiser", "", LAPTOP))
    for kind, name in (("rounds", "round-sheet"), ("cards", "cards")):
        answer = page.request.get(f"{house.url}/desk/speed-dating/print/{kind}.pdf")
        leaf = pypdfium2.PdfDocument(io.BytesIO(answer.body()))[0]
        keep(leaf.render(scale=1.5).to_pil().convert("L"), name, colours=16)


def enter(browser: Browser, house: House, look: Look) -> Page:
    """A page of such a device, on which this role is signed in."""
    context = browser.new_context(
        locale=look.language, viewport=look.size, color_scheme=look.scheme, device_scale_factor=SHARP
    )
    page = context.new_page()
    page.goto(house.links[look.who])
    follow(page.locator("main button"))
    return page


def keep(picture: Image.Image, name: str, *, colours: int = 64) -> None:
    """Store a picture in few colours: the pages have few."""
    few = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Start the demo in a folder of its own, take the pictures, stop it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "fonts.conf"
        settings.write_text(FONT_SETTINGS.format(fonts=FONTS, cache=Path(folder) / "cache"), encoding="utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None),
                args=QUIET,
                env={**os.environ, "FONTCONFIG_FILE": str(settings)},
            )
            with standing(BEFORE, Path(folder) / "data") as house:
                pages(browser, house, GALLERY)
                paper(browser, house)
            with standing(AFTER, Path(folder) / "data") as house:
                pages(browser, house, GALLERY_AFTER)
            browser.close()


@contextmanager
def standing(moment: str, data: Path) -> Iterator[House]:
    """The demo while the clock stands at this moment."""
    server, house = start_demo(data, free_port(), program=("tests.browser.still", moment))
    try:
        yield house
    finally:
        stop(server)


if __name__ == "__main__":
    main()
