"""What is taken out of a study: tombstones, words that others quote, what nobody has confirmed for long."""

from dataclasses import replace

import pytest
from fakes.observed import (
    ANSWER,
    FIRST,
    MIRA,
    NOTE,
    OTTO,
    REPLY,
    ROOT,
    SECOND,
    THIRD,
    coding,
    exported,
    gone,
    post_id,
    rows,
    save,
)  # fmt: skip

from db.lost import BLOCK, LostWords
from db.queries import losing
from db.queries.codings import add_events, coder_id, save_revision
from db.queries.leads import Lead, save_leads, save_memo
from db.queries.runs import record_unreadable
from db.records import Lost, Unreadable
from db.store import Store

KEY = b"a key that only tests know"
SENTENCE = "My manager at the bakery counts every single crumb that we drop"
QUOTING = replace(REPLY, text=f"> {SENTENCE}.\n\nMine does not.")
LATER = "2026-03-01T00:00:00Z"
NOW = "2026-03-01T12:00:00Z"


def blocks(text: str) -> str:
    return "".join(BLOCK if letter.isalnum() else letter for letter in text)


def lose(store: Store, *texts: str, thread: str = "t3_root") -> LostWords:
    """Learn the words of deleted posts, and give all that is known."""
    losing.learn_lost_words(store.connection, KEY, [Lost(thread, None, text) for text in texts])
    return losing.lost_words(store.connection, KEY)


def test_lost_words_are_learned_once_and_nothing_of_them_can_be_read(store: Store) -> None:
    first = losing.learn_lost_words(store.connection, KEY, [Lost("t3_root", "A title.", SENTENCE)])
    second = losing.learn_lost_words(store.connection, KEY, [Lost("t3_root", "A title.", SENTENCE)])

    kept = [row["hash"] for row in rows(store, "SELECT hash FROM lost_words")]
    assert (first, second) == (len(kept), 0)
    assert {len(hash_) for hash_ in kept} == {8}
    assert losing.lost_words(store.connection, KEY) == LostWords(KEY, frozenset(kept))


def test_a_quotation_is_blanked_and_the_text_keeps_its_length_and_its_hash(store: Store) -> None:
    save(store, ROOT, QUOTING)
    [before] = rows(store, "SELECT text, text_sha FROM posts WHERE parent IS NOT NULL")

    changed = losing.blank_quotations(store.connection, lose(store, SENTENCE))

    [after] = rows(store, "SELECT text, text_sha FROM posts WHERE parent IS NOT NULL")
    assert changed == 1
    assert after["text"] == f"> {blocks(SENTENCE)}.\n\nMine does not."
    assert (len(after["text"]), after["text_sha"]) == (len(before["text"]), before["text_sha"])
    assert losing.blank_quotations(store.connection, lose(store, SENTENCE)) == 0


def test_a_quotation_in_an_earlier_text_is_blanked_too(store: Store) -> None:
    save(store, ROOT, QUOTING, replace(QUOTING, text="Never mind.", observed_at=SECOND))

    losing.blank_quotations(store.connection, lose(store, SENTENCE))

    assert [row["text"] for row in rows(store, "SELECT text FROM revisions")] == [
        f"> {blocks(SENTENCE)}.\n\nMine does not."
    ]


def test_a_quotation_that_was_blanked_does_not_come_back_with_the_same_text(store: Store) -> None:
    save(store, ROOT, QUOTING)
    losing.blank_quotations(store.connection, lose(store, SENTENCE))

    save(store, replace(QUOTING, observed_at=THIRD))

    assert exported(store, REPLY.address)["text"].startswith(f"> {BLOCK * 2} ")


def test_codings_of_a_reply_keep_their_places_when_its_quotation_is_blanked(store: Store) -> None:
    save(store, ROOT, QUOTING)
    [told] = rows(store, "SELECT text_sha FROM posts WHERE parent IS NOT NULL")
    start = QUOTING.text.index("Mine") if QUOTING.text else 0
    said = coding(
        "u1", post_id(store, QUOTING), coder_id(store.connection, "ana", "person"),
        start=start, end=start + 4, text_sha=told["text_sha"],
    )  # fmt: skip
    add_events(store.connection, [said])

    losing.blank_quotations(store.connection, lose(store, SENTENCE))

    [kept] = rows(store, 'SELECT start, "end", text_unchanged FROM codings_current')
    assert kept == {"start": start, "end": start + 4, "text_unchanged": 1}
    assert exported(store, REPLY.address)["text"][start : start + 4] == "Mine"


