from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.bench import bench, mount
from fakes.packets import code_packet, codings_of, edited, mount_share, take_back
from fakes.study import groundswell

from db.queries.leads import save_memo
from groundswell.study import find_study

if TYPE_CHECKING:
    from pathlib import Path

    from groundswell.study import Study


@pytest.fixture(autouse=True)
def _mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    mount(monkeypatch)
    mount_share(monkeypatch)


@pytest.fixture
def town(tmp_path: Path) -> Study:
    study = bench(tmp_path, many=20)
    for command in (
        ["code", "sample", "draw", "reliability", "--name", "sample"],
        ["code", "round", "start", "sample", "--coder", "ana", "--coder", "ben", "--name", "r"],
    ):
        assert groundswell("-C", study.root, *command).code == 0
    return study


def test_a_packet_goes_out_is_opened_coded_and_comes_back_once(town: Study, tmp_path: Path) -> None:
    path, home = tmp_path / "ben.zip", tmp_path / "home"

    out = groundswell("-C", town.root, "share", "ben", "--sample", "sample", "--out", path)
    there = groundswell("share", "open", path, "--out", home)
    nothing = groundswell("-C", home, "share", "return")
    code_packet(find_study(home, home))
    back = groundswell("-C", home, "share", "return")
    first = groundswell("-C", town.root, "import", "codings", home / "return-ben.jsonl")
    second = groundswell("-C", town.root, "import", "codings", home / "return-ben.jsonl")

    assert (out.code, out.out) == (0, f"{path}: 20 posts for ben to read, blind\n")
    assert out.err == "it holds texts of people; send it to nobody else\n"
    assert (there.code, there.out) == (0, f"{home}: 20 posts for ben to read\n")
    assert (nothing.code, nothing.err.splitlines()[0]) == (1, "error: nothing was coded here yet")
    assert (back.code, back.out) == (0, f"{home / 'return-ben.jsonl'}: 32 codings; 20 of 20 posts read\n")
    assert (first.code, first.out) == (0, "32 codings read: 32 new\n")
    assert (first.err, second.err) == ("", "")
    assert (second.code, second.out) == (0, "32 codings read: 0 new\n")
    assert len(codings_of(town, "ben")) == 32


def test_memos_and_what_was_taken_back_are_told_beside_the_codings(town: Study, tmp_path: Path) -> None:
    groundswell("-C", town.root, "share", "ben", "--round", "r", "--out", tmp_path / "ben.zip")
    groundswell("share", "open", tmp_path / "ben.zip")
    home = find_study(tmp_path / "ben", tmp_path)
    code_packet(home, ["example:p0004"])
    with home.store() as store, store.write() as connection:
        save_memo(connection, "example:p0004", "Irony?", "coder ben", "2026-03-02T09:00:00Z")
    groundswell("-C", home.root, "share", "return")
    first = groundswell("-C", town.root, "import", "codings", home.root / "return-ben.jsonl")
    take_back(home, "example:p0004")
    groundswell("-C", home.root, "share", "return")

    ran = groundswell("-C", town.root, "import", "codings", home.root / "return-ben.jsonl")

    assert (first.out, first.err) == ("one coding read: 1 new\n", "one new memo; 0 codings taken back since\n")
    assert (ran.code, ran.out, ran.err) == (0, "0 codings read: 0 new\n", "0 new memos; one coding taken back since\n")


def test_packets_are_listed_with_what_became_of_them(town: Study, tmp_path: Path) -> None:
    made = groundswell(
        "-C", town.root, "share", "to", "ben", "--round", "r", "--out", tmp_path / "b.zip", "--json"
    ).json

    [row] = groundswell("-C", town.root, "share", "list", "--json").json

    assert made == {
        "packet": row["id"], "file": str(tmp_path / "b.zip"), "coder": "ben", "sample": "sample", "round": "r",
        "posts": 20, "around": 0, "blind": True,
    }  # fmt: skip
    assert (row["coder"], row["posts"], row["returned_at"]) == ("ben", 20, None)
    assert groundswell("-C", town.root, "share", "list").out.startswith(f"{row['id']}\tben\tsample\tr\t20\t")


def test_what_is_refused_of_a_return_is_named_and_the_rest_is_kept(town: Study, tmp_path: Path) -> None:
    groundswell("-C", town.root, "share", "ben", "--round", "r", "--out", tmp_path / "ben.zip")
    groundswell("share", "open", tmp_path / "ben.zip")
    home = find_study(tmp_path / "ben", tmp_path)
    code_packet(home)
    groundswell("-C", home.root, "share", "return", "--out", tmp_path / "back.jsonl")
    path = edited(tmp_path / "back.jsonl", lambda line: line.update(version="beef"), only=0)

    ran = groundswell("-C", town.root, "import", "codings", path)

    assert (ran.code, ran.out) == (4, "32 codings read: 31 new\n")
    assert ran.err.splitlines()[0].startswith(f"{path}: line 2: example:p0000 ")
    assert "coded by revision beef of the codebook, the packet is of " in ran.err


def test_a_packet_that_is_partly_around_others_and_not_blind_says_so(town: Study, tmp_path: Path) -> None:
    groundswell("-C", town.root, "code", "sample", "draw", "main", "--code", "queue", "--size", "2", "--name", "few")
    groundswell("-C", town.root, "code", "round", "start", "few", "--coder", "ben", "--name", "open")

    ran = groundswell("-C", town.root, "share", "ben", "--round", "open", "--out", tmp_path / "ben.zip")

    assert ran.out.startswith(f"{tmp_path / 'ben.zip'}: ")
    assert " around them, not blind\n" in ran.out


def test_share_alone_tells_what_it_can_do() -> None:
    ran = groundswell("share")

    assert ran.code == 2
    assert all(command in ran.out + ran.err for command in ("to", "open", "return", "list"))


def test_a_return_with_codings_by_another_codebook_says_which_will_be_refused(town: Study, tmp_path: Path) -> None:
    groundswell("-C", town.root, "share", "ben", "--round", "r", "--out", tmp_path / "ben.zip")
    groundswell("share", "open", tmp_path / "ben.zip")
    home = find_study(tmp_path / "ben", tmp_path)
    code_packet(home, round="other")

    ran = groundswell("-C", home.root, "share", "return")

    assert ran.code == 0
    assert len(ran.err.splitlines()) == 32
    assert ran.err.startswith("will be refused: example:p0000 ")
    assert ": coded in round other, the packet is of round r" in ran.err
