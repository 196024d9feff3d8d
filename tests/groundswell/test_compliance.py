"""What was deleted elsewhere, or is to be forgotten, leaves no trace in a study."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from fakes.observed import rows
from fakes.server import FakeServer
from fakes.study import (
    CODEBOOK,
    bread_thread,
    coding_line,
    comment,
    groundswell,
    make_study,
    save,
    save_lines,
    submission,
)
from fakes.study import thread as saved_thread
from fakes.traces import files_with
from fakes.world import World

from db.errors import GroundswellError
from db.lost import BLOCK
from db.queries.codings import exported_codings
from db.queries.leads import Lead, save_leads, save_memo
from db.queries.posts import exported_posts
from db.queries.runs import record_unreadable
from db.records import Unreadable
from db.store import copy_database
from groundswell.checking import status_lines, study_status
from groundswell.compliance import (
    author_address,
    forget,
    post_address,
    refresh,
    refreshed_lines,
    scrub_files,
    standing,
)  # fmt: skip
from groundswell.sites import Conduct
from groundswell.stopping import Stop
from groundswell.study import Study, find_study

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCE = "Our zymurgist hides the quinoa's crumbs under every floorboard of the bakery"
WORDS = ("zymurgist", "quinoa", "floorboard")
"""Words that stand nowhere else."""
NAME = "tattling_baker"
ANSWER = "I would tell the owner."
QUOTING = f"> {SENTENCE}.\n\n{ANSWER}"
BLANKED = "".join(BLOCK if letter.isalnum() else letter for letter in SENTENCE)
SEEN, LATER = "2026-02-01T00:00:00Z", "2026-02-08T00:00:00Z"


def again(study: Study) -> Study:
    """The study as the next command opens it."""
    return find_study(study.root, study.root)


def posts(study: Study) -> dict[str, dict[str, Any]]:
    with study.store() as store:
        return {row["native_id"]: row for row in exported_posts(store.connection)}


def codings(study: Study) -> list[dict[str, Any]]:
    with study.store() as store:
        return list(exported_codings(store.connection))


def talk(*, gone: bool = False, **changes: Any) -> Any:
    """A thread in which one post tells a secret, or did, and another quotes it."""
    told = {"author": "[deleted]"} if gone else {"author": NAME}
    secret = comment("bbb1", "[deleted]" if gone else f"Such dear bread.\n\n{SENTENCE}.", **told)
    return saved_thread(submission(num_comments=2), secret, comment("bbb2", QUOTING, parent="t1_bbb1", **changes))


def imported(study: Study, path: Path, seen: str = SEEN) -> None:
    ran = groundswell("-C", study.root, "collect", "import", path, "--observed-at", seen)
    assert ran.code == 0, ran.err


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """The talk as it was, and as it is now."""
    return {
        "live": save(tmp_path / "live.json", talk()),
        "gone": save(tmp_path / "gone.json", talk(gone=True)),
        "reply": save(tmp_path / "reply.json", saved_thread(submission(num_comments=2), comment("bbb2", QUOTING))),
    }


@pytest.fixture
def told(tmp_path: Path, files: dict[str, Path]) -> Study:
    """A study in which a sentence went everywhere that sentences go."""
    book = CODEBOOK.replace(
        '[ "Such dear bread!" ]', f'\n      - "Such dear bread!"\n      - "For example: {SENTENCE}"'
    )
    study = make_study(tmp_path / "told", codebook=book)
    imported(study, files["live"])
    coded = [coding_line("reddit:t1_bbb1"), coding_line("reddit:t1_bbb2", code="queue", stance=None, start=80, end=100)]
    for command in (
        ["code", "apply"],
        ["import", "codings", save_lines(tmp_path / "codings.jsonl", *coded)],
        ["collect", "note", "--text", f'At lunch I heard this:\n{SENTENCE}. That was "all".'],
        ["report", "build"],
        ["db", "backup"],
        ["export", "posts", "--nl"],
    ):  # fmt: skip
        assert groundswell("-C", study.root, *command).code == 0
    with study.store() as store, store.write() as connection:
        save_memo(connection, "reddit:t3_aaa1", f"Somebody says: {SENTENCE.upper()}!", "a list", SEEN)
        save_leads(connection, [Lead("l1", "answer.md", "line 1", f"One says that {SENTENCE}.")], SEEN)
        bad = Unreadable("line 9", "no id", json.dumps({"body": f"Oh.\n{SENTENCE}"}))
        record_unreadable(connection, [("file 9", bad)], SEEN)
    (study.root / "reports" / "digest.html").write_text(
        f"<p>New: <mark>Our</mark>{SENTENCE.removeprefix('Our').replace(chr(39), '&#39;')}</p>", encoding="utf-8"
    )
    (study.root / "memo.md").write_text("> " + SENTENCE.replace(" ", "\n> "), encoding="utf-8")
    (study.root / "notes").mkdir()
    (study.root / "notes" / "rows.csv").write_text(f'a,"{SENTENCE}"\r\n', encoding="utf-8", newline="")
    copy_database(study.database, study.root / "backups" / "older.db")
    return study


EVERYWHERE = {
    "study.db", "codebook.yaml", "memo.md", "notes/rows.csv", "reports/digest.html", "backups/older.db"
}  # fmt: skip


def test_the_words_stand_everywhere_before(told: Study) -> None:
    held = files_with(told.root, *WORDS)

    assert held >= EVERYWHERE
    assert any(name.endswith("-notes.jsonl") for name in held)


def without_the_note(study: Study) -> None:
    """A private note that tells the same is the teller's own: it would keep the words."""
    with study.store() as store:
        [note] = rows(store, "SELECT address FROM posts WHERE private = 1")
    forget(study, post=note["address"])


