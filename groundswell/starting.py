"""Starting: a new study from an example, and the demo that shows a whole one."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from collector.importing import ImportOptions
from collector.people import fingerprint
from db.errors import GroundswellError
from db.queries.study import set_fingerprint
from db.store import Store
from groundswell.coding_work import apply, bring_in_codings, check_imported
from groundswell.collecting import check_outcome, import_into
from groundswell.reporting import Built, build
from groundswell.settings import KEY, new_key
from groundswell.sites import Conduct
from groundswell.stopping import Stop
from groundswell.study import STUDY_FILE, Study, find_study

EXAMPLES = ("ai-engineer", "blank")
_DATA = ("posts.jsonl", "codings.jsonl")
_OWN_README = "README.md"
_BLANK = {
    STUDY_FILE: """\
# What this study asks, and of whom.
version: 1
title: {title}
question: null          # the question in one sentence
sensitivity: low        # high: the report names no threads
retention_days: null    # after how many days without a look that confirms it a text goes
coders: []
machine: all            # none: no rule or model may code this study
sources: []
""",
    "codebook.yaml": """\
# The codes: groundswell codebook add "Title confusion" --term "job title*" adds one.
version: 1
codes: {{}}
""",
    "findings.yaml": """\
# The claims to compute. While there are none here, the report has one claim a code.
# Say what you will count as agreement before you look at the numbers:
#
# sections:
#   - id: titles
#     title: Titles
#     claims:
#       - id: titles-misaligned
#         kind: consensus          # or shares, ranking
#         code: title-confusion    # a code with `stance: yes`
#         statement: job titles are misaligned with the work
version: 1
""",
}
_GITIGNORE = """\
# Credentials, the pseudonym key, and what people wrote: none of it belongs into a repository.
.env
study.db*
backups/
.collecting.*
"""


def start_study(folder: Path, example: str, title: str | None = None) -> Study:
    """Make a study: its files from an example, a key of its own, an empty database.

    Raises:
        GroundswellError: the folder holds a study or other files already, or the example is unknown.
    """
    if example not in EXAMPLES:
        raise GroundswellError(f"there is no example {example!r}", hint=f"there are {' and '.join(EXAMPLES)}")
    if (folder / STUDY_FILE).exists():
        raise GroundswellError(f"{folder}: there is a study here already; it was left as it is")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GroundswellError(f"{folder}: not empty; a study starts in a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    if example == "blank":
        for name, content in _BLANK.items():
            (folder / name).write_text(content.format(title=_quoted(title or folder.resolve().name)), encoding="utf-8")
    else:
        _copy(example_data(example), folder)
    _secure(folder)
    return find_study(folder, folder)


def example_data(example: str) -> Traversable:
    """The folder of an example as it was installed."""
    return files("studies").joinpath(example)


def _quoted(title: str) -> str:
    return '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _copy(source: Traversable, target: Path) -> None:
    """Copy an example's own files; its posts and codings stay behind, since they are not the user's."""
    for entry in source.iterdir():
        if entry.name in (*_DATA, _OWN_README) or entry.name.startswith(("_", ".")):
            continue
        if entry.is_dir():
            (target / entry.name).mkdir(exist_ok=True)
            _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())


def _secure(folder: Path) -> None:
    """Write the key where only the owner reads it, keep it out of repositories, and make the database."""
    key = new_key()
    secret = folder / ".env"
    secret.touch(mode=0o600)
    secret.write_text(
        f"# This key makes the pseudonyms. Keep it, and keep it to yourself: with another everybody becomes somebody else.\n{KEY}={key}\n",
        encoding="utf-8",
    )
    (folder / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    with Store(folder / "study.db", create=True) as store, store.write() as connection:
        set_fingerprint(connection, fingerprint(bytes.fromhex(key)))


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made."""

    study: Study
    posts: int
    hits: int
    codings: int
    built: Built


def run_demo(folder: Path) -> Demo:
    """Make the example study whole: collect its invented posts, code them, bring in the coders' work, report.

    In a folder that an earlier demo made it does the same again; nothing is doubled.
    """
    kept = folder / "invented"
    study = find_study(folder, folder) if kept.is_dir() else start_study(folder, "ai-engineer")
    data = example_data("ai-engineer")
    kept.mkdir(exist_ok=True)
    for name in _DATA:
        (kept / name).write_bytes(data.joinpath(name).read_bytes())
    outcome = import_into(study, [kept / "posts.jsonl"], ImportOptions(), Conduct(Stop()))
    check_outcome(outcome, Stop())
    applied = apply(study)
    codings = bring_in_codings(study, kept / "codings.jsonl")
    check_imported(codings)
    return Demo(study, outcome.counts.new, applied.new, codings.new, build(study))
