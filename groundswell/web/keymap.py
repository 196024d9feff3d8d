"""The keys of the coding screen: those of its actions, which a coder may change in keys.yaml, and those of the codes.

A study's keys.yaml says for each coder what differs from the usual:

    version: 1
    coders:
      ada:
        single_keys: no        # no letter, digit or sign does anything; Enter and the arrows still do
        shortest_ms: 500       # how long a post must have been shown before it can be committed
        keys: { commit: Enter, skip: x }
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from coding.codebook import RESERVED_KEYS, Codebook, YesNo
from db.yaml_files import FileModel, Problem, load, refuse, suggest, validate
from groundswell.reviewing import SHORTEST_MS

FILE = "keys.yaml"
NAMED_KEYS = ("Enter", "Space", "Escape", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace", "Home", "End")
ALWAYS = frozenset(NAMED_KEYS) - {"Space"}
"""Keys that are no characters, and so do no harm to whoever speaks to the computer."""
_CALLED = {"ArrowLeft": "Left arrow", "ArrowRight": "Right arrow", "ArrowUp": "Up arrow", "ArrowDown": "Down arrow"}
"""What people call keys whose names are those of browsers."""
_CODE_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does.

    Attributes:
        keys: the usual ones, the first of them shown on the control.
        label: what it does, in a few words.
    """

    name: str
    keys: tuple[str, ...]
    label: str


ACTIONS = (
    Action("next", ("j", "ArrowRight"), "next post, nothing said"),
    Action("previous", ("k", "ArrowLeft"), "previous post"),
    Action("none", ("0",), "none of these codes"),
    Action("commit", ("Enter", "Space"), "commit and next"),
    Action("skip", ("s",), "skip: it comes again later"),
    Action("undo", ("u",), "take back your last decision"),
    Action("unsure", ("f",), "unsure of the code chosen last"),
    Action("support", ("+",), "the code chosen last: supports"),
    Action("dispute", ("-",), "the code chosen last: disputes"),
    Action("mixed", ("=",), "the code chosen last: both"),
    Action("mentions", (".",), "the code chosen last: only mentions"),
    Action("missing", ("!",), "cannot be coded without the image"),
    Action("excerpt", ("e",), "the selected words are where the code is"),
    Action("memo", ("m",), "a note on the post"),
    Action("draft", ("n",), "a new code from the selected words"),
    Action("quote", ("q",), "record a quote"),
    Action("thread", ("t",), "the whole thread"),
    Action("filter", ("c",), "find a code by typing"),
    Action("go", ("g",), "go to a post"),
    Action("search", ("/",), "search the study"),
    Action("help", ("?",), "keys and full definitions"),
    Action("leave", ("Escape",), "leave a field"),
)
_BY_NAME = {action.name: action for action in ACTIONS}


def _key_name(value: Any) -> Any:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if text == " ":
        return "Space"
    if text in NAMED_KEYS:
        return text
    if len(text) != 1 or not text.isprintable():
        raise ValueError(f"must be one character, or one of {', '.join(NAMED_KEYS)}")
    return text.lower()


KeyName = Annotated[str, BeforeValidator(_key_name)]


class CoderKeys(FileModel):
    """What one coder wants otherwise."""

    single_keys: YesNo = True
    shortest_ms: Annotated[int, Field(ge=0, le=10_000)] = SHORTEST_MS
    keys: dict[str, KeyName] = Field(default_factory=dict)


class KeysFile(FileModel):
    """keys.yaml as a whole."""

    version: Literal[1] = 1
    coders: dict[str, CoderKeys] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys of one coder's screen.

    Attributes:
        actions: the keys of each action.
        codes: the key of each code that has one.
        shortest_ms: how long a post must have been shown before it can be committed.
    """

    actions: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str] = field(default_factory=dict)
    shortest_ms: int = SHORTEST_MS

    def of(self, action: str) -> str:
        """The key that is shown for an action, empty without one."""
        return next(iter(self.actions[action]), "")

    def help(self) -> list[tuple[tuple[str, ...], str]]:
        """What each key does, keys by the names that people call them; actions without a key are left out."""
        named = ((tuple(_CALLED.get(key, key) for key in self.actions[one.name]), one.label) for one in ACTIONS)
        return [(keys, label) for keys, label in named if keys]


def load_keymaps(root: Path, codebook: Codebook) -> dict[str, CoderKeys]:
    """Read what coders of a study want otherwise; nobody does where there is no keys.yaml.

    Raises:
        FileError: an action is unknown, or a key would do two things; the first place is named.
    """
    path = root / FILE
    if not path.exists():
        return {}
    document = load(path)
    found = validate(document, KeysFile).coders
    refuse(document, [problem for coder, keys in found.items() for problem in _problems(coder, keys, codebook)])
    return found


def keymap(wanted: CoderKeys, codebook: Codebook, codes: Sequence[str]) -> Keymap:
    """The keys of a screen that shows these codes.

    A code has the key that the codebook gives it, else a digit or letter that is free; where all are taken, none.
    """
    actions = {one.name: (wanted.keys[one.name],) if one.name in wanted.keys else one.keys for one in ACTIONS}
    if not wanted.single_keys:
        kept = {name: tuple(key for key in keys if key in ALWAYS) for name, keys in actions.items()}
        return Keymap(kept, {}, wanted.shortest_ms)
    taken = {key for keys in actions.values() for key in keys} | RESERVED_KEYS
    given = {code: key for code in codes if (key := codebook.codes[code].key) is not None and key not in taken}
    free = (key for key in _CODE_KEYS if key not in taken and key not in given.values())
    rest = {code: key for code in codes if code not in given and (key := next(free, None)) is not None}
    return Keymap(
        actions, {code: (given | rest)[code] for code in codes if code in given or code in rest}, wanted.shortest_ms
    )


def _problems(coder: str, wanted: CoderKeys, codebook: Codebook) -> Iterator[Problem]:
    here = ("coders", coder, "keys")
    for name in wanted.keys:
        if name not in _BY_NAME:
            yield Problem((*here, name), f'no action is called "{name}"', suggest(name, _BY_NAME))
    usual = {key: one.name for one in ACTIONS if one.name not in wanted.keys for key in one.keys}
    of_codes = {code.key: code.id for code in codebook.codes.values() if code.key and not code.is_retired}
    for name, key in wanted.keys.items():
        if key in of_codes:
            yield Problem((*here, name), f'"{key}" is the key of the code {of_codes[key]}', "take another key")
        elif usual.setdefault(key, name) != name:
            yield Problem((*here, name), f'"{key}" is the key of {usual[key]} too', "give one of the two another key")
