"""groundswell: collect discussions, code them, and recompute findings in which every number leads to posts."""

from importlib.metadata import version as _version

__all__ = ["VERSION"]

VERSION = _version("groundswell")
"""The installed version."""
