import json
from typing import Any

import pytest

from collector import x_fields


def test_the_first_value_that_is_given_counts() -> None:
    assert x_fields.first(None, "", 0, 1) == 0
    assert x_fields.first(None, "") is None


@pytest.mark.parametrize(
    ("values", "found"), [((None, "7"), "7"), ((7,), "7"), ((None, ""), None), ((2**60,), str(2**60))]
)
def test_an_id_is_a_whole_number_of_any_size_as_number_or_text(values: tuple[Any, ...], found: str | None) -> None:
    assert x_fields.native_id(*values) == found


@pytest.mark.parametrize("value", ["mira_k", 1.9e18, True, "-7", "٧", [7], "9" * 26])
def test_what_is_no_id_is_told_without_what_it_holds(value: Any) -> None:
    with pytest.raises(ValueError, match="an id is") as raised:
        x_fields.native_id(value)

    assert "mira_k" not in str(raised.value)


def test_an_id_that_has_to_be_there_is_missed() -> None:
    with pytest.raises(ValueError, match="it bears no id"):
        x_fields.needed_id(None, "")


@pytest.mark.parametrize(("value", "number"), [("7", 7), (7, 7), (0, 0), (None, None), (True, None), ("", None)])
def test_a_count_is_a_number_or_text_or_missing(value: Any, number: int | None) -> None:
    assert x_fields.count(value) == number


@pytest.mark.parametrize("value", [-1, 2**53 + 1])
def test_a_count_that_cannot_be_right_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=f"{value} is no count"):
        x_fields.count(value)


def test_of_an_item_are_kept_fields_that_hold_what_they_should_and_the_names_of_all_others() -> None:
    item = {
        "rest_id": "77", "id": "mira_k", "__typename": "Tweet", "created_at": "Tue Mar 18 18:07:30 +0000 2025",
        "date": "last Tuesday", "reason": "see @mira_k", "lang": "en", "text": "Such dear bread", "mira k": 1,
        "legacy": {"id_str": "78", "full_text": "Such dear bread"},
    }  # fmt: skip

    assert json.loads(str(x_fields.kept(item))) == {
        "id_str": "78", "rest_id": "77", "__typename": "Tweet", "created_at": "Tue Mar 18 18:07:30 +0000 2025",
        "lang": "en",
        "fields": ["rest_id", "id", "__typename", "created_at", "date", "reason", "lang", "text", "legacy"],
    }  # fmt: skip


def test_of_what_is_no_object_nothing_is_kept() -> None:
    assert x_fields.kept(["mira_k"]) is None
