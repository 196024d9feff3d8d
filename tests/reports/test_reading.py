from fakes.corpora import EVALS, TITLES, Study, post

from reports.reading import Step, ToRead, best_step, posts_to_read, shortest_way


def test_where_no_machine_found_anything_all_posts_are_to_be_read(study: Study) -> None:
    study.see(*(post(f"p{n}", f"a{n}") for n in range(3)))

    waiting = posts_to_read(study.compute(EVALS), study.corpus())

    assert waiting is not None
    assert len(waiting.posts) == 3
    assert waiting.posts == waiting.unread


def test_with_hits_the_posts_found_and_those_of_drawn_authors_are_to_be_read(study: Study) -> None:
    study.see(*(post(f"p{n:03}", f"a{n:03}", text="evals" if n < 5 else "else") for n in range(200)))
    study.apply()

    waiting = posts_to_read(study.compute(EVALS), study.corpus())

    assert waiting is not None
    assert len(waiting.posts) == 5 + 75
    assert len(waiting.unread) == 200


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
