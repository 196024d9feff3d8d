"""Full-text search in the language of the rules: the same words find the same posts in a search and in a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from coding.apply import match_text
from coding.index_query import index_query
from coding.patterns import parse_pattern
from coding.rules import Rule, RuleSet
from db.queries import search
from db.queries.batches import chunks
from db.queries.previews import RuleText, rule_texts_of
from db.store import Store
from groundswell.study import Study

_QUERY = "query"
_AROUND = 160


@dataclass(frozen=True, slots=True)
class Found:
    """A post that a search found.

    Attributes:
        places: start and end of each match, in code points of the text.
        excerpt: the words around the first match in the text, else the title.
    """

    address: str
    title: str | None
    excerpt: str
    places: tuple[tuple[int, int], ...]

    def row(self) -> dict[str, object]:
        """The post as a row of a table, or as a line of JSON."""
        return {"address": self.address, "excerpt": self.excerpt, "title": self.title, "places": [*self.places]}


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: the newest posts, and how many there are in all, or at most."""

    found: tuple[Found, ...]
    total: int
    is_exact: bool


def find(study: Study, query: str, most: int = 20) -> Search:
    """Find the newest posts in which a pattern of the rule language finds something.

    Raises:
        RuleError: the query is no pattern; its place is told.
    """
    codebook = study.codebook()
    others = {code.id: list(code.rules) for code in codebook.codes.values() if code.rules}
    named = others if "#" in query else {}
    rules = RuleSet({**named, _QUERY: [Rule(query)]}, codebook.negation)
    known = {code: [parse_pattern(rule.pattern) for rule in own] for code, own in others.items()}
    question = index_query(parse_pattern(query), known)
    with study.store() as store:
        if question is None:
            candidates = search.all_posts(store.connection)
            total = search.size(store.connection)
        else:
            candidates = search.matching(store.connection, question.text)
            total = search.count(store.connection, question.text)
        found = tuple(islice(_matches(store, rules, candidates), most))
    return Search(found, total, question is not None and question.exact)


def _matches(store: Store, rules: RuleSet, candidates: Iterator[int]) -> Iterator[Found]:
    while some := list(islice(candidates, 200)):
        texts = {
            text.id: text
            for chunk in chunks(some)
            for text in rule_texts_of(store.connection, chunk, surroundings=rules.looks_around)
        }
        for post in some:
            if post in texts:
                yield from _match(rules, texts[post])


def _match(rules: RuleSet, text: RuleText) -> Iterator[Found]:
    hits = [hit for hit in match_text(rules, text).hits if hit.code == _QUERY]
    if hits:
        places = tuple((hit.start, hit.end) for hit in hits if hit.field == "text")
        yield Found(text.address, text.title, _excerpt(text, places), places)


def _excerpt(text: RuleText, places: tuple[tuple[int, int], ...]) -> str:
    """The words around the first place, cut at blanks."""
    if not places or text.text is None:
        return text.title or (text.text or "")[: 2 * _AROUND]
    start, end = places[0]
    begin, stop = max(start - _AROUND, 0), min(end + _AROUND, len(text.text))
    before, after = text.text[begin:start], text.text[end:stop]
    if begin:
        before = "…" + before.partition(" ")[2]
    if stop < len(text.text):
        after = after.rpartition(" ")[0] + "…"
    return " ".join(f"{before}[{text.text[start:end]}]{after}".split())