def test_memos_leads_and_unreadable_items_lose_the_words_too(store: Store) -> None:
    connection = store.connection
    save_memo(connection, ROOT.address, f"She says: {SENTENCE}!", "a.md", NOW)
    save_leads(connection, [Lead("l1", "b.md", "line 3", f"It is said: {SENTENCE}.")], NOW)
    record_unreadable(
        connection, [("c 1", Unreadable("line 1", f"no id in {SENTENCE}", f'{{"body":"Oh.\\n{SENTENCE}"}}'))], NOW
    )

    changed = losing.blank_notes(connection, lose(store, SENTENCE))

    assert changed == 4
    assert rows(store, "SELECT m.text, l.claim, u.problem, u.item FROM memos m, leads l, unreadable u") == [
        {
            "text": f"She says: {blocks(SENTENCE)}!",
            "claim": f"It is said: {blocks(SENTENCE)}.",
            "problem": f"no id in {blocks(SENTENCE)}",
            "item": f'{{"body":"Oh.\\n{blocks(SENTENCE)}"}}',
        }
    ]
    assert rows(store, "SELECT key FROM meta WHERE key = 'lost_texts'") == [{"key": "lost_texts"}]
    assert losing.blank_lost_words(connection, losing.lost_words(connection, KEY)) == 0


def test_two_memos_that_become_one_are_one(store: Store) -> None:
    twin = " ".join("x" * len(word) for word in SENTENCE.split())
    for text in (SENTENCE, twin):
        save_memo(store.connection, ROOT.address, text, "a.md", NOW)

    losing.blank_notes(store.connection, lose(store, SENTENCE, twin))

    assert rows(store, "SELECT text FROM memos") == [{"text": blocks(SENTENCE)}]


def test_examples_in_kept_codebooks_and_reasons_of_decisions_lose_the_words_too(store: Store) -> None:
    save(store, ROOT)
    save_revision(store.connection, "r1", f'{{"crumbs":{{"must_match":["{SENTENCE}"]}}}}', NOW)
    said = coding("u1", post_id(store, ROOT), coder_id(store.connection, "ana", "person"), reason=f"As in: {SENTENCE}")
    add_events(store.connection, [said])

    losing.blank_notes(store.connection, lose(store, SENTENCE))

    assert rows(store, "SELECT content, reason FROM codebook_revisions, coding_events") == [
        {"content": f'{{"crumbs":{{"must_match":["{blocks(SENTENCE)}"]}}}}', "reason": f"As in: {blocks(SENTENCE)}"}
    ]


def test_a_table_that_an_older_copy_lacks_holds_no_words(store: Store) -> None:
    store.connection.execute("DROP TABLE code_changes")
    save_memo(store.connection, ROOT.address, SENTENCE, "a.md", NOW)

    assert losing.blank_notes(store.connection, lose(store, SENTENCE)) == 1


@pytest.mark.parametrize(
    ("text", "is_spared"),
    [
        (f"I say it myself: {SENTENCE.upper()}!", True),
        (f"> {SENTENCE}\n\nWho said that?", False),
        ("My manager at the bakery counts every crumb.", False),
    ],
)
def test_words_that_a_live_post_says_itself_stay_in_memos(store: Store, text: str, is_spared: bool) -> None:
    save(store, replace(ROOT, title=None, text=text))
    save_memo(store.connection, ROOT.address, SENTENCE, "a.md", NOW)

    losing.blank_notes(store.connection, lose(store, SENTENCE))

    assert (rows(store, "SELECT text FROM memos") == [{"text": SENTENCE}]) is is_spared


