import pytest
from fakes.corpora import Study, post

from coding.apply import CODER, Applied, apply_rules
from coding.rules import Rule, RuleSet, RuleStopped
from db.queries.codings import exported_codings


def hits(study: Study) -> list[tuple[str, str, int | None, int | None, str | None]]:
    rows = exported_codings(study.store.connection)
    return [
        (row["post"], row["code"], row["start"], row["end"], row["stance"]) for row in rows if row["coder"] == CODER
    ]


def test_a_hit_is_an_exact_segment_in_code_points_and_carries_its_version(study: Study) -> None:
    study.see(post("p0", "a", text="👩‍👩‍👧 naïve evals here"))

    study.apply()

    text = "👩‍👩‍👧 naïve evals here"
    assert hits(study) == [("site:p0", "evals", text.index("evals"), text.index("evals") + 5, None)]
    assert next(exported_codings(study.store.connection))["version"]


def test_a_hit_in_a_title_is_a_coding_of_the_whole_post(study: Study) -> None:
    study.see(post("p0", "a", title="evals", text=None))

    study.apply()

    assert hits(study) == [("site:p0", "evals", None, None, None)]


def test_quoted_words_and_code_are_nobodys_hit(study: Study) -> None:
    study.see(post("p0", "a", text="> evals\n\nno `evals` at https://evals.example.org"))

    assert study.apply() == 0


def test_a_second_application_writes_nothing(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))

    assert (study.apply(), study.apply()) == (1, 0)


def test_a_rule_may_state_a_stance(study: Study) -> None:
    study.see(post("p0", "a", text="titles lie"))

    study.apply()

    assert ("site:p0", "titles", 0, 10, "support") in hits(study)


def test_a_changed_text_is_coded_anew_and_its_old_hits_are_undone(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))
    study.apply()
    study.see(post("p0", "a", text="nothing", observed_at="2026-03-01T00:00:00Z"))

    study.apply()

    assert hits(study) == []


def test_private_notes_are_left_to_people(study: Study) -> None:
    study.see(post("n0", private=True, text="evals"))

    assert study.apply() == 0


def with_rules(study: Study, **rules: list[str]) -> Applied:
    """Apply other rules than those of the codebook, one list a code."""
    patterns = {code: [Rule(pattern) for pattern in own] for code, own in rules.items()}
    return apply_rules(study.store, RuleSet(patterns), "2026-04-02T00:00:00Z")


def events(study: Study) -> int:
    return int(study.store.connection.execute("SELECT count(*) FROM coding_events").fetchone()[0])


def test_an_application_says_what_it_found(study: Study) -> None:
    study.see(post("p0", "a", text="evals here, evals there"), post("p1", "b", text="evals"), post("p2", "c"))

    done = with_rules(study, evals=["evals"], titles=["title"])

    assert (done.posts, done.new, done.undone) == (3, 3, 0)
    assert done.posts_by_code == {"evals": 2}


def test_a_second_application_leaves_the_log_as_it_was(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), post("p1", "b", title="evals", text=None))
    with_rules(study, evals=["evals"])
    before = events(study)

    again = with_rules(study, evals=["evals"])

    assert (again.new, again.undone) == (0, 0)
    assert again.posts_by_code == {"evals": 2}
    assert events(study) == before


def test_two_hits_in_a_title_are_one_coding(study: Study) -> None:
    study.see(post("p0", "a", title="evals, evals", text="nothing else"))

    done = with_rules(study, evals=["evals"])

    assert done.new == 1
    assert hits(study) == [("site:p0", "evals", None, None, None)]


def test_a_changed_rule_undoes_its_hits_and_writes_them_anew(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), post("p1", "b", text="benchmarks"))
    with_rules(study, evals=["evals"])

    done = with_rules(study, evals=["evals", "benchmarks"])

    assert (done.new, done.undone) == (2, 1)
    assert [hit[0] for hit in hits(study)] == ["site:p0", "site:p1"]
    assert events(study) == 4


