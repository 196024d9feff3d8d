"""Coders elsewhere: what a packet holds and what it does not, and what of its return comes in."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from fakes.bench import add_posts, bench, delete_post, filled, mount, posts
from fakes.packets import MORNING, code_packet, codings_of, edited, opened, returned, take_back, texts
from fakes.study import CODEBOOK, OTHER_KEY, groundswell, make_study, post_line, save_lines

from coding.codebook import codebook_revision
from db.errors import ConfigurationError, GroundswellError
from db.queries import leads, losing, packets, samples
from db.queries.codings import save_revision
from groundswell.agreeing import (
    adjudicate,
    agreement,
    bring_in_sheet,
    close_round,
    list_rounds,
    sheet,
    start_round,
)
from groundswell.codebooks import add, retire
from groundswell.coding_work import apply, bring_in_codings
from groundswell.editing import change_code
from groundswell.history import undo
from groundswell.notes import Note, add_note
from groundswell.sampling import draw_sample
from groundswell.sharing import BroughtBack, bring_in_return, give_back, holds_return, list_packets, packet_of, share
from groundswell.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from coding.packets import Packet

EVENING = "2026-03-02T18:00:00Z"


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    """Sixty posts, forty of them of a round in which ana and ben each read some, and ana has coded."""
    study = bench(tmp_path, many=40)
    draw_sample(study, "reliability", size=1000, name="sample")
    add_posts(study, 40, 60)
    start_round(study, "sample", coders=["ana", "ben"], name="r", double_share=0.3)
    bring_in_sheet(study, filled(study, "r", "ana"))
    return study


def _out(study: Study, name: str = "ben.zip", coder: str = "ben", **wanted: Any) -> Path:
    return share(study, coder, **({"round_name": "r"} | wanted), out=study.root.parent / name).path


def _packet(study: Study) -> Packet:
    found = packet_of(study)
    assert found is not None
    return found


def _everything(folder: Path) -> str:
    """All that stands in a packet, in files and in the rows of its database."""
    kept = [path.read_bytes().decode("latin-1") for path in folder.iterdir()]
    connection = sqlite3.connect(folder / "study.db")
    kept += list(connection.iterdump())
    connection.close()
    return "\n".join(kept)


def _rows(study: Study, query: str) -> list[tuple[Any, ...]]:
    with study.store() as store:
        return [tuple(row) for row in store.connection.execute(query)]


def _events(study: Study) -> list[tuple[Any, ...]]:
    return _rows(
        study, "SELECT uid, round, blind, undone_by IS NULL FROM coding_events WHERE code IS NOT NULL ORDER BY id"
    )


# What goes out


def test_a_packet_is_a_study_with_what_its_coder_has_still_to_read(town: Study) -> None:
    wanted = [line["post"] for line in sheet(town, "r", "ben")]

    home = opened(_out(town))

    packet = _packet(home)
    assert (packet.coder, packet.sample, packet.round, packet.blind) == ("ben", "sample", "r", True)
    assert list(packet.posts) == wanted
    assert (home.file.title, home.file.coders, home.file.machine) == (town.file.title, ("ben",), "none")
    assert [(one.round.id, one.coder, one.posts, one.left) for one in list_rounds(home)] == [
        ("r", "ben", len(wanted), len(wanted))
    ]
    assert [line["post"] for line in sheet(home, "r", "ben")] == wanted
    assert packet_of(town) is None


def test_the_codebook_of_a_packet_is_the_frozen_one(town: Study) -> None:
    revision = codebook_revision(town.codebook())
    town.codebook_path.write_text(CODEBOOK.replace("A queue", "A line"), encoding="utf-8")
    town.codebook_path.write_text(CODEBOOK.replace("mentions a queue", "mentions a line"), encoding="utf-8")

    home = opened(_out(town))

    assert codebook_revision(home.codebook()) == _packet(home).codebook_revision == revision
    assert codebook_revision(town.codebook()) != revision


def test_posts_come_with_what_they_answer_and_with_their_first_replies(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study")
    chain = [
        post_line("root"),
        *(_reply(f"c{number}", "root" if number == 0 else f"c{number - 1}") for number in range(4)),
    ]
    replies = [_reply(f"r{number}", "c3", created_at=f"2026-01-04T10:0{number}:00Z") for number in range(7)]
    lost = [_reply("orphan", "never-seen")]
    aside = [_reply("aside", "root"), post_line("other")]
    lines = save_lines(tmp_path / "posts.jsonl", *chain, *replies, *lost, *aside)
    groundswell("-C", study.root, "collect", "import", lines)
    _sample_of(study, "c3", "orphan")

    home = opened(share(study, "ben", sample="chosen", out=tmp_path / "ben.zip").path)

    assert list(_packet(home).posts) == ["example:c3", "example:orphan"]
    assert set(texts(home)) == {
        f"example:{name}" for name in ("root", "c0", "c1", "c2", "c3", "r0", "r1", "r2", "r3", "r4", "orphan")
    }


def _reply(native_id: str, parent: str, **changes: Any) -> dict[str, Any]:
    return post_line(
        native_id, thread="example:root", parent=f"example:{parent}", title=None,
        text=f"Words of {native_id}.", **({"created_at": "2026-01-03T11:00:00Z"} | changes),
    )  # fmt: skip


def _sample_of(study: Study, *names: str) -> None:
    """A sample of these posts."""
    draw_sample(study, "main", unit="post", size=1000, name="chosen")
    with study.store() as store, store.write() as connection:
        connection.execute("DELETE FROM sample_units")
        units = [samples.Unit(f"example:{name}", place, 1, None, MORNING) for place, name in enumerate(names, start=1)]
        samples.add_units(connection, "chosen", units)


def test_the_codebook_of_a_packet_cannot_be_changed(town: Study) -> None:
    there = opened(_out(town))
    code = next(iter(there.codebook().codes))

    for change in (
        lambda: add(there, "an idea"),
        lambda: retire(there, code),
        lambda: change_code(there, code, {}, ""),
    ):
        with pytest.raises(ConfigurationError, match="a packet is coded by the codebook that came with it"):
            change()


def test_a_packet_tells_nothing_of_other_coders_machines_and_authors(town: Study) -> None:
    address = "example:p0000"
    add_note(town, Note("A private account of dear bread."))
    with town.store() as store, store.write() as connection:
        leads.save_memo(connection, address, "A memo of ana's.", "ana", MORNING)
        pseudonyms = [row["address"] for row in connection.execute("SELECT address FROM authors")]
        seed = json.loads(samples.sample(connection, "sample").design)["seed"]  # type: ignore[union-attr]
    secret = (town.root / ".env").read_text(encoding="utf-8").strip().partition("=")[2]

    home = opened(_out(town))

    told = _everything(home.root)
    for word in ("ana", "A memo of", "private account", secret, seed, "hit", "invented", *pseudonyms):
        assert word not in told.replace("banana", "").replace("explanation", ""), word
    for table in (
        "coding_events",
        "coders",
        "authors",
        "communities",
        "memos",
        "runs",
        "exports",
        "models",
        "revisions",
    ):
        assert _rows(home, f"SELECT * FROM {table}") == [], table
    assert _rows(home, "SELECT DISTINCT author, url, score, observed_at, private FROM posts") == [
        (None, None, None, None, 0)
    ]
    assert _rows(home, "SELECT DISTINCT probability, stratum FROM sample_units") == [(1.0, None)]


def test_a_person_named_in_a_text_stands_for_nobody_there_and_excerpts_stay_in_place(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study")
    text = "As u/mira_k says, dear bread."
    data = post_line("root", platform="reddit", address="reddit:root", thread="reddit:root", text=text)
    groundswell("-C", study.root, "collect", "import", save_lines(tmp_path / "posts.jsonl", data))
    draw_sample(study, "main", name="s")

    home = opened(share(study, "ben", sample="s", out=tmp_path / "ben.zip").path)

    [(address, here)], [(_, there)] = texts(study).items(), texts(home).items()
    assert address == "reddit:root"
    assert here.startswith("As u/~")
    assert there == "As u/~············ says, dear bread."
    assert len(here) == len(there)


@pytest.mark.parametrize(("blind", "score"), [(True, None), (False, 3)])
def test_scores_are_shown_unless_the_round_is_blind(town: Study, blind: bool, score: int | None) -> None:
    draw_sample(town, "main", size=1000, name="main")
    start_round(town, "main", coders=["ben"], name="open", blind=blind)

    home = opened(_out(town, round_name="open"))

    assert _packet(home).blind is blind
    assert _rows(home, "SELECT DISTINCT score FROM posts") == [(score,)]


def test_the_same_study_gives_the_same_bytes(town: Study) -> None:
    first = _out(town).read_bytes()

    assert _out(town, "again.zip").read_bytes() == first
    assert _out(town, "other.zip", round_name=None, sample="sample").read_bytes() == first


def test_a_packet_that_went_out_is_recorded_and_goes_stale_with_a_deletion(town: Study) -> None:
    made = share(town, "ben", round_name="r", out=town.root.parent / "ben.zip")

    [row] = list_packets(town)
    assert (row.id, row.coder, row.sample, row.round, row.posts, row.returned_at) == (
        made.packet.id, "ben", "sample", "r", len(made.packet.posts), None,
    )  # fmt: skip
    delete_post(town, next(iter(made.packet.posts)))
    with town.store() as store:
        stale = {one["kind"]: one["lost"] for one in losing.stale_exports(store.connection)}
    assert stale[f"packet {made.packet.id} for ben"] == 1


def test_a_packet_that_could_not_be_written_is_recorded_before_and_leaves_no_half_file(
    town: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a kill does it: nothing handles it."""

    def _kill(*_given: Any) -> None:
        raise Killed

    monkeypatch.setattr("pathlib.Path.replace", _kill)
    with pytest.raises(Killed):
        share(town, "ben", round_name="r", out=tmp_path / "ben.zip")
    monkeypatch.undo()

    assert not (tmp_path / "ben.zip").exists()
    assert len(list_packets(town)) == 1
    assert opened(_out(town)).file.coders == ("ben",)
    assert len(list_packets(town)) == 1


