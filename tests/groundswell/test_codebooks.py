"""Codes are changed and nothing that a person said is lost: in the file, in the database, and on the way back."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes.study import coding_line, groundswell, make_study, post_line, save_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.codebook import codebook_revision
from coding.final import Decision, FinalLayer
from db.errors import CheckFailed, FileError, GroundswellError
from db.queries import codebooks as queries
from db.queries import codings
from groundswell.codebooks import (
    Changed,
    Checked,
    Why,
    add,
    check,
    codebook_at,
    compare,
    find_code,
    history,
    merge,
    rename,
    restore,
    retire,
    split,
    worklist,
)
from groundswell.coding_work import apply
from groundswell.history import undo
from groundswell.study import Study

CODEBOOK = """\
version: 1
codes:
  # what people pay
  dear-bread:
    name: Dear bread          # the old name
    definition: Says that bread is dear.
    stance: yes
    statement: bread is too dear
    rules:
      - dear bread            # as people say it
  costly-loaf:
    name: Costly loaf
    definition: Says that a loaf costs too much.
    examples: [A loaf for nine!]
    stance: yes
    statement: loaves cost too much
    rules:
      - match: costly loaf
        stance: support
      - dear bread
    must_match: [ What a costly loaf ]
  queue:
    definition: Names a queue.
  place:
    choose: one
  place.home:
    parent: place
  place.shop:
    parent: place
  place.stall:
    parent: place
"""
FINDINGS = """\
version: 1
sections:
  - id: prices
    title: Prices
    claims:
      - {id: dear, kind: consensus, code: dear-bread}
      - {id: both, kind: ranking, codes: [dear-bread, costly-loaf]}
      - {id: where, kind: shares, attribute: place}
      - {id: at-home, kind: shares, code: queue, filter: {place: place.home}}
