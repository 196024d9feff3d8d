import random
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from fakes.study import coding_line, groundswell
from fakes.taught import CODEBOOK, CODED, UNCODED, add, decisions, taught_post, taught_study, text_of

from coding.classifier import reasons, unpack
from coding.features import plain
from coding.fitting import train
from db.errors import ConfigurationError, GroundswellError
from db.queries.samples import Sample, Unit, add_units, save_sample
from groundswell.predicting import CODER, list_models, predict, why
from groundswell.study import Study, find_study
from groundswell.training import may_train, train_models

ALL = CODED + UNCODED


@pytest.fixture(scope="module")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = taught_study(tmp_path_factory.mktemp("trained") / "study")
    train_models(study)
    return study.root


@pytest.fixture
def trained(_trained: Path, tmp_path: Path) -> Study:
    """A copy of a study whose models were trained."""
    copy = tmp_path / "study"
    shutil.copytree(_trained, copy)
    return find_study(copy, copy)


@pytest.fixture
def taught(tmp_path: Path) -> Study:
    return taught_study(tmp_path / "study")


def found(study: Study, code: str = "dear-bread") -> set[int]:
    """The numbers of the posts that the classifier calls present."""
    rows = groundswell("-C", study.root, "export", "codings").rows
    said = [row for row in rows if row["coder"] == CODER and row["code"] == code]
    assert all((row["coder_kind"], row["value"], row["stance"]) == ("model", "present", None) for row in said)
    return {int(row["post"].removeprefix("csv:p")) for row in said}


def table(study: Study, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(study.database)) as connection:
        return connection.execute(query).fetchall()


def weights(study: Study) -> dict[str, bytes]:
    return dict(table(study, "SELECT code, weights FROM models WHERE weights IS NOT NULL"))


def test_what_people_coded_is_found_in_posts_that_nobody_read(taught: Study) -> None:
    heard: list[str] = []

    done = train_models(taught, tell=heard.append)

    assert sorted(done.cards) == ["dear-bread", "place.home", "place.town"]
    assert done.refused == {"queue": "people decided present on 0 posts; at least 20 are needed"}
    assert found(taught) == {number for number in range(ALL) if number % 2}
    assert done.predicted.posts == ALL
    assert done.predicted.posts_by_code["dear-bread"] == ALL // 2
    assert done.predicted.new == ALL // 2 + ALL
    assert "training dear-bread" in heard


def test_a_coding_names_the_model_and_all_of_a_training_bear_one_batch(trained: Study) -> None:
    by_code = dict(table(trained, "SELECT code, id FROM models"))

    assert set(table(trained, "SELECT code, version FROM coding_events WHERE version IS NOT NULL")) == set(
        by_code.items()
    )
    ((batch,),) = table(trained, "SELECT DISTINCT batch FROM coding_events WHERE version IS NOT NULL")
    assert batch.startswith("train-")


def test_the_same_codings_give_the_same_models_in_any_order_of_arrival(trained: Study, tmp_path: Path) -> None:
    shuffled = taught_study(tmp_path / "other", random.Random(5).sample(range(ALL), ALL))
    train_models(shuffled)

    assert weights(shuffled) == weights(trained)
    assert len(weights(trained)) == 3


def test_training_again_on_the_same_codings_changes_nothing(trained: Study) -> None:
    before = weights(trained)

    done = train_models(trained)

    assert weights(trained) == before
    assert (done.predicted.new, done.predicted.undone) == (0, 0)
    assert len(list_models(trained)) == 3


def test_training_on_more_codings_replaces_the_model_and_keeps_its_card(trained: Study) -> None:
    add(trained, codings=[line for number in range(CODED, ALL) for line in decisions(number)])

    done = train_models(trained, ["dear-bread"])

    states = [(model["state"], model["trained_on"]["posts"]) for model in list_models(trained)]
    assert sorted(states[:2]) == [("in use", ALL), ("replaced", CODED)]
    assert list(done.cards) == ["dear-bread"]
    assert done.predicted.undone == done.predicted.new == ALL // 2
    assert len(table(trained, "SELECT DISTINCT model FROM model_posts")) == 3
    assert found(trained, "place.home")