def test_the_file_is_named_after_round_and_coder(town: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(town.root.parent)
    start_round(town, "sample", coders=["../Ben B."], name="second")

    assert share(town, "ben", round_name="r").path.name == "r-ben.zip"
    assert share(town, "../Ben B.", round_name="second").path.name == "second-..-Ben-B.zip"
    assert (town.root.parent / "second-..-Ben-B.zip").exists()


def test_outside_of_rounds_the_whole_sample_is_read_with_the_codebook_of_today(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="main")

    packet = share(town, "ben", sample="main", out=town.root.parent / "ben.zip").packet

    assert (packet.round, packet.blind) == (None, True)
    assert packet.codes == town.codebook().asked
    assert packet.codebook_revision == codebook_revision(town.codebook())
    assert len(packet.posts) == 60


def test_of_drawn_authors_the_posts_come_singly(tmp_path: Path) -> None:
    study = bench(tmp_path, many=60, authors=12)
    draw_sample(study, "audit", name="authors", codes=["dear-bread"], size=100)
    start_round(study, "authors", coders=["ben"], name="r")

    home = opened(_out(study))

    assert len(_packet(home).posts) == 60
    assert _rows(home, "SELECT purpose, unit FROM samples") == [("audit", "post")]
    assert [one.left for one in list_rounds(home)] == [60]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "a packet needs a sample or a round"),
        ({"sample": "other"}, "there is no sample 'other'"),
        ({"round_name": "other"}, "there is no round 'other'"),
        ({"round_name": "r", "sample": "other"}, "the round r is of the sample sample, not of other"),
        ({"round_name": "r", "coder": "eve"}, "eve does not code in the round r"),
        ({"sample": "sample", "coder": "eve"}, "eve codes in no open round of sample"),
        ({"round_name": "r", "coder": "ana"}, "nothing is left for ana to read there"),
        ({"sample": "twice"}, "ben codes twice in 2 open rounds"),
    ],
)
def test_a_packet_that_cannot_be_is_refused_and_nothing_is_recorded(
    town: Study, wanted: dict[str, Any], message: str
) -> None:
    draw_sample(town, "main", size=1000, name="twice")
    for name in ("s", "t"):
        start_round(town, "twice", coders=["ben"], name=name)

    with pytest.raises(GroundswellError) as caught:
        share(town, **({"coder": "ben"} | wanted), out=town.root.parent / "no.zip")

    assert caught.value.message == message
    assert not (town.root.parent / "no.zip").exists()
    assert list_packets(town) == []


