"""Take the pictures of the docs: the report of the example study, as a browser shows it.

    python docs/make_screenshots.py [--browser PATH]

It builds the demo in a folder of its own and needs Chromium. The pictures go to docs/images.
"""

# ruff: noqa: INP001 - a script beside the pages, not a package
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
WIDTH, HEIGHT = 1000, 1250
SHOWN = {
    "report.png": ("light", None),
    "report-dark.png": ("dark", "section_titles"),
}


def main(arguments: list[str]) -> int:
    """Build the demo and take every picture of its report."""
    sys.path.insert(0, str(ROOT))
    from groundswell.starting import run_demo  # noqa: PLC0415 - found only once the path is set

    chromium = arguments[arguments.index("--browser") + 1] if "--browser" in arguments else CHROMIUM
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="groundswell-pictures-") as name, sync_playwright() as playwright:
        demo = Path(name) / "demo"
        run_demo(demo)
        browser = playwright.chromium.launch(executable_path=chromium)
        for picture, (scheme, anchor) in SHOWN.items():
            _take(browser, demo / "reports" / "report.html", IMAGES / picture, scheme, anchor)
            sys.stderr.write(f"{IMAGES / picture}\n")
        browser.close()
    return 0


def _take(browser: Browser, page: Path, picture: Path, scheme: str, anchor: str | None) -> None:
    """The page from its top, or from a heading, in the light or in the dark."""
    tab = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light"
    )
    tab.goto(page.as_uri())
    if anchor is not None:
        tab.evaluate("id => document.getElementById(id).scrollIntoView({behavior: 'instant'})", anchor)
    tab.screenshot(path=picture)
    tab.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
