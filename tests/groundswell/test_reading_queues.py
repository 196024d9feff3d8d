from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.bench import FINDINGS, add_posts, bench, delete_post, mount
from fakes.study import CODEBOOK, groundswell, make_study, post_line, save_lines

from coding.assignments import assigned
from coding.sampling import Design
from db.errors import ConfigurationError, GroundswellError
from db.queries import reviewing as queries
from db.queries import samples
from groundswell import reading_queues
from groundswell.agreeing import list_rounds, start_round
from groundswell.reading_queues import ALL, CLAIM, CODE, EVERYTHING, ROUND, SAMPLE, Place, Queue, Queues
from groundswell.reviewing import Answer, Choice, Decision, commit, new_action, show, take_back
from groundswell.sampling import draw_sample

if TYPE_CHECKING:
    from db.store import Store
    from groundswell.study import Study

EVERYTHING_THERE_IS = Place(ALL, EVERYTHING)
NONE = Answer(none=True)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Sixty posts of twenty authors, with hits of rules."""
    mount(monkeypatch)
    return bench(tmp_path, many=60, authors=20)


def queues_of(study: Study) -> Queues:
    kept = study.codebook()
    return Queues(study, lambda: kept)


def decide(store: Store, queue: Queue, post: int, answer: Answer = NONE) -> None:
    task = queue.task_for(post)
    shown = show(store, task, queue.coder, post)
    assert shown is not None
    commit(store, task, Decision(new_action("review"), queue.coder, post, shown.version, answer, 900))


def read_all(store: Store, queues: Queues, coder: str, place: Place, answer: Answer = NONE) -> list[int]:
    """Read a queue to its end; the posts in the order in which they came."""
    seen: list[int] = []
    while waiting := (queue := queues.queue(store, coder, place)).waiting(seen[-1] if seen else None):
        decide(store, queue, waiting[0], answer)
        seen.append(waiting[0])
    return seen


def addresses(store: Store, posts: list[int]) -> list[str]:
    found = queries.posts(store.connection, posts)
    return [found[post].address for post in posts]


def test_everything_is_what_nobody_has_read_in_an_order_of_each_coders_own(town: Study) -> None:
    queues = queues_of(town)
    with town.store() as store:
        ada, ben = (queues.queue(store, coder, EVERYTHING_THERE_IS) for coder in ("ada", "ben"))
        assert (ada.total, ada.done, len(ada.left)) == (60, 0, 60)
        assert set(ada.order) == set(ben.order)
        assert ada.order != ben.order
        for post in ada.waiting(most=10):
            decide(store, ada, post)
        ben = queues.queue(store, "ben", EVERYTHING_THERE_IS)
        ada = queues.queue(store, "ada", EVERYTHING_THERE_IS)
        assert (len(ben.left), len(ada.left), ada.done) == (50, 50, 10)
        take_back(store, "ada", new_action("undo"))
        assert len(queues.queue(store, "ben", EVERYTHING_THERE_IS).left) == 51


def test_a_queue_goes_on_where_it_was_when_the_app_is_opened_again(town: Study) -> None:
    with town.store() as store:
        first = queues_of(town)
        for post in first.queue(store, "ada", EVERYTHING_THERE_IS).waiting(most=7):
            decide(store, first.queue(store, "ada", EVERYTHING_THERE_IS), post)
        again = queues_of(town).queue(store, "ada", EVERYTHING_THERE_IS)
        assert (again.done, again.total, len(again.left)) == (7, 60, 53)


def test_of_very_many_posts_some_are_put_in_order_and_the_others_are_counted(
    town: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queues, "_AT_ONCE", 25)
    queues = queues_of(town)
    with town.store() as store:
        queue = queues.queue(store, "ada", EVERYTHING_THERE_IS)
        assert (len(queue.order), queue.beyond, queue.total) == (25, 35, 60)
        assert len(set(read_all(store, queues, "ada", EVERYTHING_THERE_IS))) == 25
        assert len(queues_of(town).queue(store, "ada", EVERYTHING_THERE_IS).left) == 25


def test_a_drawn_audit_is_kept_out_of_everything(town: Study) -> None:
    draw_sample(town, "audit", size=2, codes=["queue"], name="a")
    with town.store() as store:
        queue = queues_of(town).queue(store, "ada", EVERYTHING_THERE_IS)
        assert 0 < len(queue.order) < 60
        assert not set(queue.order) & samples.audit_posts(store.connection)


def test_a_coder_of_a_round_reads_what_was_assigned_and_is_done_when_the_round_says_so(town: Study) -> None:
    draw_sample(town, "reliability", size=1000, name="s")
    start_round(town, "s", coders=["ada", "ben", "cid"], name="r", double_share=0.3)
    place = Place(ROUND, "r")
    with town.store() as store:
        sample = samples.sample(store.connection, "s")
        assert sample is not None
        units = [unit.unit for unit in samples.units(store.connection, "s")]
        expected = assigned(units, ["ada", "ben", "cid"], 0.3, Design.from_json(sample.design).seed)
        queues = queues_of(town)
        for coder in ("ada", "ben", "cid"):
            queue = queues.queue(store, coder, place)
            assert addresses(store, list(queue.order)) == list(expected[coder])
            assert queue.task.blind
            read_all(store, queues, coder, place)
    assert {one.coder: one.left for one in list_rounds(town, "r")} == {"ada": 0, "ben": 0, "cid": 0}


def test_of_a_drawn_author_no_more_is_read_than_decides_the_author(town: Study) -> None:
    draw_sample(town, "audit", size=1000, codes=["dear-bread", "queue"], name="a")
    start_round(town, "a", coders=["ada"], codes=["queue"], name="presence")
    start_round(town, "a", coders=["ada"], codes=["dear-bread"], name="stance")
    queues = queues_of(town)
    there = Answer({"queue": Choice()})
    with town.store() as store:
        assert len(queues.queue(store, "ada", Place(ROUND, "presence")).order) == 60
        read = read_all(store, queues, "ada", Place(ROUND, "presence"), there)
        assert len(read) == 20
        newest = {
            row["author"]: row["id"] for row in store.connection.execute("SELECT author, id FROM posts ORDER BY id")
        }
        assert set(read) == set(newest.values())
        take_back(store, "ada", new_action("undo"))
        assert len(queues.queue(store, "ada", Place(ROUND, "presence")).left) == 3
        stance = Answer({"dear-bread": Choice(stance="dispute")})
        assert set(read_all(store, queues, "ada", Place(ROUND, "stance"), stance)) == set(newest.values())
        mentions = Answer({"dear-bread": Choice()})
        take_back(store, "ada", new_action("undo"))
        assert len(read_all(store, queues, "ada", Place(ROUND, "stance"), mentions)) == 3
    assert all(one.left == 0 for one in list_rounds(town, "stance"))


def test_a_sample_outside_any_round_is_read_for_its_codes(town: Study) -> None:
    draw_sample(town, "main", size=1000, codes=["queue"], name="m")
    draw_sample(town, "training", size=1000, name="t")
    queues = queues_of(town)
    with town.store() as store:
        queue = queues.queue(store, "ada", Place(SAMPLE, "m"))
        assert (queue.task.codes, queue.task.whole, queue.task.blind) == (("queue",), False, False)
        whole = queues.queue(store, "ada", Place(SAMPLE, "t"))
        assert whole.task.whole
        read_all(store, queues, "ada", Place(SAMPLE, "m"))
        assert queues_of(town).queue(store, "ada", Place(SAMPLE, "m")).left == set()


def test_posts_of_a_training_round_come_mixed(town: Study) -> None:
    draw_sample(town, "training", size=1000, name="t")
    start_round(town, "t", coders=["ada"], name="r")
    with town.store() as store:
        queue = queues_of(town).queue(store, "ada", Place(ROUND, "r"))
        units = [unit.unit for unit in samples.units(store.connection, "t")]
        assert set(addresses(store, list(queue.order))) == set(units)
        assert not queue.task.blind


def test_a_codes_hits_come_newest_first_and_leave_when_the_code_is_decided(town: Study) -> None:
    place = Place(CODE, "queue")
    queues = queues_of(town)
    with town.store() as store:
        queue = queues.queue(store, "ada", place)
        assert list(queue.order) == sorted(queue.order, reverse=True)
        assert set(queue.order) == queries.hits_of(store.connection, "queue") != set()
        decide(store, queues.queue(store, "ada", EVERYTHING_THERE_IS), queue.order[0])
        assert queue.order[0] not in queues.queue(store, "ada", place).left


def test_who_came_back_to_the_end_of_a_queue_gets_what_was_skipped(town: Study) -> None:
    with town.store() as store:
        queue = queues_of(town).queue(store, "ada", Place(CODE, "queue"))
        first, second, *_ = queue.order
        assert queue.waiting(queue.order[-1]) == [first]
        assert queue.waiting(first, most=2) == [*queue.order[1:3]]
        assert queue.waiting(12345) == [first]
        queue.left.intersection_update({second})
        assert queue.waiting(second) == []
        assert (queue.beside(first, -1), queue.beside(first, 1), queue.beside(12345, 1)) == (None, second, None)


def test_what_others_write_meanwhile_is_taken_in(town: Study) -> None:
    place = Place(CODE, "queue")
    with town.store() as store:
        queues, elsewhere = queues_of(town), queues_of(town)
        queue = queues.queue(store, "ada", place)
        post = queue.order[0]
        decide(store, elsewhere.queue(store, "ada", place), post)
        assert post not in queues.queue(store, "ada", place).left


def test_after_very_many_codings_or_a_collection_a_queue_is_put_together_anew(
    town: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_queues, "_MANY_EVENTS", 3)
    queues = queues_of(town)
    with town.store() as store:
        first = queues.queue(store, "ada", EVERYTHING_THERE_IS)
        for post in first.waiting(most=4):
            decide(store, first, post)
        second = queues.queue(store, "ada", EVERYTHING_THERE_IS)
        assert second is not first
        assert second.done == 4
    add_posts(town, 60, 70)
    delete_post(town, "example:p0003")
    with town.store() as store:
        third = queues.queue(store, "ada", EVERYTHING_THERE_IS)
        assert third.total in (69, 70)
        assert queries.post_id(store.connection, "example:p0065") in third.places


def test_a_round_that_begins_takes_its_posts_out_of_the_other_queues(town: Study) -> None:
    queues = queues_of(town)
    with town.store() as store:
        assert len(queues.queue(store, "ada", EVERYTHING_THERE_IS).left) == 60
    draw_sample(town, "reliability", size=1000, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store:
        assert queues.queue(store, "ada", EVERYTHING_THERE_IS).order == ()
        assert len(queues.queue(store, "ben", EVERYTHING_THERE_IS).left) == 60


def test_a_large_claim_is_counted_again_behind_its_reader(town: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_queues, "_QUICK_SECONDS", -1.0)
    monkeypatch.setattr(reading_queues, "_REST", 0)
    counted: list[reading_queues.Thread] = []

    class Noted(reading_queues.Thread):
        def start(self) -> None:
            counted.append(self)
            super().start()

    monkeypatch.setattr(reading_queues, "Thread", Noted)
    place = Place(CLAIM, "queues")
    queues = queues_of(town)
    with town.store() as store:
        queue = queues.queue(store, "ada", place)
        assert queue.claim is not None
        first, second = queue.waiting(most=2)
        decide(store, queue, first)
        meanwhile = queues.queue(store, "ada", place)
        assert meanwhile.waiting() == [second]
        for one in counted:
            one.join()
        after = queues.queue(store, "ada", place)
        assert after.claim is not None
        assert after.claim.read == 1
        assert after.order == queue.order
        decide(store, after, second)
        town.findings_path.write_text("version: [", encoding="utf-8")
        assert queues.queue(store, "ada", place).done == 2
        for one in counted:
            one.join()
        assert len(counted) >= 2
        town.findings_path.write_text(FINDINGS, encoding="utf-8")
        read_all(store, queues, "ada", place)
        settled = queues.queue(store, "ada", place)
        assert settled.claim is not None
        assert (settled.left, settled.claim.is_settled) == (set(), True)


def test_a_claims_posts_stay_where_they_are_and_may_be_coded_after_it_is_settled(town: Study) -> None:
    place = Place(CLAIM, "queues")
    queues = queues_of(town)
    with town.store() as store:
        before = queues.queue(store, "ada", place)
        middle = before.order[len(before.order) // 2]
        decide(store, before, middle)
        after = queues.queue(store, "ada", place)
        assert after.order == before.order
        assert after.waiting(middle) == [before.order[len(before.order) // 2 + 1]]
        assert all(after.holds(post) for post in before.order)
        assert not after.holds(12345)
        queues.forget(place)
        assert queues.queue(store, "ada", place) is not after


def test_a_post_that_may_be_in_scope_is_asked_for_what_decides_that_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mount(monkeypatch)
    moods = "  mood: { name: Mood, choose: one }\n  mood.glad: { name: Glad, parent: mood }\n"
    study = bench(tmp_path, many=10, codebook=CODEBOOK + moods + "  mood.cross: { name: Cross, parent: mood }\n")
    claim = "      - { id: c, kind: shares, statement: queues, code: queue, filter: { mood: mood.cross } }\n"
    study.findings_path.write_text(FINDINGS + claim, encoding="utf-8")
    with study.store() as store:
        queues = queues_of(study)
        queue = queues.queue(store, "ada", Place(CLAIM, "c"))
        post = queue.order[0]
        assert set(queue.task_for(post).codes) == {"queue", "mood.glad", "mood.cross"}
        decide(store, queue, post)
        assert post not in queues.queue(store, "ada", Place(CLAIM, "c")).left


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        (Place("heap", "x"), "no queue of a heap"),
        (Place(ALL, "x"), "no queue 'x'"),
        (Place(ROUND, "x"), "no round 'x'"),
        (Place(SAMPLE, "x"), "no sample 'x'"),
        (Place(CODE, "x"), "no code 'x'"),
        (Place(CLAIM, "x"), "no claim 'x'"),
    ],
)
def test_what_is_no_queue_is_told(town: Study, place: Place, problem: str) -> None:
    with town.store() as store, pytest.raises(GroundswellError, match=problem):
        queues_of(town).queue(store, "ada", place)


def test_a_round_is_read_by_its_coders_while_it_is_open(town: Study) -> None:
    draw_sample(town, "main", size=10, name="s")
    start_round(town, "s", coders=["ada"], name="r")
    with town.store() as store, pytest.raises(GroundswellError, match="ben does not code in the round r"):
        queues_of(town).queue(store, "ben", Place(ROUND, "r"))


def test_without_any_code_there_is_nothing_to_ask(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook="version: 1\ncodes:\n", findings="version: 1\nsections: []\n")
    lines = save_lines(tmp_path / "posts.jsonl", post_line())
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0
    with study.store() as store, pytest.raises(ConfigurationError, match="no code"):
        queues_of(study).queue(store, "ada", EVERYTHING_THERE_IS)


def test_models_scores_help_to_mix_what_is_read(town: Study) -> None:
    with town.store() as store, store.write() as connection:
        connection.execute(
            "INSERT INTO models (id, code, codebook_revision, card, trained_at)"
            " SELECT 'm', 'queue', revision, '{\"threshold\": 0.5}', '2026-01-01' FROM codebook_revisions"
        )
        connection.execute("INSERT INTO model_scores SELECT 'm', id, 0.9 FROM posts WHERE id % 7 = 0")
    with town.store() as store:
        queue = queues_of(town).queue(store, "ada", EVERYTHING_THERE_IS)
        assert len(set(queue.order)) == 60


def test_the_claims_are_read_again_only_when_their_file_or_the_codebook_changes(town: Study) -> None:
    queues, codebook = queues_of(town), town.codebook()
    first = queues.definition(codebook)
    assert queues.definition(codebook) is first
    town.findings_path.write_text(FINDINGS + "# more\n", encoding="utf-8")
    assert queues.definition(codebook) is not first
    town.findings_path.unlink()
    assert {claim.id for claim in queues.definition(codebook).claims} == {"dear-bread", "queue"}
    assert CODEBOOK
