"""Take the pictures of the docs: the example study's report, and the review app while it runs on that study.

    python docs/make_screenshots.py [--browser PATH]

It builds the demo in a folder of its own and needs Chromium. The pictures go to docs/images.
"""

# ruff: noqa: INP001 - a script beside the pages, not a package
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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

APP_WIDTH, APP_HEIGHT = 1280, 860
PHONE_WIDTH, PHONE_HEIGHT = 390, 844
APP_SHOWN = {
    "review-read.png": ("/read/sample/first", "light", APP_WIDTH, APP_HEIGHT),
    "review-read-phone.png": ("/read/sample/first", "light", PHONE_WIDTH, PHONE_HEIGHT),
    "review-study.png": ("/", "light", APP_WIDTH, APP_HEIGHT),
    "review-claim.png": ("/report/titles-misaligned", "dark", APP_WIDTH, APP_HEIGHT),
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
        # Chromium's sandbox does not work for root, nor its shared memory in a small container.
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        for picture, (scheme, anchor) in SHOWN.items():
            _take(browser, demo / "reports" / "report.html", IMAGES / picture, scheme, anchor)
            sys.stderr.write(f"{IMAGES / picture}\n")
        with _reviewing(demo) as link:
            _take_app(browser, link)
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


@contextmanager
def _reviewing(study: Path) -> Iterator[str]:
    """The review app of a study, as it is started by hand, with the link that it prints."""
    program = [sys.executable, "-m", "groundswell", "-C", str(study)]
    # The commands are ours.
    draw = [*program, "code", "sample", "draw", "main", "--size", "60", "--name", "first"]
    subprocess.run(draw, cwd=ROOT, check=True)  # noqa: S603
    command = [*program, "review", "--coder", "mira", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as app:  # noqa: S603
        found = re.search(r"http\S+", app.stdout.readline() if app.stdout else "")
        if found is None:
            raise SystemExit("the review app printed no link")
        try:
            yield found[0]
        finally:
            app.send_signal(signal.SIGINT)


def _take_app(browser: Browser, link: str) -> None:
    """Each page of the app that the docs show."""
    state = None
    for picture, (path, scheme, width, height) in APP_SHOWN.items():
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            storage_state=state,
        )
        tab = context.new_page()
        if state is None:
            tab.goto(link)
            state = context.storage_state()
        tab.goto(link.partition("/?")[0] + path)
        tab.wait_for_load_state("networkidle")
        tab.screenshot(path=IMAGES / picture)
        context.close()
        sys.stderr.write(f"{IMAGES / picture}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
