import json
from dataclasses import replace

import pytest
from fakes.corpora import Study, post
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.final import UNREAD, Decision, FinalLayer, codebook_content
from db.queries.codings import PersonCoding
from reports.corpus import load_corpus

DAY, EARLIER, LATER = "2026-03-02T09:00:00Z", "2026-01-05T09:00:00Z", "2026-07-01T09:00:00Z"
BOOK = Codebook({"evals": Code("evals", "Evals", definition="Names evaluation.")})
ANSWERS = st.sampled_from(["present", "absent", "unsure", "missing"])


def _decided(study: Study, code: str, name: str = "p0") -> Decision:
    return study.corpus().layer.decision(_id(study, name), code)


def _value(study: Study) -> Decision:
    return study.corpus().layer.value_of(_id(study, "p0"), "evidence")


def _id(study: Study, name: str) -> int:
    return int(study.store.connection.execute("SELECT id FROM posts WHERE native_id = ?", (name,)).fetchone()["id"])


@pytest.fixture
def one(study: Study) -> Study:
    """A study with one post."""
    study.see(post("p0", "a"))
    return study


def _by_different_people(answers: list[str]) -> list[PersonCoding]:
    return [
        PersonCoding(1, "evals", f"coder {number}", answer, None, DAY, None, current_text=True)
        for number, answer in enumerate(answers)
    ]


def test_a_post_that_nobody_read_is_undecided(one: Study) -> None:
    assert _decided(one, "evals") == UNREAD


@pytest.mark.parametrize("kind", ["rules", "model", "program"])
def test_what_a_machine_found_decides_nothing(one: Study, kind: str) -> None:
    one.code("p0", "titles", stance="support", coder="machine", coder_kind=kind)

    made = _decided(one, "titles")

    assert made == UNREAD
    assert not made.is_read


def test_what_one_person_says_holds(one: Study) -> None:
    one.code("p0", "titles", stance="dispute")

    made = _decided(one, "titles")

    assert made == Decision("present", "dispute")
    assert made.is_read


def test_people_who_say_the_same_decide(one: Study) -> None:
    one.code("p0", "titles", stance="support")
    one.code("p0", "titles", stance="support", coder="ben")

    assert _decided(one, "titles") == Decision("present", "support")


@pytest.mark.parametrize(
    ("value", "stance"),
    [("absent", None), ("present", "dispute"), ("present", None)],
    ids=["absent", "against", "none"],
)
def test_people_who_differ_in_value_or_stance_leave_a_post_unread(one: Study, value: str, stance: str | None) -> None:
    one.code("p0", "titles", stance="support")
    one.code("p0", "titles", value, stance, coder="ben")

    made = _decided(one, "titles")

    assert made == Decision(None, disputed=True)
    assert not made.is_read


def test_people_who_come_to_agree_are_no_longer_at_odds(one: Study) -> None:
    one.code("p0", "evals")
    one.code("p0", "evals", "absent", coder="ben")
    one.code("p0", "evals", coder="ben")

    assert _decided(one, "evals") == Decision("present")


def test_what_counts_as_last_is_told_by_the_time_and_not_by_the_order_of_import(one: Study) -> None:
    one.code("p0", "evals", created_at=LATER)
    one.code("p0", "evals", "absent", created_at=EARLIER)

    assert _decided(one, "evals") == Decision("present")


@pytest.mark.parametrize("other", ["present", "absent"])
@pytest.mark.parametrize("undecided", ["unsure", "missing"])
def test_somebody_who_cannot_tell_leaves_the_decision_to_the_others(one: Study, other: str, undecided: str) -> None:
    one.code("p0", "evals", undecided)
    one.code("p0", "evals", other, coder="ben")

    assert _decided(one, "evals") == Decision(other)


def test_unsure_is_read(one: Study) -> None:
    one.code("p0", "evals", "unsure")
    one.code("p0", "evals", "missing", coder="ben")

    made = _decided(one, "evals")

    assert made == Decision("unsure")
    assert made.is_read


