import json
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from coding.fitting import (
    Material,
    TooFewError,
    Trained,
    TrainingPost,
    average_precision,
    beats_chance,
    best_threshold,
    deal,
    platt,
    train,
)

TALK = ("we", "went", "into", "town", "and", "looked", "at", "some", "shops", "near", "the", "river", "before", "rain")


def post(number: int, text: str, **changes: object) -> TrainingPost:
    """A post of its own thread and author unless told otherwise."""
    values: dict[str, object] = {
        "address": f"site:p{number:03}", "text": text, "thread": f"site:p{number:03}", "author": f"site:~{number:03}",
    }  # fmt: skip
    return TrainingPost(**{**values, **changes})  # type: ignore[arg-type]  # the test gives the right types


def talk(number: int, *more: str) -> str:
    """A few words that say nothing, and those that are given."""
    draw = random.Random(number)
    return " ".join([*draw.sample(TALK, 6), *more])


def bread(count: int = 40, **changes: Callable[[int], object]) -> tuple[list[TrainingPost], list[bool]]:
    """Every second post is about dear bread; changes are made from the number of each post."""
    posts = [
        post(
            at,
            talk(at, *(["dear", "bread"] if at % 2 else ["nice", "weather"])),
            **{k: f(at) for k, f in changes.items()},
        )
        for at in range(count)
    ]
    return posts, [bool(at % 2) for at in range(count)]


def trained(posts: list[TrainingPost], present: list[bool]) -> Trained:
    return train("bread", "r1", Material(posts), in_order(posts, present))


def in_order(posts: list[TrainingPost], present: list[bool]) -> list[bool]:
    decided = {post.address: value for post, value in zip(posts, present, strict=True)}
    return [decided[address] for address in sorted(decided)]


def test_a_theme_of_words_is_learnt_and_its_card_says_how_well() -> None:
    card = trained(*bread(80)).card

    assert card["precision"] == card["recall"] == card["f1"] == card["average_precision"] == 1
    assert card["average_precision_by_chance"] == 0.5
    assert card["trained_on"] == {"posts": 80, "present": 40, "absent": 40, "threads": 80, "authors": 80}
    assert card["folds"] == 5
    assert card["threshold"] == pytest.approx(0.5, abs=0.1)
    assert card["made_with"]["estimator"] == "LinearSVC"


def test_the_learning_curve_ends_with_all_training_posts() -> None:
    curve = trained(*bread(160)).card["learning_curve"]

    assert [point["posts"] for point in curve] == sorted(point["posts"] for point in curve)
    assert curve[-1] == {"posts": 128, "average_precision": 1.0}
    assert len(curve) == 4


def test_a_point_of_the_curve_with_too_few_posts_is_left_out() -> None:
    curve = trained(*bread(40)).card["learning_curve"]

    assert 1 < len(curve) < 4
    assert curve[-1]["posts"] == 32


def test_the_same_codings_give_the_same_bytes_in_any_order() -> None:
    posts, present = bread(60)
    order = random.Random(3).sample(range(60), 60)

    first, second = trained(posts, present), trained([posts[at] for at in order], [present[at] for at in order])

    assert first.model.pack() == second.model.pack()
    assert json.dumps(first.card) == json.dumps(second.card)


def test_another_decision_makes_another_model() -> None:
    posts, present = bread(60)

    assert trained(posts, present).model.id != trained(posts, [not present[0], *present[1:]]).model.id


def test_the_card_holds_no_word_of_a_post() -> None:
    card = json.dumps(trained(*bread(60)).card).lower()

    assert not [word for word in (*TALK, "dear", "weather") if f'"{word}' in card]


@pytest.mark.parametrize(
    ("present", "absent", "told"),
    [(19, 40, "present on 19 posts"), (40, 19, "absent on 19 posts"), (0, 40, "present on 0")],
)
def test_fewer_than_twenty_on_a_side_teach_nothing(present: int, absent: int, told: str) -> None:
    posts = [post(at, talk(at)) for at in range(present + absent)]

    with pytest.raises(TooFewError, match=told):
        trained(posts, [at < present for at in range(present + absent)])


def test_posts_without_words_teach_nothing() -> None:
    with pytest.raises(TooFewError, match="no two of the posts coded so far share a word"):
        trained([post(at, "") for at in range(60)], [at < 30 for at in range(60)])


def test_one_thread_alone_teaches_nothing() -> None:
    with pytest.raises(TooFewError, match="posts decided present stand in one thread"):
        trained(*bread(60, thread=lambda at: "site:one" if at % 2 else f"site:p{at:03}"))
    with pytest.raises(TooFewError, match="posts decided absent stand in one thread"):
        trained(*bread(60, thread=lambda at: f"site:p{at:03}" if at % 2 else "site:one"))


def test_the_same_people_everywhere_teach_nothing() -> None:
    with pytest.raises(TooFewError, match="the same people"):
        trained(*bread(60, author=lambda _: "site:~one"))


