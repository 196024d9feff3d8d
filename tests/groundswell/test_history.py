import json
from pathlib import Path

import pytest
from fakes.study import ALL_BREAD, coding_line, groundswell

from coding.batches import new_batch
from coding.codings import parse_coding, store_codings
from db.errors import GroundswellError
from groundswell import history
from groundswell.history import Entry, events, undo, undone_line
from groundswell.study import Study, record_codebook

POST, QUEUE, OTHER = ALL_BREAD


def code(study: Study, action: str, at: str, *lines: dict[str, object]) -> str:
    """What an action writes; return its id."""
    batch = new_batch(action, at)
    store(study, batch, *({**line, "created_at": at} for line in lines))
    return batch


def store(study: Study, batch: str | None, *lines: dict[str, object]) -> None:
    """Store codings of one moment under a batch's name, or under none."""
    codebook = study.codebook()
    with study.store() as opened:
        codings = [parse_coding({"created_at": "2026-03-01T09:00:00Z"} | line, codebook) for line in lines]
        assert store_codings(opened, codings, record_codebook(opened, codebook), batch) == (len(lines), {})


def queue(post: str = POST, **changes: object) -> dict[str, object]:
    return coding_line(post, code="queue", stance=None) | changes


def entries(study: Study, **wanted: str) -> list[Entry]:
    return list(history.history(study, **wanted))


def peoples(study: Study) -> list[str]:
    out = groundswell("-C", study.root, "export", "codings").out
    return [line for line in out.splitlines() if json.loads(line)["coder_kind"] == "person"]


def test_the_last_action_comes_first_and_says_what_it_did(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue(), queue(OTHER, coder="ben"))

    assert entries(used)[0] == Entry(review, "2026-03-01T09:00:00Z", "review", ("ana", "ben"), 2, 0, 2, "stands")


def test_an_action_that_bears_no_name_is_a_coding(used: Study) -> None:
    store(used, None, queue(created_at="2026-03-01T09:00:00Z"))

    [last, *_] = entries(used)

    assert (last.what, last.at, last.coders, last.codings) == ("coding", "2026-03-01T09:00:00Z", ("ana",), 1)
    assert last.id.startswith(str(last.row()["id"]))
    assert len(str(last.row()["id"])) == 12


def test_the_history_of_one_coder_and_since_a_day(used: Study) -> None:
    code(used, "review", "2030-03-01T09:00:00Z", queue())
    of_ben = code(used, "review", "2030-03-02T09:00:00Z", queue(coder="ben"))

    assert [entry.id for entry in entries(used, coder="ben")] == [of_ben]
    assert [entry.at[:10] for entry in entries(used, since="2030-03-01")] == ["2030-03-02", "2030-03-01"]
    assert entries(used, coder="ben", since="2030-03-03") == []


def test_a_batch_is_undone_as_a_whole_and_stays_in_the_history(used: Study) -> None:
    before = peoples(used)
    review = code(used, "review", "2026-03-01T09:00:00Z", queue(), queue(OTHER))

    done = undo(used, review)

    assert (done.undone, done.brought_back) == (2, 0)
    assert peoples(used) == before
    assert [(entry.what, entry.state) for entry in entries(used)[:2]] == [("undo", "stands"), ("review", "undone")]


def test_an_action_is_known_by_the_beginning_of_its_id(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue())

    assert undo(used, "review-2026").entry.id == review


def test_a_beginning_that_several_share_is_not_enough(used: Study) -> None:
    for minute in range(5):
        code(used, "review", f"2026-03-01T09:0{minute}:00Z", queue())

    with pytest.raises(GroundswellError, match=r"review: 5 actions have ids that begin so: .*, .*, .* …"):
        undo(used, "review")


def test_an_id_that_another_one_begins_with_is_known(used: Study) -> None:
    store(used, "day", queue(coder="ben"))
    store(used, "day-two", queue(OTHER, coder="ben"))

    assert undo(used, "day").entry.id == "day"


def test_an_id_that_is_not_there_is_named(used: Study) -> None:
    with pytest.raises(GroundswellError, match="nonsense: no action of this study has that id"):
        undo(used, "nonsense")


