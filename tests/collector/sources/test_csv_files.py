from typing import Any

import pytest
from fakes.collecting import PEOPLE
from fakes.file_samples import (
    EXTRACTOR_FOUND,
    EXTRACTOR_THREAD,
    X_QUOTED,
    X_REPLY,
    X_ROOT,
    extractor_comment,
    fourcat_reddit,
    fourcat_x,
    urs_row,
)
from hypothesis import given
from hypothesis import strategies as st

from collector.csv_mapping import FIELDS, parse_mapping
from collector.reading import Reading
from collector.sources import csv_files
from collector.sources.csv_files import MappedTable
from collector.tables import Row, Table
from db.records import Observation, Unreadable

READING = Reading(PEOPLE)
SEEN = Reading(PEOPLE, None, "2026-02-02T00:00:00Z")
OWN = MappedTable(
    parse_mapping("text=said,author=who,created_at=at,id=no,thread=topic,parent=under,score=up,title=head")
)
ROW = {
    "no": "1", "topic": "1", "under": "", "who": "otto_9", "at": "2026-01-05T08:00:00Z", "up": "7", "head": "Bread",
    "said": "Such dear bread.",
}  # fmt: skip


def row(cells: dict[str, str], name: str = "said.csv") -> Row:
    named = {column: cell for column, cell in cells.items() if column}
    return Row(Table(name, tuple(named)), named)


def one(cells: dict[str, str], reading: Reading = READING) -> Observation:
    """The post of a row of a known program."""
    (found,) = csv_files.observations(row(cells), reading, "line 2")
    assert isinstance(found, Observation), found
    return found


def own(name: str = "said.csv", **changes: str) -> Observation:
    """The post of a row of any table."""
    (found,) = OWN.observations(row(ROW | changes, name), SEEN, "line 2")
    assert isinstance(found, Observation), found
    return found


def test_a_post_of_x_as_4cat_exports_it_is_read_whole() -> None:
    post = one(fourcat_x(), SEEN)

    assert post == Observation(
        platform="x", native_id=X_ROOT, thread=X_ROOT, parent=None, kind="post",
        author=PEOPLE.author("x", "otto_9", X_ROOT), community="X", created_at="2026-01-05T08:00:00Z", edited_at=None,
        title=None, text=f"Such dear bread & butter, @{PEOPLE.of('x', 'mira_k')}!", url=f"https://x.com/i/status/{X_ROOT}",
        thread_url=f"https://x.com/i/status/{X_ROOT}", score=7, state="live", observed_at="2026-02-02T00:00:00Z",
        declared_count=1,
    )  # fmt: skip


def test_a_reply_of_x_in_a_table_stands_below_the_post_that_opens_its_conversation() -> None:
    reply = one(fourcat_x(X_REPLY, author="@mira_k", quote_tweet_id=X_QUOTED))

    assert (reply.parent, reply.thread, reply.quoted) == (X_ROOT, X_ROOT, X_QUOTED)
    assert reply.author == PEOPLE.author("x", "mira_k", X_ROOT)


def test_a_post_of_x_in_a_table_without_a_name_is_known_by_the_number_of_its_account() -> None:
    assert one(fourcat_x(author="")).author == PEOPLE.author("x", "id:44", X_ROOT)


def test_a_repost_in_a_table_is_passed_over() -> None:
    assert list(csv_files.observations(row(fourcat_x(is_retweet="yes")), READING)) == []


@pytest.mark.parametrize("timestamp", ["1767600000", "2026-01-05 08:00:00"])
def test_a_post_of_reddit_as_4cat_exports_it_is_read_whole(timestamp: str) -> None:
    post = one(fourcat_reddit(timestamp=timestamp), SEEN)

    assert post == Observation(
        platform="reddit", native_id="t3_aaa1", thread="t3_aaa1", parent=None, kind="post",
        author=PEOPLE.author("reddit", "otto_9", "t3_aaa1"), community="r/bakers", created_at="2026-01-05T08:00:00Z",
        edited_at=None, title="Bread", text="Such dear bread.", url="https://www.reddit.com/comments/aaa1/",
        thread_url="https://www.reddit.com/comments/aaa1/", score=7, state="live", observed_at="2026-02-02T00:00:00Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "found"), [("t1_bbb0", "t1_bbb0"), ("t3_aaa1", "t3_aaa1"), ("bbb0", "t3_aaa1"), ("", "t3_aaa1")]
)
def test_a_comment_of_reddit_in_a_table_stands_below_its_parent_or_else_the_thread(parent: str, found: str) -> None:
    comment = one(fourcat_reddit("bbb1", subject="", parent=parent, body="See u/mira_k"))

    assert (comment.native_id, comment.parent, comment.thread, comment.title) == ("t1_bbb1", found, "t3_aaa1", None)
    assert comment.text == f"See u/{PEOPLE.of('reddit', 'mira_k')}"


