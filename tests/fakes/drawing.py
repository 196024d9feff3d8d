"""Audits in small real studies: drawn by the rule that a study draws by, and read by one person."""

from collections.abc import Iterable, Sequence

from fakes.corpora import KEY, Study

from coding.codebook import codebook_content, codebook_revision
from coding.sampling import Design, author_labels, draw, seed_of
from db.queries import samples
from db.queries.codings import save_revision
from db.queries.samples import AUTHOR, Round, Sample, Unit
from reports.corpus import Corpus, machine_view
from reports.definition import Claim
from reports.reading import posts_to_read

DAY = "2026-04-02T00:00:00Z"


def draw_audit(study: Study, *codes: str, per_stratum: int = 75, name: str = "audit-1") -> dict[str, float]:
    """Draw an audit of authors, or draw once more for one that is there, and give who is in it with which probability."""
    connection = study.store.connection
    stored = samples.sample(connection, name)
    design = Design(seed_of(KEY, name), codes, per_stratum) if stored is None else Design.from_json(stored.design)
    stances: dict[tuple[int, str], set[str | None]] = {}
    for post, code, _, stance in samples.machine_hits(connection):
        stances.setdefault((post, code), set()).add(stance)
    found = {place: frozenset(here) for place, here in stances.items()}
    hits = [machine_view(post, design.codes, found) for post in study.corpus().posts]
    labels = author_labels(hits, {code: study.codebook.codes[code].stance for code in design.codes})
    drawn = draw(design, labels, DAY, len(samples.units(connection, name)))
    with study.store.write() as writing:
        samples.save_sample(writing, Sample(name, "audit", AUTHOR, design.to_json(), None, DAY))
        samples.add_units(writing, name, [Unit(one.unit, one.place, one.probability, None, DAY) for one in drawn])
    return {unit.unit: unit.probability for unit in samples.units(connection, name)}


def store_audit(study: Study, probabilities: dict[str, float], *codes: str, name: str = "audit-1") -> None:
    """Store an audit that drew these authors and considered all there are."""
    design = Design(seed_of(KEY, name), codes, 75)
    design.considered = {design.remembered(post.author) for post in study.corpus().posts}
    units = [Unit(author, place, pi, None, DAY) for place, (author, pi) in enumerate(probabilities.items(), 1)]
    with study.store.write() as connection:
        samples.save_sample(connection, Sample(name, "audit", AUTHOR, design.to_json(), None, DAY))
        samples.add_units(connection, name, units)


def start_round(study: Study, coders: Sequence[str], codes: Sequence[str], audit: str = "audit-1") -> None:
    """Start a blind round of an audit."""
    revision = codebook_revision(study.codebook)
    with study.store.write() as connection:
        save_revision(connection, revision, codebook_content(study.codebook), DAY)
        samples.add_round(connection, Round("round-1", audit, tuple(coders), tuple(codes), revision, True, DAY))


def needed(study: Study, claim: Claim) -> frozenset[str]:
    """The addresses of the posts that a claim waits for."""
    corpus: Corpus = study.corpus()
    waiting = posts_to_read(study.compute(claim), corpus)
    wanted = frozenset[int]() if waiting is None else waiting.posts
    return frozenset(post.address for post in corpus.posts if post.id in wanted)


def read(study: Study, claim: Claim, addresses: Iterable[str], showing: Iterable[str] = ()) -> None:
    """Let a person decide posts: present on those that show the code, absent on the others."""
    shown = frozenset(showing)
    for address in sorted(addresses):
        if address in shown:
            study.code(address, claim.code or "", stance="support" if claim.kind == "consensus" else None)
        else:
            study.code(address, claim.code or "", "absent")
