"""The final layer: what is held to be true of a post and a code, from what people said and machines found.

What was adjudicated holds. Else people who share a value and stance decide; people who differ leave it unresolved, which counts as unread; `unsure` is
read and casts no vote; "cannot code" is missing. Rule hits decide nothing: they say that a post mentions a theme.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coding.codebook import ALL_CODES, Codebook, codebook_content, looked_for
from db.queries.codings import PersonCoding

__all__ = ["ABSENT", "MISSING", "PRESENT", "UNREAD", "UNSURE", "Decision", "FinalLayer", "codebook_content"]

PRESENT, ABSENT, UNSURE, MISSING = "present", "absent", "unsure", "missing"


@dataclass(frozen=True, slots=True)
class Decision:
    """What people hold of a code on a post.

    Attributes:
        value: present, absent, unsure or missing; None while nobody has read the post for the code, or people differ.
        stance: the shared stance of a present code.
        disputed: whether people read it and differ.
    """

    value: str | None
    stance: str | None = None
    disputed: bool = False

    @property
    def is_read(self) -> bool:
        """Whether a person's reading stands: present, absent or unsure."""
        return self.value in (PRESENT, ABSENT, UNSURE)


UNREAD = Decision(None)
_ByCode = dict[str, PersonCoding]


class FinalLayer:
    """Decisions of people by post and code.

    Args:
        codings: what each person last said of each code on each post.
        codebook: the codebook as it stands.
        revisions: the content of earlier revisions, by which a `*` knows the codes that were looked for.

    Attributes:
        posts: those of which a person said anything.
    """

    def __init__(self, codings: Iterable[PersonCoding], codebook: Codebook, revisions: Mapping[str, str]) -> None:
        self._codebook = codebook
        self._looked_for = {name: looked_for(content) for name, content in revisions.items()}
        self._posts: dict[int, dict[str, _ByCode]] = defaultdict(lambda: defaultdict(dict))
        self._adjudicated: dict[int, _ByCode] = defaultdict(dict)
        for coding in codings:
            if coding.current_text and coding.adjudicated:
                self._adjudicated[coding.post][coding.code] = coding
            elif coding.current_text:
                self._posts[coding.post][coding.coder][coding.code] = coding
        self.posts = frozenset(self._posts) | frozenset(self._adjudicated)

    def coders(self, post: int) -> frozenset[str]:
        """The people who read a post."""
        return frozenset(self._posts.get(post, ()))

    def decision(self, post: int, code: str) -> Decision:
        """What people hold of one code on one post."""
        settled = self._said(self._adjudicated[post], code) if post in self._adjudicated else None
        if settled is not None:
            return Decision(*settled)
        if post not in self._posts:
            return UNREAD
        said = [self._said(by_code, code) for by_code in self._posts[post].values()]
        return _shared(found for found in said if found is not None)

    def value_of(self, post: int, attribute: str) -> Decision:
        """The value that people give a post for an attribute: its `stance` field bears the value's code."""
        if post not in self._posts and post not in self._adjudicated:
            return UNREAD
        found = {value: self.decision(post, value) for value in self._codebook.values_of(attribute)}
        if any(made.disputed for made in found.values()):
            return Decision(None, disputed=True)
        chosen = next((value for value, made in found.items() if made.value == PRESENT), None)
        if chosen is not None:
            return Decision(PRESENT, chosen)
        answers = {made.value for made in found.values()}
        return Decision(next((answer for answer in (None, UNSURE, MISSING, ABSENT) if answer in answers), None))

    def _said(self, by_code: _ByCode, code: str) -> tuple[str, str | None] | None:
        own = by_code.get(code)
        if self._codebook.is_value(code):
            chosen = self._chosen(by_code, self._codebook.values_of(self._codebook.codes[code].parent or ""))
            if chosen is not None:
                return (PRESENT, None) if chosen == code else (ABSENT, None)
        if own is not None:
            return own.value, own.stance if own.value == PRESENT else None
        all_codes = by_code.get(ALL_CODES)
        if all_codes is not None and self._covers(all_codes, code):
            return all_codes.value, None
        return None

    def _chosen(self, by_code: _ByCode, values: Iterable[str]) -> str | None:
        """The value that a person gave last; a later choice replaces an earlier one."""
        present = [by_code[value] for value in values if value in by_code and by_code[value].value == PRESENT]
        return max(present, key=lambda coding: (coding.created_at, coding.code)).code if present else None

    def _covers(self, all_codes: PersonCoding, code: str) -> bool:
        since = self._codebook.codes[code].since
        if since is not None and since > all_codes.created_at[:10]:
            return False
        known = self._looked_for.get(all_codes.codebook_revision or "")
        return known is None or code in known


def _shared(said: Iterable[tuple[str, str | None]]) -> Decision:
    answers = set(said)
    decided = {answer for answer in answers if answer[0] in (PRESENT, ABSENT)}
    if len(decided) == 1:
        return Decision(*decided.pop())
    if decided:
        return Decision(None, disputed=True)
    for value in (UNSURE, MISSING):
        if (value, None) in answers:
            return Decision(value)
    return UNREAD
