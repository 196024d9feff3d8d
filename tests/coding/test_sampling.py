"""Drawing: known probabilities, the same draw again, and nothing drawn but what is new."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.sampling import (
    DISAGREEMENT,
    HIGH,
    RANDOM,
    UNCERTAIN,
    Candidate,
    Design,
    Hit,
    Labels,
    author_labels,
    chance,
    draw,
    post_labels,
    probabilities,
    reading_queue,
    seed_of,
    shuffled,
)

KEY = b"a key that only tests know......"
SEED = seed_of(KEY, "audit-1")
NOW, LATER = "2026-03-01T09:00:00Z", "2026-04-01T09:00:00Z"


def _design(per_stratum: int = 10, codes: tuple[str, ...] = ("bread",)) -> Design:
    return Design(SEED, codes, per_stratum)


def _frame(hits: int, others: int, start: int = 0) -> dict[str, Labels]:
    found = {f"site:h{start + number}": {"bread": "hit"} for number in range(hits)}
    return found | {f"site:n{start + number}": {"bread": "none"} for number in range(others)}


def test_a_seed_is_of_the_study_and_the_sample_and_is_not_the_key() -> None:
    assert seed_of(KEY, "audit-1") == SEED
    assert len({SEED, seed_of(KEY, "audit-2"), seed_of(b"another key", "audit-1"), KEY.hex()}) == 4


@given(unit=st.text(max_size=30))
def test_a_chance_lies_between_0_and_1_and_is_always_the_same(unit: str) -> None:
    assert 0 <= chance(SEED, unit) < 1
    assert chance(SEED, unit) == chance(SEED, unit)


def test_chances_are_even() -> None:
    tenths = Counter(int(10 * chance(SEED, f"site:{number}")) for number in range(10_000))

    # Chance alone moves a tenth of 1,000 by more than 120 once in ten thousand runs; these hashes never change.
    assert all(880 < tenths[tenth] < 1120 for tenth in range(10))


def test_the_order_of_reading_tells_nothing_of_the_chances() -> None:
    units = [f"site:{number}" for number in range(2000)]
    by_order = sorted(units, key=lambda unit: shuffled(SEED, unit))

    first = sum(chance(SEED, unit) for unit in by_order[:1000]) / 1000
    assert first == pytest.approx(0.5, abs=0.03)


def test_each_stratum_gives_about_as_many_as_are_expected() -> None:
    drawn = draw(_design(per_stratum=100), _frame(400, 5000), NOW)

    many = Counter(one.strata["bread"] for one in drawn)
    assert 70 < many["hit"] < 130
    assert 70 < many["none"] < 130
    assert {one.strata["bread"]: one.probability for one in drawn} == {"hit": 0.25, "none": 0.02}


def test_a_small_stratum_is_drawn_whole() -> None:
    drawn = draw(_design(per_stratum=10), _frame(7, 3), NOW)

    assert [one.place for one in drawn] == list(range(1, 11))
    assert {one.probability for one in drawn} == {1.0}


def test_the_probability_is_the_largest_of_all_codes() -> None:
    frame: dict[str, Labels] = {f"site:{number}": {"bread": "none", "rye": "none"} for number in range(100)}
    frame["site:x"] = {"bread": "none", "rye": "hit"}

    drawn = {one.unit: one.probability for one in draw(_design(50, ("bread", "rye")), frame, NOW)}

    assert drawn["site:x"] == 1.0
    assert {probability for unit, probability in drawn.items() if unit != "site:x"} == {0.5}


def test_the_same_frame_gives_the_same_draw_in_any_order() -> None:
    frame = _frame(40, 400)
    backwards = dict(reversed(frame.items()))

    assert draw(_design(), frame, NOW) == draw(_design(), backwards, NOW)


def test_a_second_draw_without_anything_new_draws_nothing() -> None:
    design, frame = _design(), _frame(40, 400)
    draw(design, frame, NOW)

    assert draw(design, frame, LATER, 20) == []
    assert [one["new"] for one in design.draws] == [440, 0]


def test_a_unit_that_was_not_drawn_gets_no_second_chance_by_a_new_machine_coding() -> None:
    design, frame = _design(per_stratum=2), _frame(5, 400)
    first = {one.unit for one in draw(design, frame, NOW)}
    changed: dict[str, Labels] = {unit: {"bread": "hit"} for unit in frame if unit not in first}

    assert draw(design, changed, LATER) == []


@given(old=st.integers(0, 60), new=st.integers(0, 60), per_stratum=st.integers(1, 30))
def test_a_top_up_draws_from_what_is_new_by_the_same_rule(old: int, new: int, per_stratum: int) -> None:
    design = _design(per_stratum)
    before, after = _frame(old, old), _frame(new, new, start=1000)
    first = draw(design, before, NOW)

    second = draw(design, before | after, LATER, len(first))

    assert {one.unit for one in second} <= set(after)
    assert [one.place for one in second] == list(range(len(first) + 1, len(first) + len(second) + 1))
    expected = min(1.0, per_stratum / (old + new)) if old + new else None
    assert {one.probability for one in second} <= {expected}
    assert {one.unit for one in second} == {
        unit for unit in after if expected is not None and chance(SEED, unit) < expected
    }


def test_inclusion_is_as_probable_as_it_says_over_many_samples() -> None:
    before, after = _frame(30, 0), _frame(90, 0, start=1000)
    drawn: Counter[bool] = Counter()
    for number in range(300):
        design = replace(_design(per_stratum=15), seed=seed_of(KEY, f"sample {number}"), draws=[], considered=set())
        found = [*draw(design, before, NOW), *draw(design, before | after, LATER)]
        drawn.update(one.unit in before for one in found)

    # 30 units with 15/30, and 90 later ones with 15/120: four standard deviations of 300 draws.
    assert drawn[True] / 300 == pytest.approx(15, abs=4 * (30 * 0.5 * 0.5 / 300) ** 0.5)
    assert drawn[False] / 300 == pytest.approx(90 / 8, abs=4 * (90 * 0.125 * 0.875 / 300) ** 0.5)


def test_a_design_survives_being_stored() -> None:
    design = _design()
    draw(design, _frame(20, 30), NOW)

    again = Design.from_json(design.to_json())

    assert again == design
    assert again.knows("site:h3")
    assert not again.knows("site:h99")


def test_a_stored_design_can_be_read_without_the_program() -> None:
    design = _design()
    draw(design, _frame(20, 30), NOW)

    stored = json.loads(design.to_json())

    (only,) = stored["draws"]
    assert (only["at"], only["new"], only["sizes"]) == (NOW, 50, {"bread": {"hit": 20, "none": 30}})
    assert only["probabilities"] == {"bread": {"hit": 0.5, "none": pytest.approx(1 / 3)}}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"hit": 300, "none": 1500}, {"hit": 0.25, "none": 0.05}),
        ({"hit": 20}, {"hit": 1.0}),
        ({"support": 100, "other": 40, "silent": 600}, {"support": 1.0, "other": 1.0, "silent": 0.25}),
        ({"support": 100, "other": 50}, {"support": 0.75, "other": 1.0}),
        ({"support": 0, "other": 300, "mentions": 200}, {"other": 0.25, "mentions": 0.75}),
        ({"*": 600}, {"*": 0.125}),
        ({}, {}),
    ],
)
def test_probabilities_follow_the_rule_of_the_audit(sizes: dict[str, int], expected: dict[str, float]) -> None:
    assert probabilities(sizes, 75) == expected


@given(
    sizes=st.dictionaries(
        st.sampled_from(["hit", "none", "support", "other", "mentions", "silent", "*"]), st.integers(0, 10_000)
    ),
    per_stratum=st.integers(1, 200),
)
def test_every_unit_of_a_stratum_has_a_probability_above_0_and_at_most_1(
    sizes: dict[str, int], per_stratum: int
) -> None:
    found = probabilities(sizes, per_stratum)

    assert set(found) == {stratum for stratum, size in sizes.items() if size}
    assert all(0 < probability <= 1 for probability in found.values())


def test_a_post_is_a_hit_for_each_code_that_a_machine_found() -> None:
    assert post_labels({"bread", "queue"}, ("bread", "rye")) == {"bread": "hit", "rye": "none"}
    assert post_labels((), ("bread",)) == {"bread": "none"}
    assert post_labels({"bread"}, ()) == {"*": "*"}


def _hit(author: str, day: int, **found: str | None) -> Hit:
    return Hit(author, (f"2026-01-{day:02}",), {code: frozenset({stance}) for code, stance in found.items()})


def test_an_author_is_a_hit_for_a_code_without_stance_if_any_post_has_it() -> None:
    hits = [_hit("a", 1), _hit("a", 2, queue=None), _hit("a", 3), _hit("b", 1)]

    assert author_labels(hits, {"queue": False}) == {"a": {"queue": "hit"}, "b": {"queue": "none"}}


@pytest.mark.parametrize(
    ("hits", "stratum"),
    [
        ([_hit("a", 1)], "silent"),
        ([_hit("a", 1, bread=None)], "mentions"),
        ([_hit("a", 1, bread="support")], "support"),
        ([_hit("a", 1, bread="dispute")], "other"),
        ([_hit("a", 1, bread="mixed")], "other"),
        ([_hit("a", 1, bread="dispute"), _hit("a", 2, bread="support")], "support"),
        ([_hit("a", 2, bread="dispute"), _hit("a", 1, bread="support")], "other"),
        ([_hit("a", 1, bread="support"), _hit("a", 2, bread=None), _hit("a", 3)], "support"),
        ([Hit("a", ("1",), {"bread": frozenset({"support", "dispute", None})})], "other"),
        ([Hit("a", ("1",), {"bread": frozenset({"support", None})})], "support"),
        ([_hit("a", 1, queue="support")], "silent"),
    ],
)
def test_an_authors_stratum_is_the_stance_of_the_latest_post_with_one(hits: list[Hit], stratum: str) -> None:
    assert author_labels(hits, {"bread": True}) == {"a": {"bread": stratum}}


def test_without_codes_all_authors_are_alike() -> None:
    assert author_labels([_hit("a", 1, bread=None), _hit("b", 1)], {}) == {"a": {"*": "*"}, "b": {"*": "*"}}


def _candidate(number: int, score: float | None = None, *, hit: bool = False, thread: str | None = None) -> Candidate:
    """A post to which a model that calls present from .5 gives so much."""
    return Candidate(
        address=f"site:{number:03}",
        thread=thread or f"t{number}",
        key=shuffled(SEED, f"site:{number:03}"),
        margins={} if score is None else {"bread": score - 0.5},
        hits=frozenset({"bread"} if hit else ()),
    )


def test_twenty_posts_are_mixed_of_four_kinds() -> None:
    candidates = [_candidate(number, number / 500, hit=number % 2 == 0) for number in range(500)]

    first = [kind for _, kind in reading_queue(candidates, ("bread",))][:20]

    assert Counter(first) == {RANDOM: 8, UNCERTAIN: 6, DISAGREEMENT: 4, HIGH: 2}
    assert first[:10] != sorted(first[:10])


def test_each_kind_begins_with_its_best() -> None:
    scores = {1: 0.52, 2: 0.97, 3: 0.9, 4: 0.03, 5: 0.2}
    hits = {2, 4, 5}
    candidates = [_candidate(number, score, hit=number in hits) for number, score in scores.items()]

    by_kind: dict[str, str] = {}
    for address, kind in reading_queue(candidates, ("bread",)):
        by_kind.setdefault(kind, address)

    assert by_kind[UNCERTAIN] == "site:001"
    assert by_kind[DISAGREEMENT] == "site:004"  # a hit of which the model is surest that it is none
    assert by_kind[HIGH] == "site:002"


def test_what_a_model_calls_present_is_no_disagreement_with_a_hit_however_low_its_score() -> None:
    called = [replace(_candidate(number, hit=True), margins={"bread": 0.02}) for number in range(30)]
    denied = [replace(_candidate(number, hit=True), margins={"bread": -0.02}) for number in range(30, 60)]

    queue = reading_queue([*called, *denied], ("bread",))

    disagreements = {address for address, kind in queue if kind == DISAGREEMENT}
    assert disagreements
    assert disagreements <= {one.address for one in denied}


def test_codes_take_turns_within_a_kind() -> None:
    candidates = [
        replace(_candidate(number), margins={"bread": number / 1000, "rye": 0.4 - number / 1000})
        for number in range(100)
    ]

    uncertain = [address for address, kind in reading_queue(candidates, ("bread", "rye")) if kind == UNCERTAIN][:4]

    assert [address < "site:050" for address in uncertain] == [True, False, True, False]


def test_until_there_is_a_model_a_hit_is_a_high_score() -> None:
    candidates = [_candidate(number, hit=number < 3) for number in range(60)]

    kinds = dict(reading_queue(candidates, ("bread",)))

    high = {address for address, kind in kinds.items() if kind == HIGH}
    assert high
    assert high <= {"site:000", "site:001", "site:002"}
    assert {kinds[address] for address in kinds if address not in high} == {RANDOM}


def test_among_twenty_posts_at_most_two_are_of_one_thread_while_others_are_left() -> None:
    crowded = [_candidate(number, 0.5, thread="big") for number in range(60)]
    others = [_candidate(number, 0.1) for number in range(100, 200)]

    order = [address for address, _ in reading_queue([*crowded, *others], ("bread",))]

    threads = {one.address: one.thread for one in (*crowded, *others)}
    for batch in (order[:20], order[20:40], order[60:80]):
        assert Counter(threads[address] for address in batch)["big"] <= 2


candidates = st.lists(
    st.tuples(st.none() | st.floats(0, 1), st.booleans(), st.sampled_from(["t1", "t2", "t3"])), max_size=50
)


@given(found=candidates, codes=st.sampled_from([(), ("bread",), ("rye", "bread", "oat")]))
def test_every_post_is_read_once(found: list[tuple[float | None, bool, str]], codes: tuple[str, ...]) -> None:
    posts = [_candidate(number, score, hit=hit, thread=thread) for number, (score, hit, thread) in enumerate(found)]

    order = [address for address, _ in reading_queue(posts, codes)]

    assert sorted(order) == [post.address for post in posts]


def test_a_code_without_scores_leaves_its_turn_to_the_next() -> None:
    candidates = [_candidate(number, number / 100) for number in range(100)]

    alone = list(reading_queue(candidates, ("bread",)))

    assert list(reading_queue(candidates, ("rye", "bread"))) == alone
