from fakes.observed import REPLY

from db.records import Counts


def test_an_address_is_platform_and_native_id() -> None:
    assert REPLY.address == "reddit:t1_reply"


def test_counts_of_steps_add_up() -> None:
    counts = Counts(seen=3, new=2, changed=1)

    counts.add(Counts(seen=10, new=20, changed=30))

    assert counts == Counts(seen=13, new=22, changed=31)