@pytest.mark.parametrize(("body", "state"), [("[deleted]", "deleted_by_author"), ("[removed]", "removed")])
def test_a_comment_that_a_table_shows_as_deleted_has_no_text(body: str, state: str) -> None:
    comment = one(fourcat_reddit("bbb1", body=body, author="[deleted]"))

    assert (comment.state, comment.text) == (state, None)
    assert comment.author is not None
    assert comment.author.is_gone


def test_a_row_of_urs_is_read_whole() -> None:
    post = one(urs_row())

    assert (post.native_id, post.title, post.text, post.score, post.declared_count) == (
        "t3_aaa1", "Bread", "Such dear bread.", 7, 1,
    )  # fmt: skip
    assert post.author == PEOPLE.author("reddit", "otto_9", "t3_aaa1")
    assert (post.created_at, post.edited_at) == ("2026-01-05T08:00:00Z", None)


def test_a_row_of_urs_may_tell_when_it_was_edited() -> None:
    assert one(urs_row(edited="01-05-2026 09:00:00")).edited_at == "2026-01-05T09:00:00Z"


@pytest.mark.parametrize(
    ("place", "parent"), [("1", "t3_aaa1"), ("1_2", "t3_aaa1/1"), ("1_2_1", "t3_aaa1/1_2"), ("10_1", "t3_aaa1/10")]
)
def test_the_place_of_a_comment_of_redditextractor_tells_its_parent(place: str, parent: str) -> None:
    comment = one(extractor_comment(place))

    assert comment.native_id == f"t3_aaa1/{place}"
    assert (comment.parent, comment.thread, comment.kind) == (parent, "t3_aaa1", "comment")
    assert comment.url == comment.thread_url == "https://www.reddit.com/comments/aaa1/"
    assert (comment.author, comment.text) == (PEOPLE.author("reddit", "mira_k", "t3_aaa1"), f"Comment {place}")


@pytest.mark.parametrize("cells", [EXTRACTOR_THREAD, EXTRACTOR_THREAD | {"timestamp": "", "time_stamp": "1767600000"}])
def test_a_thread_of_redditextractor_is_the_post_that_opens_it(cells: dict[str, str]) -> None:
    post = one({name: cell for name, cell in cells.items() if cell})

    assert (post.native_id, post.title, post.text, post.score, post.declared_count) == (
        "t3_aaa1", "Bread", "Such dear bread.", 7, 3,
    )  # fmt: skip
    assert post.created_at == "2026-01-05T08:00:00Z"


def test_a_table_without_authors_says_nothing_about_them() -> None:
    assert one(EXTRACTOR_FOUND).author is None


def test_a_table_that_has_only_days_gives_the_beginning_of_the_day() -> None:
    cells = {name: cell for name, cell in EXTRACTOR_FOUND.items() if name != "timestamp"}

    assert one(cells).created_at == "2026-01-05T00:00:00Z"


def test_a_row_of_any_table_is_read_whole() -> None:
    post = own()

    assert post == Observation(
        platform="csv", native_id=post.thread, thread=post.thread, parent=None, kind="post",
        author=PEOPLE.author("csv", "otto_9", post.thread), community=None, created_at="2026-01-05T08:00:00Z",
        edited_at=None, title="Bread", text="Such dear bread.", url=None, thread_url=None, score=7, state="live",
        observed_at="2026-02-02T00:00:00Z",
    )  # fmt: skip


def test_ids_threads_and_parents_of_any_table_belong_together_and_name_nobody() -> None:
    root, reply = (
        own(no="mira_k/1", topic="mira_k/1"),
        own(no="mira_k/2", topic="mira_k/1", under="mira_k/1", said="So dear."),
    )

    assert root.native_id == root.thread == reply.thread == reply.parent
    assert (root.kind, reply.kind) == ("post", "comment")
    assert "mira_k" not in repr((root, reply))


def test_the_same_id_in_another_file_is_another_post() -> None:
    assert own("a.csv").native_id != own("b.csv").native_id