def test_what_is_undone_is_not_undone_again(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue())
    undo(used, review)

    with pytest.raises(GroundswellError, match="is undone already"):
        undo(used, review)


def test_an_undoing_can_be_undone(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue(), queue(OTHER, blind=True, reason="slip"))
    before = peoples(used)
    first = undo(used, review)

    done = undo(used, first.id)

    assert (done.undone, done.brought_back) == (0, 2)
    assert peoples(used) == before


def test_without_an_id_the_last_action_is_undone_and_then_the_one_before(used: Study) -> None:
    one = code(used, "review", "2026-03-01T09:00:00Z", queue())
    two = code(used, "review", "2026-03-02T09:00:00Z", queue(coder="ben"))
    three = code(used, "review", "2026-03-03T09:00:00Z", queue(OTHER))

    assert [undo(used).entry.id, undo(used, coder="ana").entry.id, undo(used).entry.id] == [three, one, two]


def test_where_nothing_is_coded_nothing_is_undone(study: Study) -> None:
    with pytest.raises(GroundswellError, match="there is no coding that could be undone"):
        undo(study)
    with pytest.raises(GroundswellError, match="there is no coding of ben that could be undone"):
        undo(study, coder="ben")


def test_what_would_be_undone_is_told_without_doing_it(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue(), queue(OTHER))
    before = peoples(used)

    done = undo(used, review, dry_run=True)

    assert (done.id, done.undone, done.brought_back) == (None, 2, 0)
    assert undone_line(done) == "review of 2026-03-01T09:00:00Z (ana): 2 codings would be undone"
    assert peoples(used) == before
    assert not list((used.root / "backups").glob("*before-undo*"))


def test_an_undoing_is_told_in_words(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue())
    first = undo(used, review)
    would = undo(used, first.id, dry_run=True)
    second = undo(used, first.id)

    assert undone_line(first) == "review of 2026-03-01T09:00:00Z (ana): one coding undone"
    assert undone_line(would).endswith("(ana): one coding would stand again")
    assert undone_line(second).endswith("(ana): one coding stands again")


def test_peoples_work_is_backed_up_before_it_is_undone(used: Study) -> None:
    code(used, "review", "2026-03-01T09:00:00Z", queue())
    before = peoples(used)

    undo(used)

    [path] = (used.root / "backups").glob("*-before-undo-codings.jsonl")
    assert path.read_text(encoding="utf-8").splitlines() == before


def test_without_a_backup_nothing_is_undone(used: Study) -> None:
    code(used, "review", "2026-03-01T09:00:00Z", queue())
    before = peoples(used)
    for path in (used.root / "backups").glob("*"):
        path.unlink()
    if (used.root / "backups").exists():
        (used.root / "backups").rmdir()
    (used.root / "backups").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(GroundswellError, match="could not be backed up"):
        undo(used)

    assert peoples(used) == before


def test_a_run_of_the_rules_is_undone_as_a_whole_too(used: Study) -> None:
    [rules] = [entry for entry in entries(used, coder="rules") if entry.state == "stands"]

    done = undo(used, rules.id)

    assert done.undone == rules.codings == 2
    with used.store() as opened:
        query = "SELECT count(*) FROM codings_current WHERE coder_kind = 'rules'"
        assert opened.connection.execute(query).fetchone()[0] == 0


def test_the_codings_of_an_action_are_shown_with_what_became_of_them(used: Study) -> None:
    review = code(used, "review", "2026-03-01T09:00:00Z", queue(), queue(OTHER))
    undo(used, review)

    found = list(events(used, review))

    assert [(event["post"], event["coder"], event["undone"], event["undoes"]) for event in found] == [
        (POST, "ana", True, False),
        (OTHER, "ana", True, False),
    ]


def test_undoing_in_a_study_that_is_not_there_is_an_error(study: Study, tmp_path: Path) -> None:
    study.database.rename(tmp_path / "elsewhere.db")

    with pytest.raises(GroundswellError, match="there is no database here"):
        undo(study)