def test_a_rule_that_was_changed_and_changed_back_gives_its_hits_again(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))
    with_rules(study, evals=["evals"])
    first = hits(study)
    with_rules(study, evals=["benchmarks"])
    between = hits(study)

    with_rules(study, evals=["evals"])

    assert between == []
    assert hits(study) == first


def test_a_change_to_one_code_leaves_the_hits_of_the_others(study: Study) -> None:
    study.see(post("p0", "a", text="evals and titles"))
    with_rules(study, evals=["evals"], titles=["titles"])

    done = with_rules(study, evals=["evals"], titles=["names"])

    assert (done.new, done.undone) == (0, 1)
    assert [hit[1] for hit in hits(study)] == ["evals"]


def test_a_deleted_post_loses_its_hits(study: Study) -> None:
    study.see(post("p0", "a", text="evals"))
    study.apply()
    study.see(post("p0", "a", text=None, state="deleted_by_author", observed_at="2026-03-01T00:00:00Z"))

    done = with_rules(study, evals=["eval*"])

    assert (done.posts, done.undone) == (0, 1)
    assert hits(study) == []


def test_what_people_coded_is_never_undone(study: Study) -> None:
    study.see(post("p0", "a"))
    study.code("p0", "evals")

    done = with_rules(study)

    assert done.undone == 0
    assert [row["coder"] for row in exported_codings(study.store.connection)] == ["ana"]


def test_progress_is_told_after_each_post(study: Study) -> None:
    told: list[int] = []
    study.see(post("p0", "a"), post("p1", "b"))

    apply_rules(study.store, RuleSet({}), "2026-04-02T00:00:00Z", told.append)

    assert told == [1, 2]


def test_a_rule_may_look_at_what_a_post_answers_and_at_who_asks(study: Study) -> None:
    study.see(
        post("p0", "a", text="evals?"),
        post("p1", "b", thread="p0", text="me too"),
        post("p2", "a", thread="p0", text="so do I"),
    )

    with_rules(study, above=["parent:evals"], asked=["op:(so|me)"], both=["parent:evals AND too"])

    assert hits(study) == [
        ("site:p1", "above", None, None, None),
        ("site:p1", "both", 3, 6, None),
        ("site:p2", "above", None, None, None),
        ("site:p2", "asked", 0, 2, None),
    ]


def test_a_quoted_hit_is_a_segment_of_the_text(study: Study) -> None:
    study.see(post("p0", "a", text="> evals\n\nno evals"))

    with_rules(study, quoted=["quote:evals"])

    assert hits(study) == [("site:p0", "quoted", 2, 7, None)]


def test_what_is_negated_is_counted_apart_and_no_coding(study: Study) -> None:
    study.see(
        post("p0", "a", text="no evals, none"), post("p1", "b", text="no evals but evals"), post("p2", "b", text="x")
    )

    done = with_rules(study, evals=["NOTNEG/3 evals"])

    assert done.posts_by_code == {"evals": 1}
    assert done.negated_by_code == {"evals": 2}
    assert hits(study) == [("site:p1", "evals", 13, 18, None)]


def test_an_expression_that_takes_too_long_is_named_with_its_post_and_nothing_is_written(study: Study) -> None:
    study.see(post("p0", "a", text="evals"), post("p1", "b", text="a" * 40))

    with pytest.raises(RuleStopped) as stopped:
        with_rules(study, evals=["evals"], slow=["/(?:a|a)+b/"])

    assert str(stopped.value) == 'code "slow": the expression in "/(?:a|a)+b/" takes too long on site:p1'
    assert hits(study) == []


def test_a_changed_answer_to_what_stands_above_changes_the_codings(study: Study) -> None:
    study.see(post("p0", "a", text="evals?"), post("p1", "b", thread="p0", text="me too"))
    with_rules(study, above=["parent:evals"])
    study.see(post("p0", "a", text="titles?", observed_at="2026-03-01T00:00:00Z"))

    done = with_rules(study, above=["parent:evals"])

    assert (done.new, done.undone) == (0, 1)
