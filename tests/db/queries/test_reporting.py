from dataclasses import replace

import pytest
from fakes.observed import (
    ANSWER,
    BOT,
    DELETED,
    FIRST,
    GONE,
    MIRA,
    NOTE,
    OTTO,
    REPLY,
    ROOT,
    SECOND,
    exported,
    gone,
    post_id,
    rows,
    save,
)  # fmt: skip

from db.queries.posts import replace_duplicates
from db.queries.reporting import (
    Post,
    addresses,
    excluded,
    files_read,
    holds_invented_posts,
    holds_real_posts,
    last_run,
    post_by_address,
    posts_with_a_voice,
    queries_asked,
    record_report,
    threads,
)  # fmt: skip
from db.queries.runs import Request, finish_run, record_requests, start_run
from db.records import Author, Observation
from db.store import Store

INVENTED = replace(ROOT, platform="example", native_id="p1", thread="p1", crosspost_of=None)
START = "2026-03-01T08:00:00Z"
HASHES = {"report": "r", "data": "d", "codebook": "c", "definition": "f"}


def _voices(store: Store, *, private: bool = False, invented: bool = False) -> list[str]:
    return [post.native_id for post in posts_with_a_voice(store.connection, private=private, invented=invented)]


def test_a_post_with_a_voice_has_what_votes_and_evidence_need(store: Store) -> None:
    save(store, replace(ROOT, crosspost_of="t3_first"))
    text_sha = store.connection.execute("SELECT text_sha FROM posts").fetchone()[0]

    found = list(posts_with_a_voice(store.connection, private=False, invented=False))

    assert found == [
        Post(
            id=post_id(store, ROOT),
            address="reddit:t3_root",
            platform="reddit",
            native_id="t3_root",
            text_sha=text_sha,
            author=MIRA.address,
            thread="reddit:t3_root",
            crosspost_of="t3_first",
            community="r/learnml",
            created_at="2026-01-03T10:00:00Z",
            observed_at=FIRST,
        )
    ]


def test_an_author_whom_nobody_named_is_one_voice_a_thread_and_a_place_without_a_name_is_its_platform(
    store: Store,
) -> None:
    save(store, replace(ROOT, author=None, community=None))

    found = list(posts_with_a_voice(store.connection, private=False, invented=False))

    assert [(post.author, post.community) for post in found] == [("reddit:[unnamed]/t3_root", "reddit")]


def test_bots_and_deleted_and_wordless_posts_have_no_voice(store: Store) -> None:
    save(
        store,
        ROOT,
        gone(REPLY),
        replace(REPLY, native_id="t1_gone", author=GONE),
        replace(REPLY, native_id="t1_bot", author=BOT),
        replace(REPLY, native_id="t1_wordless", text=None),
        replace(REPLY, native_id="t1_orphan", parent="t1_nowhere"),
        NOTE,
    )

    assert _voices(store) == ["t3_root", "t1_gone", "t1_orphan"]
    assert _voices(store, private=True) == ["n1"]


def test_invented_posts_have_a_voice_only_when_asked_for(store: Store) -> None:
    save(store, ROOT, INVENTED)

    assert _voices(store) == ["t3_root"]
    assert _voices(store, invented=True) == ["p1", "t3_root"]


@pytest.mark.parametrize(("author", "voices"), [(MIRA, ["t3_root", "t1_reply"]), (OTTO, ["t3_root"])])
def test_a_text_that_another_account_repeats_has_no_voice_of_its_own(
    store: Store, author: Author, voices: list[str]
) -> None:
    save(store, ROOT, replace(REPLY, author=author))
    with store.write() as connection:
        replace_duplicates(connection, [(post_id(store, REPLY), post_id(store, ROOT))])

    assert _voices(store) == voices


def test_what_has_no_voice_is_counted_by_reason(store: Store) -> None:
    repeated = replace(REPLY, native_id="t1_copy")
    save(
        store,
        ROOT,
        REPLY,
        repeated,
        gone(ANSWER),
        replace(REPLY, native_id="t1_removed", **DELETED | {"state": "removed"}),
        replace(REPLY, native_id="t1_bot", author=BOT),
        replace(REPLY, native_id="t1_wordless", text=None),
        replace(INVENTED, author=BOT),
    )
    with store.write() as connection:
        replace_duplicates(connection, [(post_id(store, repeated), post_id(store, ROOT))])

    assert excluded(store.connection) == {
        "bots": 1,
        "deleted_or_removed": 2,
        "without_words": 1,
        "repeated_by_another_account": 1,
    }


def test_while_all_posts_are_invented_those_are_the_ones_counted(store: Store) -> None:
    save(store, replace(INVENTED, author=BOT))

    assert excluded(store.connection)["bots"] == 1


