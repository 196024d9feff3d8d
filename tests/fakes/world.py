"""A scripted world of threads that grow, change and lose posts between two visits.

The world has its own clock, `now`, in epoch seconds. Every change of a post is kept as a version with its moment, so
that each service can show what it would know: Reddit shows the present, an archive what it saw when it looked.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from fakes.words import invent_author, invent_sentence, invent_text, invent_title

State = Literal["live", "deleted", "removed", "vanished"]
Shape = Literal["deep", "wide"]

DEFAULT_CREATED_AT = 1_767_600_000  # 2026-01-05T08:00:00Z
DEFAULT_NOW = 1_769_904_000  # 2026-02-01T00:00:00Z
MODERATOR_BOT = "AutoModerator"
_DEEPEST = {"deep": 24, "wide": 5}
_BASE36 = string.digits + string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class Version:
    """How a post was from a moment on."""

    at: int
    text: str
    score: int = 1
    state: State = "live"
    author_gone: bool = False
    edited_at: int | None = None


@dataclass(slots=True)
class Post:
    """A submission (parent None) or a comment (parent a fullname, `t3_…` or `t1_…`)."""

    id: str
    author: str
    created_at: int
    versions: list[Version]
    parent: str | None = None
    stickied: bool = False
    distinguished: str | None = None

    @property
    def fullname(self) -> str:
        return f"{'t3' if self.parent is None else 't1'}_{self.id}"

    def version_at(self, moment: int) -> Version:
        """The last version not later than `moment`; the first one for earlier moments."""
        return next((version for version in reversed(self.versions) if version.at <= moment), self.versions[0])

    def change(self, moment: int, **changes: object) -> None:
        """Add a version. Changes are told in order of time."""
        last = self.versions[-1]
        if moment < last.at:
            raise ValueError(f"{self.fullname} already changed at {last.at}, later than {moment}")
        self.versions.append(replace(last, at=moment, **changes))  # type: ignore[arg-type]


@dataclass(slots=True)
class Thread:
    """A submission and its comments by id, in order of creation."""

    root: Post
    subreddit: str
    title: str
    over_18: bool = False
    link: str | None = None  # None for a text post
    crosspost_of: str | None = None  # the id of another thread of the world
    comments: dict[str, Post] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.root.id

    def depth_of(self, comment: Post) -> int:
        """0 for a reply to the submission."""
        depth = 0
        while comment.parent is not None and comment.parent.startswith("t1_"):
            comment = self.comments[comment.parent[3:]]
            depth += 1
        return depth

    def children(self) -> dict[str, list[Post]]:
        """All comments by the fullname of their parent."""
        found: dict[str, list[Post]] = {}
        for comment in self.comments.values():
            found.setdefault(str(comment.parent), []).append(comment)
        return found


@dataclass(slots=True)
class World:
    """All threads, and the clock they share."""

    now: int = DEFAULT_NOW
    threads: dict[str, Thread] = field(default_factory=dict)
    _thread_by_comment: dict[str, Thread] = field(default_factory=dict)

    def make_thread(
        self,
        thread_id: str,
        n_comments: int,
        seed: int = 0,
        shape: Shape = "wide",
        *,
        subreddit: str = "invented_engineers",
        created_at: int = DEFAULT_CREATED_AT,
        troubled: bool = True,
        over_18: bool = False,
        link: str | None = None,
        crosspost_of: str | None = None,
    ) -> Thread:
        """Build a thread; the same arguments give the same thread.

        A troubled thread has comments that were edited, deleted, removed or left behind by a closed account, and a
        stickied one of the moderators' bot; an untroubled one is all live.
        """
        numbers = Random(f"{thread_id}:{seed}:{shape}")
        text = "" if link or crosspost_of else invent_text(numbers)
        score = numbers.randrange(5, 400)
        root = Post(thread_id, invent_author(numbers), created_at, [Version(created_at, text, score)])
        thread = Thread(root, subreddit, invent_title(numbers), over_18, link, crosspost_of)
        self.threads[thread_id] = thread
        for place in range(n_comments):
            self._grow(thread, numbers, place, shape)
        if troubled:
            _trouble(thread, numbers)
        return thread

    def _grow(self, thread: Thread, numbers: Random, place: int, shape: Shape) -> None:
        at = thread.root.created_at + 60 + place * 40 + numbers.randrange(40)
        self.add_comment(
            thread.id,
            invent_text(numbers),
            parent=_choose_parent(thread, numbers, shape),
            author=thread.root.author if numbers.randrange(12) == 0 else invent_author(numbers),
            score=numbers.randrange(-5, 60),
            at=at,
        )

    def add_comment(
        self,
        thread_id: str,
        body: str,
        *,
        parent: str | None = None,
        author: str = "tidy_thimble_2",
        score: int = 1,
        at: int | None = None,
        comment_id: str | None = None,
    ) -> str:
        """Add a comment (`parent` None means a reply to the submission) and give its id."""
        thread = self.threads[bare(thread_id)]
        moment = self.now if at is None else at
        new_id = comment_id or self._free_id(thread)
        parent_name = f"t3_{thread.id}" if parent is None or bare(parent) == thread.id else f"t1_{bare(parent)}"
        if parent_name.startswith("t1_") and parent_name[3:] not in thread.comments:
            raise KeyError(parent_name)
        thread.comments[new_id] = Post(new_id, author, moment, [Version(moment, body, score)], parent_name)
        self._thread_by_comment[new_id] = thread
        return new_id

    def _free_id(self, thread: Thread) -> str:
        """An id that says nothing about time, as Reddit's own since 2026."""
        tries = (f"{thread.id}:{len(thread.comments)}:{again}" for again in range(1000))
        return next(found for found in map(_id_from, tries) if found not in self._thread_by_comment)

    def find(self, post_id: str) -> Post:
        """The post of this id or fullname; KeyError if the world has none."""
        kind, _, _ = post_id.rpartition("_")
        known = bare(post_id)
        if kind != "t3" and known in self._thread_by_comment:
            return self._thread_by_comment[known].comments[known]
        if kind != "t1" and known in self.threads:
            return self.threads[known].root
        raise KeyError(post_id)

    def thread_of(self, post_id: str) -> Thread:
        post = self.find(post_id)
        return self.threads[post.id] if post.parent is None else self._thread_by_comment[post.id]

    def advance(self, *, hours: float = 0, seconds: float = 0) -> None:
        """Let time pass."""
        self.now += int(hours * 3600 + seconds)

    def _moment(self, at: int | None) -> int:
        return self.now if at is None else at

    def edit(self, post_id: str, body: str, *, at: int | None = None) -> None:
        moment = self._moment(at)
        self.find(post_id).change(moment, text=body, edited_at=moment)

    def delete(self, post_id: str, *, at: int | None = None) -> None:
        """Its author deletes it: text and author go."""
        self.find(post_id).change(self._moment(at), state="deleted", author_gone=True)

    def remove(self, post_id: str, *, at: int | None = None) -> None:
        """A moderator removes it: the text goes, the author stays."""
        self.find(post_id).change(self._moment(at), state="removed")

    def restore(self, post_id: str, *, at: int | None = None) -> None:
        """A moderator approves what was removed."""
        self.find(post_id).change(self._moment(at), state="live")

    def vanish(self, post_id: str, *, at: int | None = None) -> None:
        """It is no longer shown to this key, nor is anything below it in a tree."""
        self.find(post_id).change(self._moment(at), state="vanished")

    def rescore(self, post_id: str, score: int, *, at: int | None = None) -> None:
        self.find(post_id).change(self._moment(at), score=score)

    def close_account(self, author: str, *, at: int | None = None) -> None:
        """The account goes; its posts stay, without a name."""
        for thread in self.threads.values():
            for post in (thread.root, *thread.comments.values()):
                if post.author == author:
                    post.change(self._moment(at), author_gone=True)

    def visible_children(self, thread_id: str) -> dict[str, list[Post]]:
        """What a page of Reddit shows now, by parent: no vanished branch, no deleted comment without visible replies.

        `/api/info` still knows the deleted ones.
        """
        thread = self.threads[bare(thread_id)]
        shown: dict[str, list[Post]] = {}
        for comment in sorted(thread.comments.values(), key=thread.depth_of, reverse=True):
            state = comment.version_at(self.now).state
            if state == "vanished":
                shown.pop(comment.fullname, None)
            elif comment.created_at <= self.now and (state != "deleted" or comment.fullname in shown):
                shown.setdefault(str(comment.parent), []).append(comment)
        return _reachable(shown, thread.root.fullname)

    def visible_ids(self, thread_id: str) -> set[str]:
        """The ids of all comments a patient reader of Reddit can find now."""
        return {comment.id for siblings in self.visible_children(thread_id).values() for comment in siblings}


