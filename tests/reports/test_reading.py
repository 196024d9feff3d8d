import pytest
from fakes.corpora import EVALS, TITLES, Study, post
from fakes.drawing import draw_audit
from hypothesis import given
from hypothesis import strategies as st

from reports.definition import Claim
from reports.reading import Step, ToRead, best_step, posts_to_read, shortest_way


def test_where_no_machine_found_anything_all_posts_are_to_be_read(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}") for n in range(3)))

    waiting = posts_to_read(study.compute(EVALS), study.corpus())

    assert waiting is not None
    assert len(waiting.posts) == 3
    assert waiting.posts == waiting.unread


@pytest.mark.parametrize("claim", [EVALS, TITLES], ids=["presence", "stance"])
def test_before_an_audit_is_drawn_the_posts_are_those_that_it_will_ask_for(study: Study, claim: Claim) -> None:
    study.see(
        *(post(f"h{n}", f"a{n:03}", text="titles and evals") for n in range(0, 90, 10)),
        *(post(f"p{n:03}", f"a{n % 300:03}") for n in range(500)),
    )
    study.apply()

    before = posts_to_read(study.compute(claim), study.corpus())
    draw_audit(study, claim.code or "")
    after = posts_to_read(study.compute(claim), study.corpus())

    assert before is not None
    assert after is not None
    assert before.posts == after.posts
    assert 9 < len(before.posts) < len(before.unread) == 509


def test_names_of_audits_that_are_taken_are_not_guessed_again(study: Study) -> None:
    study.see(post("h0", "h0", text="evals and titles"), *(post(f"s{n:03}", f"s{n:03}") for n in range(200)))
    study.apply()
    draw_audit(study, "titles", name="audit-1")

    before = posts_to_read(study.compute(EVALS), study.corpus())
    draw_audit(study, "evals", name="audit-2")
    after = posts_to_read(study.compute(EVALS), study.corpus())

    assert before is not None
    assert after is not None
    assert before.posts == after.posts


def test_posts_that_people_differ_on_are_always_to_be_read(study: Study) -> None:
    study.see(*(post(f"p{n:03}", f"a{n:03}", text="titles" if n == 0 else "else") for n in range(400)))
    study.apply()
    for n in range(1, 400):
        study.code(f"p{n:03}", "titles", "absent")
    study.code("p007", "titles", stance="support", coder="ben")
    study.code("p000", "titles", stance="support")

    result = study.compute(TITLES)
    waiting = posts_to_read(result, study.corpus())

    assert waiting is not None
    assert waiting.posts == result.differing == waiting.unread


def test_a_claim_that_is_read_waits_for_nothing(study: Study) -> None:
    study.see(post("p0", "a"))
    study.nothing_else("p0")

    assert posts_to_read(study.compute(EVALS), study.corpus()) is None


def test_an_empty_study_waits_for_nothing(study: Study) -> None:
    assert posts_to_read(study.compute(EVALS), study.corpus()) is None


def test_the_shortest_way_takes_the_fewest_further_posts_first() -> None:
    way = shortest_way(
        [
            ToRead("wide", frozenset(range(10)), frozenset(range(10))),
            ToRead("narrow", frozenset({1, 2}), frozenset({1, 2})),
            ToRead("inside", frozenset({2}), frozenset({2, 99})),
        ]
    )

    assert [(step.claims, step.decisions, step.is_whole) for step in way] == [
        (("inside",), 1, False),
        (("inside", "narrow"), 2, False),
        (("inside", "narrow", "wide"), 10, False),
    ]
    assert [step.minutes for step in way] == [1, 1, 3]


def test_the_best_step_brings_most_claims_for_a_post() -> None:
    steps = [Step(("a",), 10, 3, is_whole=True), Step(("a", "b", "c"), 12, 4, is_whole=True)]

    assert best_step(steps) == steps[1]
    assert best_step([]) is None


NUMBERS = st.frozensets(st.integers(0, 30), max_size=12)
WAITING = st.dictionaries(st.sampled_from("abcdef"), st.tuples(NUMBERS, NUMBERS), max_size=6).map(
    lambda found: [ToRead(claim, posts, posts | more) for claim, (posts, more) in found.items()]
)


def test_the_draw_of_silent_authors_stays_the_same_when_others_come(study: Study) -> None:
    study.see(post("h0", "h0", text="evals"), *(post(f"s{n:03}", f"s{n:03}") for n in range(120)))
    study.apply()
    before = posts_to_read(study.compute(EVALS), study.corpus())
    study.see(post("h1", "h1", text="evals"))
    study.apply()

    after = posts_to_read(study.compute(EVALS), study.corpus())

    assert before is not None
    assert after is not None
    assert before.posts < after.posts
    assert len(after.posts - before.posts) == 1


def test_all_posts_of_a_drawn_author_are_to_be_read(study: Study) -> None:
    study.see(post("h0", "h0", text="evals"), *(post(f"s{n}", "silent") for n in range(9)))
    study.apply()

    waiting = posts_to_read(study.compute(EVALS), study.corpus())

    assert waiting is not None
    assert len(waiting.posts) == 10


def test_every_post_of_an_author_with_a_hit_is_to_be_read_since_few_such_authors_are_all_drawn(study: Study) -> None:
    study.see(post("h0", "a", text="evals"), post("p1", "a"))
    study.apply()

    waiting = posts_to_read(study.compute(EVALS), study.corpus())

    assert waiting is not None
    assert (len(waiting.posts), len(waiting.unread)) == (2, 2)


def test_posts_whose_place_in_a_filtered_claim_is_open_are_to_be_read(study: Study) -> None:
    claim = Claim(id="f", kind="shares", label="f", code="evals", filter={"evidence": "evidence.firsthand"})
    study.see(post("p0", "a"), post("p1", "b"))
    study.code("p1", "evidence.opinion")

    waiting = posts_to_read(study.compute(claim), study.corpus())

    assert waiting is not None
    assert waiting.posts == {seen.id for seen in study.corpus().posts if seen.native_id == "p0"}


@given(waiting=WAITING, data=st.data())
def test_the_way_does_not_depend_on_the_order_of_claims(waiting: list[ToRead], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(waiting))

    assert shortest_way(shuffled) == shortest_way(waiting)


@given(waiting=WAITING)
def test_the_way_only_grows_and_ends_with_all_claims(waiting: list[ToRead]) -> None:
    way = shortest_way(waiting)

    decisions = [step.decisions for step in way]
    assert decisions == sorted(set(decisions))
    assert sorted(way[-1].claims if way else ()) == sorted(one.claim for one in waiting)
    assert decisions[-1:] == [len(frozenset().union(*(one.posts for one in waiting)))][: len(way)]


def test_of_equally_good_steps_the_one_with_more_claims_is_best() -> None:
    steps = [Step(("a",), 10, 3, is_whole=True), Step(("a", "b"), 20, 6, is_whole=True)]

    assert best_step(steps) == steps[1]
