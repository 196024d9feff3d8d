from pathlib import Path

import pytest
from fakes.study import CODEBOOK, KEY, OTHER_KEY, give_key, groundswell, make_study

from db.errors import ConfigurationError, FileError
from db.queries.codings import revisions
from db.queries.study import fingerprint
from groundswell.study import Study, find_study, now, record_codebook


def test_a_study_is_found_from_any_folder_within_it(study: Study) -> None:
    below = study.root / "reference" / "figures"
    below.mkdir(parents=True)

    assert find_study(None, below).root == study.root
    assert find_study(None, study.root).file.title == "Bread in our town"


def test_a_named_folder_must_be_the_study_itself(study: Study) -> None:
    below = study.root / "reference"
    below.mkdir()

    assert find_study(study.root, Path("/")).root == study.root
    with pytest.raises(ConfigurationError, match=r"reference: not a study, nor inside one \(no study\.yaml\)"):
        find_study(below, study.root)


def test_outside_of_any_study_the_way_in_is_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        find_study(None, tmp_path)

    assert raised.value.exit_code == 3
    assert raised.value.hint == "groundswell init DIR makes one; -C DIR names one elsewhere"


def test_a_study_without_its_database_says_so(study: Study) -> None:
    study.database.unlink()

    with pytest.raises(ConfigurationError, match="there is no database here"), study.store():
        pass


def test_the_key_is_given_out_when_it_is_the_one_that_made_the_pseudonyms(used: Study) -> None:
    with used.store() as store:
        assert used.key(store) == bytes.fromhex(KEY)


def test_without_its_key_a_study_stands_still(used: Study) -> None:
    (used.root / ".env").unlink()
    keyless = find_study(used.root, used.root)

    with keyless.store() as store, pytest.raises(ConfigurationError, match="GROUNDSWELL_KEY is missing"):
        keyless.key(store)


def test_another_key_is_refused_once_there_are_posts(used: Study) -> None:
    give_key(used.root, OTHER_KEY)
    other = find_study(used.root, used.root)

    with other.store() as store, pytest.raises(ConfigurationError, match="is not the one that made the pseudonyms"):
        other.key(store)


def test_another_key_may_take_the_place_of_the_first_while_there_is_no_post(study: Study) -> None:
    with study.store() as store:
        first = study.key(store)
    give_key(study.root, OTHER_KEY)
    other = find_study(study.root, study.root)

    with other.store() as store:
        second = other.key(store)

    assert (first, second) == (bytes.fromhex(KEY), bytes.fromhex(OTHER_KEY))


def test_a_database_without_a_fingerprint_takes_that_of_the_key(study: Study) -> None:
    with study.store() as store, store.write() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'key_fingerprint'")

    with study.store() as store:
        study.key(store)
        kept = fingerprint(store.connection)

    assert kept is not None
    assert len(kept) == 16


def test_a_rule_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK.replace("queue*", '"* rain"'))

    with pytest.raises(FileError) as raised:
        study.codebook()

    assert raised.value.message.startswith(f"{study.codebook_path}:17: codes.queue.rules[0]: ")


def test_the_claims_are_those_of_the_findings_file(study: Study) -> None:
    definition = study.definition(study.codebook())

    assert [claim.id for section in definition.sections for claim in section.claims] == ["bread-is-dear", "queues"]


@pytest.mark.parametrize("findings", ["", "version: 1\n"])
def test_without_claims_in_its_file_there_is_one_a_code(tmp_path: Path, findings: str) -> None:
    study = make_study(tmp_path / "study", findings=findings)

    definition = study.definition(study.codebook())

    assert [claim.id for section in definition.sections for claim in section.claims] == ["dear-bread", "queue"]


def test_the_findings_file_may_be_missing(study: Study) -> None:
    study.findings_path.unlink()

    definition = study.definition(study.codebook())

    assert [claim.id for section in definition.sections for claim in section.claims] == ["dear-bread", "queue"]


def test_a_revision_of_the_codebook_is_kept_once(study: Study) -> None:
    with study.store() as store:
        first = record_codebook(store, study.codebook())
        second = record_codebook(store, study.codebook())
        kept = revisions(store.connection)

    assert first == second
    assert list(kept) == [first]


def test_now_is_a_moment_in_our_form() -> None:
    assert len(now()) == len("2026-01-31T12:00:00Z")
    assert now().endswith("Z")


def test_a_command_in_a_folder_of_the_study_needs_no_option(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study.root)

    ran = groundswell("codebook", "check")

    assert (ran.code, ran.out) == (0, "2 codes and 2 claims are in order\n")