def test_after_a_look_at_what_was_deleted_the_words_stand_nowhere(told: Study, files: dict[str, Path]) -> None:
    without_the_note(told)
    imported(told, files["gone"], LATER)

    done = refresh(again(told), Conduct(Stop()))

    assert files_with(told.root, *WORDS) == set()
    assert done.unreachable == {"reddit": 2}
    assert posts(told)["t1_bbb1"]["state"] == "deleted_by_author"
    assert posts(told)["t1_bbb2"]["text"] == f"> {BLANKED}.\n\n{ANSWER}"


def test_an_import_that_sees_a_deletion_takes_the_words_from_the_studys_files_too(
    told: Study, files: dict[str, Path]
) -> None:
    without_the_note(told)

    ran = groundswell("-C", told.root, "collect", "import", files["gone"], "--observed-at", LATER)

    assert files_with(told.root, *WORDS) == set()
    assert f"words blanked in {told.root / 'codebook.yaml'}" in ran.err


@pytest.mark.parametrize("nobody", ["u/", "/u/ ", "@", "reddit:"])
def test_nobody_is_no_author(told: Study, nobody: str) -> None:
    with pytest.raises(GroundswellError, match="it does not say where"):
        forget(told, author=nobody)


@pytest.mark.parametrize(
    "what", [{"author": f"u/{NAME}"}, {"author": f"/u/{NAME.upper()}"}, {"post": "reddit:t1_bbb1"},
             {"post": "https://www.reddit.com/r/invented_bakers/comments/aaa1/bread/bbb1/"}]
)  # fmt: skip
def test_after_somebody_was_forgotten_the_words_and_the_name_stand_nowhere(told: Study, what: dict[str, str]) -> None:
    without_the_note(told)

    taken, _ = forget(again(told), **what)

    assert taken == 1
    assert files_with(told.root, *WORDS, NAME) == set()
    assert posts(told)["t1_bbb1"]["state"] == "purged"
    assert posts(told)["t1_bbb1"]["author"] == "reddit:[deleted]/t3_aaa1"


def test_a_forgotten_note_leaves_no_word(told: Study, files: dict[str, Path]) -> None:
    imported(told, files["gone"], LATER)
    with told.store() as store:
        [note] = rows(store, "SELECT address FROM posts WHERE private = 1")

    taken, changed = forget(again(told), post=note["address"])

    assert taken == 1
    assert files_with(told.root, *WORDS) == set()
    assert [path for path in changed if path.suffix == ".jsonl"] != []


def test_what_a_live_post_says_itself_stays_in_files_and_goes_from_quotations(
    told: Study, files: dict[str, Path]
) -> None:
    imported(told, files["gone"], LATER)

    refresh(again(told), Conduct(Stop()))

    held = files_with(told.root, *WORDS)
    assert {"memo.md", "codebook.yaml", "study.db"} <= held
    assert posts(told)["t1_bbb2"]["text"] == f"> {BLANKED}.\n\n{ANSWER}"


