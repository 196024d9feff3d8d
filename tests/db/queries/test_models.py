import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.corpora import Study, make_study, post

from coding.codebook import codebook_content
from db.queries.codings import save_revision
from db.queries.models import (
    LearningPost,
    StoredModel,
    drop_models_trained_on_lost,
    learning_posts,
    models,
    permit_training,
    posts_to_predict,
    replace_scores,
    save_model,
    training_permitted_at,
    weights,
)

DAY, LATER = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"
LONG = "twenty words at least have to be shared by two posts before anybody may call one of them a copy of another"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = make_study(tmp_path)
    made.see(
        post("p1", "ann", title="Titles", text=LONG),
        post("p2", None, thread="p1"),
        post("p3", "bob", text=LONG, created_at="2026-01-02T00:00:00Z"),
        post("p4", "eve", text=None, state="removed"),
        post("n1", "ann", private=True),
    )
    made.see(post("p5", author=None, thread="p1", text="beep"))
    made.store.connection.execute(
        "INSERT INTO authors (address, platform, is_bot, is_gone) VALUES ('site:~bot', 'site', 1, 0)"
    )
    made.store.connection.execute(
        "UPDATE posts SET author = (SELECT id FROM authors WHERE is_bot = 1) WHERE native_id = 'p5'"
    )
    save_revision(made.store.connection, "r1", codebook_content(made.codebook), DAY)
    yield made
    made.store.close()


def ids(study: Study) -> dict[str, int]:
    return {row["native_id"]: row["id"] for row in study.store.connection.execute("SELECT * FROM posts")}


def stored(name: str, code: str = "evals", at: str = DAY) -> StoredModel:
    return StoredModel(name, code, "r1", json.dumps({"of": name}), at)


def keep(study: Study, model: StoredModel, *posts: str) -> None:
    with study.store.write() as connection:
        save_model(connection, model, model.id.encode(), [ids(study)[name] for name in posts])


def rows(study: Study, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in study.store.connection.execute(query)]


def test_what_is_learnt_from_is_public_shows_a_text_and_was_written_by_people(study: Study) -> None:
    learnt = list(learning_posts(study.store.connection, sorted(ids(study).values())))

    number = ids(study)
    assert learnt == [
        LearningPost(number["p1"], "site:p1", "Titles", LONG, "site:p1", "site:~ann", None),
        LearningPost(number["p2"], "site:p2", None, "words of p2", "site:p1", None, None),
        LearningPost(number["p3"], "site:p3", None, LONG, "site:p3", "site:~bob", "site:p1"),
    ]


def test_all_public_posts_with_a_text_are_predicted(study: Study) -> None:
    found = [row[0] for row in posts_to_predict(study.store.connection)]

    assert found == sorted(ids(study)[name] for name in ("p1", "p2", "p3", "p5"))


def test_invented_posts_are_predicted_while_there_are_no_others(study: Study) -> None:
    study.store.connection.execute("UPDATE posts SET platform = 'example' WHERE native_id <> 'p1'")
    assert len(list(posts_to_predict(study.store.connection))) == 1

    study.store.connection.execute("UPDATE posts SET platform = 'example'")
    assert len(list(posts_to_predict(study.store.connection))) == 4


def test_a_permission_keeps_its_first_moment(study: Study) -> None:
    assert training_permitted_at(study.store.connection) is None
    for moment in (DAY, LATER):
        permit_training(study.store.connection, moment)
    assert training_permitted_at(study.store.connection) == DAY


def test_a_newer_model_leaves_the_card_of_the_older_one(study: Study) -> None:
    keep(study, stored("m1"), "p1", "p2")
    replace_scores(study.store.connection, "m1", [(ids(study)["p1"], 0.5)])
    keep(study, stored("m2", at=LATER), "p3")
    keep(study, stored("m3", code="titles"), "p3")

    assert [(model.id, model.in_use, model.card) for model in models(study.store.connection)] == [
        ("m1", False, '{"of": "m1"}'),
        ("m2", True, '{"of": "m2"}'),
        ("m3", True, '{"of": "m3"}'),
    ]
    assert weights(study.store.connection, "m2") == b"m2"
    assert rows(study, "SELECT * FROM model_scores") == []
    assert {row[0] for row in rows(study, "SELECT model FROM model_posts")} == {"m2", "m3"}


def test_a_model_that_is_made_again_comes_back(study: Study) -> None:
    keep(study, stored("m1"), "p1")
    keep(study, stored("m2", at=LATER), "p1")
    keep(study, stored("m1", at="2026-03-03T09:00:00Z"), "p1")

    assert [(model.id, model.in_use) for model in models(study.store.connection)] == [("m2", False), ("m1", True)]


def test_scores_take_the_place_of_those_before(study: Study) -> None:
    keep(study, stored("m1"), "p1")
    number = ids(study)
    replace_scores(study.store.connection, "m1", [(number["p1"], 0.5), (number["p2"], 0.2)])
    replace_scores(study.store.connection, "m1", [(number["p2"], 0.3)])

    assert rows(study, "SELECT model, post, score FROM model_scores") == [("m1", number["p2"], 0.3)]


@pytest.mark.parametrize("lost_at", [DAY, LATER])
def test_a_model_goes_that_learnt_from_a_text_which_was_lost_since(study: Study, lost_at: str) -> None:
    keep(study, stored("m1"), "p1", "p2")
    keep(study, stored("m2", code="titles"), "p2", "p3")
    study.store.connection.execute("INSERT INTO losses (post, lost_at) VALUES (?, ?)", (ids(study)["p1"], lost_at))

    with study.store.write() as connection:
        assert drop_models_trained_on_lost(connection) == ["evals"]
        assert drop_models_trained_on_lost(connection) == []

    kept = {model.id: (model.in_use, json.loads(model.card)) for model in models(study.store.connection)}
    assert kept == {
        "m1": (False, {"of": "m1", "dropped": "a post that it learnt from lost its text"}),
        "m2": (True, {"of": "m2"}),
    }
    assert rows(study, "SELECT value FROM meta WHERE key = 'lost_texts'")


def test_a_text_that_was_lost_before_the_training_is_no_reason(study: Study) -> None:
    study.store.connection.execute("INSERT INTO losses (post, lost_at) VALUES (?, ?)", (ids(study)["p1"], DAY))
    keep(study, stored("m1", at=LATER), "p1")

    assert drop_models_trained_on_lost(study.store.connection) == []


def test_a_post_without_a_text_is_reason_enough(study: Study) -> None:
    keep(study, stored("m1"), "p4")

    assert drop_models_trained_on_lost(study.store.connection) == ["evals"]
