"""The tables and views of a study, declared in migrations and never inferred from data.

Until 0.1.0 is released the migrations may be squashed into one; afterwards the list only grows.
"""

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

SCHEMA_VERSION = 1
"""Kept in `PRAGMA user_version`, so that a file of a newer version is recognised and refused."""

migrations = Migrations("groundswell")

STATES = ("live", "deleted_by_author", "removed", "account_gone", "protected", "vanished", "purged", "orphan")

_TABLES = f"""
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    parameters TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'partial', 'failed', 'refused', 'interrupted')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    posts_seen INTEGER NOT NULL DEFAULT 0,
    posts_new INTEGER NOT NULL DEFAULT 0,
    posts_changed INTEGER NOT NULL DEFAULT 0,
    problems INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    source TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    status INTEGER,
    bytes INTEGER,
    sha256 TEXT,
    waited_ms INTEGER NOT NULL DEFAULT 0,
    elapsed_ms INTEGER,
    rate_limit TEXT,
    requested_at TEXT NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX requests_run ON requests (run);

CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    last_at TEXT NOT NULL,
    state TEXT NOT NULL,
    problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE paces (
    source TEXT PRIMARY KEY,
    last_at REAL NOT NULL,
    between_seconds REAL NOT NULL,
    closed_until REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    day TEXT NOT NULL,
    what TEXT NOT NULL,
    resources INTEGER NOT NULL,
    usd REAL NOT NULL
) STRICT;
CREATE INDEX ledger_day ON ledger (source, day);

CREATE TABLE frontier (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('todo', 'done', 'gave_up')),
    tries INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    UNIQUE (source, target, kind, payload)
) STRICT;
CREATE INDEX frontier_todo ON frontier (source, target) WHERE state = 'todo';

CREATE TABLE unreadable (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    position TEXT NOT NULL,
    problem TEXT NOT NULL,
    item TEXT,
    seen_at TEXT NOT NULL
) STRICT;

CREATE TABLE communities (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE authors (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    is_bot INTEGER NOT NULL CHECK (is_bot IN (0, 1)),
    is_gone INTEGER NOT NULL CHECK (is_gone IN (0, 1))
) STRICT;

CREATE TABLE threads (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    native_id TEXT NOT NULL,
    community INTEGER REFERENCES communities (id),
    community_at TEXT,
    community_sha TEXT,
    url TEXT,
    crosspost_of TEXT,
    declared_count INTEGER,
    declared_at TEXT,
    declared_sha TEXT,
    stored_count INTEGER,
    coverage REAL,
    walked_at TEXT,
    walked_by TEXT
) STRICT;
CREATE INDEX threads_community ON threads (community);

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    platform TEXT NOT NULL,
    native_id TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES threads (id),
    parent TEXT,
    kind TEXT NOT NULL,
    author INTEGER REFERENCES authors (id),
    created_at TEXT,
    edited_at TEXT,
    title TEXT,
    text TEXT,
    text_sha TEXT,
    url TEXT,
    score INTEGER,
    state TEXT NOT NULL CHECK (state IN ({", ".join(f"'{s}'" for s in STATES)})),
    observed_at TEXT,
    private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1)),
    quoted TEXT,
    cut INTEGER NOT NULL DEFAULT 0 CHECK (cut IN (0, 1)),
    stored_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX posts_thread ON posts (thread);
CREATE INDEX posts_author ON posts (author);
CREATE INDEX posts_parent ON posts (parent);

CREATE TABLE observations (
    post INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    place_at TEXT,
    place_sha TEXT,
    score_at TEXT,
    score_sha TEXT,
    author_at TEXT,
    author_sha TEXT,
    author_gone TEXT,
    text_at TEXT,
    text_sha TEXT,
    text_gone TEXT,
    gone_state TEXT,
    gone_at TEXT,
    gone_sha TEXT,
    missed_at TEXT
) STRICT;
CREATE INDEX observations_missed ON observations (post) WHERE missed_at IS NOT NULL;

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    text_sha TEXT NOT NULL,
    title TEXT,
    text TEXT,
    observed_at TEXT,
    UNIQUE (post, text_sha)
) STRICT;

CREATE VIRTUAL TABLE words USING fts5 (title, own, quoted, tokenize = "unicode61 remove_diacritics 0", detail = full);

CREATE TABLE indexed (
    post INTEGER PRIMARY KEY,
    text_sha TEXT NOT NULL
) STRICT;

CREATE TABLE scores (
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    observed_at TEXT NOT NULL,
    score INTEGER NOT NULL,
    PRIMARY KEY (post, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE lost_words (
    hash BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE losses (
    post INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    lost_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

CREATE TABLE suppressions (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('author', 'post')),
    since TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE exports (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    made_at TEXT NOT NULL,
    posts INTEGER NOT NULL
) STRICT;

CREATE TABLE tags (
    thread TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (thread, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE memos (
    id INTEGER PRIMARY KEY,
    about TEXT NOT NULL,
    text TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (about, text, origin)
) STRICT;

CREATE TABLE leads (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    place TEXT NOT NULL,
    claim TEXT,
    link TEXT,
    thread TEXT,
    problem TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE lead_judgements (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    lead TEXT NOT NULL REFERENCES leads (uid) ON DELETE CASCADE,
    judgement TEXT NOT NULL CHECK (judgement IN ('supports', 'contradicts', 'not_in_it', 'cannot_tell')),
    post INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    coder INTEGER NOT NULL REFERENCES coders (id),
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX lead_judgements_lead ON lead_judgements (lead);

CREATE TABLE quotes (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    start INTEGER,
    "end" INTEGER,
    text_sha TEXT NOT NULL,
    name TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('agreed', 'addressed', 'public_figure')),
    note TEXT,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    dropped_at TEXT
) STRICT;

CREATE TABLE edges (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    target INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('duplicate_of')),
    UNIQUE (source, kind)
) STRICT;
CREATE INDEX edges_target ON edges (target);

CREATE TABLE codebook_revisions (
    revision TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE coders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'rules', 'model', 'program')),
    UNIQUE (name, kind)
) STRICT;

CREATE TABLE coding_events (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    value TEXT NOT NULL CHECK (value IN ('present', 'absent', 'unsure', 'missing')),
    stance TEXT CHECK (stance IN ('support', 'dispute', 'mixed')),
    number REAL,
    start INTEGER,
    "end" INTEGER,
    text_sha TEXT,
    coder INTEGER NOT NULL REFERENCES coders (id),
    version TEXT,
    codebook_revision TEXT REFERENCES codebook_revisions (revision),
    round TEXT,
    batch TEXT,
    blind INTEGER NOT NULL DEFAULT 0 CHECK (blind IN (0, 1)),
    suggestion_shown INTEGER NOT NULL DEFAULT 0 CHECK (suggestion_shown IN (0, 1)),
    adjudicated INTEGER NOT NULL DEFAULT 0 CHECK (adjudicated IN (0, 1)),
    reason TEXT,
    took_ms INTEGER,
    created_at TEXT NOT NULL,
    undone_by INTEGER REFERENCES coding_events (id),
    undo_of INTEGER REFERENCES coding_events (id)
) STRICT;
CREATE INDEX coding_events_post ON coding_events (post, code);
CREATE INDEX coding_events_batch ON coding_events (batch) WHERE batch IS NOT NULL;
CREATE INDEX coding_events_coder ON coding_events (coder, code) WHERE undone_by IS NULL AND undo_of IS NULL;
CREATE INDEX coding_events_coder_post ON coding_events (coder, post);
CREATE INDEX coding_events_timed ON coding_events (coder) WHERE took_ms IS NOT NULL;

CREATE TABLE code_changes (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('merge', 'split', 'retire', 'rename', 'restore')),
    code TEXT NOT NULL,
    into_codes TEXT,
    batch TEXT,
    reason TEXT,
    made_by TEXT,
    made_at TEXT NOT NULL
) STRICT;

CREATE TABLE samples (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('training', 'reliability', 'main', 'audit')),
    unit TEXT NOT NULL CHECK (unit IN ('post', 'author')),
    design TEXT NOT NULL,
    codebook_revision TEXT REFERENCES codebook_revisions (revision),
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sample_units (
    sample TEXT NOT NULL REFERENCES samples (id) ON DELETE CASCADE,
    unit TEXT NOT NULL,
    place INTEGER NOT NULL,
    probability REAL NOT NULL,
    stratum TEXT,
    drawn_at TEXT NOT NULL,
    PRIMARY KEY (sample, unit)
) STRICT, WITHOUT ROWID;

CREATE TABLE rounds (
    id TEXT PRIMARY KEY,
    sample TEXT NOT NULL REFERENCES samples (id),
    coders TEXT NOT NULL,
    codes TEXT NOT NULL,
    codebook_revision TEXT NOT NULL REFERENCES codebook_revisions (revision),
    blind INTEGER NOT NULL CHECK (blind IN (0, 1)),
    double_share REAL NOT NULL DEFAULT 1 CHECK (double_share BETWEEN 0 AND 1),
    started_at TEXT NOT NULL,
    closed_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE packets (
    id TEXT PRIMARY KEY,
    coder TEXT NOT NULL,
    sample TEXT NOT NULL REFERENCES samples (id),
    round TEXT REFERENCES rounds (id),
    codebook_revision TEXT NOT NULL REFERENCES codebook_revisions (revision),
    posts INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    returned_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    codebook_revision TEXT NOT NULL REFERENCES codebook_revisions (revision),
    card TEXT NOT NULL,
    weights BLOB,
    trained_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX models_code ON models (code, trained_at);

CREATE TABLE model_posts (
    model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (model, post)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_scores (
    model TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    post INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    score REAL NOT NULL,
    PRIMARY KEY (model, post)
) STRICT, WITHOUT ROWID;

CREATE TABLE program_runs (
    id TEXT PRIMARY KEY,
    coder INTEGER NOT NULL REFERENCES coders (id),
    command TEXT NOT NULL,
    version TEXT,
    sample TEXT REFERENCES samples (id),
    sent_sha256 TEXT NOT NULL,
    answers TEXT,
    posts INTEGER NOT NULL,
    codings INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    ended TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    built_at TEXT NOT NULL,
    report_sha256 TEXT NOT NULL,
    data_sha256 TEXT NOT NULL,
    codebook_revision TEXT NOT NULL,
    definition_sha256 TEXT NOT NULL,
    definition TEXT,
    quotes TEXT,
    content TEXT
) STRICT;

CREATE TABLE findings (
    report INTEGER NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    claim TEXT NOT NULL,
    verdict TEXT NOT NULL,
    basis TEXT NOT NULL,
    share REAL,
    lower REAL,
    upper REAL,
    PRIMARY KEY (report, claim)
) STRICT, WITHOUT ROWID;
"""