def test_codings_of_the_tombstone_and_of_the_reply_stay_in_their_places(told: Study, files: dict[str, Path]) -> None:
    before = codings(told)
    imported(told, files["gone"], LATER)

    refresh(again(told), Conduct(Stop()))
    forget(again(told), post="reddit:t1_bbb1")

    people = [row for row in codings(told) if row["coder_kind"] == "person"]
    assert people == [row for row in before if row["coder_kind"] == "person"]
    assert {(row["post"], row["start"], row["end"]) for row in people} == {
        ("reddit:t1_bbb1", None, None), ("reddit:t1_bbb2", 80, 100)
    }  # fmt: skip
    with told.store() as store:
        [reply] = rows(store, "SELECT text_unchanged FROM codings_current WHERE code = 'queue' AND start IS NOT NULL")
    assert reply == {"text_unchanged": 1}


def test_the_files_stay_readable_for_what_reads_them(told: Study, files: dict[str, Path]) -> None:
    without_the_note(told)
    imported(told, files["gone"], LATER)
    refresh(again(told), Conduct(Stop()))

    assert "For example: " in (told.root / "codebook.yaml").read_text(encoding="utf-8")
    assert again(told).codebook().codes["dear-bread"].must_match[0] == "Such dear bread!"
    for path in (told.root / "backups").glob("*.jsonl"):
        assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads((told.root / "reports" / "report.json").read_text(encoding="utf-8"))
    assert (told.root / "notes" / "rows.csv").read_bytes() == f'a,"{BLANKED}"\r\n'.encode()
    assert groundswell("-C", told.root, "report", "build").code == 0


def test_a_second_look_changes_no_file(told: Study, files: dict[str, Path]) -> None:
    imported(told, files["gone"], LATER)
    refresh(again(told), Conduct(Stop()))

    assert refresh(again(told), Conduct(Stop())).files == []


def test_files_that_are_no_text_or_not_ours_are_left_as_they_are(told: Study, tmp_path: Path) -> None:
    outside = save(tmp_path / "outside.md", SENTENCE)
    (told.root / "link.md").symlink_to(outside)
    (told.root / "latin.txt").write_bytes(f"é {SENTENCE}".encode("latin-1"))
    (told.root / "picture.png").write_bytes(SENTENCE.encode())

    forget(again(told), author=f"u/{NAME}")

    assert outside.read_text(encoding="utf-8") == SENTENCE
    assert (told.root / "latin.txt").read_bytes() == f"é {SENTENCE}".encode("latin-1")
    assert (told.root / "picture.png").read_bytes() == SENTENCE.encode()


def test_a_file_too_large_to_be_ours_is_left_as_it_is(told: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundswell.compliance._LARGEST_FILE", 10)

    assert forget(again(told), author=f"u/{NAME}")[1] == [told.root / "backups" / "older.db"]


def test_a_copy_that_is_no_database_is_named(told: Study) -> None:
    broken = told.root / "backups" / "broken.db"
    broken.write_bytes(b"no database at all" * 100)

    with pytest.raises(GroundswellError, match=r"broken\.db: deleted words may still stand in this copy"):
        forget(again(told), author=f"u/{NAME}")


def test_a_copy_keeps_a_post_that_came_back_as_it_is_shown(told: Study, files: dict[str, Path], tmp_path: Path) -> None:
    imported(told, files["gone"], LATER)
    back = save(tmp_path / "back.json", saved_thread(submission(), comment("bbb1", "I said nothing.", author=NAME)))
    imported(told, back, "2026-02-20T00:00:00Z")
    without_the_note(told)

    refresh(again(told), Conduct(Stop()))

    assert files_with(told.root, *WORDS) == set()
    assert posts(told)["t1_bbb1"]["text"] == "I said nothing."


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, zstandard.compress])
def test_the_search_for_traces_looks_into_what_is_packed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "packed").write_bytes(pack(SENTENCE.encode()))
    (tmp_path / "clean").write_bytes(pack(b"nothing"))

    assert files_with(tmp_path, *WORDS) == {"packed"}


@pytest.mark.parametrize("order", list(permutations(["live", "gone", "reply"])))
def test_whatever_comes_first_the_posts_are_the_same(
    tmp_path: Path, files: dict[str, Path], order: tuple[str, ...]
) -> None:
    seen = {"live": SEEN, "gone": LATER, "reply": LATER}
    study, expected = make_study(tmp_path / "one"), make_study(tmp_path / "two")
    for name in ("live", "gone", "reply"):
        imported(expected, files[name], seen[name])

    for name in order:
        imported(study, files[name], seen[name])

    assert posts(study) == posts(expected)
    assert files_with(study.root, *WORDS) == set()


