"""Change on recordings: threads that were collected twice some hours apart, with a build after each."""

from typing import Any

import pytest
from acceptance import recount
from fakes.compared import week_passes
from fakes.study import groundswell, make_study

from groundswell.study import Study

pytestmark = pytest.mark.acceptance

FOLDER = recount.default_data_dir() / "acceptance" / "reddit_recollect"
CODEBOOK = """\
version: 1
codes:
  models:
    name: Models
    definition: The post names a model.
    rules: [ "model*" ]
  price:
    name: Price
    definition: The post names a price.
    rules: [ "price*", "cost*", "cheap*" ]
"""


def run(study: Study, *arguments: Any) -> str:
    ran = groundswell("-C", study.root, *arguments)
    assert ran.code == 0, ran.err
    return ran.out


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Five threads as they were first seen, and a build; as they were seen later, and another."""
    study = make_study(tmp_path_factory.mktemp("twice") / "study", codebook=CODEBOOK, findings="version: 1\n")
    for first in (True, False):
        for thread in sorted(FOLDER.iterdir()):
            seen = sorted(thread.rglob("*.json"))
            run(study, "collect", "import", *(seen[:1] if first else seen[1:]))
        run(study, "code", "apply")
        run(study, "report", "build")
        week_passes(study)
    return study


def test_the_losses_between_two_collections_are_told_and_the_parts_add_up(twice: Study) -> None:
    found = groundswell("-C", twice.root, "report", "diff", "--json").json

    # Of three removals one was marked as removed when its thread was first seen, so that its text was never stored.
    lost = found["causes"]["withdrawn"]
    assert lost == {"deleted_by_author": 4, "removed": 2}
    assert found["new"]["posts"] == found["old"]["posts"] + found["causes"]["new_posts"] - sum(lost.values())
    assert {claim["verdict"]["new"] for claim in found["claims"]} == {"unchecked"}
    assert groundswell("-C", twice.root, "report", "diff", "--paragraph").out.startswith("Since ")


def test_no_word_of_a_recording_stands_in_what_is_kept_of_a_build(twice: Study) -> None:
    with twice.store() as store:
        kept = [row["content"] for row in store.connection.execute("SELECT content FROM reports")]
        titles = [row["title"] for row in store.connection.execute("SELECT title FROM posts WHERE title IS NOT NULL")]

    assert len(kept) == 2
    assert len(titles) > 3
    assert not [title for title in titles if any(title in content for content in kept)]


def test_the_digest_of_the_first_time_says_how_claims_stand_and_what_is_missing(twice: Study) -> None:
    run(twice, "update")

    page = (twice.reports / "digest.md").read_text(encoding="utf-8")
    assert "This is the first digest" in page
    assert "## What to read next" in page
