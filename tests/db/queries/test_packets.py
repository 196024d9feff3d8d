"""What a packet holds of the threads around its posts, which packets went out, and what no longer stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.observed import ANSWER, FIRST, NOTE, REPLY, ROOT, SECOND, THIRD, coding, gone, post_id, rows, save

from db.queries import history, packets
from db.queries.codings import add_events, coder_id, save_revision
from db.queries.packets import PacketRow
from db.queries.samples import Sample, save_sample
from db.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW = PacketRow("ab12", "ben", "main-1", None, "r1", 3, FIRST)
LAST = replace(ANSWER, native_id="t1_last", parent="t1_answer", created_at="2026-01-03T13:00:00Z", text="Six.")


def _around(store: Store, *natives: str, replies: int = 0) -> Sequence[str]:
    """The native ids of what a packet with these posts holds."""
    wanted = [post_id(store, replace(ROOT, native_id=native)) for native in natives]
    found = frozenset(packets.in_context(store.connection, wanted, replies))
    return [
        row["native_id"] for row in rows(store, "SELECT id, native_id FROM posts ORDER BY id") if row["id"] in found
    ]


def test_a_post_comes_with_all_that_it_answers_up_to_the_first_of_its_thread(store: Store) -> None:
    save(store, ROOT, REPLY, ANSWER, LAST, replace(REPLY, native_id="t1_aside"))

    assert _around(store, "t1_answer") == ["t3_root", "t1_reply", "t1_answer"]
    assert _around(store, "t3_root") == ["t3_root"]
    assert _around(store) == []


def test_a_post_whose_parent_is_not_stored_comes_with_the_first_of_its_thread(store: Store) -> None:
    save(store, ROOT, replace(REPLY, parent="t1_never_seen"))

    assert _around(store, "t1_reply") == ["t3_root", "t1_reply"]


def test_posts_that_answer_each_other_in_a_circle_end(store: Store) -> None:
    save(store, replace(REPLY, parent="t1_answer"), ANSWER)

    assert _around(store, "t1_answer") == ["t1_reply", "t1_answer"]


def test_of_the_replies_to_a_post_the_first_ones_come(store: Store) -> None:
    later = [replace(REPLY, native_id=f"t1_{number}", created_at=f"2026-01-04T0{number}:00:00Z") for number in range(3)]
    save(store, ROOT, *later[::-1], replace(REPLY, native_id="t1_second", parent="t1_0"))

    assert _around(store, "t3_root", replies=2) == ["t3_root", "t1_0", "t1_1"]


def test_a_private_note_is_in_no_packet_and_a_deleted_post_is_without_words(store: Store) -> None:
    save(store, ROOT, gone(REPLY), ANSWER, NOTE)

    found = packets.in_context(store.connection, [post_id(store, NOTE), post_id(store, ANSWER)], 5)
    shown = list(packets.shown_posts(store.connection, found))

    assert [(post["native_id"], post["text"], post["state"]) for post in shown] == [
        ("t3_root", ROOT.text, "live"),
        ("t1_reply", None, "deleted_by_author"),
        ("t1_answer", ANSWER.text, "live"),
    ]
    assert not {"author", "url", "observed_at", "community"} & shown[0].keys()


def test_what_is_shown_fills_another_database_with_the_same_bytes_each_time(store: Store) -> None:
    save(store, ROOT, REPLY, replace(ROOT, native_id="t3_other", thread="t3_other"))
    shown = list(packets.shown_posts(store.connection, range(1, 4)))

    files = []
    for _ in range(2):
        with Store(Path(":memory:"), create=True) as packet:
            with packet.write() as connection:
                packets.fill(connection, shown)
            files.append(packets.as_file(packet.connection))
            kept = rows(
                packet,
                "SELECT p.id, p.native_id, p.text, p.author, t.native_id AS thread FROM posts p"
                " JOIN threads t ON t.id = p.thread ORDER BY p.id",
            )

    assert files[0] == files[1]
    assert files[0].startswith(b"SQLite format 3")
    assert [tuple(row.values()) for row in kept] == [
        (number, post["native_id"], post["text"], None, post["thread_id"]) for number, post in enumerate(shown, start=1)
    ]


def test_a_packet_is_recorded_once_and_returned_once(store: Store) -> None:
    with store.write() as connection:
        save_revision(connection, "r1", "{}", FIRST)
        save_sample(connection, Sample("main-1", "main", "post", "{}", "r1", FIRST))
        packets.record_packet(connection, ROW)
        packets.record_packet(connection, replace(ROW, id="aa00"))
        packets.mark_returned(connection, "ab12", SECOND)
        packets.mark_returned(connection, "ab12", THIRD)
        packets.mark_returned(connection, "unknown", THIRD)
        packets.record_packet(connection, replace(ROW, made_at=THIRD))

    assert packets.packets(store.connection) == [
        replace(ROW, id="aa00"),
        replace(ROW, made_at=THIRD, returned_at=SECOND),
    ]


def test_only_what_was_taken_back_and_said_by_nobody_since_no_longer_stands(store: Store) -> None:
    save(store, ROOT)
    with store.write() as connection:
        save_revision(connection, "r1", "{}", FIRST)
        ben = coder_id(connection, "ben", "person")
        events = [coding(code, post_id(store, ROOT), ben, code=code) for code in ("a", "b", "c")]
        add_events(connection, events)
        ids = {row["code"]: row["id"] for row in connection.execute("SELECT id, code FROM coding_events")}
        history.undo_codings(connection, [ids["a"], ids["b"]], "undo-1", SECOND)
        history.take_back_action(connection, "undo-1", "undo-2", THIRD)
        history.undo_codings(connection, [ids["c"]], "undo-3", THIRD)

    assert packets.no_longer_standing(store.connection, ["a", "b", "c", "never"]) == ["c"]
    assert packets.standing_ids(store.connection, "ben", ["c", "never"], [ROOT.address]) == []
    assert packets.own_codings(store.connection, "ben") == {
        "a": False, "b": False, "c": False, f"redo:undo-2:{ids['a'] + 3}": True, f"redo:undo-2:{ids['b'] + 3}": True,
    }  # fmt: skip
