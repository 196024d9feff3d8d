"""Quotes: recording one with its reason, the record, and taking one off it."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.bench import bench, delete_post
from fakes.pages import fields, words
from fakes.review import sit
from fakes.study import groundswell, post_line, save_lines

from groundswell import quoting
from groundswell.quoting import list_quotes
from groundswell.study import Study

POST = "example:p0003"  # "Nice weather. Post 3."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return bench(tmp_path, 10)


def opened(client: httpx.Client, more: str = "") -> dict[str, Any]:
    return fields(client.get(f"/quotes?post={POST}{more}").text, "/quotes")


def record(client: httpx.Client, more: str = "", **changes: str) -> httpx.Response:
    return client.post("/quotes", data=opened(client, more) | {"reason": "agreed"} | changes)


def test_a_part_of_a_post_is_quoted_with_its_reason(study: Study) -> None:
    client = sit(study)
    html = client.get(f"/quotes?post={POST}&start=0&end=12").text
    assert '<mark class="excerpt"><span class="own" data-start="0">Nice weather</span></mark>' in html
    assert "Quote the marked part Nice weather" in words(html)

    answer = record(client, "&start=0&end=12", name="M. K.", note="mail of 3 May")

    (row,) = list_quotes(study)
    assert answer.headers["location"] == f"/quotes?added={row['id']}"
    assert (row["post"], row["words"], row["reason"], row["by"], row["name"], row["note"]) == (
        POST, "Nice weather", "agreed", "ada", "M. K.", "mail of 3 May",
    )  # fmt: skip
    assert "as M. K., example:p0003 , the author agreed; recorded by ada" in words(client.get("/quotes").text)


def test_a_whole_post_is_quoted_where_no_words_are_given(study: Study) -> None:
    record(sit(study))

    assert [row["words"] for row in list_quotes(study)] == ["Nice weather. Post 3."]


def test_words_are_quoted_as_they_stand_in_the_post(study: Study) -> None:
    record(sit(study), words="Nice weather")

    assert [row["words"] for row in list_quotes(study)] == ["Nice weather"]


def test_a_quote_that_is_sent_twice_is_recorded_once(study: Study) -> None:
    client = sit(study)
    sent = opened(client) | {"reason": "agreed"}

    answers = [client.post("/quotes", data=sent) for _ in range(2)]

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(list_quotes(study)) == 1


def test_without_a_reason_it_is_asked_for_and_nothing_is_recorded(study: Study) -> None:
    answer = sit(study).post("/quotes", data={"post": POST, "start": "0", "end": "4"})

    assert answer.status_code == 200
    assert "Why it may be quoted" in words(answer.text)
    assert fields(answer.text, "/quotes")["end"] == ["4"]
    assert list_quotes(study) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"words": "Bad weather"}, "these words do not stand in the post"),
        ({"reason": "because"}, "no reason to quote anybody"),
        ({"start": "90", "end": "99"}, "there is nothing to quote"),
    ],
)
def test_what_cannot_be_quoted_is_told_and_what_was_typed_stays(
    study: Study, changes: dict[str, str], problem: str
) -> None:
    answer = record(sit(study), **changes, note="keep this")

    assert answer.status_code == 422
    assert problem in words(answer.text)
    assert "keep this" in answer.text
    assert list_quotes(study) == []


def test_places_that_are_no_numbers_are_none(study: Study) -> None:
    assert "Quote from this post" in words(sit(study).get(f"/quotes?post={POST}&start=x&end=99999999999").text)


def test_a_post_that_is_not_there_is_not_found(study: Study) -> None:
    client = sit(study)

    assert client.get("/quotes?post=example:none").status_code == 404
    assert record(client, post="example:none").status_code == 404


def test_a_private_note_is_never_shown_to_be_quoted(study: Study) -> None:
    note = study.root.parent / "note.md"
    note.write_text("A baker told me so.", encoding="utf-8")
    ran = groundswell("-C", study.root, "collect", "note", "--file", note)
    assert ran.code == 0, ran.err
    with study.store() as store:
        (address,) = (row["address"] for row in store.connection.execute("SELECT address FROM posts WHERE private = 1"))

    assert sit(study).get("/quotes", params={"post": address}).status_code == 404


def test_whether_it_was_seen_alive_is_told(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sit(study)
    record(client)
    assert "not shown the post was last seen alive at 2026-02-01T00:00:00Z" in words(client.get("/quotes").text)

    monkeypatch.setattr(quoting, "ALIVE_HOURS", 10**6)
    assert "✓ seen alive, may be shown" in words(client.get("/quotes").text)


def test_a_quote_of_a_deleted_post_says_so(study: Study) -> None:
    client = sit(study)
    record(client)
    delete_post(study, POST)

    assert "the post is deleted by author" in words(client.get("/quotes").text) or "Nothing is on record" in words(
        client.get("/quotes").text
    )
    assert "Nice weather" not in client.get("/quotes").text


def test_a_quote_is_dropped_and_a_second_time_does_nothing(study: Study) -> None:
    client = sit(study)
    record(client)
    (row,) = list_quotes(study)

    answers = [client.post(f"/quotes/{row['id']}/drop") for _ in range(2)]

    assert [answer.headers["location"] for answer in answers] == ["/quotes?dropped=1"] * 2
    assert list_quotes(study) == []
    assert "Dropped" in words(client.get("/quotes?dropped=1").text)


def test_a_study_of_high_sensitivity_quotes_nobody(study: Study) -> None:
    path = study.root / "study.yaml"
    path.write_text(path.read_text().replace("sensitivity: low", "sensitivity: high"), encoding="utf-8")
    from groundswell.study import find_study  # noqa: PLC0415

    html = sit(find_study(study.root, study.root)).get(f"/quotes?post={POST}").text

    assert "No quotes here." in words(html)
    assert "Why it may be quoted" not in words(html)


def test_posts_of_an_open_blind_round_are_missing(study: Study) -> None:
    eve = sit(study, "eve")
    record(eve)
    for command in (
        ["sample", "draw", "reliability", "--size", "500", "--name", "all"],
        ["round", "start", "all", "--coder", "ada", "--coder", "ben", "--blind"],
    ):
        ran = groundswell("-C", study.root, "code", *command)
        assert ran.code == 0, ran.err
    (row,) = list_quotes(study)
    ada = sit(study)

    assert "Nice weather" not in ada.get("/quotes").text
    assert ada.get(f"/quotes?post={POST}").status_code == 404
    assert ada.post("/quotes", data={"post": POST, "reason": "agreed"}).status_code == 404
    assert ada.post(f"/quotes/{row['id']}/drop").status_code == 404
    assert "Nice weather" in eve.get("/quotes").text
    assert len(list_quotes(study)) == 1


def test_names_notes_and_texts_are_shown_as_text(study: Study) -> None:
    lines = save_lines(
        study.root.parent / "bad.jsonl", post_line("x1", title="<b>bold</b>", text="<script>crumbs</script>")
    )
    groundswell("-C", study.root, "collect", "import", lines)
    client = sit(study)
    client.post("/quotes", data={"post": "example:x1", "reason": "agreed", "name": "<i>M</i>", "note": "<u>n</u>"})

    html = client.get("/quotes?post=example:x1").text

    assert "<script>crumbs" not in html
    assert not any(tag in html for tag in ("<b>bold", "<i>M", "<u>n"))
