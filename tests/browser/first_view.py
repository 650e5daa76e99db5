"""How long a first view takes on a slow phone: `python -m tests.browser.first_view`.

280 kbit/s and 800 ms from asking to the first byte, nothing kept from before; the demo is served on this machine.
Whatever else runs on it counts as well, so these are figures to read and no test.
"""

import shutil
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, DAY, QUIET, House, free_port, start_demo, stop

KILOBIT = 1000 / 8
SLOW = {"offline": False, "latency": 800, "downloadThroughput": 280 * KILOBIT, "uploadThroughput": 280 * KILOBIT}
PHONE = {"width": 390, "height": 844}
PAGES = ("/", "/me/profile", "/me/profile/topics", "/me/profile/meeting", "/me", "/me/specialists")
TIMES, MOST_SECONDS = 3, 5.0
SEEN = """() => {
  const first = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const bytes = all.reduce((sum, one) => sum + one.transferSize, 0);
  const asked = all.filter((one) => one.transferSize > 0);
  return [first / 1000, performance.getEntriesByType("navigation")[0].loadEventEnd / 1000, bytes, asked.length];
}"""


def seen(browser: Browser, house: House, path: str) -> list[float]:
    """Seconds until something is seen and until all is there, bytes and requests, in a browser that knows nothing."""
    context = browser.new_context(locale="en-GB", viewport=PHONE)
    page = context.new_page()
    if path != "/":
        enter(page, house)
    slow = context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send("Network.clearBrowserCache")
    slow.send("Network.emulateNetworkConditions", SLOW)
    page.goto(house.url + path, wait_until="load", timeout=60_000)
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    found: list[float] = page.evaluate(SEEN)
    context.close()
    return found


def enter(page: Page, house: House) -> None:
    """Sign in."""
    page.goto(house.links["participant"])
    with page.expect_navigation():
        page.locator("main button").click()


def main() -> None:
    """Print the median of some first views of each page."""
    with tempfile.TemporaryDirectory() as folder:
        server, house = start_demo(Path(folder) / "data", free_port(), "--day", DAY)
        try:
            with sync_playwright() as playwright:
                path = next(filter(None, map(shutil.which, CHROMIUM)), None)
                browser = playwright.chromium.launch(executable_path=path, args=QUIET)
                print(f"{'page':<22}{'first seen':>12}{'all there':>12}{'sent':>10}{'requests':>10}")
                for address in PAGES:
                    looks = [seen(browser, house, address) for _ in range(TIMES)]
                    first, whole, size, asked = (median(column) for column in zip(*looks, strict=True))
                    late = "" if first < MOST_SECONDS else f"  more than {MOST_SECONDS:.0f} s"
                    print(f"{address:<22}{first:>10.2f} s{whole:>10.2f} s{size / 1000:>7.1f} kB{asked:>10.0f}{late}")
                browser.close()
        finally:
            stop(server)


if __name__ == "__main__":
    main()
