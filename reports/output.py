"""How a report is written: what findings.yaml says under `output:`."""

from collections.abc import Mapping
from typing import Any, Literal

from coding.codebook import YesNo
from db.yaml_files import FileModel

Citations = Literal["footnotes", "inline", "none"]
Voice = Literal["I", "we", "none"]


class OutputFields(FileModel):
    """How Markdown is written; nothing that is computed depends on it.

    Attributes:
        citations: how a claim names the threads that its evidence lies in: as footnotes, in brackets after it, or not.
        voice: who speaks of what was done: "I collected", "we collected", or nobody.
        emphasis: whether verdicts stand in bold.
    """

    citations: Citations = "inline"
    voice: Voice = "none"
    emphasis: YesNo = False

    def entry(self) -> dict[str, Any]:
        """The choices as they stand in report.json."""
        return {"citations": self.citations, "voice": self.voice, "emphasis": self.emphasis}


DEFAULT = OutputFields().entry()


def output_of(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a report is to be written; one that does not say is written in the usual way."""
    chosen: Mapping[str, Any] = report["report"].get("output", DEFAULT)
    return chosen
