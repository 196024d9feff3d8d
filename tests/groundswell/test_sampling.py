"""Samples of a study: drawn, topped up, thinned by deletion, and the shares of posts they give."""

from collections import Counter
from pathlib import Path

import pytest
from fakes.bench import add_posts, bench, delete_post, filled, mount
from fakes.study import ALL_BREAD, FINDINGS, bread_thread, groundswell, save

from coding.sampling import Design
from db.errors import GroundswellError
from db.queries import samples
from groundswell.agreeing import bring_in_sheet, start_round
from groundswell.sampling import Drawing, draw_sample, list_samples, post_shares, sample_state
from groundswell.study import Study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """A hundred posts of a hundred authors: twenty each of dear bread, robbery, queues, and twice of nothing."""
    return bench(tmp_path)


def _units(study: Study, name: str) -> dict[str, float]:
    with study.store() as store:
        return {unit.unit: unit.probability for unit in samples.units(store.connection, name)}


def _strata(study: Study, name: str) -> Counter[str]:
    with study.store() as store:
        return Counter(unit.stratum or "" for unit in samples.units(store.connection, name))


def test_an_audit_draws_authors_by_the_codes_of_the_headline_claims(town: Study) -> None:
    done = draw_sample(town, "audit")

    assert done == Drawing(
        "audit-1", "audit", "author", frame=100, new=100, drawn=100, taught=(), invented_left_out=False
    )
    assert set(_units(town, "audit-1").values()) == {1.0}
    assert _strata(town, "audit-1") == {
        '{"dear-bread": "mentions", "queue": "none"}': 20,
        '{"dear-bread": "support", "queue": "none"}': 20,
        '{"dear-bread": "silent", "queue": "hit"}': 20,
        '{"dear-bread": "silent", "queue": "none"}': 40,
    }


def test_an_author_has_one_chance_however_much_was_written(tmp_path: Path) -> None:
    study = bench(tmp_path, many=100, authors=7)

    done = draw_sample(study, "audit")

    assert (done.frame, done.drawn) == (7, 7)


def test_an_audit_of_posts_is_drawn_in_strata_of_hits(town: Study) -> None:
    done = draw_sample(town, "audit", unit="post", codes=["dear-bread"], size=60)

    assert done.frame == 100
    assert Counter(_units(town, "audit-1").values()) == {1.0: done.drawn}


def test_without_codes_all_posts_are_alike(town: Study) -> None:
    done = draw_sample(town, "main", size=25)

    assert 10 < done.drawn < 40
    assert set(_units(town, "main-1").values()) == {0.25}
    assert set(_strata(town, "main-1")) == {'{"*": "*"}'}


def test_the_same_study_draws_the_same_and_another_key_others(tmp_path: Path) -> None:
    def drawn(folder: Path, key: str) -> set[str]:
        (tmp_path / folder).mkdir()
        study = bench(tmp_path / folder)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("GROUNDSWELL_KEY", key)
            draw_sample(study, "main", size=25)
        return set(_units(study, "main-1"))

    ours = "c0ffee" * 11
    assert drawn(Path("one"), ours) == drawn(Path("two"), ours)


def test_samples_of_one_study_differ(town: Study) -> None:
    draw_sample(town, "main", size=25)
    draw_sample(town, "main", size=25)

    assert set(_units(town, "main-1")) != set(_units(town, "main-2"))


def test_a_dry_run_stores_nothing_and_says_the_same(town: Study) -> None:
    tried = draw_sample(town, "main", size=25, dry_run=True)

    assert list_samples(town) == []
    assert draw_sample(town, "main", size=25) == tried


def test_a_top_up_draws_only_from_what_is_new(town: Study) -> None:
    draw_sample(town, "audit", unit="post", codes=["queue"], size=60, name="posts")
    before = _units(town, "posts")
    add_posts(town, 100, 200)

    done = draw_sample(town, "audit", top_up=True)

    after = _units(town, "posts")
    added = after.keys() - before.keys()
    assert (done.sample, done.frame, done.new, done.drawn) == ("posts", 200, 100, len(added))
    assert before == {unit: after[unit] for unit in before}
    assert added
    assert all(unit >= "example:p0100" for unit in added)
    assert {after[unit] for unit in added} == {1.0, 60 / 160}


def test_a_second_top_up_without_new_posts_draws_nothing(town: Study) -> None:
    draw_sample(town, "main", size=25)

    assert draw_sample(town, "main", top_up=True, name="main-1").drawn == 0


def test_a_rule_that_was_changed_gives_nobody_a_second_chance(town: Study) -> None:
    draw_sample(town, "training", codes=["queue"], size=5)
    before = _units(town, "training-1")
    text = town.codebook_path.read_text(encoding="utf-8")
    town.codebook_path.write_text(text.replace("rules: [ queue* ]", "rules: [ weather, queue*, rain ]"), "utf-8")
    groundswell("-C", town.root, "code", "apply")

    done = draw_sample(town, "training", top_up=True)

    assert (done.new, done.drawn) == (0, 0)
    assert _units(town, "training-1") == before


