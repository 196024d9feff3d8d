"""Care for a study's database: migrations with people's work and a copy kept first, and checks."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from db.queries.study import problems
from db.store import Store, copy_database, pending_migrations
from groundswell.backups import FOLDER, write_backup
from groundswell.study import Study, now


def migrate_study(study: Study, *, only_list: bool = False) -> list[str]:
    """Apply pending migrations and return their names.

    They are tried on a copy first: people's work is written from it as JSON lines, and another copy stays in backups/.
    """
    pending = pending_migrations(study.database)
    if pending and not only_list:
        place = study.root / FOLDER
        place.mkdir(exist_ok=True)
        stamp = now().replace(":", "").replace("-", "")
        copy = place / f"{stamp}-before-migration.db"
        copy_database(study.database, copy)
        with TemporaryDirectory(prefix=".", dir=place) as trial:
            tried = Path(shutil.copy(copy, trial))
            with Store(tried, create=True) as store:
                write_backup(study.root, store, "before-migration")
        with Store(study.database, create=True):
            pass
    return pending


def check_database(study: Study) -> list[str]:
    """What is wrong with the database; empty when all is well."""
    with study.store() as store:
        return problems(store.connection)
