"""What sources that charge for reading have cost."""

from sqlite3 import Connection  # noqa: TID251 - this is the one home of SQL


def record_cost(  # noqa: PLR0917 - the columns of a row
    connection: Connection, source: str, day: str, what: str, resources: int, usd: float
) -> None:
    """Store that so many things were read on a UTC day (YYYY-MM-DD) for so many US dollars."""
    connection.execute(
        "INSERT INTO ledger (source, day, what, resources, usd) VALUES (?, ?, ?, ?, ?)",
        (source, day, what, resources, usd),
    )


def spent(connection: Connection, source: str, month: str) -> float:
    """What a source cost in a UTC month (YYYY-MM), in US dollars."""
    row = connection.execute(
        "SELECT coalesce(sum(usd), 0) FROM ledger WHERE source = ? AND day BETWEEN ? AND ?",
        (source, f"{month}-01", f"{month}-31"),
    ).fetchone()
    return round(float(row[0]), 6)
