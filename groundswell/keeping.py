"""Keeping with each build what later ones are compared with: its figures, what was asked, how far coding had come."""

import json
from collections.abc import Mapping
from pathlib import Path
from sqlite3 import Connection  # noqa: TID251 - only its name: queries take one
from typing import Any

from db.queries import builds
from db.queries.builds import Figure
from db.queries.codings import last_event
from reports.diff import kept_content, only_share
from reports.phrases import claims_of


def keep_build(connection: Connection, report: Mapping[str, Any], definition: Path) -> None:
    """Keep with the newest build what it said and what was asked; no word of a post is among it.

    Args:
        connection: in the transaction in which the build was recorded.
        report: what was built.
        definition: the file of its claims, which need not exist.
    """
    content = {**kept_content(report), "codings": last_event(connection)}
    shares = {claim["id"]: only_share(claim) for claim in claims_of(report)}
    builds.keep_content(
        connection,
        json.dumps(content, ensure_ascii=False, sort_keys=True),
        definition.read_bytes().decode() if definition.exists() else None,
        {
            claim: Figure(share["estimate"], share["lower"], share["upper"])
            for claim, share in shares.items()
            if share is not None
        },
    )