def test_nothing_goes_out_of_a_closed_round(town: Study) -> None:
    close_round(town, "r")

    with pytest.raises(GroundswellError, match="the round r was closed at"):
        _out(town)


# There


def test_a_packet_needs_no_key_and_nothing_is_collected_or_coded_by_machine_in_it(
    town: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROUNDSWELL_KEY", raising=False)
    home = opened(_out(town))

    lines = save_lines(tmp_path / "more.jsonl", post_line("more"))
    with home.store() as store:
        assert len(home.key(store)) == 32
    ran = groundswell("-C", home.root, "collect", "import", lines)
    assert (ran.code, ran.err.splitlines()[0]) == (
        3, f"error: {home.root}: a packet to be coded; nothing is collected into it",
    )  # fmt: skip
    with pytest.raises(ConfigurationError, match="machine: none"):
        apply(home)
    with pytest.raises(GroundswellError, match="this is a packet itself"):
        _out(home)
    for command in ("status", "doctor"):
        assert groundswell("-C", home.root, command).code == 0
    assert groundswell("-C", home.root, "db", "check").code == 0
    assert groundswell("-C", home.root, "find", "bread").code == 0


def test_a_damaged_packet_says_so(town: Study) -> None:
    home = opened(_out(town))
    home.packet_path.write_text("{", encoding="utf-8")

    with pytest.raises(GroundswellError, match=r"packet\.json: no packet"):
        packet_of(home)


def test_only_from_a_packet_in_which_something_was_coded_something_is_sent_back(town: Study) -> None:
    home = opened(_out(town))

    with pytest.raises(GroundswellError, match="nothing was coded here yet"):
        give_back(home)
    with pytest.raises(GroundswellError, match="no packet; only what is coded in one is sent back"):
        give_back(town)

    assert not list(home.root.glob("*.jsonl"))


def test_what_is_sent_back_is_one_file_with_the_coders_own_work(town: Study) -> None:
    home = opened(_out(town))
    some = list(_packet(home).posts)[:3]
    many = code_packet(home, some)
    code_packet(home, some, coder="guest")
    with home.store() as store, store.write() as connection:
        leads.save_memo(connection, some[0], "Irony?", "ben", MORNING)

    done = give_back(home)

    assert (done.path, done.read, done.codings, done.memos) == (home.root / "return-ben.jsonl", 3, many, 1)
    assert done.path.stat().st_mode & 0o077 == 0
    assert "guest" not in done.path.read_text(encoding="utf-8")
    assert done.problems == ()
    assert done.path.read_bytes() == give_back(home).path.read_bytes()
    assert holds_return(done.path)


def test_what_will_be_refused_is_told_before_it_is_sent(town: Study) -> None:
    home = opened(_out(town))
    code_packet(home)
    with home.store() as store, store.write() as connection:
        save_revision(connection, "beef", "{}", MORNING)
        connection.execute("UPDATE coding_events SET codebook_revision = 'beef' WHERE id = 1")
    [first] = [row for row in codings_of(home, "ben") if row["version"] == "beef"]

    done = give_back(home)

    wanted = _packet(home).codebook_revision
    why = f"coded by revision beef of the codebook, the packet is of {wanted}"
    assert done.problems == (f"{first['post']} {first['code']}: {why}",)
    [refused] = bring_in_return(town, done.path).problems
    assert refused.endswith(done.problems[0])


# What comes back


@pytest.fixture
def home(town: Study) -> Study:
    """A packet in which ben has coded everything."""
    study = opened(_out(town))
    code_packet(study)
    return study


def test_what_comes_back_is_merged_once_and_counts_in_its_round(town: Study, home: Study) -> None:
    path = returned(home)

    first = bring_in_codings(town, path)
    before = _events(town)
    second = bring_in_codings(town, path)

    assert isinstance(first, BroughtBack)
    assert (first.read, first.new, first.problems) == (len(codings_of(home, "ben")),) * 2 + ([],)
    assert (second.read, second.new, second.problems) == (first.read, 0, [])
    assert _events(town) == before
    assert codings_of(town, "ben") == codings_of(home, "ben")
    assert {(row["round"], row["blind"]) for row in codings_of(town, "ben")} == {("r", True)}
    assert {one.coder: one.left for one in list_rounds(town)} == {"ana": 0, "ben": 0}
    found = agreement(town, "r")
    assert found.left_out == {}
    assert {one.agreement.percent.value for one in found.codes} == {1.0}
    [row] = list_packets(town)
    assert row.returned_at is not None
    with pytest.raises(GroundswellError, match="nothing is left for ben"):
        _out(town)


def test_a_packet_may_come_back_in_parts_with_changes_of_mind(town: Study) -> None:
    home = opened(_out(town))
    first, *rest = _packet(home).posts
    code_packet(home, [first], answer=lambda _text: {"queue": "present", "*": "absent"})
    bring_in_return(town, returned(home))
    code_packet(home, rest)
    code_packet(home, [first], answer=lambda _text: {"queue": "absent"}, at=EVENING)

    done = bring_in_return(town, returned(home))

    assert done.problems == []
    assert codings_of(town, "ben") == codings_of(home, "ben")
    assert {one.coder: one.left for one in list_rounds(town)}["ben"] == 0


def test_what_its_coder_took_back_since_is_taken_back_here(town: Study, home: Study) -> None:
    bring_in_return(town, returned(home))
    post = next(iter(_packet(home).posts))
    take_back(home, post)

    path = returned(home)
    done, again = bring_in_return(town, path), bring_in_return(town, path)

    assert done.taken_back > 0
    assert (done.new, done.problems, again.taken_back) == (0, [], 0)
    assert post not in {row["post"] for row in codings_of(town, "ben")}
    assert codings_of(town, "ben") == codings_of(home, "ben")


def test_nobody_elses_codings_are_taken_back_by_a_file(town: Study, home: Study) -> None:
    uids = [uid for uid, *_ in _rows(town, "SELECT e.uid FROM coding_events e JOIN coders r ON r.id = e.coder"
                                           " WHERE r.name = 'ana'")]  # fmt: skip
    path = returned(home)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"taken_back": uid}) + "\n" for uid in uids)

    done = bring_in_return(town, path)

    assert (done.taken_back, len(codings_of(town, "ana"))) == (0, len(uids))


