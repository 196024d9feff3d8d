"""Care for a study's database: migrations with a copy kept first, people's work as JSON lines, checks."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from db.queries.codings import exported_codings
from db.queries.posts import exported_posts
from db.queries.study import problems
from db.store import Store, copy_database, pending_migrations
from groundswell.study import Study, now


def migrate_study(study: Study, *, only_list: bool = False) -> list[str]:
    """Apply pending migrations after copying the file into backups/; return their names."""
    pending = pending_migrations(study.database)
    if pending and not only_list:
        copy_database(study.database, _place(study) / f"{_stamp()}-before-migration.db")
        with Store(study.database, create=True):
            pass
    return pending


def back_up(study: Study) -> list[Path]:
    """Write people's codings and private notes as JSON lines that `import codings` and `collect import` take back."""
    place, stamp = _place(study), _stamp()
    with study.store() as store:
        people = [row for row in exported_codings(store.connection, private=True) if row["coder_kind"] == "person"]
        notes = list(exported_posts(store.connection, private=True))
    written = [_write(place / f"{stamp}-codings.jsonl", people)]
    if notes:
        written.append(_write(place / f"{stamp}-notes.jsonl", notes))
    return written


def check_database(study: Study) -> list[str]:
    """What is wrong with the database; empty when all is well."""
    with study.store() as store:
        return problems(store.connection)


def _place(study: Study) -> Path:
    place = study.root / "backups"
    place.mkdir(exist_ok=True)
    return place


def _stamp() -> str:
    return now().replace(":", "").replace("-", "")


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.chmod(0o600)
    return path
