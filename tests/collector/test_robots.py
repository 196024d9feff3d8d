"""What a robots.txt allows: the longest rule of the group that is ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.robots import CLOSED, MOST_CHARACTERS, OPEN, read_robots


def allows(rules: str, path: str) -> bool:
    return read_robots(rules, "groundswell").allows(path)


@pytest.mark.parametrize(
    ("rule", "path", "is_allowed"),
    [
        ("Disallow: /private", "/private/x", False),
        ("Disallow: /private", "/public", True),
        ("Disallow:", "/x", True),
        ("Disallow: /", "/", False),
        ("Disallow: /*?print=", "/a?print=1", False),
        ("Disallow: /*?print=", "/a?page=1", True),
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /a*b*c", "/a-b-c-d", False),
        ("Disallow: /a*b*c", "/a-c-b", True),
        ("Disallow: /a*ab$", "/ab", True),
        ("Disallow: /end$", "/end", False),
        ("Disallow: /end$", "/ending", True),
        ("Disallow: /%7Eme", "/~me", False),
        ("Disallow: /a%2fb", "/a%2Fb", False),
        ("Disallow: /a%2fb", "/a/b", True),
        ("Disallow: /café", "/caf%C3%A9", False),
        ("# Disallow: /x", "/x", True),
        ("Disallow: /x # and why", "/x", False),
        ("disallow : /x", "/x", False),
        ("Sitemap: /x", "/x", True),
        ("<p>Not found</p>", "/x", True),
    ],
)
def test_a_rule_says_which_paths_are_left_alone(rule: str, path: str, is_allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rule}", path) == is_allowed


@pytest.mark.parametrize(
    ("rules", "is_allowed"),
    [
        ("Allow: /\nDisallow: /a", False),
        ("Disallow: /\nAllow: /a", True),
        ("Disallow: /a/b\nAllow: /a/b", True),
        ("Disallow: /a/*\nAllow: /a", False),
    ],
)
def test_the_longest_rule_decides_and_of_two_the_one_that_allows(rules: str, is_allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}", "/a/b") == is_allowed


@pytest.mark.parametrize(
    ("rules", "is_allowed"),
    [
        ("user-agent: *\ndisallow: /\n\nuser-agent: groundswell\ndisallow:", True),
        ("user-agent: Groundswell\ndisallow: /\n\nuser-agent: *\nallow: /", False),
        ("user-agent: other\nuser-agent: groundswell\ndisallow: /", False),
        ("user-agent: groundswell\nallow: /x\nuser-agent: other\ndisallow: /", True),
        ("user-agent: groundswell\ncrawl-delay: 1\nuser-agent: other\ndisallow: /", True),
        ("user-agent: groundswell\ndisallow: /x\n\nuser-agent: groundswell\ndisallow: /a", False),
        ("user-agent: other\ndisallow: /", True),
        ("\ufeffuser-agent: *\ndisallow: /", False),
        ("disallow: /", True),
        ("user-agent: *\nsitemap: https://x.example/s\nuser-agent: other\ndisallow: /", False),
    ],
)
def test_a_group_under_our_name_comes_before_that_for_all(rules: str, is_allowed: bool) -> None:
    assert allows(rules, "/a") == is_allowed


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("soon", None), ("-1", None), ("inf", None), ("nan", None), ("", None)],
)
def test_a_site_may_ask_for_a_distance_between_requests(value: str, seconds: float | None) -> None:
    assert read_robots(f"user-agent: *\ncrawl-delay: {value}", "groundswell").seconds_between == seconds


def test_of_several_distances_the_greatest_holds() -> None:
    assert read_robots("user-agent: *\ncrawl-delay: 9\ncrawl-delay: 2", "groundswell").seconds_between == 9.0


def test_what_lies_beyond_half_a_mebibyte_is_not_read() -> None:
    rules = "user-agent: *\n" + "#" * MOST_CHARACTERS + "\ndisallow: /"

    assert allows(rules, "/")


def test_a_pattern_made_to_take_long_does_not() -> None:
    assert allows("user-agent: *\ndisallow: /" + "*a" * 2_000 + "$", "/" + "a" * 1_000 + "b")


def test_an_open_site_allows_all_and_a_closed_one_nothing() -> None:
    assert OPEN.allows("/")
    assert not CLOSED.allows("/")


@given(st.text(max_size=200), st.text(max_size=20))
def test_no_file_is_too_broken(rules: str, path: str) -> None:
    assert allows(rules, f"/{path}") in (True, False)


@given(st.text(st.sampled_from("ab/%é?*"), max_size=12))
def test_a_path_that_is_forbidden_by_its_own_name_is_left_alone(path: str) -> None:
    assert not allows(f"user-agent: *\ndisallow: /{path}", f"/{path}")