def test_what_was_forgotten_comes_back_from_no_file_and_from_no_site(
    told: Study, files: dict[str, Path], tmp_path: Path, world: World, site: FakeServer
) -> None:
    without_the_note(told)
    forget(again(told), author=f"u/{NAME}")
    world.make_thread("aaa1", 0, troubled=False)
    world.add_comment("aaa1", f"{SENTENCE}.", author=NAME, comment_id="bbb1")
    world.add_comment("aaa1", f"{SENTENCE}, I said.", author=NAME, comment_id="bbb9")
    lines = save_lines(
        tmp_path / "later.jsonl",
        {"id": "bbb1", "body": SENTENCE, "author": NAME, "link_id": "t3_aaa1", "parent_id": "t3_aaa1",
         "subreddit": "invented_bakers", "created_utc": 1_767_600_100, "retrieved_on": 1_900_000_000},
    )  # fmt: skip
    world.advance(hours=40)

    imported(told, files["live"], "2027-01-01T00:00:00Z")
    assert groundswell("-C", told.root, "collect", "import", lines).code == 0
    collected = groundswell("-C", told.root, "collect", "url", "https://www.reddit.com/r/x/comments/aaa1/y/")

    assert (collected.code, site.count() > 0) == (0, True)
    assert files_with(told.root, *WORDS, NAME) == set()
    assert {native: row["state"] for native, row in posts(told).items()} == {
        "t3_aaa1": "live", "t1_bbb1": "purged", "t1_bbb2": "live", "t1_bbb9": "purged"
    }  # fmt: skip


@pytest.mark.parametrize("order", [("live", "gone"), ("gone", "live"), ("reply", "live"), ("live", "live")])
def test_somebody_unknown_is_forgotten_for_the_future(
    study: Study, files: dict[str, Path], order: tuple[str, str]
) -> None:
    taken, _ = forget(study, author=f"u/{NAME}")

    for name in order:
        imported(study, files[name])

    assert taken == 0
    assert files_with(study.root, *WORDS, NAME) == set()
    assert posts(study)["t1_bbb1"]["text"] is None


def test_forgetting_twice_is_harmless(told: Study) -> None:
    first = forget(again(told), author=f"u/{NAME}")
    before = posts(told)

    second = forget(again(told), author=f"u/{NAME}")
    third = forget(again(told), post="reddit:t1_bbb1")

    assert (first[0], second, third) == (1, (0, []), (1, []))
    assert posts(told) == before


def test_a_pseudonym_may_be_forgotten_as_exports_show_it(told: Study) -> None:
    pseudonym = posts(told)["t1_bbb1"]["author"]

    assert forget(again(told), author=pseudonym)[0] == 1


def test_nothing_is_left_of_a_forgotten_account_but_the_place_of_its_posts(told: Study) -> None:
    pseudonym = posts(told)["t1_bbb1"]["author"].partition(":")[2]
    without_the_note(told)

    forget(again(told), author=f"u/{NAME}")

    assert files_with(told.root, pseudonym) == set()
    with told.store() as store:
        assert rows(store, "SELECT * FROM scores WHERE post = (SELECT id FROM posts WHERE native_id = 't1_bbb1')") == []


@pytest.mark.parametrize(
    ("written", "address"),
    [("u/Mira_K", "reddit"), ("/u/mira_k", "reddit"), ("reddit:u/mira_k", "reddit"), (" @mira_k ", "x"), ("hn:mira_k", "hn"),
     ("x:@Mira_K", "x"), ("csv:Mira_K", "csv")],
)  # fmt: skip
def test_an_author_is_meant_by_its_name_on_a_site(study: Study, written: str, address: str) -> None:
    with study.store() as store:
        expected = f"{address}:{study.pseudonyms(store).of(address, 'mira_k')}"

        assert author_address(study, store, written) == expected


@pytest.mark.parametrize("written", ["mira_k", "", "shop:mira", "hn:", "hn:@", "https://www.reddit.com/user/mira_k"])
def test_an_author_without_a_site_is_refused(study: Study, written: str) -> None:
    with pytest.raises(GroundswellError, match="it does not say where") as refused:
        forget(study, author=written)

    assert "u/name" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("reddit:t1_abc", "reddit:t1_abc"),
        ("note:0a", "note:0a"),
        ("https://www.reddit.com/r/x/comments/abc/words/def/", "reddit:t1_def"),
        ("https://redd.it/abc", "reddit:t3_abc"),
        ("https://news.ycombinator.com/item?id=12", "hn:12"),
        ("https://x.com/i/status/99", "x:99"),
    ],
)
def test_a_post_is_meant_by_its_address_or_a_link(written: str, address: str) -> None:
    assert post_address(written) == address


