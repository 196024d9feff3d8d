"""The digest of update: what changed since it was last told, given to a program when there is something in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes.compared import again, build, make_bread, talk, week_passes, withdraw
from fakes.observed import rows

from db.errors import Partial
from groundswell.checking import status_lines, study_status
from groundswell.digesting import FILE
from groundswell.notifying import NOTIFY
from groundswell.sites import Conduct
from groundswell.stopping import Stop
from groundswell.updating import Updated, check_updated, update, updated_lines

if TYPE_CHECKING:
    from groundswell.study import Study

KEEPS = "import pathlib, sys; pathlib.Path('told.md').write_bytes(sys.stdin.buffer.read())"
FAILS = "raise SystemExit(1)"


def write_study(study: Study, program: str | None = None, more: str = "") -> None:
    """Let study.yaml name a program, and whatever else."""
    notify = "" if program is None else f'notify:\n  - "{Path(sys.executable).as_posix()}"\n  - -c\n  - "{program}"\n'
    (study.root / "study.yaml").write_text(f"version: 1\ntitle: Bread\n{notify}{more}", encoding="utf-8")


@pytest.fixture
def bread(tmp_path: Path) -> Study:
    """Ten threads of four people, and a program that keeps what it is told; updated once, a week ago."""
    study = make_bread(tmp_path / "bread")
    write_study(study, KEEPS)
    talk(study, "a", 10, 4, 3)
    updated(study)
    return study


def updated(study: Study) -> Updated:
    """Update, and let a week pass."""
    done = update(again(study), Conduct(Stop()))
    week_passes(study)
    return done


def page(study: Study) -> str:
    return (study.reports / FILE).read_bytes().decode()


def told(study: Study) -> str | None:
    path = study.root / "told.md"
    if not path.exists():
        return None
    text = path.read_bytes().decode()
    path.unlink()
    return text


def grow(study: Study, name: str = "b") -> None:
    """Let ten threads come in which nobody finds bread dear."""
    talk(study, name, 10, 2, 0)


def test_the_first_digest_says_how_claims_stand_and_tells_nobody(bread: Study) -> None:
    assert "This is the first digest" in page(bread)
    assert "“bread is too dear” (`bread-is-dear`): most say so" in page(bread)
    assert told(bread) is None


def test_where_nothing_is_new_nobody_is_told_and_the_page_says_what_would_have_shown(bread: Study) -> None:
    done = updated(bread)

    assert told(bread) is None
    assert "## No verdict changed, and no share by more than chance" in page(bread)
    assert "so none was tested. By the intervals of the shares: only a change of" in page(bread)
    assert done.state == "done"
    assert f"reports/{FILE}: nothing new" in updated_lines(done)


def test_what_is_new_is_given_to_the_program_as_it_was_written(bread: Study) -> None:
    grow(bread)
    withdraw(bread, "a0")

    done = updated(bread)

    assert done.state == "done"
    assert told(bread) == page(bread)
    text = page(bread)
    assert "“bread is too dear” (`bread-is-dear`): most say so → **" in text
    assert "20 people newly dispute it" in text
    assert "- https://bread.example/b0 (r/cooks (invented), 2 posts): Dear bread 2" in text
    assert "- 1 post withdrawn by its author\n- 1 post of the evidence of `bread-is-dear`" in text
    assert f"reports/{FILE}: something is new; the notify command was told" in updated_lines(done)


def test_what_was_told_is_not_told_again(bread: Study) -> None:
    grow(bread)
    updated(bread)
    assert told(bread) is not None

    updated(bread)

    assert told(bread) is None
    assert "Threads worth opening" not in page(bread)


def test_builds_in_between_are_not_lost_to_the_digest(bread: Study) -> None:
    grow(bread)
    build(bread)
    updated(bread)

    assert "20 people newly dispute it" in (told(bread) or "")


def test_without_a_program_the_page_is_written_all_the_same(bread: Study) -> None:
    write_study(bread)
    grow(bread)

    done = updated(bread)

    assert "20 people newly dispute it" in page(bread)
    assert (done.told, told(bread)) == (False, None)
    assert f"reports/{FILE}: something is new" in updated_lines(done)


def test_a_program_that_fails_is_recorded_and_the_update_is_kept(bread: Study) -> None:
    write_study(bread, FAILS)
    grow(bread)

    done = updated(bread)

    assert (done.state, list(done.failures), done.told) == ("partial", [NOTIFY], False)
    assert done.verdicts["bread-is-dear"] != "consensus"
    with pytest.raises(Partial):
        check_updated(done, Stop())
    status = "\n".join(status_lines(study_status(again(bread))))
    assert "notify command ended failed at" in status
    assert "it ended with exit code 1" in status
    with bread.store() as store:
        assert rows(store, "SELECT state, problems FROM runs WHERE command = 'update' ORDER BY id DESC LIMIT 1") == [
            {"state": "partial", "problems": 1}
        ]


def test_what_could_not_be_told_stands_in_the_next_digest_again(bread: Study) -> None:
    write_study(bread, FAILS)
    grow(bread)
    updated(bread)

    write_study(bread, KEEPS)
    updated(bread)

    assert "20 people newly dispute it" in (told(bread) or "")
    assert "notify command" not in "\n".join(status_lines(study_status(again(bread))))


def test_a_source_that_fails_is_news_once(bread: Study) -> None:
    write_study(bread, KEEPS, "sources:\n  - {links: list.md, cadence: 24h}\n")

    updated(bread)
    first = told(bread)
    updated(bread)

    assert first is not None
    assert "## Gaps of collection\n\n- list.md: " in first
    assert told(bread) is None
    assert "(as before)" in page(bread)


def test_a_source_that_gives_nothing_is_named_with_its_problem(bread: Study) -> None:
    (bread.root / "letters").mkdir()
    (bread.root / "letters" / "broken.json").write_text("[", encoding="utf-8")
    write_study(bread, KEEPS, "sources:\n  - {import: letters, cadence: 24h}\n")

    updated(bread)

    assert "- letters: " in (told(bread) or "")


def test_a_page_that_cannot_be_written_is_a_failure_and_the_report_is_there(bread: Study) -> None:
    (bread.reports / FILE).unlink()
    (bread.reports / FILE).mkdir()
    grow(bread)

    done = updated(bread)

    assert (list(done.failures), done.digest, done.state) == (["digest"], None, "partial")
    assert "the digest could not be written" in done.failures["digest"].message
    assert done.verdicts


def test_where_nothing_was_kept_of_what_was_told_last_the_digest_begins_anew(bread: Study) -> None:
    with bread.store() as store, store.write() as connection:
        connection.execute("UPDATE reports SET content = NULL")
    grow(bread)

    updated(bread)

    assert "This is the first digest" in page(bread)
    assert told(bread) is None


def test_a_sensitive_study_names_communities_only(bread: Study) -> None:
    write_study(bread, KEEPS, "sensitivity: high\n")
    grow(bread)

    updated(bread)

    assert "bread.example" not in page(bread)
    assert "- r/bakers (invented): 5 new threads" in page(bread)


def test_the_same_data_give_the_same_page_whenever_they_are_looked_at(bread: Study, tmp_path: Path) -> None:
    grow(bread)
    copy = again(bread).__class__(
        Path(shutil.copytree(bread.root, tmp_path / "copy")), again(bread).file, again(bread).settings
    )
    week_passes(copy)

    updated(bread)
    updated(copy)

    assert page(copy) == page(bread)