def test_a_post_that_cannot_be_coded_is_missing_and_not_read(one: Study) -> None:
    one.code("p0", "evals", "missing")

    made = _decided(one, "evals")

    assert made == Decision("missing")
    assert not made.is_read


def test_a_star_says_that_nothing_else_was_found(one: Study) -> None:
    one.nothing_else("p0")

    assert _decided(one, "evals") == Decision("absent")


@pytest.mark.parametrize("at", [EARLIER, LATER])
def test_what_was_found_stands_beside_a_star_of_any_time(one: Study, at: str) -> None:
    one.code("p0", "evals")
    one.nothing_else("p0", created_at=at)

    assert _decided(one, "evals") == Decision("present")


def test_a_star_of_one_person_and_a_find_of_another_differ(one: Study) -> None:
    one.code("p0", "evals")
    one.nothing_else("p0", coder="ben")

    assert _decided(one, "evals").disputed


def test_a_star_may_say_that_a_post_cannot_be_coded_at_all(one: Study) -> None:
    one.code("p0", "*", "missing")

    assert _decided(one, "evals") == Decision("missing")


def test_reading_a_post_for_one_code_decides_no_other(one: Study) -> None:
    one.code("p0", "titles", "absent")

    assert _decided(one, "evals") == UNREAD


@pytest.mark.parametrize(
    ("at", "made"), [("2026-04-30T23:59:59Z", UNREAD), ("2026-05-01T00:00:00Z", Decision("absent"))]
)
def test_a_star_covers_a_code_from_the_day_on_which_it_is_looked_for(one: Study, at: str, made: Decision) -> None:
    one.nothing_else("p0", created_at=at)

    assert _decided(one, "late") == made


def test_a_star_does_not_cover_a_code_that_its_revision_did_not_have(one: Study) -> None:
    one.nothing_else("p0")
    newer = Codebook(one.codebook.codes | {"rye": Code("rye", "Rye", definition="Mentions rye.")})

    layer = load_corpus(one.store, newer, b"key").layer

    assert layer.decision(_id(one, "p0"), "rye") == UNREAD
    assert layer.decision(_id(one, "p0"), "evals") == Decision("absent")


def test_a_star_covers_a_code_whose_definition_was_reworded(one: Study) -> None:
    one.nothing_else("p0")
    reworded = replace(one.codebook.codes["evals"], definition="Somebody measures quality.")

    layer = load_corpus(one.store, Codebook(one.codebook.codes | {"evals": reworded}), b"key").layer

    assert layer.decision(_id(one, "p0"), "evals") == Decision("absent")


def test_a_star_of_an_unknown_revision_covers_every_code() -> None:
    star = PersonCoding(1, "*", "ana", "absent", None, DAY, None, current_text=True)

    layer = FinalLayer([star], BOOK, {})

    assert layer.decision(1, "evals") == Decision("absent")


def test_a_changed_text_makes_its_codings_stale(one: Study) -> None:
    one.code("p0", "evals")

    before = _decided(one, "evals")
    one.see(post("p0", "a", text="other words", observed_at=LATER))

    assert before == Decision("present")
    assert _decided(one, "evals") == UNREAD
    assert one.corpus().layer.posts == frozenset()


def test_the_layer_knows_who_read_what(one: Study) -> None:
    one.see(post("p1", "b"))
    one.code("p0", "evals")
    one.code("p0", "evals", coder="ben")
    one.code("p1", "evals", coder="rules", coder_kind="rules")

    layer = one.corpus().layer

    assert layer.posts == {_id(one, "p0")}
    assert layer.coders(_id(one, "p0")) == {"ana", "ben"}
    assert layer.coders(_id(one, "p1")) == frozenset()


def test_an_attribute_has_the_value_that_was_given(one: Study) -> None:
    one.code("p0", "evidence.opinion")

    assert _value(one) == Decision("present", "evidence.opinion")


