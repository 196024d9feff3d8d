"""What of a Reddit thread is still to be asked for: ids that stubs name, branches that go on elsewhere, ids that did not come.

A page of Reddit shows 500 comments to the tenth level. In place of the others stand stubs: one that names comments, or
one that names none and says that the branch goes on on a page of its own. Named comments are asked for by the hundred,
whatever branch they belong to. Where a branch goes on, a page of the comment shows ten more levels, and a page of an
ancestor a few levels up often shows several such branches at once.

Reddit answers differently to ids of deep comments: its published code counts ten levels from the top of the thread and
looks only at the shallowest of the ids; other answers reach below whatever was asked for. Which of both it is shows in
the answers, and the plan follows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.records import Observation

PAGE_LIMIT = 500
MORE_LIMIT = 100
INFO_LIMIT = 100
LONGEST = 2000
"""A plan that names more comments is cut in several, so that what is stored with each answer stays small."""
_ANCESTORS = 3
"""How many levels up a page may begin; one that begins higher would end too early below."""
_PROBE_FROM = 3
"""With fewer branches than this, asking whether the site reaches below what is asked for costs more than it saves."""
_ID = re.compile(r"[0-9a-zA-Z]{1,13}")
_HOLDERS = frozenset({"json", "data", "things", "children", "replies"})


@dataclass(frozen=True, slots=True)
class Step:
    """The next request: `more` or `info` for some ids, or the page of one comment (`branch`)."""

    kind: str
    ids: list[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A comment whose replies are on another page.

    Attributes:
        depth: its level in the thread, 0 for a reply to the post.
        path: the comment, its parent, and so on upwards as far as an answer showed them.
    """

    depth: int
    path: tuple[str, ...]

    @property
    def comment(self) -> str:
        """The comment itself."""
        return self.path[0]


@dataclass(slots=True)
class Answer:
    """The comments and stubs of one answer.

    Attributes:
        parents: by the id of each comment that of its parent, empty for a reply to the post.
        named: comments that stubs name, with their levels.
        branches: what goes on elsewhere.
    """

    parents: dict[str, str]
    named: dict[str, int]
    branches: list[Branch]