def bare(post_id: str) -> str:
    """An id without its `t1_` or `t3_`."""
    return post_id[3:] if post_id[:3] in {"t1_", "t3_"} else post_id


def _reachable(children: dict[str, list[Post]], top: str) -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = {}
    waiting = [top]
    while waiting:
        parent = waiting.pop()
        if parent in children:
            found[parent] = children[parent]
            waiting.extend(child.fullname for child in children[parent])
    return found


def _id_from(text: str) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return "".join(_BASE36[number // 36**place % 36] for place in range(7))


def _choose_parent(thread: Thread, numbers: Random, shape: Shape) -> str | None:
    if not thread.comments or numbers.random() < (0.5 if shape == "wide" else 0.04):
        return None
    known = list(thread.comments.values())
    recent = known if shape == "wide" else known[-3:]
    chosen = numbers.choice(recent)
    return chosen.fullname if thread.depth_of(chosen) < _DEEPEST[shape] else None


def _trouble(thread: Thread, numbers: Random) -> None:
    """Spoil every tenth comment or so: some before an archive can look (10 s), some after (from 10 min to 10 h)."""
    for place, comment in enumerate(thread.comments.values()):
        if place == 0:
            comment.author, comment.stickied, comment.distinguished = MODERATOR_BOT, True, "moderator"
            continue
        at = comment.created_at + (5 if numbers.randrange(2) else numbers.randrange(600, 36_000))
        match numbers.randrange(40):
            case 0:
                comment.change(at, state="deleted", author_gone=True)
            case 1:
                comment.change(at, state="removed", author_gone=bool(numbers.randrange(2)))
            case 2:
                comment.change(at, author_gone=True)
            case 3:
                comment.change(at, text=f"Edit: {invent_sentence(numbers)}", edited_at=at)