def test_what_was_taken_back_here_stays_so_and_is_named(town: Study, home: Study) -> None:
    path = returned(home)
    many = bring_in_return(town, path).new
    undo(town)

    done = bring_in_return(town, path)

    assert (done.new, len(done.problems)) == (0, many)
    assert done.problems[0].endswith("taken back here since, and left so")
    assert codings_of(town, "ben") == []
    undo(town, history_id(town))
    assert bring_in_return(town, path).problems == []


def history_id(study: Study) -> str:
    """The id of the last undoing."""
    return str(_rows(study, "SELECT batch FROM coding_events WHERE batch LIKE 'undo-%' ORDER BY id DESC LIMIT 1")[0][0])


def test_deleted_and_changed_texts_are_refused_by_name_and_all_else_is_kept(town: Study, home: Study) -> None:
    gone, changed, *_ = _packet(home).posts
    delete_post(town, gone)
    _change(town, changed)

    done = bring_in_return(town, returned(home))

    refused = [row for row in codings_of(home, "ben") if row["post"] in (gone, changed)]
    assert len(done.problems) == len(refused)
    assert sum(f"the text of {gone} is gone; there is nothing to code" in one for one in done.problems) > 0
    assert sum(f"{changed} *: its text has changed since the packet went out" in one for one in done.problems) == 1
    kept = [row for row in codings_of(home, "ben") if row["post"] not in (gone, changed)]
    assert codings_of(town, "ben") == kept
    assert list_packets(town)[0].returned_at is not None


