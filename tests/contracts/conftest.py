"""Each site source before its stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.collecting import SITES, Site
from fakes.server import FakeServer
from fakes.world import World

from db.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "study.db", create=True) as opened:
        yield opened


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[Store]:
    """A second study, for what an undisturbed run stores."""
    with Store(tmp_path / "other.db", create=True) as opened:
        yield opened


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(params=list(SITES))
def site(request: pytest.FixtureRequest, world: World, store: Store) -> Iterator[Site]:
    """A site; a test that is for some sites only names them as parameters."""
    service = SITES[request.param].service(world)
    with FakeServer(service) as server:
        yield Site(request.param, server, world, service, store)