def test_words_of_a_live_title_stay_in_memos(store: Store) -> None:
    save(store, replace(ROOT, title=SENTENCE, text=None))
    save_memo(store.connection, ROOT.address, SENTENCE, "a.md", NOW)

    assert losing.blank_notes(store.connection, lose(store, SENTENCE)) == 0


def test_nothing_is_blanked_while_nothing_is_lost(store: Store) -> None:
    save(store, ROOT, QUOTING)

    assert losing.blank_lost_words(store.connection, losing.lost_words(store.connection, KEY)) == 0


def test_texts_of_posts_that_came_back_are_told_with_their_earlier_ones(store: Store) -> None:
    save(store, ROOT, REPLY, gone(REPLY), ANSWER)
    save(store, replace(REPLY, observed_at=THIRD), replace(REPLY, text="Mine has five.", observed_at=LATER))

    assert sorted(losing.restored(store.connection), key=str) == [
        Lost("t3_root", None, "Mine has five."), Lost("t3_root", None, "Mine has four.")
    ]  # fmt: skip


def test_a_tombstone_keeps_the_place_and_takes_text_and_author(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)

    stones = losing.tombstones(
        store.connection, [REPLY.address, "reddit:t1_unknown"], "vanished", LATER, author_too=True
    )
    save(store, *stones)

    found = exported(store, REPLY.address)
    assert (found["state"], found["text"], found["parent"], found["score"]) == ("vanished", None, "reddit:t3_root", 12)
    assert found["author"] == "reddit:[deleted]/t3_root"
    assert exported(store, ANSWER.address)["state"] == "live"


def test_a_tombstone_may_leave_the_author(store: Store) -> None:
    save(store, ROOT, REPLY)

    save(store, *losing.tombstones(store.connection, [REPLY.address], "removed", LATER, author_too=False))

    assert exported(store, REPLY.address)["author"] == OTTO.address


def test_posts_of_an_author_are_found(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER)

    assert losing.posts_of_author(store.connection, OTTO.address) == [ANSWER.address, REPLY.address]
    assert losing.posts_of_author(store.connection, "reddit:~0") == []


def test_traces_of_a_forgotten_author_are_deleted_and_those_of_others_stay(store: Store) -> None:
    save(store, ROOT, REPLY)
    save_memo(store.connection, REPLY.address, "A fine answer.", "a.md", NOW)
    save_memo(store.connection, ROOT.address, "A fine question.", "a.md", NOW)
    save(store, *losing.tombstones(store.connection, [REPLY.address], "purged", None, author_too=True))

    losing.forget_traces(store.connection, [REPLY.address], OTTO.address)

    assert rows(store, "SELECT about FROM memos") == [{"about": ROOT.address}]
    assert [row["address"] for row in rows(store, "SELECT address FROM authors WHERE is_gone = 0")] == [MIRA.address]
    assert len(rows(store, "SELECT * FROM scores")) == 1


def test_an_author_with_a_post_left_stays(store: Store) -> None:
    save(store, ROOT)

    losing.forget_traces(store.connection, [], MIRA.address)

    assert rows(store, "SELECT address FROM authors") == [{"address": MIRA.address}]


def test_what_is_suppressed_is_noted_once(store: Store) -> None:
    losing.suppress(store.connection, [("aa", "author"), ("bb", "post")], FIRST)
    losing.suppress(store.connection, [("aa", "author")], SECOND)

    assert losing.suppressed(store.connection) == {"aa", "bb"}
    assert rows(store, "SELECT since FROM suppressions WHERE hash = 'aa'") == [{"since": FIRST}]


def test_posts_that_nobody_has_confirmed_are_those_with_a_text_seen_longest_ago_first(store: Store) -> None:
    undated = replace(REPLY, native_id="t1_undated", observed_at=None)
    dead = replace(REPLY, native_id="t1_dead")
    save(store, replace(ROOT, observed_at=SECOND), REPLY, replace(ANSWER, observed_at=THIRD), undated, NOTE)
    save(store, dead, gone(dead))

    assert losing.unconfirmed(store.connection, "reddit", THIRD) == ["t1_reply", "t3_root"]
    assert losing.unconfirmed(store.connection, "reddit", "9999") == ["t1_reply", "t3_root", "t1_answer", "t1_undated"]
    assert losing.unconfirmed(store.connection, "hn", "9999") == []
    assert losing.unconfirmed_counts(store.connection, THIRD) == {"reddit": 2}


