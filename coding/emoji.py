"""Tell the emoji of a text apart, each whole: a family is one emoji, and so is a hand with its skin tone."""

from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

_SELECTORS = "\ufe0e\ufe0f"
# What counts as a letter in a text (the sign for information) is a word and no emoji.
_EMOJI = regex.compile(
    r"\p{RI}\p{RI}"
    rf"|(?![^\W_])\p{{Extended_Pictographic}}(?:\p{{EMod}}|[{_SELECTORS}])*(?:[\U000e0020-\U000e007f]+)?"
    rf"(?:\u200d\p{{Extended_Pictographic}}(?:\p{{EMod}}|[{_SELECTORS}])*)*"
)
_SELECTOR = str.maketrans("", "", _SELECTORS)
_SKIN_TONE = regex.compile(r"\p{EMod}")


def emoji_bounds(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each emoji, in code points."""
    if not text.isascii():
        for found in _EMOJI.finditer(text):
            yield found.span()


def plain(emoji: str) -> str:
    """Return an emoji without variation selectors, so that both forms of a heart are one."""
    return emoji.translate(_SELECTOR)


def without_skin_tone(emoji: str) -> str:
    """Return a plain emoji without its skin tones."""
    return str(_SKIN_TONE.sub("", emoji))
