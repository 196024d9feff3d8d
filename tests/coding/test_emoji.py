import pytest

from coding.emoji import emoji_bounds, plain, without_skin_tone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no emoji", []),
        ("caf\u00e9 \u2139 1\ufe0f\u20e3", []),
        ("\U0001f525\U0001f525", ["\U0001f525", "\U0001f525"]),
        ("x\u2764\ufe0fy", ["\u2764\ufe0f"]),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467!", ["\U0001f469\u200d\U0001f469\u200d\U0001f467"]),
        ("\U0001f44d\U0001f3fd", ["\U0001f44d\U0001f3fd"]),
        ("\U0001f9d1\U0001f3fd\u200d\U0001f4bb", ["\U0001f9d1\U0001f3fd\u200d\U0001f4bb"]),
        ("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", ["\U0001f1e9\U0001f1ea", "\U0001f1eb\U0001f1f7"]),
        ("\u2122", ["\u2122"]),
    ],
)
def test_an_emoji_is_taken_whole(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in emoji_bounds(text)] == expected


def test_selectors_and_skin_tones_can_be_left_out() -> None:
    assert plain("\u2764\ufe0f") == "\u2764"
    assert without_skin_tone("\U0001f9d1\U0001f3fd\u200d\U0001f4bb") == "\U0001f9d1\u200d\U0001f4bb"