def test_only_chosen_codes_are_trained(taught: Study) -> None:
    assert list(train_models(taught, ["place.town", "place.town"]).cards) == ["place.town"]


def test_a_post_carries_one_value_of_an_attribute(trained: Study) -> None:
    add(trained, posts=[taught_post(90, text="at home in the kitchen and in town on the market")])

    predict(trained)

    assert (90 in found(trained, "place.home")) + (90 in found(trained, "place.town")) <= 1
    assert found(trained, "place.home") & found(trained, "place.town") == set()
    assert found(trained, "place.home") >= {number for number in range(ALL) if number % 3 == 0}


def test_posts_collected_since_are_coded_and_only_those(trained: Study) -> None:
    add(trained, posts=[taught_post(91), taught_post(92)])

    first, second = predict(trained), predict(trained)

    assert found(trained) == {number for number in range(ALL) if number % 2} | {91}
    assert (first.new, first.undone) == (3, 0)
    assert (second.new, second.undone) == (0, 0)


def test_what_no_longer_holds_is_undone(trained: Study) -> None:
    add(trained, posts=[taught_post(61, text="nice weather here", observed_at="2026-03-01T00:00:00Z")])

    predict(trained)

    assert 61 not in found(trained)


def test_quoted_words_are_nobodys(trained: Study) -> None:
    add(
        trained,
        posts=[taught_post(93, text="> dear bread\n\nnice weather"), taught_post(95, text="dear bread in town")],
    )

    predict(trained)

    assert found(trained) & {93, 95} == {95}


def test_private_notes_teach_nothing_and_are_left_alone(taught: Study) -> None:
    add(
        taught,
        posts=[taught_post(number, private=True, platform="note", address=f"note:p{number}") for number in (71, 73)],
        codings=[coding_line("note:p71", stance=None)],
    )

    done = train_models(taught, ["dear-bread"])

    assert done.cards["dear-bread"]["trained_on"]["posts"] == CODED
    assert done.predicted.posts == ALL


def test_invented_posts_teach_nothing_beside_real_ones(taught: Study) -> None:
    add(
        taught,
        posts=[taught_post(71, platform="example", address="example:p71")],
        codings=[coding_line("example:p71", stance=None)],
    )

    done = train_models(taught, ["dear-bread"])

    assert done.cards["dear-bread"]["trained_on"]["posts"] == CODED
    assert done.predicted.posts == ALL


@pytest.mark.parametrize(("unit", "drawn"), [("post", "csv:p01"), ("author", "author_p01")])
def test_audits_neither_train_nor_tune(taught: Study, unit: str, drawn: str) -> None:
    with taught.store() as store, store.write() as connection:
        if unit == "author":
            drawn = taught.pseudonyms(store).author("csv", drawn, "p01").address
        save_sample(connection, Sample("a", "audit", unit, "{}", None, "2026-02-01T00:00:00Z"))
        add_units(connection, "a", [Unit(drawn, 1, 0.5, None, "2026-02-01T00:00:00Z")])

    done = train_models(taught, ["dear-bread"])

    learnt = {row[0] for row in table(taught, "SELECT p.address FROM model_posts l JOIN posts p ON p.id = l.post")}
    assert learnt == {f"csv:p{number:02}" for number in range(CODED)} - {"csv:p01"}
    assert done.cards["dear-bread"]["trained_on"]["posts"] == CODED - 1


def test_posts_on_which_people_differ_are_left_out_and_counted(taught: Study) -> None:
    add(taught, codings=[coding_line(f"csv:p{n:02}", coder="ben", value="absent", stance=None) for n in (1, 3, 5)])

    done = train_models(taught, ["dear-bread"])

    on = done.cards["dear-bread"]["trained_on"]
    assert (on["posts"], on["left_out_as_disputed"]) == (CODED - 3, 3)


def test_a_refusal_says_how_many_disputed_posts_were_not_counted(taught: Study) -> None:
    add(
        taught, codings=[coding_line(f"csv:p{n:02}", coder="ben", value="absent", stance=None) for n in range(1, 31, 2)]
    )

    refused = train_models(taught, ["dear-bread"]).refused

    assert refused == {
        "dear-bread": "people decided present on 15 posts; at least 20 are needed (15 on which people differ are not counted)"
    }


