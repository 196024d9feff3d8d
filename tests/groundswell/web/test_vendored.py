"""What others wrote and is kept here: exactly the files that were looked at, each with its licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from groundswell import web

STATIC = Path(web.__file__).parent / "static"
AXE = Path(__file__).parents[2] / "vendored" / "axe_core"
FILES = {
    STATIC / "htmx" / "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    AXE / "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_vendored_file_is_the_one_that_was_looked_at(path: Path) -> None:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FILES[path]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_vendored_file_lies_beside_its_licence(path: Path) -> None:
    assert (path.parent / "LICENSE").stat().st_size > 0


def test_no_template_trusts_a_text_or_brings_style_or_script_of_its_own() -> None:
    for template in (STATIC.parent / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for forbidden in (
            "|safe",
            "| safe",
            "autoescape false",
            " style=",
            "<style",
            "javascript:",
            " onclick",
            " onload",
            "<script>",
        ):
            assert forbidden not in text, f"{template.name}: {forbidden}"
        assert text.count("<script") == text.count('<script src="/static/'), template.name


def test_the_pages_ask_nothing_of_other_hosts() -> None:
    for path in (*(STATIC.parent / "templates").rglob("*.html"), *STATIC.glob("*.css"), *STATIC.glob("*.js")):
        text = path.read_text(encoding="utf-8")
        for sign in ('src="http', 'href="http', "url(http", "@import", "//cdn"):
            assert sign not in text, f"{path.name}: {sign}"