@pytest.mark.parametrize(
    ("posts", "real", "invented"),
    [([], False, False), ([NOTE], False, False), ([INVENTED], False, True), ([ROOT], True, False)],
)
def test_a_study_knows_whether_its_posts_are_real(
    store: Store, posts: list[Observation], real: bool, invented: bool
) -> None:
    save(store, *posts)

    assert (holds_real_posts(store.connection), holds_invented_posts(store.connection)) == (real, invented)


def test_threads_are_told_with_title_place_and_coverage(store: Store) -> None:
    save(store, ROOT, REPLY, NOTE, INVENTED)

    assert threads(store.connection, invented=False) == [
        {
            "address": "reddit:t3_root",
            "title": "Which title fits?",
            "url": "https://www.reddit.com/comments/root/",
            "community": "r/learnml",
            "declared_count": 2,
            "stored_count": 1,
            "coverage": 0.5,
            "posts": 2,
        }
    ]
    assert [row["address"] for row in threads(store.connection, invented=True)] == ["example:p1", "reddit:t3_root"]


def test_a_thread_whose_first_post_is_not_there_has_no_title(store: Store) -> None:
    save(store, replace(REPLY, community=None))

    assert [(row["title"], row["community"]) for row in threads(store.connection, invented=False)] == [(None, "reddit")]


def test_files_are_told_by_their_content_and_queries_apart(store: Store) -> None:
    run = start_run(store.connection, "collect", {}, "0.1.0", START)
    read = Request("file", "READ", "b.jsonl", START, sha256="22")
    asked = Request("reddit_api", "GET", "https://example.org/comments/a", START)
    record_requests(
        store.connection,
        run,
        [
            read, replace(read, url="a.jsonl"), replace(read, url="c.jsonl", sha256="11"), replace(read, sha256=None),
            asked, asked, replace(asked, method="POST", url="https://example.org/api/v1/access_token"),
        ],
    )  # fmt: skip

    assert files_read(store.connection) == [{"sha256": "11", "name": "c.jsonl"}, {"sha256": "22", "name": "a.jsonl"}]
    assert queries_asked(store.connection) == ["https://example.org/comments/a"]


def test_a_post_is_shown_whole_to_the_owner_of_the_study(store: Store) -> None:
    save(store, REPLY)

    assert post_by_address(store.connection, REPLY.address) == {
        "address": "reddit:t1_reply",
        "kind": "comment",
        "community": "r/learnml",
        "author": OTTO.address,
        "created_at": "2026-01-03T11:00:00Z",
        "state": "orphan",
        "title": None,
        "text": "Mine has four.",
        "url": "https://www.reddit.com/comments/root/_/reply/",
        "parent": "reddit:t3_root",
        "private": 0,
    }
    assert post_by_address(store.connection, "reddit:t1_nobody") is None


def test_every_post_has_its_address_listed(store: Store) -> None:
    save(store, ROOT, NOTE, replace(gone(REPLY), observed_at=SECOND))

    assert list(addresses(store.connection)) == ["note:n1", "reddit:t1_reply", "reddit:t3_root"]
    assert exported(store, REPLY.address)["text"] is None


def test_a_report_that_was_built_is_remembered_with_what_it_found(store: Store) -> None:
    with store.write() as connection:
        record_report(connection, START, HASHES, {"b": ("consensus", "read"), "a": ("thin", "unchecked")})

    assert rows(store, "SELECT * FROM reports") == [
        {"id": 1, "built_at": START, "report_sha256": "r", "data_sha256": "d", "codebook_revision": "c",
         "definition_sha256": "f", "definition": None, "quotes": None, "content": None}
    ]  # fmt: skip
    assert rows(store, "SELECT * FROM findings ORDER BY claim") == [
        {
            "report": 1,
            "claim": "a",
            "verdict": "thin",
            "basis": "unchecked",
            "share": None,
            "lower": None,
            "upper": None,
        },
        {
            "report": 1,
            "claim": "b",
            "verdict": "consensus",
            "basis": "read",
            "share": None,
            "lower": None,
            "upper": None,
        },
    ]


def test_the_newest_run_is_the_last_one(store: Store) -> None:
    before = last_run(store.connection)
    start_run(store.connection, "collect url", {}, "0.1.0", START)
    newest = start_run(store.connection, "collect import", {}, "0.1.0", START)
    finish_run(store.connection, newest, "done", "2026-03-01T08:01:00Z")

    assert before is None
    assert last_run(store.connection) == {
        "command": "collect import",
        "state": "done",
        "started_at": START,
        "finished_at": "2026-03-01T08:01:00Z",
    }