def test_a_table_without_threads_is_one_thread_and_a_row_without_an_id_is_known_by_what_it_holds() -> None:
    mapping = MappedTable(parse_mapping("text=said"))
    rows = [row({"who": who, "said": said}) for who, said in (("ana", "yes"), ("bo", "yes"), ("ana", "yes"))]

    first, second, third = (found for each in rows for found in mapping.observations(each, READING))

    assert isinstance(first, Observation)
    assert isinstance(second, Observation)
    assert first == third
    assert first.thread == second.thread
    assert first.native_id != second.native_id
    assert (first.author, first.created_at, first.parent) == (None, None, None)


def test_how_many_replies_were_announced_is_told_by_the_post_that_opens_the_thread() -> None:
    counting = MappedTable(parse_mapping("text=said,id=no,thread=topic,replies=up"))

    (root,), (other,) = (list(counting.observations(row(ROW | {"no": no}), READING)) for no in ("1", "2"))

    assert isinstance(root, Observation)
    assert isinstance(other, Observation)
    assert (root.declared_count, other.declared_count) == (7, None)


def test_names_in_any_table_are_hidden_whichever_way_they_are_written() -> None:
    post = own(said="u/mira_k, @mira_k, https://x.com/mira_k/status/1", head="by @mira_k")

    assert "mira_k" not in repr(post)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (fourcat_x("mira_k"), "an id is no whole number"),
        (fourcat_x("1.9e+18"), "an id is no whole number"),
        (fourcat_x(unix_timestamp="mira_k"), "column 'unix_timestamp' holds no moment"),
        (fourcat_x(like_count="mira_k"), "column 'like_count' holds no whole number"),
        (fourcat_x(quote_tweet_id="mira_k"), "an id is no whole number"),
        (fourcat_reddit(timestamp=""), "created_utc is missing"),
        (fourcat_reddit("", thread_id=""), "it does not say to which thread it belongs"),
        (extractor_comment("mira_k"), "its comment_id is no place in a thread, such as 1_2_1"),
        (extractor_comment("1", url="https://www.reddit.com/user/mira_k"), "it does not say to which thread"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_by_its_columns_and_names_nobody(cells: dict[str, str], problem: str) -> None:
    (told,) = csv_files.observations(row(cells), READING, "line 2")

    assert isinstance(told, Unreadable)
    assert told.position == "line 2"
    assert told.problem.startswith(problem)
    assert "mira_k" not in repr(told)


def test_a_row_without_words_is_told() -> None:
    (told,) = OWN.observations(row(ROW | {"said": " ", "head": ""}), READING, "line 2")

    assert told == Unreadable("line 2", "it holds no text")


def test_a_row_of_a_table_of_no_known_program_is_told() -> None:
    (told,) = csv_files.observations(row({"said": "yes"}), READING, "line 2")

    assert told == Unreadable("line 2", "the columns of the table are not known")


@pytest.mark.parametrize("document", [row({"said": "yes"}), {"said": "yes"}, None])
def test_what_is_no_row_of_a_known_program_is_not_recognised(document: Any) -> None:
    assert not csv_files.recognises(document)
    assert OWN.recognises(document) == isinstance(document, Row)


ROWS = (fourcat_x(), fourcat_reddit(), urs_row(), extractor_comment("1"), EXTRACTOR_THREAD, EXTRACTOR_FOUND)
CELL = st.text(max_size=8) | st.sampled_from(
    ["NA", "-1", "1e99", "2026-01-05", "inf", "1_2", "[deleted]", "t1_a", "u/x"]
)


@given(st.sampled_from(ROWS), st.data())
def test_a_row_with_anything_in_its_cells_gives_a_post_or_a_problem(cells: dict[str, str], data: st.DataObject) -> None:
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(filter(None, cells))), CELL, max_size=6))

    found = list(csv_files.observations(row(cells | changes), READING))

    assert all(isinstance(item, Observation | Unreadable) for item in found)


@given(st.dictionaries(st.sampled_from(FIELDS), CELL, min_size=1))
def test_a_row_of_any_table_with_anything_in_its_cells_gives_a_post_or_a_problem(cells: dict[str, str]) -> None:
    mapping = MappedTable(parse_mapping(",".join(f"{name}={name}" for name in {*cells, "text"})))

    (found,) = mapping.observations(row({"text": "Such dear bread."} | cells), READING)

    assert isinstance(found, Observation | Unreadable)
