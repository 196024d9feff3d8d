"""A study: the folder that holds what to collect, how to code it, what to find out, and the database."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from coding.codebook import Codebook, check_rules, codebook_revision, read_codebook
from coding.final import codebook_content
from collector.people import Pseudonyms, fingerprint
from collector.times import iso
from db.errors import ConfigurationError
from db.queries import codings
from db.queries import study as study_queries
from db.store import Store
from db.yaml_files import load
from groundswell.settings import Settings, load_settings
from groundswell.study_file import StudyFile, load_study_file
from reports.definition import Definition, default_definition, load_definition

STUDY_FILE = "study.yaml"
CODEBOOK_FILE = "codebook.yaml"
DATABASE_FILE = "study.db"
PACKET_FILE = "packet.json"
"""Lies in a folder that was made for a coder elsewhere, and in no other."""


@dataclass(frozen=True, slots=True)
class Study:
    """An open study folder."""

    root: Path
    file: StudyFile
    settings: Settings

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / DATABASE_FILE

    @property
    def codebook_path(self) -> Path:
        """The codebook's file."""
        return self.root / CODEBOOK_FILE

    @property
    def codebook_to_change(self) -> Path:
        """The codebook's file, for whoever is about to write into it.

        Raises:
            ConfigurationError: this is a packet, whose codings are taken back only under the codebook that came with it.
        """
        if self.packet_path.exists():
            raise ConfigurationError(
                f"{self.root}: a packet is coded by the codebook that came with it", hint="note the idea as a memo"
            )
        return self.codebook_path

    @property
    def packet_path(self) -> Path:
        """What makes the study a packet, if it is one."""
        return self.root / PACKET_FILE

    @property
    def findings_path(self) -> Path:
        """The findings file, which need not exist."""
        return self.root / "findings.yaml"

    @property
    def reports(self) -> Path:
        """The folder of built reports."""
        return self.root / "reports"

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database, open; made with the study, so a missing file is an error."""
        with Store(self.database) as store:
            yield store

    def pseudonyms(self, store: Store) -> Pseudonyms:
        """The maker of this study's pseudonyms.

        Raises:
            ConfigurationError: the key is missing, or is not the one that made those already stored; or the study is a
                packet, in which nobody's name can be hidden.
        """
        if self.packet_path.exists():
            raise ConfigurationError(
                f"{self.root}: a packet to be coded; nothing is collected into it", hint="groundswell share return"
            )
        return Pseudonyms(self.key(store))

    def key(self, store: Store) -> bytes:
        """The study's key, checked against its fingerprint in the database.

        While the database holds no post, another key may take the first one's place: that is how a backup comes back.
        A packet needs no secret, since no name comes into it: what stands for a key there is only its own everywhere.
        """
        if self.packet_path.exists():
            return hashlib.sha256(self.packet_path.read_bytes()).digest()
        key, stored = self.settings.key, study_queries.fingerprint(store.connection)
        if key is None:
            raise ConfigurationError(
                f"{self.root / '.env'}: GROUNDSWELL_KEY is missing; without it nobody can be made unrecognisable",
                hint="put the study's .env back (groundswell init wrote it)",
            )
        if stored is None:
            with store.write() as connection:
                study_queries.set_fingerprint(connection, fingerprint(key))
        elif stored != fingerprint(key):
            if study_queries.is_empty(store.connection):
                with store.write() as connection:
                    study_queries.set_fingerprint(connection, fingerprint(key))
                return key
            raise ConfigurationError(
                f"{self.root / '.env'}: this GROUNDSWELL_KEY is not the one that made the pseudonyms in study.db",
                hint="put the study's own .env back; with another key everybody would become two people",
            )
        return key

    def codebook(self) -> Codebook:
        """The codebook, its rules checked too."""
        document = load(self.codebook_path)
        codebook = read_codebook(document)
        check_rules(document, codebook)
        return codebook

    def definition(self, codebook: Codebook) -> Definition:
        """The claims to compute: those of findings.yaml, or one a code where it names none."""
        if self.findings_path.exists():
            definition = load_definition(self.findings_path, codebook)
            if definition.sections:
                return definition
            return replace(default_definition(codebook, self.file.title), output=definition.output)
        return default_definition(codebook, self.file.title)


def record_codebook(store: Store, codebook: Codebook) -> str:
    """Keep the codebook's revision in the database and return its name."""
    revision = codebook_revision(codebook)
    with store.write() as connection:
        codings.save_revision(connection, revision, codebook_content(codebook), now())
    return revision


def now() -> str:
    """The wall clock as ISO 8601 UTC."""
    return iso(datetime.now(UTC))


def now_after(earlier: str | None) -> str:
    """Now, or a second after an earlier moment that is not past: of what somebody said twice the later one holds."""
    at = now()
    if earlier is None or earlier < at:
        return at
    return iso(datetime.fromisoformat(earlier).astimezone(UTC) + timedelta(seconds=1))


def find_study(named: Path | None, start: Path) -> Study:
    """The study at `named`, or the one that `start` lies in.

    Raises:
        ConfigurationError: there is none.
    """
    for folder in [named] if named is not None else [start, *start.parents]:
        if (folder / STUDY_FILE).is_file():
            return Study(folder, load_study_file(folder / STUDY_FILE), load_settings(folder))
    where = named if named is not None else start
    raise ConfigurationError(
        f"{where}: not a study, nor inside one (no {STUDY_FILE})",
        hint="groundswell init DIR makes one; -C DIR names one elsewhere",
    )
