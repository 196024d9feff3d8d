"""Codebooks and dictionaries in files of other programs: exporting the study's, importing others into it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from coding.codebook import Codebook, check_rules, read_codebook
from coding.codebook_exchange import (
    EXISTS,
    SAME,
    Note,
    Reading,
    as_csv,
    as_patterns,
    as_yaml,
    fitting,
    read_csv,
    read_table,
    read_yaml,
)
from coding.codebook_qdc import as_qdc, read_qdc
from coding.dictionaries import read_liwc, read_patterns, read_quanteda
from coding.negation import Negation
from db.errors import FileError, GroundswellError, Partial
from db.queries import codebooks as queries
from db.yaml_edits import readable
from db.yaml_files import MAX_BYTES, load, save, with_entries
from groundswell import VERSION
from groundswell.study import Study, record_codebook


class ExportForm(StrEnum):
    """In which form a codebook is exported."""

    YAML = "yaml"
    CSV = "csv"
    QDC = "qdc"
    PATTERNS = "patterns"


class ImportForm(StrEnum):
    """In which form a file is that is imported."""

    AUTO = "auto"
    YAML = "yaml"
    CSV = "csv"
    QDC = "qdc"
    QUANTEDA = "quanteda"
    LIWC = "liwc"
    PATTERNS = "patterns"


_READERS = {
    ImportForm.YAML: read_yaml,
    ImportForm.CSV: read_csv,
    ImportForm.QDC: read_qdc,
    ImportForm.QUANTEDA: read_quanteda,
    ImportForm.LIWC: read_liwc,
    ImportForm.PATTERNS: read_patterns,
}
_BY_ENDING = {".qdc": ImportForm.QDC, ".xml": ImportForm.QDC, ".dic": ImportForm.LIWC}


@dataclass(frozen=True, slots=True)
class ImportedCodes:
    """What an import of codes did: the entries that were added, by id, and notes on all that is otherwise than it was."""

    added: dict[str, dict[str, Any]]
    notes: tuple[Note, ...]

    @property
    def conflicts(self) -> int:
        """How many codes were not added since the codebook has others in their place."""
        return sum(note.what == EXISTS for note in self.notes)

    @property
    def same(self) -> int:
        """How many codes the codebook had already just so."""
        return sum(note.what == SAME for note in self.notes)


def export_codebook(study: Study, codebook: Codebook, form: ExportForm) -> bytes:
    """Return a codebook of a study as a file in UTF-8.

    Raises:
        GroundswellError: the form cannot be without codes.
    """
    if form is ExportForm.QDC:
        return as_qdc(codebook, f"groundswell {VERSION}")
    if form is ExportForm.CSV:
        with study.store() as store:
            return as_csv(codebook, queries.coded_posts(store.connection)).encode()
    return (as_patterns(codebook) if form is ExportForm.PATTERNS else as_yaml(codebook)).encode()


def save_export(study: Study, path: Path, content: bytes) -> None:
    """Write an export to a file, but not over the codebook itself, whose comments would be lost.

    Raises:
        GroundswellError: the file is the study's own codebook.
    """
    if path.resolve() == study.codebook_path.resolve():
        raise GroundswellError(
            f"{path}: the codebook of the study is not written over; its comments would be lost",
            hint="export to another file, and put that in its place",
        )
    path.write_bytes(content)


def lost_in(codebook: Codebook, form: ExportForm) -> str | None:
    """Return what a form of export has no place for, if the codebook has it."""
    if form is ExportForm.PATTERNS:
        return "only rules are in the file, without what the codes mean"
    if form is not ExportForm.YAML and codebook.negation != Negation():
        return "the words of negation are not in the file"
    return None


def import_codes(
    study: Study, path: Path, form: ImportForm = ImportForm.AUTO, *, dry_run: bool = False
) -> ImportedCodes:
    """Add the codes of a file to codebook.yaml; codes that are there are left as they are.

    Args:
        study: the study.
        path: the file.
        form: in which form it is; `auto` goes by its ending and its first lines.
        dry_run: only say what would be added.

    Raises:
        FileError: the file cannot be read in this form, or its codes do not go together with the codebook.
    """
    document = load(study.codebook_to_change)
    before = read_codebook(document)
    check_rules(document, before)
    fit = fitting(before, _read(path, form))
    if fit.entries:
        changed = with_entries(document, "codes", {code: readable(entry) for code, entry in fit.entries.items()})
        if len(changed.text.encode()) > MAX_BYTES:
            hint = "import a part of it; a dictionary of thousands of words is seldom meant as a whole"
            raise FileError(study.codebook_path, f"would be larger than {MAX_BYTES // 1_000_000} MB", hint=hint)
        after = read_codebook(changed)
        check_rules(changed, after)
        if not dry_run:
            save(changed)
            _record(study, before, after)
    return ImportedCodes(fit.entries, tuple(fit.notes))


def check_imported_codes(done: ImportedCodes) -> None:
    """Turn conflicts of an import into the exit code that says so.

    Raises:
        Partial: some codes were added, others were not.
        GroundswellError: none was added, since the codebook has others in their place.
    """
    if not done.conflicts:
        return
    text = f"{done.conflicts} of {done.conflicts + done.same + len(done.added)} codes are in the codebook otherwise"
    hint = "they are left as they are; change them there, or give those in the file other ids or names"
    if done.added:
        raise Partial(text, hint=hint)
    raise GroundswellError(text, hint=hint)


def _record(study: Study, *codebooks: Codebook) -> None:
    with study.store() as store:
        for codebook in codebooks:
            record_codebook(store, codebook)


def _read(path: Path, form: ImportForm) -> Reading:
    return _READERS[_recognised(path) if form is ImportForm.AUTO else form](path)


def _recognised(path: Path) -> ImportForm:
    """The form of a file by its ending, and where that says too little by how it begins."""
    ending = path.suffix.casefold()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if ending in {".csv", ".tsv", ".txt"}:
        first = next(iter(read_table(path, ("pattern", "tag", "name", "path"))), (1, {}))[1]
        return ImportForm.PATTERNS if "pattern" in first else ImportForm.CSV
    if ending in {".yaml", ".yml"}:
        return ImportForm.YAML if isinstance(load(path).data.get("codes"), dict) else ImportForm.QUANTEDA
    raise FileError(path, "cannot be told apart by its ending", hint=f"say --format {', '.join(_READERS)}")