def test_whoever_writes_more_is_no_new_author(tmp_path: Path) -> None:
    study = bench(tmp_path, many=100, authors=30)
    draw_sample(study, "audit", size=5)
    add_posts(study, 100, 200, authors=40)

    done = draw_sample(study, "audit", top_up=True)

    assert (done.frame, done.new) == (40, 10)


def test_what_is_drawn_for_other_purposes_is_never_of_an_audit(town: Study) -> None:
    draw_sample(town, "audit", unit="post", codes=["queue"], size=60)
    audited = set(_units(town, "audit-1"))

    for purpose in ("training", "reliability", "main"):
        done = draw_sample(town, purpose, size=1000)
        assert done.frame == 100 - len(audited)
        assert not audited & set(_units(town, done.sample))


def test_an_audit_is_of_the_whole_study_whatever_was_drawn_before(town: Study) -> None:
    draw_sample(town, "training", size=1000)

    assert draw_sample(town, "audit").frame == 100


def test_models_that_learned_from_an_audits_posts_are_named(town: Study) -> None:
    draw_sample(town, "training", size=10)
    with town.store() as store, store.write() as connection:
        revision = samples.samples(connection)[0].codebook_revision
        connection.execute("INSERT INTO models VALUES ('m1', 'queue', ?, '{}', NULL, '2026-03-01')", (revision,))
        connection.execute("INSERT INTO model_posts SELECT 'm1', min(id) FROM posts")

    assert draw_sample(town, "audit").taught == ("queue",)


def test_invented_posts_are_drawn_only_while_there_are_no_real_ones(town: Study, tmp_path: Path) -> None:
    real = save(tmp_path / "real.json", bread_thread())
    groundswell("-C", town.root, "collect", "import", real)

    done = draw_sample(town, "main", size=1000)

    assert (done.frame, done.invented_left_out) == (3, True)
    assert set(_units(town, "main-1")) == set(ALL_BREAD)


def test_units_lost_to_deletion_are_non_response(town: Study) -> None:
    draw_sample(town, "main", codes=["queue"], size=1000)
    delete_post(town, "example:p0002")

    state = sample_state(town, "main-1")

    assert (state.drawn, state.lost, state.posts, state.waiting) == (100, 1, 99, 0)
    assert [(one.code, one.stratum, one.frame, one.drawn, one.lost) for one in state.strata] == [
        ("queue", "hit", 20, 20, 1), ("queue", "none", 80, 80, 0),
    ]  # fmt: skip


def test_units_that_came_since_are_waiting(town: Study) -> None:
    draw_sample(town, "main", size=10)
    add_posts(town, 100, 110)

    (state,) = list_samples(town)

    assert state.waiting == 10


def test_a_design_is_stored_with_seed_frame_and_probabilities(town: Study) -> None:
    draw_sample(town, "audit", unit="post", codes=["queue"], size=60)

    with town.store() as store:
        stored = samples.samples(store.connection)[0]
    design = Design.from_json(stored.design)

    assert stored.codebook_revision is not None
    assert (design.codes, design.per_stratum, len(design.seed), len(design.considered)) == (("queue",), 60, 64, 100)
    assert design.draws[0]["sizes"] == {"queue": {"hit": 20, "none": 80}}
    assert design.draws[0]["probabilities"] == {"queue": {"hit": 1.0, "none": 0.75}}
    assert town.settings.key is not None
    assert town.settings.key.hex() not in stored.design


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"purpose": "main", "codes": ["rye"]}, "the codebook has no code 'rye'"),
        ({"purpose": "main", "name": "taken"}, "the sample taken exists already"),
        ({"purpose": "audit", "top_up": True}, "there is no audit sample to top up"),
        ({"purpose": "main", "top_up": True, "name": "other"}, "there is no main sample 'other' to top up"),
        ({"purpose": "main", "top_up": True, "size": 3}, "the sample taken has its design already"),
        ({"purpose": "main", "top_up": True, "unit": "author"}, "the sample taken has its design already"),
        ({"purpose": "main", "top_up": True, "codes": ["queue"]}, "the sample taken has its design already"),
        ({"purpose": "audit", "unit": "post", "size": 59}, "59 posts a stratum are too few for an audit"),
    ],
)
def test_what_cannot_be_drawn_is_refused(town: Study, arguments: dict[str, object], message: str) -> None:
    draw_sample(town, "main", name="taken", size=10)

    with pytest.raises(GroundswellError) as caught:
        draw_sample(town, **arguments)  # type: ignore[arg-type]  # the rows above are of the right types

    assert caught.value.message == message
    assert [state.sample.id for state in list_samples(town)] == ["taken"]


