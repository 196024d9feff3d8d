import json
from pathlib import Path

import pytest
from fakes.bench import add_posts, bench, delete_post, filled, mount
from fakes.study import Ran, bread_thread, groundswell, save

from db.queries import samples
from groundswell.study import Study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    return bench(tmp_path)


def _sample(study: Study, *arguments: str) -> Ran:
    return groundswell("-C", study.root, "code", "sample", *arguments)


def test_a_draw_says_how_many_of_how_many(town: Study) -> None:
    tried = _sample(town, "draw", "audit", "--dry-run")
    done = _sample(town, "draw", "audit")

    assert (tried.code, tried.out) == (0, "audit-1: 100 of 100 new authors would be drawn, 100 there are\n")
    assert (done.code, done.out, done.err) == (0, "audit-1: 100 of 100 new authors drawn, 100 there are\n", "")


def test_a_draw_takes_what_was_asked_for(town: Study) -> None:
    ran = _sample(
        town, "draw", "audit", "--unit", "post", "--code", "queue", "--code", "dear-bread", "--size", "60", "--name",
        "posts", "--json",
    )  # fmt: skip

    assert ran.json == {
        "sample": "posts", "purpose": "audit", "unit": "post", "frame": 100, "new": 100, "drawn": 100, "taught": [],
        "invented_left_out": False,
    }  # fmt: skip


def test_a_top_up_says_what_was_new(town: Study) -> None:
    _sample(town, "draw", "audit")
    add_posts(town, 100, 103)

    ran = _sample(town, "draw", "audit", "--top-up")

    assert ran.out == "audit-1: 3 of 3 new authors drawn, 103 there are\n"


def test_invented_posts_that_were_left_out_are_told(town: Study, tmp_path: Path) -> None:
    groundswell("-C", town.root, "collect", "import", save(tmp_path / "real.json", bread_thread()))

    ran = _sample(town, "draw", "main")

    assert (ran.out, ran.err) == (
        "main-1: 3 of 3 new posts drawn, 3 there are\n",
        "invented posts were left out, since the study holds real ones\n",
    )


def test_a_model_that_learned_from_the_audits_posts_is_told(town: Study) -> None:
    _sample(town, "draw", "main")
    with town.store() as store, store.write() as connection:
        revision = samples.samples(connection)[0].codebook_revision
        connection.execute("INSERT INTO models VALUES ('m1', 'queue', ?, '{}', NULL, '2026-03-01')", (revision,))
        connection.execute("INSERT INTO model_posts SELECT 'm1', min(id) FROM posts")

    ran = _sample(town, "draw", "audit")

    told = "models that learned from drawn posts: queue; they look more precise than they are until they are trained again\n"
    assert ran.err == told
    _sample(town, "draw", "audit", "--unit", "post", "--code", "queue", "--name", "posts")
    assert told in _sample(town, "shares", "posts").err
    assert _sample(town, "shares", "posts", "--json").json["taught"] == ["queue"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["draw", "census"], 2, "'census' is not one of"),
        (["draw", "main", "--size", "0"], 2, "Invalid value"),
        (["draw", "main", "--code", "rye"], 1, "error: the codebook has no code 'rye'\n"),
        (["draw", "main", "--top-up"], 1, "hint: groundswell code sample draw main\n"),
        (["show", "audit-1"], 1, "error: there is no sample 'audit-1'\nhint: groundswell code sample list\n"),
        (["plan", "--share", "0.1", "--width", "0"], 2, "the share must be between 0 and 1"),
    ],
)
def test_what_cannot_be_done_is_one_error(town: Study, arguments: list[str], code: int, words: str) -> None:
    ran = _sample(town, *arguments)

    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


def test_samples_are_listed_as_they_stand(town: Study) -> None:
    _sample(town, "draw", "audit")
    groundswell("-C", town.root, "code", "round", "start", "audit-1", "--coder", "ana", "--name", "r")
    delete_post(town, "example:p0002")

    ran = _sample(town, "list")
    (row,) = _sample(town, "list", "--json").json

    # The account that is gone with its post is a voice of its own now, which no draw has seen yet.
    assert (ran.code, ran.out) == (0, "audit-1\taudit\tauthor\t100\t1\t0\t99\tr\n")
    assert {name: row[name] for name in ("sample", "drawn", "lost", "rounds")} == {
        "sample": "audit-1", "drawn": 100, "lost": 1, "rounds": ["r"],
    }  # fmt: skip


