from dataclasses import replace

import pytest
from fakes.observed import ANSWER, FIRST, NOTE, REPLY, ROOT, SECOND, THIRD, exported, gone, rows, save

from db.queries.threads import gaps, save_threads
from db.store import Store

THREAD = """
SELECT t.address, c.name AS community, t.url, t.crosspost_of, t.declared_count, t.stored_count, t.coverage
  FROM threads t LEFT JOIN communities c ON c.id = t.community
"""


def _state(store: Store, address: str) -> str:
    return str(exported(store, address)["state"])


def test_a_thread_holds_what_its_posts_say_about_it(store: Store) -> None:
    save(store, ROOT, REPLY)

    assert rows(store, THREAD) == [
        {
            "address": "reddit:t3_root",
            "community": "r/learnml",
            "url": "https://www.reddit.com/comments/root/",
            "crosspost_of": None,
            "declared_count": 2,
            "stored_count": 1,
            "coverage": 0.5,
        }
    ]


def test_saving_threads_tells_their_ids_by_address(store: Store) -> None:
    with store.write() as connection:
        made = save_threads(connection, [ROOT, replace(ROOT, thread="t3_other"), REPLY])
        again = save_threads(connection, [ROOT])

    assert set(made) == {"reddit:t3_root", "reddit:t3_other"}
    assert again == {"reddit:t3_root": made["reddit:t3_root"]}


def test_a_reply_is_an_orphan_until_its_parent_arrives(store: Store) -> None:
    save(store, ROOT, ANSWER)
    before = _state(store, ANSWER.address)

    save(store, REPLY)

    assert (before, _state(store, ANSWER.address)) == ("orphan", "live")


def test_an_orphan_that_is_seen_again_stays_one(store: Store) -> None:
    save(store, ROOT, ANSWER)

    save(store, replace(ANSWER, score=99, observed_at=SECOND), settle=False)

    assert _state(store, ANSWER.address) == "orphan"


def test_an_orphan_that_is_deleted_is_deleted(store: Store) -> None:
    save(store, ROOT, ANSWER)

    save(store, gone(ANSWER))

    assert _state(store, ANSWER.address) == "deleted_by_author"


def test_a_post_that_turns_out_to_open_its_thread_is_no_orphan(store: Store) -> None:
    save(store, ANSWER)

    save(store, replace(ANSWER, parent=None, observed_at=SECOND))

    assert _state(store, ANSWER.address) == "live"


def test_a_deleted_parent_makes_no_orphans(store: Store) -> None:
    save(store, ROOT, gone(REPLY), ANSWER)

    assert _state(store, ANSWER.address) == "live"


@pytest.mark.parametrize(
    ("declared", "coverage"), [(None, None), (0, 1.0), (1, 1.0), (2, 1.0), (4, 0.5)]
)  # fmt: skip
def test_coverage_is_stored_replies_of_declared_ones(
    store: Store, declared: int | None, coverage: float | None
) -> None:
    save(store, replace(ROOT, declared_count=declared), REPLY, ANSWER)

    assert rows(store, "SELECT stored_count, coverage FROM threads") == [{"stored_count": 2, "coverage": coverage}]


def test_a_deleted_reply_counts_as_stored(store: Store) -> None:
    save(store, ROOT, REPLY, gone(ANSWER))

    assert rows(store, "SELECT coverage FROM threads") == [{"coverage": 1.0}]


def test_the_newest_declared_count_holds(store: Store) -> None:
    save(store, replace(ROOT, declared_count=50, observed_at=SECOND))
    save(store, replace(ROOT, declared_count=9, observed_at=FIRST))
    save(store, replace(ROOT, declared_count=None, observed_at=THIRD))

    assert rows(store, "SELECT declared_count FROM threads") == [{"declared_count": 50}]


def test_what_a_thread_repeats_is_kept_when_a_later_answer_does_not_say_it(store: Store) -> None:
    save(store, replace(ROOT, crosspost_of="t3_first"))
    save(store, replace(ROOT, declared_count=80, observed_at=THIRD))

    assert rows(store, "SELECT crosspost_of, declared_count FROM threads") == [
        {"crosspost_of": "t3_first", "declared_count": 80}
    ]


def test_a_link_that_came_late_is_added(store: Store) -> None:
    save(store, replace(ROOT, thread_url=None, observed_at=THIRD))
    save(store, REPLY)

    assert rows(store, "SELECT url FROM threads") == [{"url": ROOT.thread_url}]


def test_a_later_answer_that_names_no_community_takes_none_away(store: Store) -> None:
    save(store, ROOT)
    save(store, replace(ROOT, community=None, declared_count=80, observed_at=THIRD))

    assert rows(store, THREAD)[0]["community"] == "r/learnml"


def test_an_older_answer_that_names_another_community_moves_nothing(store: Store) -> None:
    save(store, replace(ROOT, observed_at=SECOND))
    save(store, replace(ROOT, community="r/other", crosspost_of="t3_first", observed_at=FIRST))

    assert rows(store, THREAD)[0]["community"] == "r/learnml"


def test_a_thread_moves_with_the_newest_answer(store: Store) -> None:
    save(store, ROOT)
    save(store, replace(ROOT, community="r/other", observed_at=SECOND))

    assert rows(store, THREAD)[0]["community"] == "r/other"


def test_a_community_is_one_however_its_name_is_written(store: Store) -> None:
    save(store, ROOT, replace(ROOT, native_id="t3_b", thread="t3_b", community="r/LearnML"))

    assert rows(store, "SELECT address, name FROM communities") == [
        {"address": "reddit:r/learnml", "name": "r/learnml"}
    ]


def test_communities_of_two_platforms_are_two(store: Store) -> None:
    save(store, ROOT, replace(ROOT, platform="example", community="r/learnml"))

    assert len(rows(store, "SELECT DISTINCT community FROM threads")) == 2


def test_a_thread_that_all_its_posts_left_holds_none_and_is_not_listed_as_incomplete(store: Store) -> None:
    save(store, replace(ROOT, thread="t3_another", declared_count=None))
    save(store, replace(ROOT, declared_count=0, observed_at=THIRD))

    assert rows(store, "SELECT address, stored_count FROM threads ORDER BY address") == [
        {"address": "reddit:t3_another", "stored_count": 0},
        {"address": "reddit:t3_root", "stored_count": 0},
    ]
    assert gaps(store.connection) == []


def test_incomplete_threads_are_listed_the_emptiest_first(store: Store) -> None:
    half = replace(ROOT, native_id="t3_half", thread="t3_half", declared_count=2)
    reply = replace(REPLY, thread="t3_half", parent="t3_half")
    empty = replace(ROOT, native_id="t3_empty", thread="t3_empty", declared_count=8)
    whole = replace(ROOT, native_id="t3_whole", thread="t3_whole", declared_count=0)
    unknown = replace(ROOT, native_id="t3_unknown", thread="t3_unknown", declared_count=None)
    save(store, half, reply, empty, whole, unknown, NOTE, replace(ROOT, platform="example", declared_count=None))

    found = [(row["address"], row["stored_count"], row["coverage"]) for row in gaps(store.connection)]

    assert found == [("reddit:t3_unknown", 0, None), ("reddit:t3_empty", 0, 0.0), ("reddit:t3_half", 1, 0.5)]