def _change(study: Study, address: str) -> None:
    number = int(address.rpartition("p")[2])
    [line] = posts(number, number + 1)
    lines = save_lines(
        study.root.parent / "changed.jsonl", line | {"text": "Other words.", "observed_at": "2026-03-01T00:00:00Z"}
    )
    assert groundswell("-C", study.root, "collect", "import", lines).code == 0


def test_a_post_that_was_forgotten_meanwhile_is_refused_by_name(town: Study, home: Study) -> None:
    post = next(iter(_packet(home).posts))
    assert groundswell("-C", town.root, "collect", "forget", "--post", post, "--yes").code == 0

    done = bring_in_return(town, returned(home))

    assert done.problems
    assert all(post in problem for problem in done.problems)


def test_memos_come_in_once_under_their_coders_name_and_without_words_that_were_deleted(town: Study) -> None:
    long = "Nobody in our whole street can pay for a loaf of rye any longer"
    lines = save_lines(town.root.parent / "long.jsonl", next(posts(60, 61)) | {"text": long})
    groundswell("-C", town.root, "collect", "import", lines)
    draw_sample(town, "reliability", name="sample", top_up=True)
    home = opened(_out(town))
    code_packet(home)
    with home.store() as store, store.write() as connection:
        leads.save_memo(connection, "example:p0060", f"She says: {long}.", "ben", MORNING)
        leads.save_memo(connection, "queue", "Is a line a queue?", "ben", MORNING)
    delete_post(town, "example:p0060")

    done, again = (bring_in_return(town, returned(home)) for _ in range(2))

    assert (done.memos, again.memos) == (2, 0)
    memos = dict(_rows(town, "SELECT about, text FROM memos WHERE origin = 'coder ben'"))
    assert memos["queue"] == "Is a line a queue?"
    assert "loaf of rye" not in memos["example:p0060"]