@pytest.mark.parametrize(
    "written",
    ["", "abc", "https://www.reddit.com/r/learnml/", "https://www.reddit.com/r/learnml/s/AbC123", "ftp://a/b"],
)
def test_what_names_no_post_is_refused(written: str) -> None:
    with pytest.raises(GroundswellError) as refused:
        post_address(written)

    assert "a link to the post" in str(refused.value.hint)


def purged_after(study: Study, days: int) -> Study:
    path = study.root / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + f"\nretention_days: {days}\n", encoding="utf-8")
    return again(study)


@pytest.fixture
def kept(tmp_path: Path) -> Study:
    return make_study(tmp_path / "kept", study="version: 1\ntitle: Bread\n")


def test_retention_purges_only_what_no_look_confirmed_for_so_long(kept: Study, tmp_path: Path) -> None:
    imported(kept, save(tmp_path / "old.json", bread_thread()), "2026-02-01T00:00:00Z")
    recent = saved_thread(submission("ccc1", text="Cheap bread."))
    imported(kept, save(tmp_path / "new.json", recent), "2199-01-01T00:00:00Z")
    assert groundswell("-C", kept.root, "collect", "note", "--text", "They told me at lunch.").code == 0
    before = refresh(kept, Conduct(Stop()))

    done = refresh(purged_after(kept, 30), Conduct(Stop()))

    assert (before.retired, done.retired) == (0, 3)
    assert {native: row["state"] for native, row in posts(kept).items()} == {
        "t3_aaa1": "purged", "t1_bbb1": "purged", "t1_bbb2": "purged", "t3_ccc1": "live"
    }  # fmt: skip
    with kept.store() as store:
        assert rows(store, "SELECT text FROM posts WHERE private = 1") == [{"text": "They told me at lunch."}]
    assert "3 posts lost their text" in " ".join(refreshed_lines(done))
    assert refresh(again(kept), Conduct(Stop())).retired == 0


def test_a_later_look_brings_back_what_retention_purged_and_never_what_was_forgotten(
    kept: Study, tmp_path: Path
) -> None:
    path = save(tmp_path / "old.json", bread_thread())
    imported(kept, path, SEEN)
    refresh(purged_after(kept, 30), Conduct(Stop()))
    forget(again(kept), post="reddit:t1_bbb1")

    imported(kept, path, LATER)
    too_old = posts(kept)["t1_bbb2"]["text"]
    imported(kept, path, "2199-01-01T00:00:00Z")

    assert too_old is None
    assert posts(kept)["t1_bbb2"]["text"] == "Nice weather."
    assert posts(kept)["t1_bbb1"]["text"] is None


def stand(study: Study) -> dict[str, Any]:
    with study.store() as store:
        return standing(study, store)


def test_exports_and_reports_that_are_older_than_a_loss_are_listed(told: Study, files: dict[str, Path]) -> None:
    before = stand(told)["stale"]
    imported(told, files["gone"], LATER)

    stale = stand(told)["stale"]

    assert before == []
    assert {(row["kind"], row["lost"]) for row in stale} == {("export posts", 1), ("report", 1)}
    lines = "\n".join(status_lines(study_status(again(told))))
    assert "export posts of 20" in lines
    assert "is older than the loss of one text: make it anew" in lines


def test_without_a_key_it_is_told_how_many_posts_of_each_site_cannot_be_looked_at(told: Study) -> None:
    done = refresh(again(told), Conduct(Stop()))

    assert refreshed_lines(done) == ["reddit: 3 posts due for a look cannot be looked at"]
    assert (stand(told)["due"], stand(told)["unreachable"]) == ({"reddit": 3}, {"reddit": 3})
    assert "3 of them cannot be looked at again here" in "\n".join(status_lines(study_status(again(told))))