def test_a_refusal_says_that_an_earlier_model_stays_in_use(taught: Study) -> None:
    train_models(taught, ["dear-bread"])
    add(
        taught, codings=[coding_line(f"csv:p{n:02}", coder="ben", value="absent", stance=None) for n in range(1, 31, 2)]
    )

    refused = train_models(taught, ["dear-bread"]).refused

    assert refused["dear-bread"].endswith("; the model that was trained before stays in use")


def test_a_code_that_nobody_decided_on_has_no_model(tmp_path: Path) -> None:
    study = taught_study(tmp_path / "study")
    study.codebook_path.write_text(CODEBOOK + "  new:\n    name: New\n    definition: New.\n    since: 2026-06-01\n")

    done = train_models(study, ["new"])

    assert done.refused == {"new": "people decided on no post; at least 20 present and 20 absent are needed"}


def test_machine_codings_and_unsure_ones_teach_nothing(taught: Study) -> None:
    add(
        taught,
        codings=[
            coding_line("csv:p61", stance=None, coder="gpt", coder_kind="program", version="1"),
            coding_line("csv:p62", stance=None, value="unsure"),
            coding_line("csv:p63", stance=None, value="missing"),
        ],
    )

    assert train_models(taught, ["dear-bread"]).cards["dear-bread"]["trained_on"]["posts"] == CODED


def test_a_study_that_promises_no_machine_has_no_classifier(tmp_path: Path) -> None:
    study = taught_study(tmp_path / "study", study="title: Bread\nmachine: none\n")

    for use in (train_models, predict):
        with pytest.raises(ConfigurationError, match=r"study\.yaml: machine: none; no classifier may code this study"):
            use(study)
    assert not may_train(study)


@pytest.mark.parametrize(("code", "told"), [("plaice", "is not in the codebook"), ("place", "is an attribute")])
def test_a_code_that_cannot_be_trained_is_refused_at_once(taught: Study, code: str, told: str) -> None:
    with pytest.raises(GroundswellError, match=told):
        train_models(taught, [code])
    assert not may_train(taught)


def test_that_it_is_permitted_is_noted_with_the_first_training(taught: Study) -> None:
    assert not may_train(taught)
    train_models(taught, ["queue"])
    assert may_train(taught)


def test_a_model_whose_code_means_something_else_now_is_not_used(trained: Study) -> None:
    trained.codebook_path.write_text(CODEBOOK.replace("the price of bread", "the price of anything"), encoding="utf-8")

    done = predict(trained)

    assert done.unusable == {"dear-bread": "its definition was changed since it was trained; train it again"}
    assert found(trained) == set()
    assert found(trained, "place.home")
    assert list_models(trained)[0]["state"].startswith("not used: its definition")
    with pytest.raises(GroundswellError, match="its definition was changed"):
        why(trained, "dear-bread", "csv:p01")


def test_a_model_whose_code_only_looks_different_is_used(trained: Study) -> None:
    trained.codebook_path.write_text(CODEBOOK.replace("name: Dear bread", 'name: Bread\n    colour: "ff0000"'))

    assert predict(trained).unusable == {}


def test_a_retired_code_has_no_use_for_its_model(trained: Study) -> None:
    retired = CODEBOOK.replace("name: Dear bread", "name: Dear bread\n    status: retired")
    trained.codebook_path.write_text(retired, encoding="utf-8")

    assert predict(trained).unusable == {"dear-bread": "the codebook no longer asks for it"}


def test_a_model_that_read_texts_otherwise_is_not_used(trained: Study) -> None:
    with closing(sqlite3.connect(trained.database)) as connection, connection:
        connection.execute("UPDATE models SET card = json_set(card, '$.made_with.text_normaliser', 0)")

    assert "reads texts otherwise" in predict(trained).unusable["dear-bread"]