_VIEWS = """
CREATE VIEW public_posts AS
SELECT * FROM posts WHERE private = 0;

CREATE VIEW posts_readable AS
SELECT p.address, c.name AS community, t.address AS thread, p.parent, a.address AS author, p.kind, p.created_at,
       p.title, p.text, p.score, p.state, p.url
  FROM public_posts p
  JOIN threads t ON t.id = p.thread
  LEFT JOIN communities c ON c.id = t.community
  LEFT JOIN authors a ON a.id = p.author
 ORDER BY t.id, p.id;

CREATE VIEW codings_current AS
SELECT e.id, p.address AS post, e.code, e.value, e.stance, e.number, e.start, e."end", r.name AS coder,
       r.kind AS coder_kind, e.version, e.round, e.created_at, e.codebook_revision, e.adjudicated,
       e.text_sha IS p.text_sha AS text_unchanged, p.private
  FROM coding_events e
  JOIN posts p ON p.id = e.post
  JOIN coders r ON r.id = e.coder
 WHERE e.undone_by IS NULL AND e.undo_of IS NULL
   AND (r.kind <> 'person' OR NOT EXISTS (
        SELECT 1 FROM coding_events later
         WHERE later.post = e.post AND later.code = e.code AND later.coder = e.coder AND later.adjudicated = e.adjudicated
           AND later.undone_by IS NULL AND later.undo_of IS NULL
           AND (later.created_at, later.uid) > (e.created_at, e.uid)));

CREATE VIEW code_counts AS
SELECT code, coder_kind, coder, value, stance, count(DISTINCT post) AS posts
  FROM codings_current
 WHERE private = 0
 GROUP BY code, coder_kind, coder, value, stance;

CREATE VIEW disagreements AS
SELECT post, code, group_concat(coder || ': ' || value || coalesce(' ' || stance, ''), '; ') AS codings
  FROM (SELECT * FROM codings_current WHERE coder_kind = 'person' AND adjudicated = 0 AND value IN ('present', 'absent') AND private = 0 ORDER BY coder)
 GROUP BY post, code
HAVING count(DISTINCT value || coalesce(stance, '')) > 1;

CREATE VIEW runs_summary AS
SELECT r.id, r.command, r.state, r.started_at, r.finished_at, r.posts_seen, r.posts_new, r.posts_changed, r.problems,
       (SELECT count(*) FROM requests q WHERE q.run = r.id) AS requests
  FROM runs r;
"""


@migrations(name="0001_study")
def _study(db: "Database") -> None:
    """Create all tables and the views that people and Datasette read."""
    for statement in (_TABLES + _VIEWS).split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
