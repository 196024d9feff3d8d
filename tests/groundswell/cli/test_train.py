from pathlib import Path

import pytest
from fakes.study import groundswell
from fakes.taught import CODED, UNCODED, add, decisions, taught_post, taught_study

from groundswell.study import Study
from groundswell.training import train_models

ALL = CODED + UNCODED


@pytest.fixture
def taught(tmp_path: Path) -> Study:
    return taught_study(tmp_path / "study")


@pytest.fixture
def trained(taught: Study) -> Study:
    train_models(taught)
    return taught


def code(study: Study, *arguments: str, typed: str = "") -> "tuple[int, str, str]":
    ran = groundswell("-C", study.root, "code", *arguments, typed=typed)
    return ran.code, ran.out, ran.err


def test_each_model_is_told_with_how_good_it_is(taught: Study) -> None:
    exit_code, out, err = code(taught, "train", "--yes")

    assert exit_code == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0][:7] == ["dear-bread", "60", "30", "1", "1", "1", "1"]
    assert [row[0] for row in rows] == ["dear-bread", "place.home", "place.town"]
    assert rows[0][-1] == str(ALL // 2)
    assert "queue: people decided present on 0 posts; at least 20 are needed" in err
    assert f"{ALL} posts looked at: {ALL // 2 + ALL} codings written, 0 undone" in err


def test_nothing_is_learnt_before_somebody_said_that_it_is_permitted(taught: Study) -> None:
    exit_code, out, err = code(taught, "train")

    assert (exit_code, out) == (3, "")
    assert "docs/explanation/terms.md" in err
    assert "hint: --yes says that it is" in err
    assert groundswell("-C", taught.root, "code", "models").out == ""


def test_a_person_at_a_terminal_is_asked_once(taught: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.cli.train._can_be_asked", lambda: True)

    refused = code(taught, "train", "dear-bread", typed="n\n")
    agreed = code(taught, "train", "dear-bread", typed="y\n")
    again = code(taught, "train", "dear-bread")

    assert (refused[0], agreed[0], again[0]) == (1, 0, 0)
    assert "Is it permitted?" in refused[2]
    assert "permitted" not in again[2]


def test_a_card_can_be_read(taught: Study) -> None:
    exit_code, out, _ = code(taught, "train", "dear-bread", "--card", "--yes")

    assert exit_code == 0
    assert out.startswith("dear-bread (codebook ")
    assert "trained on 60 posts that people decided on: 30 present, 30 absent; 60 threads, 60 authors" in out
    assert "(5 folds): precision 1.0, recall 1.0, F1 1.0; average precision 1.0 (by chance 0.5)" in out
    assert "48 posts 1.0" in out
    assert "LinearSVC C=0.1, scikit-learn " in out


def test_cards_come_as_json(taught: Study) -> None:
    ran = groundswell("-C", taught.root, "code", "train", "dear-bread", "--yes", "--json")
    listed = groundswell("-C", taught.root, "code", "models", "--json")

    assert [(card["code"], card["f1"], card["found"]) for card in ran.json] == [("dear-bread", 1.0, ALL // 2)]
    assert listed.json[0]["model"] == ran.json[0]["model"]
    assert listed.json[0]["state"] == "in use"
    assert listed.json[0]["trained_on"]["threads"] == CODED
    assert listed.json[0]["learning_curve"]


def test_a_code_asked_for_by_name_that_gets_no_model_ends_with_4(taught: Study) -> None:
    exit_code, out, err = code(taught, "train", "dear-bread", "queue", "--yes")

    assert exit_code == 4
    assert out.startswith("dear-bread\t")
    assert "error: no model was trained for queue" in err


def test_no_model_at_all_ends_with_1(taught: Study) -> None:
    exit_code, out, err = code(taught, "train", "queue", "--yes")

    assert (exit_code, out) == (1, "")
    assert "queue: people decided present on 0 posts" in err
    assert "error: no model was trained" in err


def test_models_are_listed_with_their_state(trained: Study) -> None:
    add(trained, codings=[line for number in range(CODED, ALL) for line in decisions(number)])
    train_models(trained, ["dear-bread"])

    _, out, _ = code(trained, "models")

    rows = [line.split("\t") for line in out.splitlines()]
    assert sorted((row[0], row[1], row[-1]) for row in rows) == [
        ("dear-bread", "60", "replaced"),
        ("dear-bread", "66", "in use"),
        ("place.home", "60", "in use"),
        ("place.town", "60", "in use"),
    ]


def test_later_posts_are_predicted_by_a_command_of_its_own(trained: Study) -> None:
    first = code(trained, "predict")
    second = groundswell("-C", trained.root, "code", "predict", "--json")

    assert first[:2] == (0, "dear-bread\t33\nplace.home\t22\nplace.town\t44\n")
    assert "66 posts looked at: 0 codings written, 0 undone" in first[2]
    assert second.json[0] == {"code": "dear-bread", "posts": 33}


def test_a_model_that_is_not_used_is_told(trained: Study) -> None:
    changed = trained.codebook_path.read_text(encoding="utf-8").replace("price of bread", "price of anything")
    trained.codebook_path.write_text(changed, encoding="utf-8")

    assert "dear-bread: its definition was changed" in code(trained, "predict")[2]


def test_a_decision_is_shown_by_its_words(trained: Study) -> None:
    exit_code, out, _ = code(trained, "why", "dear-bread", "csv:p61")
    told = groundswell("-C", trained.root, "code", "why", "dear-bread", "csv:p61", "--json").json

    assert exit_code == 0
    assert out.startswith("dear-bread on csv:p61: present, probability 0.")
    assert {line.split()[-1] for line in out.splitlines()[2:4]} == {"dear", "bread"}
    assert told["present"] is True
    assert told["tokens"][0]["adds"] > 0
    assert {"words", "adds"} == set(told["words"][0])


def test_many_words_are_shown_together(trained: Study) -> None:
    text = (
        "dear bread at home in the kitchen in town on the market and we went looked some shops near river before rain"
    )
    add(trained, posts=[taught_post(97, text=text)])

    _, out, _ = code(trained, "why", "dear-bread", "csv:p97")

    assert out.splitlines()[-1].endswith("all others together")
    assert len(out.splitlines()) == 18


def test_a_post_is_shown_to_be_not_present(trained: Study) -> None:
    assert "csv:p60: not present," in code(trained, "why", "dear-bread", "csv:p60")[1]
