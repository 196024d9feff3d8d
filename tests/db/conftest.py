from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with Store(database, create=True) as opened:
        yield opened
