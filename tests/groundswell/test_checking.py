from pathlib import Path

import pytest
from fakes.study import CODEBOOK, OTHER_KEY, comment, give_key, groundswell, make_study, save, submission, thread

from groundswell.checking import examine, status_lines, study_status
from groundswell.collecting import gaps
from groundswell.study import Study


def states(folder: Path | None, start: Path) -> dict[str, str]:
    return {check.name: check.state for check in examine(folder, start)}


def test_a_study_in_order_has_nothing_wrong(used: Study) -> None:
    found = states(used.root, used.root)

    assert set(found.values()) == {"fine"} or found.pop(".env") == "warning"
    assert {"python", "sqlite", "study", "codebook", "findings", "key", "reddit key", "database"} <= found.keys()


def test_every_check_says_what_was_seen(used: Study) -> None:
    details = {check.name: check.detail for check in examine(used.root, used.root)}

    assert details["codebook"] == "2 codes"
    assert details["findings"] == "2 claims"
    assert details["key"].startswith("fingerprint ")
    assert details["database"] == "whole"
    assert details["reddit key"] == "none; threads come from the Arctic Shift archive"


def test_without_a_study_only_the_machine_is_looked_at(tmp_path: Path) -> None:
    assert states(None, tmp_path) == {"python": "fine", "sqlite": "fine", "study": "warning"}


def test_a_named_folder_that_is_no_study_is_wrong(tmp_path: Path) -> None:
    assert states(tmp_path, tmp_path)["study"] == "wrong"


def test_each_broken_file_is_named_and_the_others_are_still_looked_at(study: Study) -> None:
    study.codebook_path.write_text("codes: [", encoding="utf-8")
    study.findings_path.write_text("sections: 3", encoding="utf-8")

    found = states(study.root, study.root)

    assert (found["codebook"], found["findings"], found["database"]) == ("wrong", "wrong", "fine")


def test_findings_that_name_an_unknown_code_are_wrong(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", codebook=CODEBOOK.replace("  queue:", "  line:"))

    found = states(study.root, study.root)

    assert (found["codebook"], found["findings"]) == ("fine", "wrong")


def test_a_key_of_another_study_is_wrong(used: Study) -> None:
    give_key(used.root, OTHER_KEY)

    assert states(used.root, used.root)["key"] == "wrong"


def test_a_study_without_a_secret_file_has_its_values_elsewhere(used: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_KEY", (used.root / ".env").read_text(encoding="utf-8").partition("=")[2].strip())
    (used.root / ".env").unlink()

    found = states(used.root, used.root)

    assert (found["key"], found[".env"]) == ("fine", "warning")


def test_a_secret_that_others_can_read_is_warned_of(used: Study) -> None:
    (used.root / ".env").chmod(0o644)
    open_to_others = {check.name: check for check in examine(used.root, used.root)}[".env"]
    (used.root / ".env").chmod(0o600)
    closed = {check.name: check for check in examine(used.root, used.root)}[".env"]

    assert (open_to_others.state, closed.state) == ("warning", "fine")
    assert f"chmod 600 {used.root / '.env'}" in open_to_others.detail


def test_a_database_that_is_none_is_wrong(study: Study) -> None:
    study.database.write_bytes(b"no database at all" * 100)

    assert states(study.root, study.root)["database"] == "wrong"


def test_a_database_whose_rules_are_broken_is_wrong(used: Study) -> None:
    with used.store() as store, store.write() as connection:
        connection.execute("UPDATE posts SET state = 'removed'")

    found = {check.name: check for check in examine(used.root, used.root)}["database"]

    assert (found.state, found.detail) == ("wrong", "3 deleted posts still hold text")


def test_a_study_in_a_synchronised_folder_is_warned_of(tmp_path: Path) -> None:
    study = make_study(tmp_path / "OneDrive" / "bread")

    assert states(study.root, study.root)["folder"] == "warning"


def test_the_status_counts_what_there_is(used: Study) -> None:
    found = study_status(used)

    assert found["title"] == "Bread in our town"
    assert found["totals"]["posts"] == 3
    assert {coder["name"]: coder["posts"] for coder in found["coders"]} == {"ana": 3, "rules": 2}
    assert (found["claims"][0]["id"], found["claims"][0]["verdict"]) == ("bread-is-dear", "thin")
    assert found["last_run"]["state"] == "done"


def test_the_status_reads_as_a_page(used: Study) -> None:
    lines = list(status_lines(study_status(used)))

    assert lines[0] == "Bread in our town"
    assert lines[1] == "3 posts by 3 authors in one thread of one community"
    assert "  3 live" in lines
    assert "  ana (person): 5 codings on 3 posts" in lines
    assert any(line.startswith("  bread-is-dear  thin") for line in lines)


def test_the_status_names_what_stands_apart(study: Study, tmp_path: Path) -> None:
    saved = save(
        tmp_path / "thread.json",
        thread(
            submission(num_comments=40),
            comment("bbb1", "I am a bot.", author="AutoModerator"),
            comment("bbb2", "lost", created_utc="never"),
        ),
    )
    groundswell("-C", study.root, "collect", "import", saved)
    groundswell("-C", study.root, "collect", "note", "--text", "The baker told me.")

    lines = list(status_lines(study_status(study)))

    assert {"  one bot account", "  one private note", "  one item that could not be read"} <= set(lines)
    assert "  one thread not known to be complete (groundswell collect status)" in lines
    assert "  the last run (collect import) ended partial" in lines


def test_the_status_of_an_empty_study_is_no_error(study: Study) -> None:
    lines = list(status_lines(study_status(study)))

    assert lines[1] == "0 posts by 0 authors in 0 threads of 0 communities"


def test_threads_that_lack_replies_are_listed(study: Study, tmp_path: Path) -> None:
    saved = save(tmp_path / "thread.json", thread(submission(num_comments=4), comment("bbb1", "One of four.")))
    groundswell("-C", study.root, "collect", "import", saved)

    rows = gaps(study)

    assert [(row["address"], row["stored_count"], row["declared_count"], row["to_fetch"]) for row in rows] == [
        ("reddit:t3_aaa1", 1, 4, None)
    ]
