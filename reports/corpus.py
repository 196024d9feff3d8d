"""What all claims of a report are computed from: posts with a voice, people's decisions, and machine mentions."""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coding.codebook import Codebook
from coding.final import FinalLayer
from db.queries import codings, reporting
from db.queries.reporting import Post
from db.store import Store

EVIDENCE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Corpus:
    """The data of a report.

    Attributes:
        posts: public posts with a voice, by time and address.
        notes: private notes; they enter their own counts only.
        layer: what people decided.
        mentions: for each code, the posts that a machine holds to mention it.
        clusters: the cluster of each thread; threads that repeat each other share one.
        invented_left_out: whether invented posts were left out because the study holds real ones.
    """

    posts: tuple[Post, ...]
    notes: tuple[Post, ...]
    layer: FinalLayer
    codebook: Codebook
    mentions: Mapping[str, frozenset[int]]
    clusters: Mapping[str, str]
    invented_left_out: bool
    key: bytes = field(repr=False)

    def evidence_id(self, address: str) -> str:
        """The name under which a post is cited: nobody without the study's key can tell which it is."""
        return "E-" + self.keyed(f"evidence:{address}")[:EVIDENCE_DIGITS]

    def keyed(self, text: str) -> str:
        """A keyed hash as hex digits, the same for one study whenever it is asked."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()


def load_corpus(store: Store, codebook: Codebook, key: bytes) -> Corpus:
    """Read the corpus of a study; invented posts count only while there are no others."""
    connection = store.connection
    real = reporting.holds_real_posts(connection)
    posts = tuple(reporting.posts_with_a_voice(connection, private=False, invented=not real))
    mentions: dict[str, set[int]] = defaultdict(set)
    for post, code in codings.machine_mentions(connection):
        mentions[code].add(post)
    return Corpus(
        posts=posts,
        notes=tuple(reporting.posts_with_a_voice(connection, private=True, invented=not real)),
        layer=FinalLayer(codings.people_codings(connection), codebook, codings.revisions(connection)),
        codebook=codebook,
        mentions={code: frozenset(found) for code, found in mentions.items()},
        clusters=find_clusters(posts),
        invented_left_out=real and reporting.holds_invented_posts(connection),
        key=key,
    )


def find_clusters(posts: Iterable[Post]) -> dict[str, str]:
    """Name the cluster of each thread: itself, or the smallest address among threads that are cross-posts of one another."""
    parent: dict[str, str] = {}

    def root(thread: str) -> str:
        parent.setdefault(thread, thread)
        while parent[thread] != thread:
            thread = parent[thread]
        return thread

    threads = dict.fromkeys((post.thread, post.crosspost_of) for post in posts)
    for thread, original in threads:
        left = root(thread)
        if original is not None:
            first, second = sorted((left, root(f"{thread.partition(':')[0]}:{original}")))
            parent[second] = first
    return {thread: root(thread) for thread, _ in threads}


def data_hash(corpus: Corpus) -> str:
    """SHA-256 over the rows that votes are computed from, without the times of coding."""
    digest = hashlib.sha256()
    codes = sorted(corpus.codebook.codes)
    for post in (*corpus.posts, *corpus.notes):
        row = [post.address, post.text_sha, post.author, corpus.clusters.get(post.thread, post.thread), post.community,
               post.created_at, decisions(corpus, post, codes),
               [code for code in codes if post.id in corpus.mentions.get(code, ())]]  # fmt: skip
        digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def decisions(corpus: Corpus, post: Post, codes: Sequence[str]) -> list[list[str | None]]:
    """What people decided about a post: [code, value, stance] for each code that anybody looked for."""
    if post.id not in corpus.layer.posts:
        return []
    found = ((code, corpus.layer.decision(post.id, code)) for code in codes)
    return [[code, made.value, made.stance] for code, made in found if made.value is not None or made.disputed]
