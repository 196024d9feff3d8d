"""Addresses that people paste."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.links import LinkError, Target, parse_link


@pytest.mark.parametrize(
    "link",
    [
        "https://www.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/",
        "https://www.reddit.com/r/invented_bakers/comments/1abc9",
        "http://old.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/?sort=new#here",
        "https://np.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/k1/?context=3",
        "https://new.reddit.com/r/invented_bakers/comments/1ABC9/Dear_Bread/",
        "https://www.reddit.com/comments/1abc9/",
        "https://www.reddit.com/comments/1abc9/_/k1/",
        "https://www.reddit.com/gallery/1abc9",
        "https://www.reddit.com/u/mira_k/comments/1abc9/my_bread/",
        "https://www.reddit.com/user/mira_k/comments/1abc9/my_bread/",
        "HTTPS://WWW.REDDIT.COM/r/invented_bakers/comments/1abc9/",
        "reddit.com/r/invented_bakers/comments/1abc9",
        "https://redd.it/1abc9",
        "redd.it/1abc9/",
        "  https://redd.it/1abc9\n",
        "reddit:t3_1abc9",
    ],
)
def test_every_way_to_write_a_thread_leads_to_it(link: str) -> None:
    assert parse_link(link) == Target("reddit", "t3_1abc9")


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("https://www.reddit.com/r/invented_bakers/s/AbCdEf123", "a share link hides its thread"),
        ("https://www.reddit.com/u/mira_k/s/AbCdEf123", "a share link hides its thread"),
        ("https://www.reddit.com/r/invented_bakers/", "no link to a Reddit thread"),
        ("https://www.reddit.com/r/invented_bakers/comments/", "no link to a Reddit thread"),
        ("https://www.reddit.com/r/invented_bakers/comments/1abc-9/", "no link to a Reddit thread"),
        ("https://www.reddit.com/r/invented_bakers/comments/12345678901234/", "no link to a Reddit thread"),
        ("https://redd.it/", "no link to a Reddit thread"),
        ("https://redd.it/1abc9/more", "no link to a Reddit thread"),
        ("https://example.org/r/x/comments/1abc9/", "example.org is not a site that can be collected"),
        ("https://notreddit.com/r/x/comments/1abc9/", "notreddit.com is not a site that can be collected"),
        ("https://reddit.com.example.org/r/x/comments/1abc9/", "is not a site that can be collected"),
        ("https://reddit.com@example.org/r/x/comments/1abc9/", "example.org is not a site that can be collected"),
        ("ftp://www.reddit.com/r/x/comments/1abc9/", "only http and https"),
        ("file:///reddit.com/comments/1abc9", "only http and https"),
        ("https://[reddit.com/comments/1abc9", "it is no link"),
        ("bread", "bread is not a site"),
        ("", "is not a site"),
        ("https://", "is not a site"),
    ],
)
def test_what_names_no_thread_is_refused_with_the_reason(link: str, problem: str) -> None:
    with pytest.raises(LinkError, match=problem):
        parse_link(link)


@given(st.text())
def test_any_text_is_a_thread_or_a_named_error(link: str) -> None:
    found = None
    with suppress(LinkError):
        found = parse_link(link)

    assert found is None or (found.platform, found.thread[:3]) == ("reddit", "t3_")