def test_invented_posts_need_no_look(store: Store) -> None:
    save(store, replace(ROOT, platform="example"))

    assert losing.unconfirmed_counts(store.connection, "9999") == {}


def test_a_post_is_missed_twice_only_if_it_was_missed_long_enough_before(store: Store) -> None:
    save(store, ROOT, REPLY)
    look = losing.note_missing

    assert look(store.connection, [REPLY.address], "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z") == []
    assert look(store.connection, [REPLY.address], "2026-03-01T10:30:00Z", "2026-03-01T09:30:00Z") == []
    assert look(store.connection, [REPLY.address], "2026-03-01T11:00:00Z", "2026-03-01T10:00:00Z") == [REPLY.address]


def test_a_post_that_was_seen_again_is_missed_for_the_first_time(store: Store) -> None:
    save(store, ROOT, REPLY)
    losing.note_missing(store.connection, [REPLY.address, ROOT.address], "2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z")
    save(store, replace(REPLY, observed_at="2026-03-01T10:30:00Z"))

    twice = losing.note_missing(
        store.connection, [REPLY.address, ROOT.address], "2026-03-01T12:00:00Z", "2026-03-01T11:00:00Z"
    )

    assert twice == [ROOT.address]


def test_exports_and_reports_made_before_a_loss_are_stale(store: Store) -> None:
    connection = store.connection
    losing.record_export(connection, "export posts", "2026-01-01T00:00:00Z", 2)
    connection.execute(
        "INSERT INTO reports (built_at, report_sha256, data_sha256, codebook_revision, definition_sha256)"
        " VALUES ('2026-01-02T00:00:00Z', '', '', '', '')"
    )
    save(store, ROOT, REPLY)
    before = losing.stale_exports(connection)

    save(store, gone(REPLY))
    losing.record_export(connection, "export posts", "2999-01-01T00:00:00Z", 1)

    assert before == []
    assert losing.stale_exports(connection) == [
        {"kind": "export posts", "made_at": "2026-01-01T00:00:00Z", "lost": 1},
        {"kind": "report", "made_at": "2026-01-02T00:00:00Z", "lost": 1},
    ]


def test_a_text_that_was_never_stored_makes_no_export_stale(store: Store) -> None:
    losing.record_export(store.connection, "export posts", "2026-01-01T00:00:00Z", 2)

    save(store, ROOT, gone(REPLY), REPLY)

    assert losing.stale_exports(store.connection) == []


def test_an_older_copy_loses_deleted_posts_and_keeps_those_that_came_back(store: Store) -> None:
    back = replace(ANSWER, native_id="t1_back")
    save(store, ROOT, REPLY, ANSWER, back, replace(REPLY, text="Mine has nine.", observed_at=SECOND))
    answer = rows(store, "SELECT address, text_sha FROM posts WHERE native_id IN ('t1_back') ")

    losing.blank_texts(store.connection, [(REPLY.address, None), (back.address, answer[0]["text_sha"]), ("x:1", None)])

    assert {row["native_id"]: row["text"] for row in rows(store, "SELECT native_id, text FROM posts")} == {
        "t3_root": ROOT.text, "t1_reply": None, "t1_answer": ANSWER.text, "t1_back": back.text
    }  # fmt: skip
    assert rows(store, "SELECT * FROM revisions") == []
    assert rows(store, "SELECT author FROM posts WHERE native_id = 't1_reply'") == [{"author": None}]


def test_posts_that_were_ever_seen_deleted_are_told_with_the_text_that_they_show_again(store: Store) -> None:
    save(store, ROOT, REPLY, gone(REPLY), gone(ANSWER), replace(ANSWER, observed_at=THIRD))
    [shown] = rows(store, "SELECT text_sha FROM posts WHERE native_id = 't1_answer'")

    assert list(losing.once_deleted(store.connection)) == [(ANSWER.address, shown["text_sha"]), (REPLY.address, None)]
