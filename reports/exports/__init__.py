"""The files of a report: one module here for each, found by its name; all are functions of report.json alone.

A module has one function, ``export(report, templates)``, that gives the content of each of its files by the path beside
report.json. `templates` is the study's own folder of templates, or None.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

Export = Callable[[Mapping[str, Any], Path | None], dict[str, bytes]]


@cache
def exports() -> dict[str, Export]:
    """Every export, by its module's name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").export for name in names}


def export_all(report: Mapping[str, Any], templates: Path | None = None) -> dict[str, bytes]:
    """All files of a report, by their paths."""
    return {path: content for export in exports().values() for path, content in export(report, templates).items()}
