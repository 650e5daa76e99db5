"""Make the README's pictures from the demo: `make screenshots`.

The browser is given the vendored fonts, so that every script of the demo shows on any machine.
"""

import io
import os
import shutil
import tempfile
from pathlib import Path

import pypdfium2
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, TOP, House, free_port, start_demo, stop

PICTURES = TOP / ".readme"
FONTS = TOP / "webapp" / "exchange" / "fonts"
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 860}
SHARP = 2
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


def enter(browser: Browser, house: House, who: str, size: dict[str, int]) -> Page:
    """A page on which this role is signed in."""
    context = browser.new_context(locale="en-GB", viewport=size, device_scale_factor=SHARP)
    page = context.new_page()
    page.goto(house.links[who])
    page.locator("main button").click()
    page.wait_for_load_state()
    return page


def pages(browser: Browser, house: House) -> None:
    """Pictures of the pages."""
    page = enter(browser, house, "participant", PHONE)
    page.screenshot(path=PICTURES / "my-rounds.png")
    page = enter(browser, house, "organiser", LAPTOP)
    page.screenshot(path=PICTURES / "office.png")
    page.goto(house.url + "/desk/speed-dating")
    page.screenshot(path=PICTURES / "desk.png")
    page.goto(house.url + "/desk/speed-dating/plan")
    page.screenshot(path=PICTURES / "plan.png")
    for kind, name in (("rounds", "round-sheet"), ("cards", "cards")):
        answer = page.request.get(f"{house.url}/desk/speed-dating/print/{kind}.pdf")
        leaf = pypdfium2.PdfDocument(io.BytesIO(answer.body()))[0]
        leaf.render(scale=1.5).to_pil().convert("L").quantize(16).save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Start the demo in a folder of its own, take the pictures, stop it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "fonts.conf"
        settings.write_text(FONT_SETTINGS.format(fonts=FONTS, cache=Path(folder) / "cache"), encoding="utf-8")
        server, house = start_demo(Path(folder) / "data", free_port())
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=next(filter(None, map(shutil.which, CHROMIUM)), None),
                    args=QUIET,
                    env={**os.environ, "FONTCONFIG_FILE": str(settings)},
                )
                pages(browser, house)
                browser.close()
        finally:
            stop(server)


if __name__ == "__main__":
    main()
