"""Each site source before its stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.arctic import ArcticShift
from fakes.collecting import Site
from fakes.reddit import RedditApi
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


@pytest.fixture
def reddit(world: World) -> RedditApi:
    return RedditApi(world)


@pytest.fixture
def archive(world: World) -> ArcticShift:
    return ArcticShift(world)


@pytest.fixture
def server(reddit: RedditApi, archive: ArcticShift) -> Iterator[FakeServer]:
    with FakeServer(reddit, archive) as running:
        yield running


@pytest.fixture(params=["arctic_shift", "reddit_api"])
def site(request: pytest.FixtureRequest, server: FakeServer, world: World, archive: ArcticShift, store: Store) -> Site:
    return Site(request.param, server, world, archive, store)
