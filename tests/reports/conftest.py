from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.corpora import Study, make_study


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    made = make_study(tmp_path)
    yield made
    made.store.close()