def test_an_audit_of_authors_without_headline_claims_asks_for_codes(town: Study) -> None:
    town.findings_path.write_text(FINDINGS, encoding="utf-8")

    with pytest.raises(GroundswellError, match="an audit of authors needs the codes that it audits"):
        draw_sample(town, "audit")


def test_a_sample_whose_code_is_gone_cannot_be_topped_up(town: Study) -> None:
    draw_sample(town, "main", codes=["queue"], size=10)
    text = town.codebook_path.read_text(encoding="utf-8")
    town.codebook_path.write_text(text.replace("  queue:", "  waiting-line:"), encoding="utf-8")

    with pytest.raises(GroundswellError, match="the codebook no longer has the code 'queue'"):
        draw_sample(town, "main", top_up=True)


def test_a_sample_that_is_not_there_is_named(town: Study) -> None:
    with pytest.raises(GroundswellError, match="there is no sample 'audit-9'"):
        sample_state(town, "audit-9")


def _audit(study: Study, *coders: str) -> None:
    draw_sample(study, "audit", unit="post", codes=["dear-bread", "queue"], size=60)
    start_round(study, "audit-1", coders=coders, name="r")


def test_shares_of_posts_come_from_the_audits_rounds(town: Study) -> None:
    _audit(town, "ana")
    bring_in_sheet(town, filled(town, "r", "ana"))

    found = post_shares(town, "audit-1")

    bread, queue = found.codes
    assert (found.sample, found.lost, found.waiting, bread.code, queue.code) == ("audit-1", 0, 0, "dear-bread", "queue")
    assert (bread.found.posts, bread.found.machine, bread.found.undecided) == (100, 40, 0)
    assert bread.found.estimate.estimate == pytest.approx(0.4)
    assert bread.found.precision.estimate == 1
    assert [(one.kind, one.hits, one.precision.estimate) for one in bread.by_machine] == [("rules", 40, 1.0)]
    assert bread.by_coder == {}


def test_before_anybody_coded_there_is_no_share(town: Study) -> None:
    _audit(town, "ana")

    bread, _ = post_shares(town, "audit-1").codes

    assert bread.found.undecided == bread.found.drawn > 0
    assert bread.found.estimate.problem == "nobody has decided any of the drawn posts yet"


def test_only_blind_codings_of_the_audits_rounds_count(town: Study) -> None:
    _audit(town, "ana")
    draw_sample(town, "main", size=1000)
    start_round(town, "main-1", coders=["ana"], name="other")
    bring_in_sheet(town, filled(town, "other", "ana"))

    bread, _ = post_shares(town, "audit-1").codes

    assert bread.found.estimate.n == 0


def test_two_coders_give_the_estimate_under_each_alone(town: Study) -> None:
    _audit(town, "ana", "ben")
    bring_in_sheet(town, filled(town, "r", "ana"))
    drawn = [unit for unit in _units(town, "audit-1") if int(unit[-4:]) % 5 == 2][:8]
    bring_in_sheet(town, filled(town, "r", "ben", {unit: {"*": "absent"} for unit in drawn}))

    _, queue = post_shares(town, "audit-1").codes

    assert queue.found.undecided == 8
    assert queue.found.estimate.problem is not None
    alone = {coder: share.estimate for coder, share in queue.by_coder.items()}
    assert alone["ana"] == pytest.approx(0.2)
    assert alone["ben"] == pytest.approx(0.12)


def test_posts_that_are_gone_or_came_later_are_in_no_share(town: Study) -> None:
    _audit(town, "ana")
    bring_in_sheet(town, filled(town, "r", "ana"))
    delete_post(town, "example:p0002")
    add_posts(town, 100, 110)

    found = post_shares(town, "audit-1")

    assert (found.lost, found.waiting) == (1, 10)
    assert {one.found.posts for one in found.codes} == {99}


def test_an_audit_without_strata_gives_the_shares_of_all_codes_that_are_no_drafts(town: Study) -> None:
    town.findings_path.write_text(FINDINGS, encoding="utf-8")
    draw_sample(town, "audit", unit="post", size=60, name="one")
    start_round(town, "one", coders=["ana"], name="r")
    bring_in_sheet(town, filled(town, "r", "ana"))

    found = post_shares(town, "one").codes

    assert set(_units(town, "one").values()) == {0.6}
    assert {one.code: one.found.estimate.estimate for one in found} == {
        "dear-bread": pytest.approx(0.4), "queue": pytest.approx(0.2)
    }  # fmt: skip


@pytest.mark.parametrize(("purpose", "unit"), [("main", "post"), ("audit", "author")])
def test_only_an_audit_of_posts_gives_shares_of_posts(town: Study, purpose: str, unit: str) -> None:
    draw_sample(town, purpose, unit=unit, name="s", size=100)

    with pytest.raises(GroundswellError, match="s is no audit of posts"):
        post_shares(town, "s")
