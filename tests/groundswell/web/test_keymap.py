from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coding.codebook import Codebook, read_entry
from db.errors import FileError
from groundswell.web.keymap import ACTIONS, CoderKeys, keymap, load_keymaps

if TYPE_CHECKING:
    from pathlib import Path


def book(*codes: str, **keys: str) -> Codebook:
    """A codebook of these codes, some of which have a key."""
    entries = {
        code: {"name": code, "definition": "x"} | ({"key": keys[code]} if code in keys else {}) for code in codes
    }
    return Codebook({code: read_entry(code, entry) for code, entry in entries.items()})


def written(folder: Path, text: str, codebook: Codebook | None = None) -> dict[str, CoderKeys]:
    (folder / "keys.yaml").write_text(text, encoding="utf-8")
    return load_keymaps(folder, codebook or book("a"))


def test_without_a_file_everybody_has_the_usual_keys(tmp_path: Path) -> None:
    assert load_keymaps(tmp_path, book("a")) == {}
    usual = keymap(CoderKeys(), book("a"), ["a"])
    assert usual.actions["commit"] == ("Enter", "Space")
    assert usual.of("undo") == "u"
    assert usual.shortest_ms == 300
    assert len(usual.help()) == len(ACTIONS)


def test_the_help_calls_keys_what_people_call_them() -> None:
    told = dict(reversed(one) for one in keymap(CoderKeys(), book("a"), ["a"]).help())
    assert told["next post, nothing said"] == ("j", "Right arrow")
    assert told["commit and next"] == ("Enter", "Space")


def test_no_two_actions_have_the_same_key() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


def test_codes_have_their_own_keys_or_are_given_free_ones_and_never_those_of_actions() -> None:
    many = [f"code{number}" for number in range(40)]
    found = keymap(CoderKeys(), book(*many, code3="x", code5="2"), many)
    assert (found.codes["code3"], found.codes["code5"]) == ("x", "2")
    assert (found.codes["code0"], found.codes["code1"]) == ("1", "3")
    assert len(found.codes) == len(set(found.codes.values())) == 23
    assert not set(found.codes.values()) & {key for keys in found.actions.values() for key in keys}
    assert list(found.codes) == [code for code in many if code in found.codes]


def test_a_coder_may_set_keys_otherwise_and_what_is_freed_is_free(tmp_path: Path) -> None:
    found = written(
        tmp_path, "coders:\n  ada:\n    shortest_ms: 500\n    keys: { skip: X, commit: Enter, next: ' ' }\n"
    )
    mine = keymap(found["ada"], book("a"), ["a"])
    assert (mine.actions["skip"], mine.actions["commit"], mine.actions["next"]) == (("x",), ("Enter",), ("Space",))
    assert mine.shortest_ms == 500


def test_whoever_wants_no_single_keys_keeps_those_that_are_no_characters(tmp_path: Path) -> None:
    found = written(tmp_path, "coders:\n  ada:\n    single_keys: no\n")
    mine = keymap(found["ada"], book("a"), ["a"])
    assert mine.codes == {}
    assert mine.actions["commit"] == ("Enter",)
    assert mine.actions["undo"] == ()
    assert mine.of("undo") == ""
    assert all(key in {"Enter", "Escape", "Left arrow", "Right arrow"} for keys, _ in mine.help() for key in keys)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("{ comit: Enter }", "no action is called"),
        ("{ skip: u }", '"u" is the key of undo too'),
        ("{ skip: x, undo: x }", '"x" is the key of skip too'),
        ("{ skip: y }", '"y" is the key of the code a'),
        ("{ skip: Hyper }", "must be one character"),
        ("{ skip: true }", "must be one character"),
    ],
)
def test_a_key_that_would_do_two_things_is_refused_with_its_place(tmp_path: Path, keys: str, problem: str) -> None:
    with pytest.raises(FileError, match=problem) as caught:
        written(tmp_path, f"coders:\n  ada:\n    keys: {keys}\n", book("a", a="y"))
    assert str(caught.value).startswith(f"{tmp_path / 'keys.yaml'}:3: coders.ada.keys.")


def test_two_actions_may_change_keys_with_each_other(tmp_path: Path) -> None:
    found = written(tmp_path, "coders:\n  ada:\n    keys: { skip: u, undo: s }\n")
    mine = keymap(found["ada"], book("a"), ["a"])
    assert (mine.of("skip"), mine.of("undo")) == ("u", "s")
