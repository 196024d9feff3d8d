from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from fakes.bench import add_posts, bench, mount
from fakes.study import CODEBOOK, coding_line, groundswell, make_study, post_line, save_lines

from coding.batches import read_batch
from coding.codebook import codebook_revision
from coding.codings import read_codings
from coding.final import FinalLayer
from db.queries import codings, samples
from db.queries import reviewing as queries
from db.queries.codings import exported_codings, people_codings
from db.queries.reviewing import ShownPost
from db.records import Coding
from groundswell.agreeing import agreement, close_round, start_round
from groundswell.reviewing import (
    Answer,
    Choice,
    Decision,
    Excerpt,
    Refused,
    Shown,
    Stale,
    Task,
    answer_of,
    begin_code,
    commit,
    count_images,
    hidden_from,
    keep_memo,
    new_action,
    pace,
    show,
    take_back,
)
from groundswell.sampling import draw_sample
from groundswell.study import now

if TYPE_CHECKING:
    from db.store import Store
    from groundswell.study import Study


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Sixty posts of thirty authors, with hits of rules."""
    mount(monkeypatch)
    return bench(tmp_path, many=60, authors=30)


def task_of(study: Study, *codes: str, **more: Any) -> Task:
    codebook = study.codebook()
    given = codes or codebook.asked
    return Task(codebook, codebook_revision(codebook), given, whole=not codes, others=True, **more)


def number_of(store: Store, address: str = "example:p0000") -> int:
    found = queries.post_id(store.connection, address)
    assert found is not None
    return found


def seen_by(store: Store, task: Task, coder: str, number: int) -> Shown:
    found = show(store, task, coder, number)
    assert found is not None
    return found


def decide(store: Store, task: Task, number: int, answer: Answer, coder: str = "ada", **more: Any) -> str:
    """Commit an answer on what stands; returns the action."""
    action = new_action("review")
    seen = seen_by(store, task, coder, number).version
    commit(
        store,
        task,
        Decision(
            **{"action": action, "coder": coder, "post": number, "seen": seen, "answer": answer, "took_ms": 900} | more
        ),
    )
    return action


NONE = Answer(none=True)


# What is hidden


@pytest.mark.parametrize("unit", ["post", "author"])
def test_the_posts_of_an_open_blind_round_are_hidden_from_its_coders_only(town: Study, unit: str) -> None:
    draw_sample(town, "reliability", unit=unit, size=20, name="s")
    with town.store() as store:
        assert hidden_from(store, "ada") == frozenset()
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        units = {one.unit for one in samples.units(store.connection, "s")}
        rows = store.connection.execute(
            "SELECT p.id, p.address, a.address AS author FROM posts p JOIN authors a ON a.id = p.author"
        )
        expected = {row["id"] for row in rows if row["address" if unit == "post" else "author"] in units}
        assert hidden_from(store, "ada") == expected != frozenset()
        assert hidden_from(store, "ben") == frozenset()
        decide(store, task_of(town, round="r", blind=True), min(expected), NONE)
        assert min(expected) in hidden_from(store, "ada")
    close_round(town, "r")
    with town.store() as store:
        assert hidden_from(store, "ada") == frozenset()


def test_posts_that_nobody_is_named_for_are_hidden_with_their_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(monkeypatch)
    study = make_study(tmp_path / "study", codebook=CODEBOOK)
    lines = [post_line(f"p{number}", author=None, text=f"Such dear bread {number}.") for number in range(4)]
    assert groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", *lines)).code == 0
    draw_sample(study, "reliability", unit="author", size=100, name="s")
    start_round(study, "s", coders=["ada"], name="r")
    with study.store() as store:
        assert len(hidden_from(store, "ada")) == 4


def test_what_is_hidden_is_told_anew_when_a_sample_grows(town: Study) -> None:
    draw_sample(town, "reliability", size=1000, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        assert len(hidden_from(store, "ada")) == 60
    add_posts(town, 60, 70)
    draw_sample(town, "reliability", name="s", top_up=True)
    with town.store() as store:
        assert len(hidden_from(store, "ada")) == 70
        assert len(hidden_from(store, "ada")) == 70


def test_hidden_posts_do_not_stand_around_others_outside_their_round(town: Study) -> None:
    draw_sample(town, "reliability", size=30, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        hidden = hidden_from(store, "ada")
        shown = [row["id"] for row in store.connection.execute("SELECT id FROM posts") if row["id"] not in hidden]
        assert 0 < len(shown) < 60
        inside, outside = task_of(town, round="r", blind=True), task_of(town)
        roots = 0
        for number in shown:
            seen = seen_by(store, outside, "ada", number)
            assert not hidden & {one.id for one in (*seen.above, *seen.below)}
            assert (seen.post.thread_title is None) == (seen.post.root in hidden)
            roots += seen.post.root in hidden
        assert roots
        around = [seen_by(store, inside, "ada", number) for number in hidden]
        assert any(hidden & {one.id for one in (*seen.above, *seen.below)} for seen in around)
        assert all(len(seen.below) == min(seen.replies, 5) for seen in around)


def test_a_round_that_is_not_blind_hides_nothing(town: Study) -> None:
    draw_sample(town, "main", size=20, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        assert hidden_from(store, "ada") == frozenset()


# Decisions


def test_a_decision_of_the_whole_codebook_counts_as_read_for_every_code(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        number = number_of(store)
        decide(store, task, number, Answer({"dear-bread": Choice(stance="support")}))
        layer = FinalLayer(people_codings(store.connection), task.codebook, codings.revisions(store.connection))
        assert (layer.decision(number, "dear-bread").value, layer.decision(number, "dear-bread").stance) == (
            "present",
            "support",
        )
        assert layer.decision(number, "queue").value == "absent"


def test_a_decision_for_one_code_leaves_the_others_unread(town: Study) -> None:
    task = task_of(town, "queue")
    with town.store() as store:
        number = number_of(store)
        decide(store, task, number, NONE)
        layer = FinalLayer(people_codings(store.connection), task.codebook, codings.revisions(store.connection))
        assert layer.decision(number, "queue").value == "absent"
        assert layer.decision(number, "dear-bread").value is None


def test_whatever_was_said_before_the_last_decision_is_what_counts_and_is_shown(town: Study) -> None:
    """Any answers one after the other leave the last one, whichever queue they were given in."""
    dice = Random(3)
    answers = [
        NONE, Answer(missing=True), Answer({"queue": Choice()}), Answer({"dear-bread": Choice(stance="mixed")}),
        Answer({"queue": Choice("unsure"), "dear-bread": Choice()}),
        Answer({"dear-bread": Choice()}, (Excerpt("dear-bread", 0, 4), Excerpt("dear-bread", 5, 9))),
    ]  # fmt: skip
    tasks = [task_of(town), task_of(town, "queue", "dear-bread")]
    with town.store() as store:
        number = number_of(store)
        for _ in range(40):
            task, answer = dice.choice(tasks), dice.choice(answers)
            decide(store, task, number, answer)
            layer = FinalLayer(people_codings(store.connection), task.codebook, codings.revisions(store.connection))
            expected = "missing" if answer.missing else "absent"
            for code in ("queue", "dear-bread"):
                made = layer.decision(number, code)
                choice = answer.choices.get(code)
                assert made.value == (choice.value if choice else expected)
                assert made.stance == (choice.stance if choice else None)
            for other in tasks:
                again = seen_by(store, other, "ada", number)
                assert again.decided
                assert again.answer.choices == answer.choices
                assert again.answer.excerpts == answer.excerpts
                assert (again.answer.none, again.answer.missing) == (answer.none, answer.missing)


def test_a_code_that_is_not_asked_for_and_unchanged_is_not_written_again(town: Study) -> None:
    with town.store() as store:
        number = number_of(store)
        decide(store, task_of(town), number, Answer({"dear-bread": Choice(stance="support")}))
        task = task_of(town, "queue")
        action = decide(store, task, number, Answer({"dear-bread": Choice(stance="support"), "queue": Choice()}))
        assert {line[0] for line in queries.said_in(store.connection, action)} == {"queue"}
        other = decide(store, task, number, Answer({"dear-bread": Choice(), "queue": Choice()}))
        assert {line[0] for line in queries.said_in(store.connection, other)} == {"queue", "dear-bread"}


def test_what_a_round_says_is_its_own(town: Study) -> None:
    draw_sample(town, "reliability", size=1000, name="s")
    start_round(town, "s", coders=["ada", "ben"], name="r")
    with town.store() as store:
        number = number_of(store)
        decide(store, task_of(town), number, Answer({"queue": Choice()}))
        round_ = task_of(town, "queue", round="r", blind=True)
        assert not seen_by(store, round_, "ada", number).decided
        for one in store.connection.execute("SELECT id FROM posts").fetchall():
            for coder in ("ada", "ben"):
                decide(store, round_, one["id"], NONE if one["id"] % 2 else Answer({"queue": Choice()}), coder)
    found = agreement(town, "r")
    assert found.left_out == {}
    assert found.posts == 60


def test_an_export_of_decisions_can_be_imported_as_it_is(town: Study) -> None:
    with town.store() as store:
        number = number_of(store)
        decide(store, task_of(town), number, Answer({"queue": Choice(number=2.5)}, (Excerpt("queue", 0, 4, "Such"),)))
        rows = [row for row in exported_codings(store.connection) if row["coder"] == "ada"]
    assert {(row["code"], row["number"], row["start"], row["end"]) for row in rows} == {
        ("queue", 2.5, 0, 4),
        ("*", None, None, None),
    }
    lines = [json.dumps({key: value for key, value in row.items() if key != "text_sha"}).encode() for row in rows]
    assert all(isinstance(found, Coding) for _, found in read_codings(lines, town.codebook()))


def test_an_action_is_written_once_and_bound_to_its_post_coder_and_answer(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        first, second = number_of(store), number_of(store, "example:p0001")
        seen = seen_by(store, task, "ada", first).version
        sent = Decision(new_action("review"), "ada", first, seen, NONE, 900)
        assert not commit(store, task, sent).again
        assert commit(store, task, sent).again
        wrong = [
            Decision(sent.action, "ben", first, seen, NONE, 900),
            Decision(sent.action, "ada", second, seen, NONE, 900),
            Decision(sent.action, "ada", first, seen, Answer(missing=True), 900),
        ]
        for other in wrong:
            with pytest.raises(Stale):
                commit(store, task, other)
        assert [row["code"] for row in exported_codings(store.connection) if row["coder"] == "ada"] == ["*"]
        assert queries.said_in(store.connection, sent.action) == {("*", "absent", None, None, None, None)}


def test_a_decision_on_a_text_or_codebook_that_is_not_the_one_seen_is_stale(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        number = number_of(store)
        text, last, revision = seen_by(store, task, "ada", number).version.split(".")
        for seen, why in (
            (f"x.{last}.{revision}", "the text of this post has changed"),
            (f"{text}.{last}.x", "the codebook has changed"),
            (f"{text}.99.{revision}", "you have coded this post elsewhere"),
            (f"{text}.{last}.{revision}.x", "codebook has changed"),
            ("", "the text of this post has changed"),
        ):
            with pytest.raises(Stale, match=why):
                commit(store, task, Decision(new_action("review"), "ada", number, seen, NONE, 900))
        with pytest.raises(Stale, match="gone"):
            commit(store, task, Decision(new_action("review"), "ada", 1, "", NONE, 900))
        assert queries.coded_by(store.connection, "ada") == []


def test_a_refused_decision_leaves_nothing_not_even_a_memo(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        number = number_of(store)
        with pytest.raises(Refused):
            decide(store, task, number, Answer({"queue": Choice("absent")}, memo="x"))
        assert store.connection.execute("SELECT count(*) FROM memos").fetchone()[0] == 0
        assert queries.last_said(store.connection, 99, number) == (0, None)


def test_the_time_of_a_decision_is_later_than_anything_said_of_the_post_before(town: Study) -> None:
    line = coding_line("example:p0000", code="queue", stance=None, coder="ada", created_at="2999-01-01T00:00:00Z")
    assert groundswell("-C", town.root, "import", "codings", save_lines(town.root.parent / "c.jsonl", line)).code == 0
    with town.store() as store:
        number = number_of(store)
        decide(store, task_of(town), number, NONE)
        assert (
            queries.last_said(store.connection, queries.person(store.connection, "ada") or 0, number)[1]
            == "2999-01-01T00:00:01Z"
        )


def test_nothing_is_written_in_a_round_that_was_closed_meanwhile(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    task = task_of(town, round="r")
    with town.store() as store:
        number = number_of(store)
        seen = seen_by(store, task, "ada", number).version
    close_round(town, "r")
    with town.store() as store, pytest.raises(Refused, match="the round r is closed"):
        commit(store, task, Decision(new_action("review"), "ada", number, seen, NONE, 900))


def test_the_codebook_that_a_decision_was_made_with_is_kept(town: Study) -> None:
    text = town.codebook_path.read_text(encoding="utf-8")
    town.codebook_path.write_text(text + "  rolls: { name: Rolls, definition: Rolls. }\n", encoding="utf-8")
    task = task_of(town)
    with town.store() as store:
        decide(store, task, number_of(store), NONE)
        assert "rolls" in queries.revisions_named(store.connection, [task.revision])[task.revision]


def test_the_same_words_are_one_excerpt_however_often_they_are_marked(town: Study) -> None:
    with town.store() as store:
        marked = Answer({"queue": Choice()}, (Excerpt("queue", 0, 4), Excerpt("queue", 0, 4, "Such")))
        action = decide(store, task_of(town), number_of(store), marked)
        assert ("queue", "present", None, None, 0, 4) in queries.said_in(store.connection, action)
        assert len(queries.standing_in(store.connection, action)) == 2


# Taking back, memos, codes, pace


def test_what_is_taken_back_is_the_last_decision_whole_and_once(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        first, second = number_of(store), number_of(store, "example:p0001")
        decide(store, task, first, Answer({"queue": Choice(), "dear-bread": Choice()}))
        decide(store, task, second, NONE)
        action = new_action("undo")
        done = take_back(store, "ada", action)
        again = take_back(store, "ada", action)
        assert done is not None
        assert again is not None
        assert (done[0], done[1].post, again[1].post, again[1].again) == (1, second, second, True)
        done = take_back(store, "ada", new_action("undo"))
        assert done is not None
        assert (done[0], done[1].post) == (3, first)
        assert take_back(store, "ada", new_action("undo")) is None
        assert take_back(store, "nobody", new_action("undo")) is None
        with pytest.raises(Refused):
            take_back(store, "ada", new_action("review"))


def test_what_was_said_in_a_round_is_not_taken_back_once_it_is_closed(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        action = decide(store, task_of(town, round="r"), number_of(store), NONE)
    close_round(town, "r")
    with town.store() as store:
        with pytest.raises(Refused, match="the round r, which is closed") as caught:
            take_back(store, "ada", new_action("undo"))
        assert action in (caught.value.hint or "")
        assert queries.standing_in(store.connection, action)


def test_the_pace_is_the_median_of_the_last_decisions(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        assert pace(store.connection, "ada") is None
        for place, took in enumerate((1000, 9000, 3000, 5000, 10**9)):
            assert pace(store.connection, "ada") is None
            decide(
                store,
                task,
                number_of(store, f"example:p{place:04}"),
                Answer({"queue": Choice(), "dear-bread": Choice()}),
                took_ms=took,
            )
        assert pace(store.connection, "ada") == 5.0
        who = queries.person(store.connection, "ada")
        assert who is not None
        assert queries.paces(store.connection, who, 2) == [600_000, 5000]
        assert pace(store.connection, "ben") is None


def test_a_memo_needs_words_and_a_post(town: Study) -> None:
    with town.store() as store:
        keep_memo(store, "ada", number_of(store), " A note. ")
        keep_memo(store, "ada", 1, "Lost.")
        with pytest.raises(Refused):
            keep_memo(store, "ada", number_of(store), "  ")
        assert queries.memos_of(store.connection, "example:p0000", "coder ada") == ["A note."]


def test_a_new_code_needs_a_name_an_open_codebook_and_a_post(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        number = number_of(store)
        sent = Decision(new_action("review-draft"), "ada", number, "", Answer(excerpts=(Excerpt("*", 0, 4),)), 900)
        with pytest.raises(Refused, match="needs a name"):
            begin_code(town, store, task, sent, " ")
        closed = Task(task.codebook, task.revision, ("queue",))
        with pytest.raises(Refused, match="as it was when it began"):
            begin_code(town, store, closed, sent, "Idea")
        gone = Decision(new_action("review-draft"), "ada", 1, "", NONE, 900)
        with pytest.raises(Stale):
            begin_code(town, store, task, gone, "Queue")
        assert begin_code(town, store, task, sent, "Queue") == "queue"
        assert begin_code(town, store, task, sent, "Other") == "queue"
        assert queries.said_in(store.connection, sent.action) == {("queue", "present", None, None, 0, 4)}
        done = take_back(store, "ada", new_action("undo"))
        assert done is not None
        assert done[1].post == number


# Small things


def test_what_a_coder_said_of_an_earlier_text_is_not_shown_as_said_of_this_one(town: Study) -> None:
    task = task_of(town)
    with town.store() as store:
        number = number_of(store)
        decide(store, task, number, NONE)
        with store.write() as connection:
            connection.execute("UPDATE posts SET text_sha = 'other' WHERE id = ?", (number,))
        again = seen_by(store, task, "ada", number)
        assert not again.decided
        assert again.answer == Answer()


def test_a_post_without_words_is_not_shown(town: Study) -> None:
    with town.store() as store:
        number = number_of(store)
        with store.write() as connection:
            connection.execute("UPDATE posts SET text = NULL, title = NULL, text_sha = NULL WHERE id = ?", (number,))
        assert show(store, task_of(town), "ada", number) is None
        assert show(store, task_of(town), "ada", 1) is None


def test_codes_that_are_gone_or_not_asked_for_are_not_part_of_an_answer(town: Study) -> None:
    task = task_of(town, "queue")
    assert answer_of([], task) == Answer()
    with town.store() as store:
        number = number_of(store)
        decide(store, task_of(town), number, Answer({"dear-bread": Choice()}))
        closed = Task(task.codebook, task.revision, ("queue",))
        assert seen_by(store, closed, "ada", number).answer == Answer(none=True)


def test_parents_that_answer_each_other_in_a_circle_are_shown_once(town: Study) -> None:
    with town.store() as store:
        with store.write() as connection:
            connection.execute("UPDATE posts SET parent = 'example:p0002' WHERE address = 'example:p0001'")
            connection.execute("UPDATE posts SET parent = 'example:p0001' WHERE address = 'example:p0002'")
        above = seen_by(store, task_of(town), "ada", number_of(store, "example:p0001")).above
        assert [one.address for one in above] == ["example:p0001", "example:p0002"]


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        (None, None, 0),
        (None, "no images, https://shop.example/page", 0),
        ("https://i.redd.it/abc.jpg", "see https://i.redd.it/abc.jpg", 1),
        (None, "[a](https://preview.redd.it/x.png?width=1) https://www.reddit.com/gallery/1abc pic.twitter.com/Zz9", 3),
        (None, "`https://i.redd.it/code.png`", 0),
        (None, "![img](https://a.example/one.GIF)", 1),
    ],
)
def test_images_are_counted_by_their_links(url: str | None, text: str | None, expected: int) -> None:
    post = ShownPost(1, "x:1", 1, 1, None, None, "post", None, "x", None, "t", text, "sha", url, None, "live", False)
    assert count_images(post) == expected


def test_an_id_of_an_action_says_what_it_is_and_when() -> None:
    batch = read_batch(new_action("review"))
    assert batch is not None
    assert (batch.action, batch.at[:10]) == ("review", now()[:10])
