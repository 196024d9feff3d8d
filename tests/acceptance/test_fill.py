"""Marks in a real page: the findings document that this tool is meant to recompute, with marks put where its figures stand."""

import re
import shutil
from pathlib import Path

import pytest
from acceptance.recount import default_data_dir

from groundswell.filling import fill
from groundswell.reporting import built_report
from groundswell.starting import run_demo
from groundswell.study import Study, find_study
from reports.fill import CLOSING, find_places

pytestmark = pytest.mark.acceptance

DATA = default_data_dir() / "seed" / "ai-engineer-reality-vs-postings.md"
# What stands in the page, and which claim and form belong there.
INLINE = (
    ("Titles are misaligned", "titles-misaligned", "sentence"),
    ("ML engineers focus on training/tuning models", "ml-trains", "sentence"),
    ("AI engineers integrate pre-trained models into applications", "ai-integrates", "sentence"),
    ("~50%", "work-types/orchestrator", "share"),
    ("~40%", "work-types/evals", "share"),
    ("~10%", "work-types/efficiency", "share"),
    ("Jobs demand 3 roles in 1", "combo-complaint", "sentence"),
    ("Often lighter weight than production skills", "gap-ml", "counts"),
)
BLOCKS = (
    ("Real challenges people report:", "debug-loop", "list"),
    ("Consensus from discussions:", "report", "list"),
    ("## Jobs vs. Reality Gap", "gap-ml", "row"),
    ("## Key Takeaways", "report", "methods"),
    ("Sources:", "titles-misaligned", "sources"),
)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    run_demo(folder)
    return find_study(folder, folder)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return shutil.copy(DATA, tmp_path / "page.md")


def marked(text: str) -> str:
    for words, claim, form in INLINE:
        assert text.count(words) == 1, words
        text = text.replace(words, f"<!-- groundswell {claim} {form} -->{words}{CLOSING}")
    for words, claim, form in BLOCKS:
        assert text.count(f"{words}\n") == 1, words
        text = text.replace(f"{words}\n", f"{words}\n\n<!-- groundswell {claim} {form} -->\n{CLOSING}\n")
    return text


def outside(text: str) -> list[str]:
    places, mistakes = find_places(text)
    assert not mistakes
    bounds = [0, *(bound for place in places for bound in (place.start, place.end)), len(text)]
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_page_filled_twice_changes_once_and_only_between_its_marks(
    example: Study, page: Path, line_end: str, mark: str
) -> None:
    before = mark + marked(page.read_bytes().decode()).replace("\n", line_end)
    page.write_bytes(before.encode())

    [first] = fill(example, [page])
    once = page.read_bytes()
    [second] = fill(example, [page])

    assert first.places == len(first.stale) == len(INLINE) + len(BLOCKS)
    assert second.stale == ()
    assert page.read_bytes() == once
    assert outside(once.decode()) == outside(before)
    assert not re.search(r"(?<!\r)\n", once.decode()) or line_end == "\n"


def test_without_its_marks_the_page_is_what_it_was(example: Study, page: Path) -> None:
    original = page.read_bytes().decode()
    page.write_bytes(marked(original).encode())

    fill(example, [page])

    text = page.read_bytes().decode()
    for words, claim, form in INLINE:
        opening = re.escape(f"<!-- groundswell {claim} {form} -->")
        text = re.sub(f"{opening}.*?{re.escape(CLOSING)}", lambda _, words=words: words, text)
    text = re.sub(rf"\n<!-- groundswell \S+ \S+ -->\n.*?{re.escape(CLOSING)}\n", "", text, flags=re.DOTALL)
    assert text == original


def test_the_page_says_what_the_report_says(example: Study, page: Path) -> None:
    page.write_bytes(marked(page.read_bytes().decode()).encode())

    fill(example, [page])

    text = page.read_bytes().decode()
    claims = {claim["id"]: claim for section in built_report(example)["sections"] for claim in section["claims"]}
    assert claims["titles-misaligned"]["sentence"] in text
    assert re.search(r"Orchestrators \(<!-- groundswell work-types/orchestrator share -->\d+ % \(\d+–\d+ %\)<!--", text)
    assert "Shares and intervals hold among authors in the threads collected" in text
    assert "| Dimension | Published | In the discussions |\n| --- | --- | --- |\n| ML knowledge |" in text