@dataclass(slots=True)
class Plan:
    """What is still to be asked for.

    Attributes:
        waiting: ids that stubs name, with their levels in the thread.
        branches: comments whose replies are elsewhere.
        alone: those of which only a page of their own can show more.
        lost: ids that were asked for and did not come, with their levels.
        reaches_below: whether an answer to ids goes ten levels below them; None while that is not known.
        one_level: whether an answer to ids holds only the shallowest of them.
    """

    waiting: dict[str, int] = field(default_factory=dict)
    branches: list[Branch] = field(default_factory=list)
    alone: list[Branch] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)
    reaches_below: bool | None = None
    one_level: bool = False

    def next_step(self) -> Step | None:
        """The next request, or None when nothing is left."""
        if self.waiting or self._may_ask_for_branches():
            return Step("more", list(self._next_ids()))
        if self.lost:
            return Step("info", list(self.lost)[:INFO_LIMIT])
        if self.branches or self.alone:
            return Step("branch", [self._widest()])
        return None

    def take_page(self, answer: Answer) -> None:
        """Add what a page leaves out, and strike off what it shows."""
        for each in answer.parents:
            self.waiting.pop(each, None)
            self.lost.pop(each, None)
        self.waiting.update(answer.named)
        there = {branch.comment for branch in self.branches}
        self.branches += [branch for branch in answer.branches if branch.comment not in there]

    def take_more(self, asked: list[str], answer: Answer) -> None:
        """Account for the answer to named ids."""
        known = {branch.comment: branch for branch in self.branches if branch.comment in asked}
        self.branches = [branch for branch in self.branches if branch.comment not in known]
        levels = {each: self.waiting.pop(each) for each in asked if each in self.waiting}
        cut_again = {branch.comment for branch in answer.branches}.intersection(asked)
        if cut_again:
            self.reaches_below = False
        elif known and self.reaches_below is None:
            self.reaches_below = not known.keys().isdisjoint(answer.parents.values())
        # The path of a branch as it was seen first goes further up.
        self.branches += [branch for each, branch in known.items() if each in cut_again]
        if not answer.parents.keys().isdisjoint(asked):
            self.take_page(answer)
        absent = {
            each: level for each, level in levels.items() if each not in answer.parents and each not in self.waiting
        }
        again = self._to_ask_again(levels, absent, answer)
        self.waiting.update(again)
        self.lost.update({each: level for each, level in absent.items() if each not in again})
        self.alone += [
            branch for each, branch in known.items() if each not in answer.parents and each not in self.waiting
        ]

    def _to_ask_again(self, levels: dict[str, int], absent: dict[str, int], answer: Answer) -> dict[str, int]:
        """What an answer had no room for, or passed over because of its level; each time there is less of it."""
        if len(answer.parents) >= MORE_LIMIT and len(absent) < len(levels):
            return absent
        reached = [level for each, level in levels.items() if each not in absent] or list(levels.values())
        deeper = {each: level for each, level in levels.items() if level > min(reached, default=0)}
        if not deeper or not deeper.keys() <= absent.keys():
            return {}
        self.one_level = True
        return deeper

    def take_info(self, asked: list[str], found: Iterable[Observation]) -> None:
        """Account for a look at ids that did not come: those that are there are asked for on pages of their own.

        A comment that its author deleted did not come because nobody replied to it: otherwise it would be shown.
        """
        depths = {each: self.lost.pop(each) for each in asked}
        for seen in found:
            each, parent = seen.native_id[3:], seen.parent or ""
            if each in depths and seen.state != "deleted_by_author":
                path = (each, parent[3:]) if parent.startswith("t1_") else (each,)
                self.alone.append(Branch(depths[each], path))

    def take_branch(self, comment: str, answer: Answer) -> None:
        """Account for the page of a comment; what it did not show of other branches is looked for further down."""
        self.branches = list(_unseen(self.branches, comment, answer))
        self.alone = list(_unseen(self.alone, comment, answer))
        self.take_page(answer)

    def drop_step(self, step: Step) -> None:
        """Go on without an answer that the site does not give: what was to be in it is asked for in another way, if any."""
        nothing = Answer({}, {}, [])
        if step.kind == "more":
            self.take_more(step.ids, nothing)
        elif step.kind == "info":
            self.take_info(step.ids, [])
        else:
            self.take_branch(step.ids[0], nothing)

    def level_of(self, comment: str) -> int:
        """The level of a comment that stands in the path of a branch."""
        paths = (branch for branch in (*self.branches, *self.alone) if comment in branch.path)
        return next(branch.depth - branch.path.index(comment) for branch in paths)

    def parts(self) -> "list[Plan]":
        """The plan, cut in several where it names too many comments; none where nothing is left."""
        ids = list(self.waiting)
        heads = [ids[at : at + LONGEST] for at in range(0, len(ids), LONGEST)] or [[]]
        parts = [
            Plan(
                {each: self.waiting[each] for each in head}, reaches_below=self.reaches_below, one_level=self.one_level
            )
            for head in heads
        ]
        parts[0].branches, parts[0].alone, parts[0].lost = self.branches, self.alone, self.lost
        return [part for part in parts if part.next_step() is not None]

    def _may_ask_for_branches(self) -> bool:
        if self.reaches_below is None:
            return len(self.branches) >= _PROBE_FROM
        return self.reaches_below and bool(self.branches)

    def _next_ids(self) -> Iterator[str]:
        """Up to a hundred ids, the shallowest first; of one level where the site looks at no other."""
        levels = dict(self.waiting)
        if self.reaches_below or not levels:
            levels = {branch.comment: branch.depth for branch in self.branches} | levels
        ids = sorted(levels, key=lambda each: levels[each])[:MORE_LIMIT]
        return (each for each in ids if not self.one_level or levels[each] == levels[ids[0]])

    def _widest(self) -> str:
        """The comment whose page shows the most branches; of several the deepest, since its page reaches deepest."""
        steps: Counter[str] = Counter()
        depths: dict[str, int] = {}
        for branch in (*self.branches, *self.alone):
            for up, comment in enumerate(branch.path):
                steps[comment] += 1
                depths[comment] = branch.depth - up
        return max(steps, key=lambda comment: (steps[comment], depths[comment], comment))

    def payload(self) -> dict[str, Any]:
        """The plan as a task carries it."""
        told: dict[str, Any] = {"waiting": _by_level(self.waiting), "lost": _by_level(self.lost)}
        told |= {
            name: [[branch.depth, *branch.path] for branch in branches]
            for name, branches in (("branches", self.branches), ("alone", self.alone))
        }
        return told | {"reaches_below": self.reaches_below, "one_level": self.one_level}

    @classmethod
    def from_payload(cls, told: dict[str, Any]) -> "Plan":
        """The plan that a task carries."""
        branches, alone = (
            [Branch(int(depth), tuple(path)) for depth, *path in told[name]] for name in ("branches", "alone")
        )
        waiting, lost = _by_id(told["waiting"]), _by_id(told["lost"])
        return cls(waiting, branches, alone, lost, told["reaches_below"], told["one_level"])


