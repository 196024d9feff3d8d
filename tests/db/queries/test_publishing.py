from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.corpora import Study, make_study, post

from db.queries.publishing import (
    known_authors,
    known_replies,
    links_and_words,
    note_quotes,
    platforms_of_authors,
    program_runs,
    quotes_of_report,
    stored_texts,
)
from db.queries.reporting import record_report

NOW = "2026-03-01T00:00:00Z"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = make_study(tmp_path)
    made.see(
        post("a", "1", title="One", text="first"), post("b", "2", thread="a", text="second", url="https://b.example")
    )
    yield made
    made.store.close()


def test_every_text_and_title_is_given_with_its_place(study: Study) -> None:
    assert sorted(stored_texts(study.store.connection), key=str) == [
        ("One", None, True, False), ("first", None, True, False), ("second", "https://b.example", False, False),
    ]  # fmt: skip


def test_an_earlier_version_is_a_stored_text_too(study: Study) -> None:
    study.see(post("a", "1", title="Two", text="later", observed_at=NOW))

    assert {"first", "later", "One", "Two"} <= {row[0] for row in stored_texts(study.store.connection)}


def test_accounts_are_known_by_their_addresses(study: Study) -> None:
    connection = study.store.connection

    assert platforms_of_authors(connection) == ["site"]
    assert known_authors(connection, [f"site:~{number}" for number in range(1_200)]) == {"site:~1", "site:~2"}


def test_replies_are_told_from_posts_that_begin_a_thread(study: Study) -> None:
    assert known_replies(study.store.connection, ["site:a", "site:b", "site:c"]) == {"site:b"}


def test_links_and_words_are_given_by_row(study: Study) -> None:
    rows = {row["address"]: row["id"] for row in study.store.connection.execute("SELECT id, address FROM posts")}

    assert list(links_and_words(study.store.connection, rows.values())) == [
        (rows["site:a"], None, "first"), (rows["site:b"], "https://b.example", "second"),
    ]  # fmt: skip


def test_a_study_without_programs_has_no_runs_of_them(study: Study) -> None:
    assert program_runs(study.store.connection) == {"runs": 0, "after_audit": 0}


def test_a_build_keeps_its_quotations(study: Study) -> None:
    hashes = {"data": "d", "codebook": "c", "definition": "f"}
    assert quotes_of_report(study.store.connection) is None
    for number in ("1", "2"):
        with study.store.write() as connection:
            record_report(connection, NOW, {**hashes, "report": f"r{number}"}, {})
            note_quotes(connection, f'["q-{number}"]')

    assert quotes_of_report(study.store.connection) == '["q-2"]'
    assert quotes_of_report(study.store.connection, "r1") == '["q-1"]'
    assert quotes_of_report(study.store.connection, "none") == '["q-2"]'
