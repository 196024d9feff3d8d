"""What the coding screen shows of a queue and a post: ready for the template, with nothing in it that has to stay hidden."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any
from urllib.parse import quote

from coding.codebook import Code
from coding.final import UNSURE
from db.queries import reviewing as queries
from db.queries.reviewing import Finding, ShownPost
from db.store import Store
from groundswell import reviewing
from groundswell.reading_queues import Place, Queue
from groundswell.reviewing import Answer, Choice, Task
from groundswell.web.coding_form import SENTENCE_ROWS, sentences, written_excerpt
from groundswell.web.keymap import ACTIONS, Keymap
from groundswell.web.texts import LONGEST, Mark, link_of, show

NEAREST_PARENTS = 2
OTHER_LENGTH = 1_500
"""How much of a post is shown that is not the one to be coded."""
THREAD_PAGE = 60
_DEEPEST = 6
_ONE_LINE = 110
FEW_CODES = 12
"""With no more codes than these a phone shows no field to find one."""


@dataclass(frozen=True, slots=True)
class Row:
    """A code as the screen lists it.

    Attributes:
        key: the key that gives it; empty for none.
        line: its definition, cut to a line.
        choice: what is said of it; None for nothing.
    """

    code: Code
    key: str
    line: str
    choice: Choice | None

    @property
    def is_unsure(self) -> bool:
        """Whether the coder is unsure of it."""
        return self.choice is not None and self.choice.value == UNSURE


@dataclass(frozen=True, slots=True)
class Group:
    """Codes that belong together: the values of one attribute, of which a post has one, or codes that stand alone."""

    attribute: Code | None
    rows: tuple[Row, ...]

    @property
    def has_choice(self) -> bool:
        """Whether anything is said of it."""
        return any(row.choice is not None for row in self.rows)


def queue_path(place: Place) -> str:
    """The address of a queue's page."""
    return f"/read/{place.kind}/{quote(place.name)}"


