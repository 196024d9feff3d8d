from fakes.observed import rows

from db.queries.ledger import record_cost, spent
from db.store import Store


def test_a_cost_is_stored_as_it_was_counted(store: Store) -> None:
    with store.write() as connection:
        record_cost(connection, "x_api", "2026-03-01", "posts", 40, 0.2)

    assert rows(store, "SELECT source, day, what, resources, usd FROM ledger") == [
        {"source": "x_api", "day": "2026-03-01", "what": "posts", "resources": 40, "usd": 0.2}
    ]


def test_a_month_is_summed_from_its_first_to_its_last_day_and_for_one_source(store: Store) -> None:
    with store.write() as connection:
        for source, day, usd in (
            ("x_api", "2026-02-28", 1.0), ("x_api", "2026-03-01", 0.1), ("x_api", "2026-03-31", 0.2),
            ("x_api", "2026-04-01", 1.0), ("other", "2026-03-15", 1.0),
        ):  # fmt: skip
            record_cost(connection, source, day, "posts", 1, usd)

    assert spent(store.connection, "x_api", "2026-03") == 0.3


def test_a_month_in_which_nothing_was_read_cost_nothing(store: Store) -> None:
    assert spent(store.connection, "x_api", "2026-03") == 0.0
