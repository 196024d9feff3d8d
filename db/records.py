"""The plain records that travel between the layers."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post: never a name, always an address made from a keyed hash.

    Attributes:
        address: `platform:~hash`, or `platform:[deleted]/thread` for a gone account, one voice a thread.
        is_bot: decided from the name before it was hashed.
        is_gone: the account was deleted, or its name is no longer shown.
    """

    address: str
    is_bot: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One post as one source showed it at one moment.

    Attributes:
        native_id, thread, parent: the platform's own ids; `parent` is None for the post that opens a thread.
        author: None where the source says nothing about it.
        community: the place's own name, such as `r/datascience`; None where there is none.
        created_at, edited_at, observed_at: ISO 8601 UTC ending in Z; None where unknown.
        title, text: canonical, names inside replaced; None where there is none or the post is deleted.
        state: live, or what took the text away.
        declared_count: how many replies the site announces for the thread; only on the opening post.
        crosspost_of: the native id of the thread that this one repeats.
        quoted: the native id of the post that this one quotes as a whole.
        cut: the source shows only the beginning of the text; it serves until a whole one is seen.
    """

    platform: str
    native_id: str
    thread: str
    parent: str | None
    kind: str
    author: Author | None
    community: str | None
    created_at: str | None
    edited_at: str | None
    title: str | None
    text: str | None
    url: str | None
    thread_url: str | None
    score: int | None
    state: str
    observed_at: str | None
    declared_count: int | None = None
    crosspost_of: str | None = None
    private: bool = False
    quoted: str | None = None
    cut: bool = False

    @property
    def address(self) -> str:
        """The post's address, `platform:native_id`."""
        return f"{self.platform}:{self.native_id}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that could not be understood: where it stood, what was wrong, and the item itself if it is small."""

    position: str
    problem: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A text that a study may no longer hold: it was taken away, or it came after its deletion was known."""

    thread: str
    title: str | None
    text: str | None


@dataclass(slots=True)
class Counts:
    """What a run did to the posts. `lost` are the texts of one step that went with deleted posts."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    lost: list[Lost] = field(default_factory=list, compare=False, repr=False)

    def add(self, other: "Counts") -> None:
        """Add the counts of another step, but for the texts that it lost."""
        self.seen += other.seen
        self.new += other.new
        self.changed += other.changed


@dataclass(frozen=True, slots=True)
class Coding:
    """One code on one segment of one post by one coder, as it travels in `import` and `export codings`.

    Attributes:
        post: the post's address.
        value: present, absent, unsure or missing.
        stance: support, dispute, mixed, or None where the code asks for none.
        start, end: code points of the post's stored text; None for the whole post.
        version: of a rule set or model that coded; None for people.
        text_sha: hash of the text that was coded; None means the text as it is stored now.
        blind: whether the coder saw nobody else's codings, no rule hits and no scores before.
        suggestion_shown: whether a machine's coding was on the screen.
        adjudicated: whether it decides between people who differ, in place of what they said.
        reason: why it was decided so.
    """

    post: str
    code: str
    value: str
    stance: str | None
    number: float | None
    start: int | None
    end: int | None
    coder: str
    coder_kind: str
    version: str | None
    round: str | None
    created_at: str
    text_sha: str | None = None
    blind: bool = False
    suggestion_shown: bool = False
    adjudicated: bool = False
    reason: str | None = None
