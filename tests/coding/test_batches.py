import pytest

from coding.batches import Batch, new_batch, read_batch


def test_the_name_of_a_batch_says_what_was_done_and_when() -> None:
    assert read_batch(new_batch("import", "2026-03-01T09:00:07Z")) == Batch("import", "2026-03-01T09:00:07Z")


def test_two_batches_of_the_same_second_have_different_names() -> None:
    assert new_batch("undo", "2026-03-01T09:00:00Z") != new_batch("undo", "2026-03-01T09:00:00Z")


def test_an_action_may_be_called_by_two_words() -> None:
    assert read_batch(new_batch("rule-run", "2026-03-01T09:00:00Z")) == Batch("rule-run", "2026-03-01T09:00:00Z")


@pytest.mark.parametrize("name", ["", "import", "Import-20260301T090000Z-0a1b2c", "import-20260301T090000Z-0a1b2c3"])
def test_another_name_is_no_batch_of_ours(name: str) -> None:
    assert read_batch(name) is None