def test_scores_are_kept_for_queues_and_strata(trained: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dict(table(trained, "SELECT model, count(*) FROM model_scores GROUP BY model"))
    assert list(kept.values()) == [ALL] * 3

    monkeypatch.setattr("groundswell.predicting.SCORES_KEPT", 4)
    predict(trained)

    rows = table(
        trained,
        "SELECT s.score FROM model_scores s JOIN models m ON m.id = s.model WHERE m.code = 'dear-bread' ORDER BY score",
    )
    assert 4 <= len(rows) <= 8
    assert all(0 <= score <= 1 for (score,) in rows)


def test_a_decision_is_explained_by_words(trained: Study) -> None:
    reason = why(trained, "dear-bread", "csv:p61")

    assert reason.is_present
    assert {token for token, _ in reason.tokens[:2]} == {"dear", "bread"}
    stored = unpack(weights(trained)["dear-bread"])
    assert reason == reasons(stored, plain(None, text_of(61)))


@pytest.mark.parametrize("address", ["csv:nowhere", "csv:p05"])
def test_only_a_post_with_a_text_is_explained(trained: Study, address: str) -> None:
    with closing(sqlite3.connect(trained.database)) as connection, connection:
        connection.execute("UPDATE posts SET text = NULL, title = NULL WHERE address = 'csv:p05'")

    with pytest.raises(GroundswellError, match="no public post with a text"):
        why(trained, "dear-bread", address)


def test_a_code_without_a_model_explains_nothing(trained: Study) -> None:
    with pytest.raises(GroundswellError, match="queue: it has no model"):
        why(trained, "queue", "csv:p01")


# ------------------------------------------------------------------------------------------------ texts that go

RARE = "quincewort"


def words_in(file: Path) -> Iterator[bytes]:
    """A file's bytes, and whatever in them is compressed, wherever it begins."""
    content = file.read_bytes()
    yield content
    at = content.find(b"\x78\xda")
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[at:])
        at = content.find(b"\x78\xda", at + 1)


def holds(study: Study, word: str) -> bool:
    files = [path for path in study.root.glob("study.db*") if path.is_file()]
    return any(word.encode() in part for file in files for part in words_in(file))


def test_no_word_of_a_purged_post_stays_in_the_file(taught: Study) -> None:
    with_word = [taught_post(n, text=f"{text_of(n)} {RARE}", observed_at="2026-02-03T00:00:00Z") for n in (1, 3)]
    add(
        taught,
        posts=with_word,
        codings=[line for n in (1, 3) for line in decisions(n, created_at="2026-02-04T00:00:00Z")],
    )
    train_models(taught)
    assert RARE.encode() in zlib.decompress(weights(taught)["dear-bread"])
    assert holds(taught, RARE)

    gone = {"text": None, "state": "deleted_by_author", "observed_at": "2026-03-01T00:00:00Z"}
    add(taught, posts=[taught_post(n, **gone) for n in (1, 3)])

    assert not holds(taught, RARE)
    assert weights(taught) == {}
    assert table(taught, "SELECT * FROM model_scores") == table(taught, "SELECT * FROM model_posts") == []
    assert found(taught) == found(taught, "place.town") == set()
    assert {model["state"] for model in list_models(taught)} == {"dropped: a post that it learnt from lost its text"}


def test_a_model_goes_that_learnt_a_text_which_was_deleted_even_if_the_post_shows_another_again(trained: Study) -> None:
    add(trained, posts=[taught_post(1, text=None, state="deleted_by_author", observed_at="2026-03-01T00:00:00Z")])
    add(trained, posts=[taught_post(1, text="quite another text", observed_at="2026-04-01T00:00:00Z")])

    assert weights(trained) == {}


def test_a_model_stays_that_never_learnt_from_the_lost_post(trained: Study) -> None:
    add(trained, posts=[taught_post(61, text=None, state="removed", observed_at="2026-03-01T00:00:00Z")])

    assert len(weights(trained)) == 3


def test_a_text_lost_while_models_are_trained_takes_them_along(taught: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(*arguments: Any) -> Any:
        add(taught, posts=[taught_post(1, text=None, state="removed", observed_at="2026-03-01T00:00:00Z")])
        return train(*arguments)

    monkeypatch.setattr("groundswell.training.train", losing)

    done = train_models(taught, ["dear-bread"])

    assert done.cards == {}
    assert "train again" in done.refused["dear-bread"]
    assert weights(taught) == {}