@pytest.fixture
def watched(study: Study, world: World, site: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study with a thread that an archive saw, and now the key with which Reddit itself can be asked."""
    world.make_thread("aaa111", 12, troubled=False)
    world.add_comment("aaa111", f"{SENTENCE}.", author=NAME, comment_id="bbb1", at=world.now - 900_000)
    world.add_comment("aaa111", QUOTING, parent="bbb1", comment_id="bbb2", at=world.now - 800_000)
    ran = groundswell("-C", study.root, "collect", "url", "https://www.reddit.com/r/x/comments/aaa111/y/")
    assert (ran.code, site.count() > 0) == (0, True)
    monkeypatch.setenv("REDDIT_CLIENT_ID", "id")
    monkeypatch.setenv("REDDIT_CLIENT_SECRET", "secret")
    return again(study)


def test_with_a_key_deletions_become_tombstones_and_edits_become_revisions(watched: Study, world: World) -> None:
    others = [native for native in world.threads["aaa111"].comments if not native.startswith("bbb")]
    removed, edited, silent = others[:3]
    world.delete("t1_bbb1")
    world.remove(f"t1_{removed}")
    world.edit(f"t1_{edited}", "I changed my mind.")
    world.find(f"t1_{silent}").change(world.now, text="I changed it at once.")
    before = posts(watched)

    done = refresh(watched, Conduct(Stop()))

    after = posts(watched)
    assert done.outcomes["reddit"].state == "done"
    assert (after["t1_bbb1"]["state"], after[f"t1_{removed}"]["state"]) == ("deleted_by_author", "removed")
    for native, text in ((edited, "I changed my mind."), (silent, "I changed it at once.")):
        assert (after[f"t1_{native}"]["text"], after[f"t1_{native}"]["revisions"]) == (text, 1)
    assert after["t1_bbb2"]["text"] == f"> {BLANKED}.\n\n{ANSWER}"
    assert files_with(watched.root, *WORDS) == set()
    unchanged = set(before) - {"t1_bbb1", "t1_bbb2", *(f"t1_{native}" for native in (removed, edited, silent))}
    assert all(after[native]["text"] == before[native]["text"] for native in unchanged)
    assert stand(watched)["due"] == {}


def test_posts_that_were_looked_at_are_not_looked_at_again_at_once(watched: Study, site: FakeServer) -> None:
    refresh(watched, Conduct(Stop()))
    asked = site.count()

    done = refresh(again(watched), Conduct(Stop()))

    assert (done.outcomes, site.count()) == ({}, asked)


def test_a_post_that_does_not_come_twice_is_called_vanished(watched: Study, world: World) -> None:
    world.vanish("t1_bbb1")
    refresh(watched, Conduct(Stop()))
    once = posts(watched)["t1_bbb1"]["state"]
    refresh(again(watched), Conduct(Stop()))
    soon = posts(watched)["t1_bbb1"]["state"]
    with watched.store() as store, store.write() as connection:
        connection.execute("UPDATE observations SET missed_at = '2026-01-01T00:00:00Z' WHERE missed_at IS NOT NULL")

    refresh(again(watched), Conduct(Stop()))

    assert (once, soon, posts(watched)["t1_bbb1"]["state"]) == ("live", "live", "vanished")
    assert files_with(watched.root, *WORDS) == set()


def test_a_signal_before_a_look_leaves_the_posts_due(watched: Study, site: FakeServer) -> None:
    stop = Stop()
    stop.ask(2, None)
    asked = site.count()

    done = refresh(watched, Conduct(stop))

    assert (done.outcomes, site.count() - asked) == ({}, 0)
    assert stand(watched)["due"] == {"reddit": 15}


def test_a_site_that_refuses_leaves_the_posts_due(watched: Study, site: FakeServer) -> None:
    site.fail("429-retry-after", path="/api/info", times=None, retry_after=500)

    done = refresh(watched, Conduct(Stop()))

    assert done.outcomes["reddit"].state == "refused"
    assert stand(watched)["due"] == {"reddit": 15}


def test_x_is_asked_only_where_somebody_says_what_it_may_cost(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = {
        "address": "x:1", "platform": "x", "native_id": "1", "thread": "x:1", "parent": None, "author": "mira",
        "kind": "post", "created_at": SEEN, "edited_at": None, "title": None, "text": "Dear bread.", "url": None,
        "score": None, "state": "live", "observed_at": SEEN,
    }  # fmt: skip
    assert groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "x.jsonl", line)).code == 0
    monkeypatch.setenv("X_BEARER_TOKEN", "a token")

    done = refresh(again(study), Conduct(Stop()))

    assert (done.unreachable, done.outcomes) == ({"x": 1}, {})


def test_nothing_is_searched_while_nothing_is_lost(study: Study) -> None:
    with study.store() as store:
        assert scrub_files(study, store, study.key(store)) == []