def test_another_codebook_another_round_and_other_posts_are_refused_by_name(town: Study, home: Study) -> None:
    path = returned(home)
    edited(path, lambda line: line.update(version="beefbeefbeef"), only=0)
    edited(path, lambda line: line.update(round="other"), only=1)
    edited(path, lambda line: line.update(post="example:p0059"), only=2)
    edited(path, lambda line: line.update(text_sha="0" * 32), only=3)

    done = bring_in_return(town, path)

    assert [problem.partition(": line ")[2].partition(":")[0] for problem in done.problems] == ["2", "3", "4", "5"]
    assert done.new == len(codings_of(home, "ben")) - 4
    assert done.read == len(codings_of(home, "ben"))


def test_a_coding_that_was_not_blind_does_not_become_so(town: Study, home: Study) -> None:
    path = edited(returned(home), lambda line: line.update(blind=False), only=0)

    bring_in_return(town, path)

    assert [row["blind"] for row in codings_of(town, "ben")].count(False) == 1
    assert agreement(town, "r").left_out == {"not blind": 1}


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("coding", {"coder": "ana"}, "the packet is ben's, but a coding in it is by 'ana' (person); nothing of it"),
        ("coding", {"coder_kind": "model"}, "the packet is ben's, but a coding in it is by 'ben' (model); nothing"),
        ("packet", {"coder": "ana"}, "something in it was changed since it went out; nothing of it was stored"),
        ("packet", {"blind": False}, "something in it was changed since it went out; nothing of it was stored"),
        ("packet", {"id": "0" * 16}, "packet 0000000000000000: this study did not make it; nothing of it was stored"),
        ("packet", {"posts": []}, "no packet that came back: Expected `object`, got `array`"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused_as_a_whole(
    town: Study, home: Study, kind: str, change: dict[str, Any], message: str
) -> None:
    before = _events(town)
    path = edited(returned(home), lambda line: line.update(change), kind, only=0)

    with pytest.raises(GroundswellError) as caught:
        bring_in_return(town, path)

    assert message in caught.value.message
    assert _events(town) == before
    assert list_packets(town)[0].returned_at is None


def test_the_packet_of_another_study_is_refused(home: Study, tmp_path: Path) -> None:
    other = make_study(tmp_path / "other", key=OTHER_KEY)

    with pytest.raises(GroundswellError, match="this study did not make it; nothing of it was stored"):
        bring_in_return(other, returned(home))
    with pytest.raises(GroundswellError, match="this study did not make it"):
        bring_in_return(home, returned(home))


def test_the_own_packet_is_known_after_its_record_was_lost_but_not_without_its_round(
    town: Study, home: Study, tmp_path: Path
) -> None:
    path = returned(home)
    with town.store() as store, store.write() as connection:
        connection.execute("DELETE FROM packets")
    assert bring_in_return(town, path).problems == []

    empty = make_study(tmp_path / "empty")
    with pytest.raises(GroundswellError, match="its round or its codebook is not in this study"):
        bring_in_return(empty, path)


def test_a_file_that_was_cut_off_says_so_and_gives_what_is_whole(town: Study, home: Study) -> None:
    path = returned(home)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:6]) + whole[6][:20])

    done = bring_in_return(town, path)

    assert done.new == 5
    assert done.read == len(whole) - 1
    unreadable, cut = done.problems
    assert unreadable.startswith(f"{path}: line 7: no whole JSON value: ")
    assert cut == f"{path}: cut off: {len(whole) - 1} lines were sent, 6 are here"