def test_the_value_that_a_person_gave_last_replaces_the_others(one: Study) -> None:
    one.code("p0", "evidence.opinion", created_at=LATER)
    one.code("p0", "evidence.firsthand")

    assert _value(one) == Decision("present", "evidence.opinion")
    assert _decided(one, "evidence.opinion") == Decision("present")
    assert _decided(one, "evidence.firsthand") == Decision("absent")


def test_people_who_give_different_values_differ(one: Study) -> None:
    one.code("p0", "evidence.opinion")
    one.code("p0", "evidence.firsthand", coder="ben")

    assert _value(one) == Decision(None, disputed=True)


def test_an_attribute_of_an_unread_post_is_undecided(one: Study) -> None:
    assert _value(one) == UNREAD


def test_one_value_ruled_out_leaves_the_attribute_undecided(one: Study) -> None:
    one.code("p0", "evidence.opinion", "absent")

    assert _value(one) == UNREAD


def test_all_values_ruled_out_decide_that_there_is_none(one: Study) -> None:
    one.nothing_else("p0")

    assert _value(one) == Decision("absent")


@pytest.mark.parametrize("unsure", ["evidence.firsthand", "evidence.opinion"])
@pytest.mark.parametrize("value", ["unsure", "missing"])
def test_a_doubt_about_any_value_is_a_doubt_about_the_attribute(one: Study, value: str, unsure: str) -> None:
    one.nothing_else("p0")
    one.code("p0", unsure, value)

    assert _value(one) == Decision(value)


def test_a_value_that_another_person_rules_out_is_at_odds(one: Study) -> None:
    one.code("p0", "evidence.firsthand")
    one.code("p0", "evidence.firsthand", "absent", coder="ben")

    assert _value(one) == _decided(one, "evidence.firsthand") == Decision(None, disputed=True)


def test_a_value_that_another_person_leaves_open_stands(one: Study) -> None:
    one.code("p0", "evidence.firsthand")
    one.code("p0", "evidence.opinion", "absent", coder="ben")

    assert _value(one) == Decision("present", "evidence.firsthand")


def test_values_ruled_out_by_different_people_are_all_ruled_out(one: Study) -> None:
    one.code("p0", "evidence.firsthand", "absent")
    one.code("p0", "evidence.opinion", "absent", coder="ben")

    assert _value(one) == Decision("absent")


def test_a_post_that_cannot_be_coded_has_no_value(one: Study) -> None:
    one.code("p0", "*", "missing")

    assert _value(one) == Decision("missing")


@given(codings=st.lists(ANSWERS, max_size=5).map(_by_different_people), data=st.data())
def test_no_order_of_coders_changes_a_decision(codings: list[PersonCoding], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(codings))

    made = FinalLayer(shuffled, BOOK, {}).decision(1, "evals")

    assert made == FinalLayer(codings, BOOK, {}).decision(1, "evals")


def test_a_codebook_is_kept_with_all_that_it_says_of_each_code() -> None:
    assert codebook_content(BOOK) == '{"evals": {"name": "Evals", "definition": "Names evaluation."}}'


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"evals": {"status": "retired"}}, UNREAD),
        ({"evals": {"parent": "a"}, "a": {"choose": "one", "status": "retired"}}, UNREAD),
        ({"evals": {"parent": "a"}, "a": {"status": "retired"}}, Decision("absent")),
        ({"evals": {"status": "draft"}}, Decision("absent")),
    ],
    ids=["retired", "its attribute retired", "the code above it retired", "draft"],
)
def test_nobody_looked_for_a_code_while_it_was_retired(entries: dict[str, dict[str, str]], expected: Decision) -> None:
    everything = PersonCoding(1, "*", "ana", "absent", None, DAY, "r1", current_text=True)

    assert FinalLayer([everything], BOOK, {"r1": json.dumps(entries)}).decision(1, "evals") == expected
