"""Names of codes as findings.yaml gives them: whole ids, or their last dotted part where that is plain."""

from collections.abc import Iterable

from coding.codebook import Codebook
from reports.findings_file import ClaimFields


def full_id(written: str, ids: Iterable[str]) -> str | None:
    """Return the id that was meant: the whole of it, or its last dotted part if only one has that."""
    known = tuple(ids)
    if written in known:
        return written
    matching = [known_id for known_id in known if known_id.rsplit(".", 1)[-1] == written]
    return matching[0] if len(matching) == 1 else None


def full_value(codebook: Codebook, attribute: str, value: str) -> str | None:
    """Return the id of the value of an attribute that was meant."""
    return full_id(value, codebook.values_of(attribute))


def codes_of(fields: ClaimFields, codebook: Codebook) -> tuple[str, ...]:
    """Return the several codes of a claim; empty where it counts one code or the values of an attribute."""
    if fields.kind == "pairs":
        return tuple(dict.fromkeys(code for pair in fields.pairs for code in (pair.code, pair.against) if code))
    if fields.kind == "examples":
        return tuple(dict.fromkeys((*fields.match, *_with_prefix(fields.code_prefix, codebook))))
    if fields.kind == "compare":
        return tuple(code for code in (fields.a, fields.b) if code)
    if fields.kind == "gap" and fields.against:
        return (fields.code, fields.against) if fields.code else (fields.against,)
    return fields.codes


def counted_by(fields: ClaimFields, codebook: Codebook) -> tuple[str, ...]:
    """Return the ids that a claim gives figures for."""
    if fields.attribute:
        return codebook.values_of(fields.attribute)
    codes = codes_of(fields, codebook)
    return codes or ((fields.code,) if fields.code else ())


def _with_prefix(prefix: str | None, codebook: Codebook) -> tuple[str, ...]:
    """The codes in use that begin so, in the order of the codebook."""
    if prefix is None:
        return ()
    return tuple(
        code.id
        for code in codebook.codes.values()
        if code.id.startswith(prefix) and not code.choose_one and not codebook.is_retired(code.id)
    )