def test_a_sample_is_shown_by_stratum_with_what_it_lost(town: Study) -> None:
    _sample(town, "draw", "main", "--code", "queue")

    before = _sample(town, "show", "main-1").err
    delete_post(town, "example:p0002")
    add_posts(town, 100, 102)
    ran = _sample(town, "show", "main-1")

    assert before == "100 drawn, 0 lost, 100 posts to read\n"
    assert ran.out == "queue\thit\t20\t20\t1\nqueue\tnone\t80\t80\t0\n"
    assert ran.err == ("100 drawn, 1 lost, 99 posts to read\n2 posts came since; --top-up considers them\n")
    strata = _sample(town, "show", "main-1", "--json").json["strata"]
    assert strata[0] == {"code": "queue", "stratum": "hit", "frame": 20, "drawn": 20, "lost": 1}


def _audit(study: Study) -> None:
    _sample(study, "draw", "audit", "--unit", "post", "--code", "queue")
    for coder in ("ana", "ben"):
        groundswell("-C", study.root, "code", "round", "start", "audit-1", "--coder", coder, "--name", coder)
        groundswell("-C", study.root, "code", "round", "import", filled(study, coder, coder))


def test_shares_are_told_in_words_and_the_raw_count_is_called_that(town: Study) -> None:
    _audit(town)
    add_posts(town, 100, 105)

    ran = _sample(town, "shares", "audit-1")

    assert ran.out.splitlines() == [
        "queue: 100 of 100 drawn posts decided",
        "  raw machine hits, not an estimate: 20 of 100 posts",
        "  share of posts: 20.0% (20.0% to 20.0%); 20 of 100 decided posts",
        "  sample alone: 20.0% (13.3% to 28.9%); 20 of 100 decided posts",
        "  precision: 100.0% (100.0% to 100.0%); 20 of 20 decided posts",
        "  recall: 100.0% (100.0% to 100.0%); 20 of 100 decided posts",
        "  precision of rules: 100.0% (100.0% to 100.0%); 20 of 20 decided posts",
        "  share by ana alone: 20.0% (20.0% to 20.0%); 20 of 100 decided posts",
        "  share by ben alone: 20.0% (20.0% to 20.0%); 20 of 100 decided posts",
    ]
    assert ran.err == (
        "0 drawn posts are gone (non-response)\n"
        "5 posts came since the last draw and are in no figure; --top-up considers them\n"
    )


def test_shares_as_json_carry_the_label_of_the_raw_count(town: Study) -> None:
    _audit(town)

    found = _sample(town, "shares", "audit-1", "--json").json

    (queue,) = found["codes"]
    assert (found["unit"], queue["raw"]) == (
        "posts", {"label": "raw machine hits, not an estimate", "hits": 20, "posts": 100},
    )  # fmt: skip
    assert queue["share"]["estimate"] == pytest.approx(0.2)
    assert set(queue["by_coder"]) == {"ana", "ben"}
    assert json.dumps(found)


def test_few_positives_give_an_upper_limit_and_nobodys_codings_nothing(town: Study) -> None:
    _sample(town, "draw", "audit", "--unit", "post", "--code", "queue")
    groundswell("-C", town.root, "code", "round", "start", "audit-1", "--coder", "ana", "--name", "r")
    before = _sample(town, "shares", "audit-1").out

    nothing = {f"example:p{number:04}": {"*": "absent"} for number in range(100)}
    groundswell("-C", town.root, "code", "round", "import", filled(town, "r", "ana", nothing))
    after = _sample(town, "shares", "audit-1").out

    assert "share of posts: no estimate: nobody has decided any of the drawn posts yet" in before
    assert "sample alone: at most 3.6%; 0 of 100 decided posts; fewer than 5 positives: an upper limit only" in after


def test_a_plan_says_how_many_posts_and_minutes(town: Study) -> None:
    ran = _sample(town, "plan", "--share", "0.1", "--width", "0.068")

    assert (ran.code, ran.out) == (0, "302 posts drawn without strata, about 91 minutes\n")
    assert _sample(town, "plan", "--share", "0.1", "--width", "0.068", "--json").json == {
        "share": 0.1, "width": 0.068, "posts": 302, "minutes": 91,
    }  # fmt: skip


def test_codings_of_the_round_that_were_not_said_blind_are_told_and_do_not_count(town: Study, tmp_path: Path) -> None:
    _sample(town, "draw", "audit", "--unit", "post", "--code", "queue")
    groundswell("-C", town.root, "code", "round", "start", "audit-1", "--coder", "ana", "--name", "r")
    line = {
        "post": "example:p0001", "code": "queue", "value": "present", "coder": "ana", "round": "r",
        "created_at": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    file = tmp_path / "said.jsonl"
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    groundswell("-C", town.root, "import", "codings", file)

    ran = _sample(town, "shares", "audit-1")

    assert "queue: 0 of 100 drawn posts decided" in ran.out
    assert "codings that do not count, not blind: 1\n" in ran.err
    assert _sample(town, "shares", "audit-1", "--json").json["left_out"] == {"not blind": 1}