def queue_values(queue: Queue, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What all pages of a queue show."""
    return {
        "queue": queue,
        "path": queue_path(queue.place),
        "task": queue.task,
        "blind": queue.task.blind,
        "claim": queue.claim if queue.shows_state else None,
        **keys,
    }


def key_values(keymap: Keymap) -> dict[str, Any]:
    """The keys of a screen: for its script, for the caps on its controls, and for the help."""
    return {
        "keymap": keymap,
        "key_data": {
            "actions": {name: list(keys) for name, keys in keymap.actions.items()},
            "shortest": keymap.shortest_ms,
        },
        "code_data": {key: code for code, key in keymap.codes.items()},
        "key_help": [(keys, label) for keys, label in keymap.help()],
        "action_names": [one.name for one in ACTIONS],
    }


def post_values(
    queue: Queue,
    shown: reviewing.Shown,
    keymap: Keymap,
    *,
    answer: Answer | None = None,
    findings: Sequence[Finding] | None = None,
    whole: bool = False,
) -> dict[str, Any]:
    """What the screen shows of one post.

    Args:
        queue: what it is read for.
        shown: the post.
        keymap: the coder's keys.
        answer: what stands in the form; without it, what the coder said of the post.
        findings: what machines found, where the coder wants to see it.
        whole: whether to show a very long text whole.
    """
    task = queue.task_for(shown.post.id)
    answer = shown.answer if answer is None else answer
    text = shown.post.text
    marks = [Mark(one.start, one.end, "excerpt") for one in answer.excerpts]
    marks += [
        Mark(one.start, one.end, "hit") for one in findings or () if one.start is not None and one.end is not None
    ]
    others = groups(task, _others(task), keymap, answer)
    return {
        "post": _seen(shown.post, blind=task.blind),
        "text": show(text, marks, None if whole else LONGEST),
        "above": [_context(one, blind=task.blind) for one in shown.above],
        "near": NEAREST_PARENTS,
        "below": [_context(one, blind=task.blind) for one in shown.below],
        "replies": shown.replies,
        "images": shown.images,
        "memos": shown.memos,
        "decided": shown.decided,
        "seen": shown.version,
        "answer": answer,
        "excerpts": [
            (task.codebook.codes[one.code].name, written_excerpt(one, text), (text or "")[one.start : one.end])
            for one in answer.excerpts
            if one.code in task.codebook.codes
        ],
        "asked": groups(task, task.codes, keymap, answer),
        "others": others,
        "few_codes": len(task.codes) <= FEW_CODES,
        "others_chosen": any(group.has_choice for group in others),
        "findings": None if findings is None else named_findings(task, findings),
        "sentences": sentences(text),
        "sentence_rows": range(SENTENCE_ROWS),
        "place": queue.places.get(shown.post.id, -1) + 1,
        "served": int(time() * 1000),
        "action": reviewing.new_action(reviewing.REVIEW),
        "draft_action": reviewing.new_action(reviewing.DRAFT),
        "undo_action": reviewing.new_action(reviewing.UNDO),
        "may_draft": task.others,
    }


def _others(task: Task) -> tuple[str, ...]:
    """Codes that may be given besides those that are asked for."""
    return tuple(code for code in task.codebook.asked if code not in task.codes) if task.others else ()


def groups(task: Task, codes: Iterable[str], keymap: Keymap, answer: Answer) -> list[Group]:
    """Codes in the order of the codebook, the values of each attribute together."""
    codebook = task.codebook
    alone: list[Row] = []
    of: dict[str, list[Row]] = {}
    for code in codes:
        found = codebook.codes[code]
        row = Row(found, keymap.codes.get(code, ""), _one_line(found.definition), answer.choices.get(code))
        if codebook.is_value(code):
            of.setdefault(found.parent or "", []).append(row)
        else:
            alone.append(row)
    first = [Group(None, tuple(alone))] if alone else []
    return first + [Group(codebook.codes[name], tuple(rows)) for name, rows in of.items()]


def _one_line(definition: str | None) -> str:
    words = " ".join((definition or "").split())
    if len(words) <= _ONE_LINE:
        return words
    return words[:_ONE_LINE].rpartition(" ")[0].rstrip(",;:") + " …"


def _seen(post: ShownPost, *, blind: bool) -> dict[str, Any]:
    """A post as the template gets it: what a blind coder must not see is not in it."""
    link, host = ("", "") if blind else link_of(post.url)
    return {
        "id": post.id,
        "address": post.address,
        "kind": post.kind,
        "title": post.title,
        "thread_title": post.thread_title,
        "community": None if blind else post.community,
        "created_at": post.created_at,
        "author": None if blind or post.author is None else post.author.partition(":")[2][:10],
        "score": None if blind else post.score,
        "link": link,
        "host": host,
        "state": post.state,
    }


def _context(post: ShownPost, *, blind: bool) -> dict[str, Any]:
    return _seen(post, blind=blind) | {"shown": show(post.text, (), OTHER_LENGTH)}


def named_findings(task: Task, findings: Sequence[Finding]) -> list[tuple[str, Finding]]:
    """What machines found, with the names of the codes; of codes that are not asked for nothing is said."""
    return [(task.codebook.codes[one.code].name, one) for one in findings if task.allows(one.code)]


@dataclass(frozen=True, slots=True)
class Branch:
    """A post in a thread: how deep it stands, and what it shows."""

    depth: int
    post: dict[str, Any]


def thread_values(
    store: Store, post: ShownPost, *, blind: bool, page: int | None, hidden: frozenset[int]
) -> dict[str, Any]:
    """A part of a thread in the order in which replies hang together: the part that holds the post, or another.

    Args:
        store: the study's database.
        post: the post that is read.
        blind: whether authors and scores are left out.
        page: which part, from 0; None for that with the post.
        hidden: posts that are left out.
    """
    outline = [one for one in queries.thread_outline(store.connection, post.thread) if one[0] not in hidden]
    order = _in_tree_order(outline)
    at = next((place for place, (_, number) in enumerate(order) if number == post.id), 0)
    page = at // THREAD_PAGE if page is None else page
    part = order[page * THREAD_PAGE : (page + 1) * THREAD_PAGE]
    found = queries.posts(store.connection, [number for _, number in part])
    return {
        "branches": [Branch(min(depth, _DEEPEST), _context(found[number], blind=blind)) for depth, number in part],
        "here_id": post.id,
        "title": None if post.root in hidden else post.thread_title,
        "count": len(order),
        "page": page,
        "pages": -(-len(order) // THREAD_PAGE),
    }


def _in_tree_order(outline: Sequence[tuple[int, str, str | None]]) -> list[tuple[int, int]]:
    """Depth and id of each post of a thread, each below what it answers; what hangs in the air stands at the top."""
    known = {address for _, address, _ in outline}
    below: dict[str | None, list[tuple[int, str]]] = {}
    for number, address, parent in outline:
        below.setdefault(parent if parent in known and parent != address else None, []).append((number, address))
    order: list[tuple[int, int]] = []
    left = [(0, number, address) for number, address in reversed(below.get(None, []))]
    while left:
        depth, number, address = left.pop()
        order.append((depth, number))
        left += [(depth + 1, *one) for one in reversed(below.get(address, []))]
    return order
