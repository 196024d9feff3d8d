"""Samples and rounds as they are stored, and what may teach a classifier."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.corpora import Study, make_study, post
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import codebook_content, codebook_revision
from db.queries.codings import PersonCoding, save_revision
from db.queries.samples import (
    Round,
    Sample,
    Text,
    Unit,
    add_round,
    add_units,
    audit_posts,
    close_round,
    machine_hits,
    newest_margins,
    round_codings,
    rounds,
    sample,
    samples,
    save_sample,
    texts,
    trained_on,
    training_codings,
    unaided_codings,
    units,
)

DAY, LATER = "2026-03-01T09:00:00Z", "2026-04-01T09:00:00Z"
SAMPLE = Sample("audit-1", "audit", "post", "{}", None, DAY)
ROUND = Round("r1", "audit-1", ("ana", "ben"), ("titles", "evals"), "", blind=True, started_at=DAY, double_share=0.2)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """Four posts: two of one author in one thread, one of another author, one of an account that is gone."""
    made = make_study(tmp_path)
    made.see(
        post("p1", "ann", title="Titles lie"),
        post("p2", "ann", thread="p1"),
        post("p3", "bob"),
        post("p4", None, thread="p3"),
    )
    yield made
    made.store.close()


def _ids(study: Study) -> dict[str, int]:
    return {row["native_id"]: row["id"] for row in study.store.connection.execute("SELECT * FROM posts")}


def _draw(study: Study, purpose: str, unit: str, *addresses: str, name: str | None = None) -> str:
    drawn = replace(SAMPLE, id=name or f"{purpose}-{unit}", purpose=purpose, unit=unit)
    with study.store.write() as connection:
        save_sample(connection, drawn)
        add_units(
            connection, drawn.id, [Unit(address, place, 0.5, None, DAY) for place, address in enumerate(addresses, 1)]
        )
    return drawn.id


def _start(study: Study, sample_id: str, name: str = "r1") -> None:
    revision = codebook_revision(study.codebook)
    with study.store.write() as connection:
        save_revision(connection, revision, codebook_content(study.codebook), DAY)
        add_round(connection, replace(ROUND, id=name, sample=sample_id, codebook_revision=revision))


def _taught(study: Study, *codes: str) -> set[str]:
    names = {number: name for name, number in _ids(study).items()}
    return {names[coding.post] for coding in training_codings(study.store.connection, *(codes or ("titles",)))}


def test_a_sample_comes_back_as_it_was_stored(study: Study) -> None:
    found = Unit("site:p3", 2, 0.25, '{"titles": "hit"}', LATER)
    with study.store.write() as connection:
        save_sample(connection, SAMPLE)
        add_units(connection, "audit-1", [found, replace(found, unit="site:p1", place=1)])

    connection = study.store.connection
    assert sample(connection, "audit-1") == SAMPLE
    assert sample(connection, "audit-2") is None
    assert units(connection, "audit-1") == [replace(found, unit="site:p1", place=1), found]


def test_a_sample_that_is_stored_again_only_changes_its_design(study: Study) -> None:
    with study.store.write() as connection:
        save_sample(connection, SAMPLE)
        save_sample(connection, replace(SAMPLE, purpose="main", design='{"a": 1}', created_at=LATER))

    assert samples(study.store.connection) == [replace(SAMPLE, design='{"a": 1}')]


def test_a_unit_is_drawn_once(study: Study) -> None:
    _draw(study, "main", "post", "site:p1", name="m")

    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        _draw(study, "main", "post", "site:p1", name="m")


def test_a_round_comes_back_as_it_was_started_and_is_closed_once(study: Study) -> None:
    _start(study, _draw(study, "audit", "post", "site:p1"))
    _start(study, _draw(study, "main", "post", "site:p2"), "r2")

    with study.store.write() as connection:
        close_round(connection, "r1", DAY)
        close_round(connection, "r1", LATER)

    first, second = rounds(study.store.connection)
    expected = replace(ROUND, sample="audit-post", codebook_revision=codebook_revision(study.codebook), closed_at=DAY)
    assert first == expected
    assert second.closed_at is None
    assert rounds(study.store.connection, "main-post") == [second]


def test_the_codings_of_a_round_come_in_the_order_in_which_they_were_made(study: Study) -> None:
    study.code("p1", "titles", stance="support", round="r1", blind=True, start=0, end=5)
    study.code("p1", "titles", "absent", coder="ben", round="r1", suggestion_shown=True)
    study.code("p1", "titles", "present", coder="eve", round="r1", adjudicated=True, reason="slip")
    study.code("p1", "evals", round="other")
    study.code("p1", "evals")

    found = list(round_codings(study.store.connection, ["r1", "r9"]))

    assert [(one.coding.coder, one.coding.value, one.coding.stance) for one in found] == [
        ("ana", "present", "support"), ("ben", "absent", None), ("eve", "present", None),
    ]  # fmt: skip
    assert [(one.start, one.end, one.kind, one.blind, one.suggestion_shown, one.note) for one in found] == [
        (0, 5, "person", True, False, None), (None, None, "person", False, True, None),
        (None, None, "person", False, False, "slip"),
    ]  # fmt: skip
    assert [one.coding.adjudicated for one in found] == [False, False, True]
    assert all(one.coding.current_text for one in found)


def test_a_classifier_learns_from_what_people_said(study: Study) -> None:
    study.code("p1", "titles", stance="support")
    study.code("p3", "titles", "absent")
    study.code("p2", "evals")
    study.nothing_else("p4")
    study.apply()

    found = {(coding.post, coding.code, coding.value) for coding in training_codings(study.store.connection, "titles")}

    ids = _ids(study)
    assert found == {
        (ids["p1"], "titles", "present"), (ids["p3"], "titles", "absent"), (ids["p4"], "*", "absent"),
    }  # fmt: skip


def test_it_learns_from_all_values_of_an_attribute(study: Study) -> None:
    study.code("p1", "evidence.firsthand")
    study.code("p3", "evidence.opinion")

    assert _taught(study, "evidence.firsthand", "evidence.opinion") == {"p1", "p3"}


def test_a_person_teaches_by_what_was_said_last(study: Study) -> None:
    study.code("p1", "titles", "absent")
    study.code("p1", "titles", stance="dispute")
    study.code("p1", "titles", "absent", coder="ben")

    found = sorted(
        (coding.coder, coding.value, coding.stance) for coding in training_codings(study.store.connection, "titles")
    )

    assert found == [("ana", "present", "dispute"), ("ben", "absent", None)]


def test_no_post_that_an_audit_drew_ever_teaches(study: Study) -> None:
    study.code("p1", "titles")
    study.code("p3", "titles")

    _draw(study, "audit", "post", "site:p1")

    assert _taught(study) == {"p3"}


def test_no_post_of_an_author_whom_an_audit_drew_ever_teaches(study: Study) -> None:
    for name in ("p1", "p2", "p3", "p4"):
        study.code(name, "titles")

    _draw(study, "audit", "author", "site:~ann")
    before = _taught(study)
    study.see(post("p5", "ann"))
    study.code("p5", "titles")

    assert before == _taught(study) == {"p3", "p4"}


def test_no_post_of_a_gone_account_that_an_audit_drew_ever_teaches(study: Study) -> None:
    study.code("p3", "titles")
    study.code("p4", "titles")

    _draw(study, "audit", "author", "site:[deleted]/p3")

    assert _taught(study) == {"p3"}


def test_no_post_that_nobody_signed_teaches_once_an_audit_drew_its_voice(study: Study) -> None:
    study.see(post("p6", "cid", thread="p6"))
    with study.store.write() as connection:
        connection.execute("UPDATE posts SET author = NULL WHERE native_id = 'p6'")
    study.code("p6", "titles")
    before = _taught(study)

    _draw(study, "audit", "author", "site:[unnamed]/p6")

    assert (before, _taught(study)) == ({"p6"}, set())


def test_no_coding_of_an_audits_round_teaches_even_of_a_post_that_was_not_drawn(study: Study) -> None:
    _start(study, _draw(study, "audit", "post", "site:p1"), "audit-round")
    _start(study, _draw(study, "reliability", "post", "site:p2", "site:p3"), "other-round")

    study.code("p2", "titles", round="audit-round")
    study.code("p3", "titles", round="other-round")
    study.code("p4", "titles", round="nobody knows this round")

    assert _taught(study) == {"p3", "p4"}


def test_a_decision_that_settled_a_difference_in_an_audit_never_teaches(study: Study) -> None:
    _start(study, _draw(study, "audit", "post", "site:p1"), "audit-round")

    study.code("p1", "titles", round="audit-round", adjudicated=True, reason="slip")
    study.code("p3", "titles", adjudicated=True, reason="slip")

    assert _taught(study) == {"p3"}


def test_a_coding_made_with_a_suggestion_on_the_screen_never_teaches(study: Study) -> None:
    study.code("p1", "titles", suggestion_shown=True)
    study.code("p3", "titles")

    assert _taught(study) == {"p3"}


def test_what_may_enter_a_correction_was_said_without_a_suggestion_and_blind_where_that_is_asked_for(
    study: Study,
) -> None:
    study.code("p1", "titles", "absent", blind=True)
    study.code("p1", "titles", suggestion_shown=True)
    study.code("p2", "titles")
    study.code("p3", "titles", coder="ben")
    study.code("p3", "titles", "absent", coder="cleo", adjudicated=True)
    numbers = _ids(study)

    def said(blind_in: set[int] | None) -> set[tuple[str, str, str]]:
        names = {number: name for name, number in numbers.items()}
        found = unaided_codings(study.store.connection, blind_in)
        return {(names[one.post], one.coder, one.value) for one in found}

    blind = {("p1", "ana", "absent"), ("p3", "cleo", "absent")}
    assert said(None) == blind
    assert said({numbers["p3"]}) == {*blind, ("p2", "ana", "present")}
    assert said(set()) == {*blind, ("p2", "ana", "present"), ("p3", "ben", "present")}


def test_a_coding_of_a_text_that_changed_never_teaches(study: Study) -> None:
    study.code("p1", "titles")
    study.code("p3", "titles")

    study.see(post("p3", "bob", text="other words", observed_at="2026-05-01T00:00:00Z"))

    assert _taught(study) == {"p1"}


def test_neither_private_notes_nor_machines_teach(study: Study) -> None:
    study.see(post("n1", None, private=True))
    study.code("n1", "titles")
    study.code("p3", "titles", coder="judge", coder_kind="model")

    assert _taught(study) == set()


def test_invented_posts_teach_only_until_there_are_real_ones(tmp_path: Path) -> None:
    made = make_study(tmp_path)
    made.see(post("e1", "ann", platform="example"))
    made.code("example:e1", "titles")
    alone = _taught(made)

    made.see(post("p1", "bob"))

    assert (alone, _taught(made)) == ({"e1"}, set())
    made.store.close()


def test_an_undone_coding_does_not_teach(study: Study) -> None:
    study.code("p1", "titles")
    with study.store.write() as connection:
        connection.execute("UPDATE coding_events SET undone_by = id")

    assert _taught(study) == set()


NAMES = ("p1", "p2", "p3", "p4")
AUTHORS = {"p1": "site:~ann", "p2": "site:~ann", "p3": "site:~bob", "p4": "site:[deleted]/p3"}


@settings(max_examples=30)
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(["training", "reliability", "main", "audit"]), st.sampled_from(["post", "author"]),
                  st.sampled_from(NAMES)),
        max_size=5, unique=True,
    ),
    coded=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from([None, "audit-round", "main-round"]), st.booleans()),
        max_size=8,
    ),
)  # fmt: skip
def test_whatever_is_drawn_and_coded_nothing_of_an_audit_teaches(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[str, str, str]],
    coded: list[tuple[str, str | None, bool]],
) -> None:
    made = make_study(tmp_path_factory.mktemp("study"))
    made.see(post("p1", "ann"), post("p2", "ann", thread="p1"), post("p3", "bob"), post("p4", None, thread="p3"))
    _start(made, _draw(made, "audit", "post", name="a"), "audit-round")
    _start(made, _draw(made, "main", "post", name="m"), "main-round")
    for number, (purpose, unit, name) in enumerate(drawn):
        _draw(made, purpose, unit, f"site:{name}" if unit == "post" else AUTHORS[name], name=f"s{number}")
    for number, (name, round_, shown) in enumerate(coded):
        made.code(name, "titles", coder=f"coder {number}", round=round_, suggestion_shown=shown)

    audited = {name for purpose, unit, name in drawn if (purpose, unit) == ("audit", "post")}
    voices = {AUTHORS[name] for purpose, unit, name in drawn if (purpose, unit) == ("audit", "author")}
    allowed = {
        f"coder {number}"
        for number, (name, round_, shown) in enumerate(coded)
        if name not in audited and AUTHORS[name] not in voices and round_ != "audit-round" and not shown
    }

    found: list[PersonCoding] = list(training_codings(made.store.connection, "titles"))
    in_audit = {name for name, number in _ids(made).items() if number in audit_posts(made.store.connection)}
    made.store.close()
    assert {coding.coder for coding in found} == allowed
    assert in_audit == audited | {name for name in NAMES if AUTHORS[name] in voices}


def _model(study: Study, name: str, code: str, trained_at: str, scores: dict[str, float]) -> None:
    ids = _ids(study)
    with study.store.write() as connection:
        connection.execute(
            "INSERT INTO models (id, code, codebook_revision, card, trained_at) VALUES (?, ?, ?, '{\"threshold\": 0.2}', ?)",
            (name, code, codebook_revision(study.codebook), trained_at),
        )
        for native_id, score in scores.items():
            connection.execute("INSERT INTO model_posts VALUES (?, ?)", (name, ids[native_id]))
            connection.execute("INSERT INTO model_scores VALUES (?, ?, ?)", (name, ids[native_id], score))


def test_the_newest_model_of_a_code_gives_its_margins_and_tells_what_it_learned_from(study: Study) -> None:
    _start(study, _draw(study, "main", "post", "site:p1"))
    _model(study, "m1", "titles", DAY, {"p1": 0.1, "p2": 0.2})
    _model(study, "m2", "titles", LATER, {"p2": 0.7})
    _model(study, "m3", "evals", DAY, {"p3": 0.9})
    ids, connection = _ids(study), study.store.connection

    assert newest_margins(connection, "titles") == {ids["p2"]: pytest.approx(0.5)}
    assert newest_margins(connection, "late") == {}
    assert trained_on(connection, [ids["p1"]]) == []
    assert trained_on(connection, [ids["p2"], ids["p3"]]) == ["evals", "titles"]


def test_machine_hits_are_told_with_the_kind_of_machine_and_the_stance(study: Study) -> None:
    study.apply()
    study.code("p3", "titles", coder="judge", coder_kind="model", stance="dispute")
    study.code("p2", "titles", "absent", coder="judge", coder_kind="model")
    study.code("p4", "titles", coder="judge", coder_kind="model", text_sha="of an older text")
    study.code("p4", "titles")
    ids = _ids(study)

    found = {tuple(row) for row in machine_hits(study.store.connection)}

    assert found == {
        (ids["p1"], "titles", "rules", None), (ids["p1"], "titles", "rules", "support"),
        (ids["p3"], "titles", "model", "dispute"),
    }  # fmt: skip


def test_a_text_comes_with_what_it_answers_and_without_its_author(study: Study) -> None:
    ids = _ids(study)

    found = texts(study.store.connection, [ids["p1"], ids["p2"]])

    root, reply = found[ids["p1"]], found[ids["p2"]]
    assert (root.address, root.title, root.text, root.parent) == ("site:p1", "Titles lie", "words of p1", None)
    assert (root.parent_title, root.parent_text) == (None, None)
    assert (reply.parent, reply.parent_title, reply.parent_text) == ("site:p1", "Titles lie", "words of p1")
    assert {*Text.__slots__} == {"address", "title", "text", "text_sha", "parent", "parent_title", "parent_text"}


def test_private_notes_are_no_texts_to_code(study: Study) -> None:
    study.see(post("n1", None, private=True))

    assert texts(study.store.connection, [_ids(study)["n1"]]) == {}
