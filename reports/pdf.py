"""The report's page as a PDF, printed by WeasyPrint (extra `pdf`): the same report gives the same bytes.

Fonts that are put into a PDF bear the moment at which that was done, unless SOURCE_DATE_EPOCH is set in the environment:
whoever calls sees to it.
"""

from db.errors import ConfigurationError

VARIANT = "pdf/ua-1"
"""Readable by screen readers."""


def printed(page: str) -> bytes:
    """A page as PDF; what it asks for from elsewhere is left out.

    Raises:
        ConfigurationError: WeasyPrint, or what it needs of the system, is not installed.
    """
    try:
        from weasyprint import HTML  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, slow to load
        from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise ConfigurationError(
            f'a PDF needs the extra "pdf": {error}',
            hint='uv tool install "groundswell[pdf]", and Pango from your system',
        ) from error
    content: bytes = HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(pdf_variant=VARIANT)
    return content