def read_answer(document: Any, level: int = 0) -> Answer:
    """The comments and stubs of an answer; `level` is that of its first comments in the thread."""
    parents: dict[str, str] = {}
    for comment in _things(document, "t1"):
        each, parent = comment.get("id"), comment.get("parent_id")
        if _is_id(each) and isinstance(parent, str):
            parents[str(each)] = parent[3:] if parent.startswith("t1_") else ""
    answer = Answer(parents, {}, [])
    for stub in _things(document, "more"):
        depth = stub.get("depth")
        below = level + (depth if isinstance(depth, int) else 0)
        children = stub.get("children")
        named = [each for each in children if _is_id(each)] if isinstance(children, list) else []
        answer.named.update((each, below) for each in named if each not in parents)
        parent = str(stub.get("parent_id"))
        if not named and parent.startswith("t1_") and _is_id(parent[3:]):
            answer.branches.append(Branch(below - 1, tuple(_upwards(parent[3:], parents))))
    return answer


def announced(document: Any) -> int:
    """How many comments the post of a page says it has; 0 where it does not say."""
    return max(
        (count for post in _things(document, "t3") if isinstance(count := post.get("num_comments"), int)), default=0
    )


def _unseen(branches: list[Branch], comment: str, answer: Answer) -> Iterator[Branch]:
    """The branches that the page of a comment did not show."""
    for branch in branches:
        if comment not in branch.path:
            yield branch
        elif branch.comment not in answer.parents and branch.comment != comment:
            yield Branch(branch.depth, branch.path[: branch.path.index(comment)])


def _upwards(comment: str, parents: dict[str, str]) -> Iterator[str]:
    yield comment
    for _ in range(_ANCESTORS):
        if parents.get(comment) not in parents:
            return
        comment = parents[comment]
        yield comment


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _by_level(ids: dict[str, int]) -> dict[str, str]:
    levels: dict[str, list[str]] = {}
    for each, depth in ids.items():
        levels.setdefault(str(depth), []).append(each)
    return {depth: " ".join(found) for depth, found in levels.items()}


def _by_id(levels: dict[str, str]) -> dict[str, int]:
    return {each: int(depth) for depth, found in levels.items() for each in found.split()}


def _things(node: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The data of all things of a kind in an answer, in the order in which they stand there."""
    stack = [node]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += reversed(value)
        elif isinstance(value, dict):
            if value.get("kind") == kind and isinstance(value.get("data"), dict):
                yield value["data"]
            stack += [child for name, child in reversed(value.items()) if name in _HOLDERS]