"""
DAY = "2026-02-02T09:00:00Z"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begun(tmp_path / "study")


def begun(folder: Path, codebook: str = CODEBOOK, findings: str = FINDINGS) -> Study:
    """A study with three posts."""
    made = make_study(folder, codebook=codebook, findings=findings)
    posts = save_lines(
        folder / "posts.jsonl", *(post_line(name, text=f"Dear bread {name}.") for name in ("p1", "p2", "p3"))
    )
    assert groundswell("-C", folder, "collect", "import", posts).code == 0
    return made


def code(study: Study, *lines: dict[str, Any]) -> None:
    """Import codings by people."""
    ran = groundswell("-C", study.root, "import", "codings", save_lines(study.root / "c.jsonl", *lines))
    assert ran.code == 0, ran.err


def said(post: str, of: str, value: str = "present", stance: str | None = None, **more: Any) -> dict[str, Any]:
    return coding_line(f"example:{post}", code=of, value=value, stance=stance, **more)


def decided(study: Study, post: str, of: str) -> Decision:
    """What people hold of a code on a post."""
    with study.store() as store:
        connection = store.connection
        layer = FinalLayer(codings.people_codings(connection), study.codebook(), codings.revisions(connection))
        row = connection.execute("SELECT id FROM posts WHERE native_id = ?", (post,)).fetchone()
        return layer.decision(int(row["id"]), of)


def events(study: Study) -> dict[int, tuple[Any, ...]]:
    """Every coding event as it is stored, but for what says that it was undone."""
    with study.store() as store:
        rows = store.connection.execute("SELECT * FROM coding_events").fetchall()
    return {row["id"]: tuple(row[name] for name in row.keys() if name != "undone_by") for row in rows}  # noqa: SIM118 - a row iterates over its values


def written(study: Study) -> str:
    return study.codebook_path.read_text(encoding="utf-8")


# Merging


def test_a_merged_code_is_retired_and_its_codings_count_for_the_kept_one(study: Study) -> None:
    code(
        study,
        said("p1", "costly-loaf", stance="support"),
        said("p2", "dear-bread", "absent"),
        said("p2", "costly-loaf"),
    )
    before = events(study)

    done = merge(study, "costly-loaf", "dear-bread", Why("lea", "one thing"))

    assert done == Changed(codings=2, without_stance=1, moved=3, claims=("both",))
    assert decided(study, "p1", "dear-bread") == Decision("present")
    assert decided(study, "p2", "dear-bread") == Decision("present")
    assert study.codebook().status("costly-loaf") == "retired"
    assert before.items() <= events(study).items()


def test_a_merge_touches_the_lines_of_the_two_codes_only(study: Study) -> None:
    merge(study, "costly-loaf", "dear-bread")

    before, after = CODEBOOK.splitlines(), written(study).splitlines()
    assert [line for line in before if line not in after] == []
    assert [line for line in after if line not in before] == [
        "      - costly loaf",
        "    must_match:",
        "      - What a costly loaf",
        "    examples:",
        "      - A loaf for nine!",
        "    status: retired",
    ]


def test_stances_and_rules_with_stances_go_along_where_the_statements_say_the_same(study: Study) -> None:
    code(study, said("p1", "costly-loaf", stance="support"))

    done = merge(study, "costly-loaf", "dear-bread", keep_stance=True)

    assert (done.codings, done.without_stance) == (1, 0)
    assert decided(study, "p1", "dear-bread") == Decision("present", "support")
    assert [(rule.pattern, rule.stance) for rule in study.codebook().codes["dear-bread"].rules] == [
        ("dear bread", None), ("costly loaf", "support"),
    ]  # fmt: skip


def test_rules_may_stay_with_the_code_that_goes(study: Study) -> None:
    assert merge(study, "costly-loaf", "dear-bread", leave_rules=True).moved == 0
    assert written(study).count("status: retired") == 1
    assert len(study.codebook().codes["dear-bread"].rules) == 1


def test_a_merge_that_is_only_tried_changes_nothing(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    before = events(study)

    done = merge(study, "costly-loaf", "dear-bread", dry_run=True)

    assert done.codings == 1
    assert (events(study), written(study)) == (before, CODEBOOK)
    assert [row["what"] for row in history(study)] == ["in use"]


def test_a_value_is_merged_into_another_of_its_attribute(study: Study) -> None:
    code(
        study,
        said("p1", "place.stall"),
        said("p2", "place.stall"),
        said("p2", "place.home", created_at="2026-02-03T09:00:00Z"),
    )

    assert merge(study, "place.stall", "place.shop").codings == 1
    assert decided(study, "p1", "place.shop").value == "present"
    assert decided(study, "p2", "place.home").value == "present"
    assert decided(study, "p2", "place.shop").value == "absent"


def test_an_export_of_codings_after_a_merge_comes_in_without_doubling(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    merge(study, "costly-loaf", "dear-bread")
    exported = groundswell("-C", study.root, "export", "codings").out
    lines = study.root / "again.jsonl"
    lines.write_text(exported, encoding="utf-8")

    ran = groundswell("-C", study.root, "import", "codings", lines)

    assert ran.out == "2 codings read: 0 new\n"


@pytest.mark.parametrize(
    ("merged", "kept", "message", "hint"),
    [
        ("queue", "queue", '"queue" cannot be merged into itself', "second"),
        ("place", "queue", '"place" is an attribute', "one by one"),
        ("queue", "place", '"place" is an attribute', "one by one"),
        ("queue", "place.home", '"queue" and "place.home" are not values of one attribute', "another value"),
        ("place.home", "queue", '"place.home" and "queue" are not values of one attribute', "another value"),
        ("queu", "queue", 'the codebook has no code "queu"', 'did you mean "queue"?'),
        ("queue", "old", 'the code "old" is retired', "groundswell codebook restore old"),
        ("home.a", "place.home", '"home.a" and "place.home" are not values of one attribute', "another value"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_a_way_out(
    tmp_path: Path, merged: str, kept: str, message: str, hint: str
) -> None:
    more = "  old: {status: retired}\n  home: {choose: one}\n  home.a: {parent: home}\n"
    study = begun(tmp_path / "s", CODEBOOK + more)

    with pytest.raises(GroundswellError, match=message) as raised:
        merge(study, merged, kept)

    assert raised.value.hint is not None
    assert hint in raised.value.hint
    assert written(study) == CODEBOOK + more


def test_a_merge_into_a_file_that_cannot_be_changed_keeps_nothing(tmp_path: Path) -> None:
    study = begun(
        tmp_path / "s",
        CODEBOOK.replace("examples: [A loaf for nine!]", "examples: [A loaf for nine! # or ten\n      ]"),
    )
    merged = CODEBOOK.replace("  queue:\n", "  queue:\n    examples: [a line # long\n      ]\n")
    study.codebook_path.write_text(merged, encoding="utf-8")
    code(study, said("p1", "costly-loaf"))
    before = events(study)

    with pytest.raises(FileError, match="cannot be changed without touching other lines"):
        merge(study, "costly-loaf", "queue")

    assert (events(study), written(study)) == (before, merged)


def test_a_file_that_cannot_be_written_keeps_nothing(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_document: object) -> None:
        raise FileError(study.codebook_path, "cannot be written: no space left")

    code(study, said("p1", "costly-loaf"))
    before = events(study)
    monkeypatch.setattr("groundswell.codebooks.save", refuse)

    with pytest.raises(FileError, match="cannot be written"):
        merge(study, "costly-loaf", "dear-bread")

    assert events(study) == before
    assert [row["what"] for row in history(study)] == ["in use"]


def test_codings_of_a_code_that_was_taken_out_can_still_be_moved(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    study.codebook_path.write_text(
        CODEBOOK.replace("  costly-loaf:\n    name: Costly loaf\n", "  dearer-loaf:\n"), encoding="utf-8"
    )
    study.findings_path.write_text("version: 1\n", encoding="utf-8")

    with pytest.raises(
        CheckFailed, match=r"these codes are gone, but posts are coded with them: costly-loaf \(1\)"
    ) as raised:
        check(study)
    assert raised.value.hint is not None
    assert "put `costly-loaf:` back with `status: retired`" in raised.value.hint

    study.codebook_path.write_text(written(study) + "  costly-loaf: {status: retired}\n", encoding="utf-8")
    assert merge(study, "costly-loaf", "dear-bread").codings == 1
    assert check(study).retired == 1


# Splitting


def test_a_split_code_is_retired_with_its_codings_and_its_posts_wait(study: Study) -> None:
    code(study, said("p1", "queue"), said("p2", "queue", "absent"), said("p3", "*", "absent"))
    before = events(study)

    done = split(study, "queue", ["Long queue", "costly-loaf"], Why(reason="two things"))

    assert done == Changed(begun=("long-queue",), claims=("at-home",))
    assert events(study) == before
    assert study.codebook().status("queue") == "retired"
    assert study.codebook().codes["long-queue"].name == "Long queue"
    assert [(row["post"], row["code"], row["changed"]) for row in worklist(study)] == [
        ("example:p1", "queue", ["split into long-queue, costly-loaf"])
    ]
    assert decided(study, "p2", "long-queue").value is None


def test_the_worklist_shrinks_as_people_code_the_parts(study: Study) -> None:
    code(study, said("p1", "queue"), said("p2", "queue"))
    split(study, "queue", ["Long queue", "Short queue"])
    code(study, said("p1", "long-queue", created_at="2099-01-01T00:00:00Z"))

    assert [row["post"] for row in worklist(study, "queue")] == ["example:p2"]


def test_parts_are_absent_where_the_whole_is_if_that_is_asked_for(study: Study) -> None:
    code(study, said("p1", "queue"), said("p2", "queue", "absent"), said("p3", "*", "absent"))

    done = split(study, "queue", ["Long queue", "Short queue"], keep_absent=True)

    assert done.codings == 4
    assert [decided(study, post, "long-queue").value for post in ("p1", "p2", "p3")] == [None, "absent", "absent"]


def test_nothing_follows_for_parts_that_were_codes_before(study: Study) -> None:
    code(study, said("p2", "queue", "absent"))

    assert split(study, "queue", ["dear-bread", "costly-loaf"], keep_absent=True).codings == 0
    assert decided(study, "p2", "dear-bread").value is None


def test_a_value_is_split_into_values(study: Study) -> None:
    done = split(study, "place.shop", ["Bakery", "Market hall", "place.stall"])

    codebook = study.codebook()
    assert done == Changed(begun=("place.bakery", "place.market-hall"), claims=())
    assert codebook.values_of("place") == (
        "place.home",
        "place.shop",
        "place.stall",
        "place.bakery",
        "place.market-hall",
    )


def test_a_split_that_is_only_tried_changes_nothing(study: Study) -> None:
    assert split(study, "queue", ["a", "b"], dry_run=True).begun == ("a", "b")
    assert written(study) == CODEBOOK


@pytest.mark.parametrize(
    ("old", "parts", "message"),
    [
        ("place", ["a", "b"], '"place" is an attribute'),
        ("queue", ["a"], "a split needs at least two different codes"),
        ("queue", ["a", "A"], "a split needs at least two different codes"),
        ("queue", ["queue", "b"], "a split needs at least two different codes"),
        ("queue", ["a", "面包"], 'no id can be made from "面包"'),
        ("queue", ["a", "place"], '"queue" cannot be split into "place"'),
        ("queue", ["a", "place.home"], '"queue" cannot be split into "place.home"'),
        ("place.home", ["a", "queue"], '"place.home" cannot be split into "queue"'),
        ("nothing", ["a", "b"], 'the codebook has no code "nothing"'),
    ],
)
def test_what_cannot_be_split_is_refused(study: Study, old: str, parts: list[str], message: str) -> None:
    with pytest.raises(GroundswellError, match=message):
        split(study, old, parts)

    assert written(study) == CODEBOOK


# Retiring and bringing back


def test_a_retired_code_keeps_its_codings_and_is_asked_for_no_more(study: Study) -> None:
    code(study, said("p1", "dear-bread", stance="support"))

    done = retire(study, "dear-bread", Why("lea", "too rare"))

    assert done.claims == ("dear", "both")
    assert "dear-bread" not in study.codebook().asked
    assert decided(study, "p1", "dear-bread") == Decision("present", "support")
    assert history(study)[-1] | {"at": ""} == {
        "at": "", "what": "retire", "code": "dear-bread", "into": [], "by": "lea", "reason": "too rare",
    }  # fmt: skip


def test_a_code_is_retired_once(study: Study) -> None:
    retire(study, "queue")

    with pytest.raises(GroundswellError, match='the code "queue" is retired'):
        retire(study, "queue")


def test_claims_that_name_a_code_are_told_by_whichever_field(study: Study) -> None:
    assert retire(study, "place.home").claims == ("at-home",)
    assert retire(study, "place").claims == ("where",)


def test_claims_of_pairs_are_told_by_either_code(tmp_path: Path) -> None:
    pair = "{assumed: bread is dear, got: queues, code: queue, against: dear-bread}"
    claim = f"      - {{id: pair, kind: pairs, statement: what is assumed of bread, pairs: [{pair}]}}\n"
    study = begun(tmp_path / "pairs", findings=FINDINGS + claim)

    assert retire(study, "queue").claims == ("at-home", "pair")


@pytest.mark.parametrize("findings", [None, "version: 1\n", "claims: ["])
def test_without_claims_that_can_be_read_none_is_told(study: Study, findings: str | None) -> None:
    if findings is None:
        study.findings_path.unlink()
    else:
        study.findings_path.write_text(findings, encoding="utf-8")

    assert retire(study, "dear-bread").claims == ()


def test_a_merge_is_taken_back_with_all_it_wrote(study: Study) -> None:
    code(study, said("p1", "costly-loaf"), said("p2", "costly-loaf"), said("p2", "dear-bread", "absent"))
    merge(study, "costly-loaf", "dear-bread")
    code(study, said("p3", "dear-bread"))

    assert restore(study, "costly-loaf") == Changed(codings=2, moved=4)
    assert decided(study, "p1", "dear-bread") == Decision(None)
    assert decided(study, "p2", "dear-bread").value == "absent"
    assert decided(study, "p3", "dear-bread").value == "present"
    assert study.codebook().status("costly-loaf") == "active"


def test_a_restoration_stands_in_the_log_with_who_made_it_and_why(study: Study) -> None:
    retire(study, "queue")

    restore(study, "queue", Why("lea", "still said"))

    assert [row["what"] for row in history(study) if "code" in row] == ["retire", "restore"]
    assert history(study)[-1] | {"at": ""} == {
        "at": "", "what": "restore", "code": "queue", "into": [], "by": "lea", "reason": "still said",
    }  # fmt: skip


def test_a_restoration_that_takes_codings_back_can_be_undone_by_its_name(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    merge(study, "costly-loaf", "dear-bread")
    restore(study, "costly-loaf")

    with study.store() as store:
        batch = queries.all_changes(store.connection)[-1].batch

    assert undo(study, batch).brought_back == 1
    assert decided(study, "p1", "dear-bread").value == "present"


def test_a_merge_can_be_made_again_after_it_was_taken_back(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    for _ in range(3):
        assert merge(study, "costly-loaf", "dear-bread").codings == 1
        assert decided(study, "p1", "dear-bread").value == "present"
        restore(study, "costly-loaf")
        assert decided(study, "p1", "dear-bread").value is None


def test_a_split_is_taken_back_with_what_it_held_absent(study: Study) -> None:
    code(study, said("p2", "queue", "absent"))
    split(study, "queue", ["Long queue", "Short queue"], keep_absent=True)

    assert restore(study, "queue").codings == 2
    assert worklist(study) == []
    assert decided(study, "p2", "long-queue").value is None


def test_a_code_that_somebody_retired_by_hand_is_brought_back(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  old:\n    status: retired\n", encoding="utf-8")

    assert restore(study, "old") == Changed()
    assert written(study) == CODEBOOK + "  old:\n"


def test_a_code_that_is_in_use_cannot_be_brought_back(study: Study) -> None:
    with pytest.raises(GroundswellError, match='the code "queue" is not retired'):
        restore(study, "queue")


def test_merges_on_top_of_each_other_are_taken_back_from_the_top(study: Study) -> None:
    code(study, said("p1", "costly-loaf"))
    merge(study, "costly-loaf", "dear-bread")
    merge(study, "dear-bread", "queue")

    with pytest.raises(
        GroundswellError, match='"costly-loaf" was merged into "dear-bread", which is retired itself'
    ) as raised:
        restore(study, "costly-loaf")
    assert raised.value.hint == "groundswell codebook restore dear-bread"

    restore(study, "dear-bread")
    restore(study, "costly-loaf")
    assert decided(study, "p1", "queue").value is decided(study, "p1", "dear-bread").value is None


# Names and entries


def test_another_name_changes_what_people_read_and_nothing_else(study: Study) -> None:
    code(study, said("p1", "dear-bread"))

    rename(study, "Dear bread", "Bread costs too much", Why("lea", "clearer"))

    assert written(study) == CODEBOOK.replace("name: Dear bread ", "name: Bread costs too much ")
    assert worklist(study) == []
    assert history(study)[-1]["reason"] == '"Dear bread" is now "Bread costs too much": clearer'


def test_a_name_that_another_code_has_is_refused_with_its_line(study: Study) -> None:
    with pytest.raises(FileError, match='"Dear bread" is the name of dear-bread too'):
        rename(study, "costly-loaf", "Dear bread")

    assert written(study) == CODEBOOK


def test_a_code_is_found_by_its_id_or_its_name(study: Study) -> None:
    codebook = study.codebook()

    assert find_code(codebook, "dear-bread") is find_code(codebook, "dear BREAD")


def test_a_name_that_two_codes_have_finds_neither(tmp_path: Path) -> None:
    study = begun(tmp_path / "s", CODEBOOK + "  mood: {choose: one}\n  mood.home: {parent: mood}\n")

    with pytest.raises(GroundswellError, match='the codebook has no code "Home"'):
        find_code(study.codebook(), "Home")


def test_a_code_is_added_below_another_with_all_that_is_said_of_it(study: Study) -> None:
    made = add(
        study, "Long queue", definition="Says so.", parent="Queue", terms=["long queue"], more={"include": "lines", "exclude": None}
    )  # fmt: skip

    found = study.codebook().codes[made]
    assert (made, found.parent, found.definition, found.include, found.exclude) == (
        "long-queue", "queue", "Says so.", "lines", None,
    )  # fmt: skip
    assert [row["codes"] for row in history(study)] in ([7, 8], [8, 7])


# Looking back


def test_codings_under_an_older_definition_are_listed(study: Study) -> None:
    code(study, said("p1", "queue"), said("p2", "*", "absent"), said("p1", "dear-bread"))
    first = codebook_revision(study.codebook())
    study.codebook_path.write_text(CODEBOOK.replace("Names a queue.", "Names a long queue."), encoding="utf-8")
    now = codebook_revision(study.codebook())

    assert worklist(study) == worklist(study, "Queue") == [
        {"post": "example:p1", "code": "queue", "coder": "ana", "value": "present", "coded_at": DAY, "revision": first,
         "since": now, "changed": ["definition"]}
    ]  # fmt: skip
    assert {row["post"] for row in worklist(study, everything=True)} == {"example:p1", "example:p2"}
    assert worklist(study, "dear-bread") == []


def test_codebooks_are_compared_by_name_or_with_the_one_before(study: Study) -> None:
    first = codebook_revision(study.codebook())
    rename(study, "queue", "Line")
    second = codebook_revision(study.codebook())

    assert compare(study)[:2] == (first, second)
    assert compare(study)[2] == compare(study, first[:5])[2] == compare(study, first, "file")[2]
    assert [(one.field, one.before, one.after) for one in compare(study)[2]] == [("name", "Queue", "Line")]
    assert [(one.before, one.after) for one in compare(study, "file", first)[2]] == [("Line", "Queue")]


def test_a_codebook_that_was_never_another_does_not_differ(study: Study) -> None:
    name = codebook_revision(study.codebook())

    assert compare(study) == (name, name, [])


def test_an_earlier_codebook_can_be_seen_as_it_was(study: Study) -> None:
    before = study.codebook()
    rename(study, "queue", "Line")

    assert codebook_at(study, codebook_revision(before)) == before
    assert codebook_at(study) == study.codebook() != before


@pytest.mark.parametrize(("name", "message"), [("zzz", 'there is no codebook "zzz"'), ("", "2 codebooks have a name")])
def test_a_revision_that_cannot_be_told_is_refused(study: Study, name: str, message: str) -> None:
    rename(study, "queue", "Line")

    with pytest.raises(GroundswellError, match=message) as raised:
        codebook_at(study, name)
    assert raised.value.hint == "groundswell codebook log lists them"


def test_the_log_tells_what_became_of_the_codebook(study: Study) -> None:
    merge(study, "costly-loaf", "dear-bread", Why("lea", "one thing"))

    rows = history(study)

    assert sorted(row["what"] for row in rows) == ["in use", "in use", "merge"]
    (made,) = (row for row in rows if row["what"] == "merge")
    assert (made["code"], made["into"], made["by"], made["reason"]) == (
        "costly-loaf",
        ["dear-bread"],
        "lea",
        "one thing",
    )


def test_a_codebook_in_order_is_counted(study: Study) -> None:
    study.codebook_path.write_text(CODEBOOK + "  new: {}\n  old: {status: retired}\n", encoding="utf-8")
    apply(study)

    assert check(study) == Checked(codes=9, drafts=1, retired=1, claims=4)


# Whatever is done

CODES = ("a", "b", "c")
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("code"), st.sampled_from(["p1", "p2"]), st.sampled_from([*CODES, "*"]), st.sampled_from(["present", "absent"]),
            st.sampled_from(["ana", "ben"]),
        ),
        st.tuples(st.just("merge"), st.sampled_from(CODES), st.sampled_from(CODES)),
        st.tuples(st.just("split"), st.sampled_from(CODES), st.booleans()),
        st.tuples(st.sampled_from(["retire", "restore"]), st.sampled_from(CODES)),
    ),
    min_size=2, max_size=9,
)  # fmt: skip


@pytest.fixture(scope="module")
def three_codes(tmp_path_factory: pytest.TempPathFactory) -> Study:
    codes = "".join(f"  {name}:\n    definition: Says {name}.\n" for name in CODES)
    return begun(tmp_path_factory.mktemp("steps") / "s", f"codes:\n{codes}", "version: 1\n")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_no_coding_is_lost_and_all_of_it_can_be_taken_back(
    three_codes: Study, steps: list[Any]
) -> None:
    study = three_codes
    start_anew(study)
    own: set[int] = set()
    for number, step in enumerate(steps):
        before = events(study)
        if step[0] == "code":
            post, of, value, coder = step[1:]
            value = "absent" if of == "*" else value
            code(study, said(post, of, value, coder=coder, created_at=f"2026-03-01T09:{number:02}:00Z"))
            own |= events(study).keys() - before.keys()
        else:
            with suppress(GroundswellError):
                change(study, step)
        assert before.items() <= events(study).items()
        assert not own & undone(study)
    for _ in CODES:
        for name in CODES:
            with suppress(GroundswellError):
                restore(study, name)
    assert len(own) == sum(step[0] == "code" for step in steps)
    assert standing(study) == own


def change(study: Study, step: Any) -> None:
    if step[0] == "merge":
        merge(study, step[1], step[2])
    elif step[0] == "split":
        split(study, step[1], [f"{step[1]} one", f"{step[1]} two"], keep_absent=step[2])
    else:
        {"retire": retire, "restore": restore}[step[0]](study, step[1])


def start_anew(study: Study) -> None:
    """Take all codings and changes away, and write the first codebook."""
    codes = "".join(f"  {name}:\n    definition: Says {name}.\n" for name in CODES)
    study.codebook_path.write_text(f"codes:\n{codes}", encoding="utf-8")
    with study.store() as store, store.write() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        for table in ("coding_events", "code_changes", "codebook_revisions"):
            connection.execute(f"DELETE FROM {table}")


def undone(study: Study) -> set[int]:
    with study.store() as store:
        return {
            row["id"] for row in store.connection.execute("SELECT id FROM coding_events WHERE undone_by IS NOT NULL")
        }


def standing(study: Study) -> set[int]:
    with study.store() as store:
        return {event.id for event in queries.person_events(store.connection, [*CODES, "*", *PARTS])}


PARTS = tuple(f"{name}-{part}" for name in CODES for part in ("one", "two"))
