from fakes.corpora import Study, post

from coding.apply import CODER
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