def test_words_that_tell_nothing_make_no_model() -> None:
    posts, present = bread(60)
    # The same text on both sides, each time by somebody else.
    same = [post(at, talk(at // 2, "bread")) for at in range(len(posts))]

    with pytest.raises(TooFewError, match="no better than chance"):
        trained(same, present)


def test_what_tells_the_sides_apart_within_a_thread_only_is_no_theme() -> None:
    # In each thread another word stands in all present posts, and nowhere else.
    own_words = ("umbrella", "kiosk", "fjord", "jigsaw")
    texts = [talk(at, own_words[at // 20] if at % 2 else "") for at in range(80)]
    present = [bool(at % 2) for at in range(80)]
    whole = [post(at, text, thread=f"site:t{at // 20}") for at, text in enumerate(texts)]
    torn = [post(at, text) for at, text in enumerate(texts)]

    assert trained(torn, present).card["average_precision"] > 0.9
    with pytest.raises(TooFewError, match="no better than chance"):
        trained(whole, present)


def test_posts_by_a_held_out_author_or_with_a_held_out_text_are_not_learnt_from() -> None:
    material = Material(
        [
            post(0, "a", author="site:~ana"),
            post(1, "b", author="site:~ana"),
            post(2, "c", same_text_as="site:p000"),
            post(3, "d", author=None),
            post(4, "e", author=None, thread="site:p000"),
            post(5, "f", author=None),
        ]
    )

    def apart(*held_out: int) -> list[int]:
        return np.flatnonzero(material.apart_from(np.isin(np.arange(6), held_out))).tolist()

    assert apart(0, 4) == [3, 5]
    assert apart(2) == [1, 3, 4, 5]
    assert apart(3) == [0, 1, 2, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=60))
def test_threads_are_dealt_whole_and_every_fold_gets_its_share(told: list[tuple[int, bool]]) -> None:
    posts = [post(at, "", thread=f"site:t{thread:02}") for at, (thread, _) in enumerate(told)]
    material, truth = Material(posts), np.asarray([present for _, present in told])
    threads_with_present = len({thread for thread, present in told if present})

    folds = deal(material, truth, 3)

    assert len(folds) == len({thread for thread, _ in told})
    assert len(set(folds[material.threads[truth]].tolist())) == min(3, threads_with_present)


def test_present_posts_are_dealt_evenly_and_the_others_too() -> None:
    posts = [post(at, "") for at in range(103)]
    truth = np.arange(103) < 21

    folds = deal(Material(posts), truth, 5)

    assert sorted(np.bincount(folds[:21])) == [4, 4, 4, 4, 5]
    assert sorted(np.bincount(folds)) == [20, 20, 21, 21, 21]


SCORED = st.lists(st.tuples(st.integers(-9, 9), st.booleans()), min_size=2, max_size=60).filter(
    lambda told: 0 < sum(present for _, present in told) < len(told)
)


def split(told: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray([float(score) for score, _ in told]), np.asarray([present for _, present in told])


@given(SCORED)
def test_probabilities_are_as_often_right_as_they_say(told: list[tuple[int, bool]]) -> None:
    scores, truth = split(told)
    present, absent = truth.sum(), (~truth).sum()

    slope, offset = platt(scores, truth)

    # At the best fit, the errors add up to nothing, by themselves and weighted by the scores.
    targets = np.where(truth, (present + 1) / (present + 2), 1 / (absent + 2))
    errors = 1 / (1 + np.exp(-(slope * scores + offset))) - targets
    assert errors.sum() == pytest.approx(0, abs=1e-4)
    assert (errors * scores).sum() == pytest.approx(0, abs=1e-3)


@given(SCORED)
def test_no_other_threshold_gives_a_better_f1(told: list[tuple[int, bool]]) -> None:
    scores, truth = split(told)
    probabilities = 1 / (1 + np.exp(-scores))

    def f1(threshold: float) -> float:
        called = probabilities >= threshold
        return float(2 * (called & truth).sum() / (called.sum() + truth.sum()))

    best = best_threshold(probabilities, truth)

    assert f1(best) == pytest.approx(max(f1(threshold) for threshold in probabilities))
    assert best not in probabilities or len(set(probabilities)) == 1


def test_chance_is_beaten_by_more_than_a_lucky_order() -> None:
    truth = np.arange(40) < 20
    lucky = np.where(truth, np.arange(40) + 4.0, np.arange(40) - 20.0)

    assert not beats_chance(lucky, truth)
    assert beats_chance(lucky + 10 * truth, truth)
    assert not beats_chance(np.zeros(40), truth)


@given(SCORED)
def test_average_precision_is_the_usual_one(told: list[tuple[int, bool]]) -> None:
    scores, truth = split(told)

    assert average_precision(scores, truth) == pytest.approx(average_precision_score(truth, scores))