def test_an_import_that_was_killed_is_finished_by_the_next(
    town: Study, home: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = returned(home)

    def _killed(*_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(packets, "mark_returned", _killed)
    with pytest.raises(KeyboardInterrupt):
        bring_in_return(town, path)
    monkeypatch.undo()
    assert list_packets(town)[0].returned_at is None

    done = bring_in_return(town, path)

    assert (done.new, done.problems) == (0, [])
    assert codings_of(town, "ben") == codings_of(home, "ben")
    assert list_packets(town)[0].returned_at is not None


def test_people_are_backed_up_before_anything_comes_in(town: Study, home: Study) -> None:
    many = len(codings_of(town, "ana"))

    bring_in_return(town, returned(home))

    [backup] = (town.root / "backups").glob("*-before-import-codings.jsonl")
    assert len(backup.read_text(encoding="utf-8").splitlines()) == many


def test_what_comes_back_outside_of_rounds_is_read_by_the_codebook_it_went_out_with(town: Study) -> None:
    draw_sample(town, "main", size=1000, name="main")
    home = opened(_out(town, round_name=None, sample="main"))
    code_packet(home)
    town.codebook_path.write_text(CODEBOOK.replace("mentions a queue", "mentions a line"), encoding="utf-8")

    done = bring_in_return(town, returned(home))

    assert done.problems == []
    assert {(row["version"], row["round"]) for row in codings_of(town, "ben")} == {
        (_packet(home).codebook_revision, None)
    }


def test_differences_with_a_coder_elsewhere_are_settled_as_any_others(town: Study) -> None:
    home = opened(_out(town))
    both = {line["post"] for line in sheet(town, "r", "ben")} & {row["post"] for row in codings_of(town, "ana")}
    code_packet(home, answer=lambda _text: {"queue": "present", "*": "absent"})
    bring_in_return(town, returned(home))
    close_round(town, "r")
    post = next(post for post in both if "queue" not in texts(town)[post])

    adjudicate(town, "r", post, "queue", "absent", reason="slip", by="ana")

    assert agreement(town, "r").facts.adjudicated == {"slip": 1}


def test_a_packet_as_it_went_out_is_no_return(town: Study) -> None:
    with pytest.raises(GroundswellError) as caught:
        bring_in_codings(town, _out(town))

    assert caught.value.message.endswith("ben.zip: a packet as it goes out; nothing comes back in it")


@pytest.mark.parametrize("content", ["", "\n", "{}", "[", '{"packet"', '"packet"'])
def test_other_files_are_not_taken_for_what_comes_back(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(content, encoding="utf-8")

    assert not holds_return(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match=r"nowhere\.jsonl: no such file or directory"):
        holds_return(tmp_path / "nowhere.jsonl")
