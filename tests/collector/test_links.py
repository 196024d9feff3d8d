"""Addresses that people paste."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.links import LinkError, Target, parse_link

BREAD = Target("reddit", "t3_1abc9")
PAGE = "https://bread.example/loaf?id=7"


@pytest.mark.parametrize(
    "link",
    [
        "https://www.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/",
        "https://www.reddit.com/r/invented_bakers/comments/1abc9",
        "http://old.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/?sort=new#here",
        "https://np.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/k1/?context=3",
        "https://new.reddit.com/r/invented_bakers/comments/1ABC9/Dear_Bread/",
        "https://m.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/",
        "https://amp.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/",
        "https://sh.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/?share_id=Ab&utm_source=share",
        "https://www.google.com/amp/s/amp.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/",
        "https://www.google.com/url?q=https://redd.it/1abc9&sa=D",
        "https://www.google.de/url?sa=t&url=https%3A%2F%2Fredd.it%2F1abc9",
        "https://www.reddit.com/r/invented_bakers/comments/1abc9/dear_bread/.json?limit=500",
        "https://www.reddit.com/comments/1abc9.json",
        "https://www.reddit.com/comments/1abc9.rss",
        "https://www.reddit.com/comments/1abc9/",
        "https://www.reddit.com/comments/1abc9/_/k1/",
        "https://www.reddit.com/comments/1abc9//k1",
        "https://www.reddit.com/r/invented_bakers/comments/1abc9/comment/k1/?utm_name=web",
        "https://www.reddit.com/gallery/1abc9",
        "https://www.reddit.com/tb/1abc9",
        "https://www.reddit.com/u/mira_k/comments/1abc9/my_bread/",
        "https://www.reddit.com/user/mira_k/comments/1abc9/my_bread/",
        "https://www.reddit.com/r/u_mira_k/comments/1abc9/my_bread/",
        "HTTPS://WWW.REDDIT.COM/r/invented_bakers/comments/1abc9/",
        "reddit.com/r/invented_bakers/comments/1abc9",
        "https://redd.it/1abc9",
        "redd.it/1abc9/",
        "  https://redd.it/1abc9\n",
        "reddit:t3_1abc9",
    ],
)
def test_every_way_to_write_a_reddit_thread_leads_to_it(link: str) -> None:
    found = parse_link(link)

    assert found == BREAD
    assert (found.kind, found.address) == ("thread", "reddit:t3_1abc9")
    assert found.url == "https://www.reddit.com/comments/1abc9/"


@pytest.mark.parametrize(
    ("link", "post"),
    [
        ("https://www.reddit.com/r/bakers/comments/1abc9/dear_bread/K1/?context=3", "t1_k1"),
        ("https://www.reddit.com/comments/1abc9/_/k1", "t1_k1"),
        ("https://www.reddit.com/comments/1abc9/comment/k1/", "t1_k1"),
        ("https://www.reddit.com/comments/1abc9/dear_bread/", None),
        ("https://www.reddit.com/comments/1abc9/dear_bread/.json", None),
        ("https://www.reddit.com/gallery/1abc9/x/k1", None),
        ("https://news.ycombinator.com/item?id=12#34", "34"),
        ("https://news.ycombinator.com/item?id=12#top", None),
        ("https://x.com/i/status/12", None),
    ],
)
def test_a_link_to_a_comment_tells_which(link: str, post: str | None) -> None:
    assert parse_link(link).post == post


def test_two_links_to_comments_of_one_thread_are_one_target() -> None:
    first, second = (parse_link(f"https://www.reddit.com/comments/1abc9/_/{comment}/") for comment in ("k1", "k2"))

    assert {first, second} == {BREAD}


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://www.reddit.com/r/bakers/s/AbCdEf123", "/r/bakers/s/AbCdEf123"),
        ("https://reddit.com/r/Bakers/s/AbCdEf123/?utm_source=x", "/r/Bakers/s/AbCdEf123"),
        ("reddit:/r/bakers/s/AbCdEf123", "/r/bakers/s/AbCdEf123"),
    ],
)
def test_a_share_link_is_to_be_resolved(link: str, path: str) -> None:
    assert parse_link(link) == Target("reddit", path, "share")
    assert parse_link(link).url == f"https://www.reddit.com{path}"


@pytest.mark.parametrize(
    "link",
    [
        "https://www.reddit.com/r/Bakers",
        "https://old.reddit.com/r/bakers/",
        "reddit.com/r/BAKERS/new/",
        "https://www.reddit.com/r/bakers/top/?t=month",
        "reddit:r/bakers",
    ],
)
def test_a_subreddit_is_a_community(link: str) -> None:
    found = parse_link(link)

    assert found == Target("reddit", "r/bakers", "community")
    assert found.url == "https://www.reddit.com/r/bakers"


@pytest.mark.parametrize(
    "link",
    [
        "https://news.ycombinator.com/item?id=123",
        "http://news.ycombinator.com/item?id=123#456",
        "news.ycombinator.com/item?id=123&p=2",
        "https://news.ycombinator.com/context?id=123",
        "https://hn.algolia.com/story/123/what-bread",
        "https://hn.algolia.com/api/v1/items/123",
        "https://hacker-news.firebaseio.com/v0/item/123.json",
        "hn:123",
    ],
)
def test_every_way_to_write_a_hacker_news_thread_leads_to_it(link: str) -> None:
    assert parse_link(link) == Target("hn", "123")
    assert parse_link(link).url == "https://news.ycombinator.com/item?id=123"


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/mira_k/status/1894075959399387321",
        "https://x.com/mira_k/status/1894075959399387321?s=20&t=AbC",
        "https://twitter.com/mira_k/status/1894075959399387321/photo/1",
        "https://www.twitter.com/mira_k/statuses/1894075959399387321",
        "https://mobile.twitter.com/mira_k/status/1894075959399387321",
        "https://m.twitter.com/mira_k/status/1894075959399387321",
        "https://mobile.x.com/mira_k/status/1894075959399387321",
        "https://x.com/i/status/1894075959399387321",
        "https://x.com/i/web/status/1894075959399387321",
        "x.com/mira_k/status/1894075959399387321",
        "x:1894075959399387321",
    ],
)
def test_every_way_to_write_a_post_on_x_leads_to_it_and_names_nobody(link: str) -> None:
    found = parse_link(link)

    assert (found, found.kind) == (Target("x", "1894075959399387321"), "thread")
    assert found.url == "https://x.com/i/status/1894075959399387321"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("http://Bread.Example/Loaf", "https://bread.example/Loaf"),
        ("bread.example", "https://bread.example/"),
        ("https://bread.example:443/", "https://bread.example/"),
        ("http://bread.example:80/", "https://bread.example/"),
        ("https://bread.example:8443/x", "https://bread.example:8443/x"),
        ("bread.example:8443/x", "https://bread.example:8443/x"),
        ("https://bread.example./", "https://bread.example/"),
        ("https://bread.example/a?utm_source=x&id=7&FBCLID=1&ref=top#part", "https://bread.example/a?id=7"),
        ("https://bread.example/a?b=2&&a=1", "https://bread.example/a?b=2&a=1"),
        ("https://bread.example/a?share_id=1", "https://bread.example/a"),
        ("https://bread.example/%7emira/%c3%a9/é", "https://bread.example/~mira/%C3%A9/%C3%A9"),
        ("https://bread.example/100%", "https://bread.example/100%25"),
        ("https://bread.example/a?q=é", "https://bread.example/a?q=%C3%A9"),
        ("https://bäckerei.example/", "https://xn--bckerei-5wa.example/"),
        ("https://www.google.com/search?q=bread", "https://www.google.com/search?q=bread"),
        ("https://www.google.com/url?sa=t", "https://www.google.com/url?sa=t"),
        ("https://notreddit.com/r/x/comments/1abc9/", "https://notreddit.com/r/x/comments/1abc9/"),
        ("https://reddit.com.bread.example/comments/1abc9/", "https://reddit.com.bread.example/comments/1abc9/"),
        ("web:https://bread.example/a#b", "https://bread.example/a"),
        ("https://medium.com/@mira.k/on-bread-0123456789ab", "https://medium.com/p/0123456789ab"),
        ("https://mira.medium.com/on-bread-0123456789ab?source=x", "https://medium.com/p/0123456789ab"),
        ("https://medium.com/p/0123456789ab/", "https://medium.com/p/0123456789ab"),
        (
            "https://www.linkedin.com/posts/mira-k_bread-activity-7180589601869217793-oEl7?utm_source=share&rcm=Ab",
            "https://www.linkedin.com/feed/update/urn:li:activity:7180589601869217793/",
        ),
        (
            "https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A7180589601869217793/",
            "https://www.linkedin.com/feed/update/urn:li:ugcPost:7180589601869217793/",
        ),
        ("https://cooking.stackexchange.com/q/12/345", "https://cooking.stackexchange.com/questions/12"),
        ("https://stackoverflow.com/questions/12/why-bread", "https://stackoverflow.com/questions/12"),
        ("https://discuss.bread.example/t/sour-dough/12/7?u=mira", "https://discuss.bread.example/t/sour-dough/12"),
    ],
)
def test_a_page_has_one_address_that_tells_nothing_of_who_passed_it_on(link: str, address: str) -> None:
    found = parse_link(link)

    assert found == Target("web", address, "page")
    assert (found.url, found.address) == (address, f"web:{address}")


@pytest.mark.parametrize(
    ("link", "forum"),
    [
        ("https://www.teamblind.com/post/bread-1", True),
        ("https://stackoverflow.com/questions/12", True),
        ("https://medium.com/p/0123456789ab", True),
        ("https://www.linkedin.com/pulse/on-bread", True),
        ("https://www.linkedin.com/company/bread", False),
        ("https://github.com/bread/oven/issues/12", True),
        ("https://github.com/bread/oven", False),
        ("https://forum.bread.example/anything", True),
        ("https://bread.example/t/sour-dough/12", True),
        ("https://bread.example/viewtopic.php?t=12", True),
        ("https://bread.example/threads/dough.12/", True),
        ("https://bread.example/blog/forum-of-bread", False),
        ("https://notmedium.com/x", False),
        ("https://redd.it/1abc9", False),
    ],
)
def test_a_page_is_a_forum_where_its_host_or_path_says_so(link: str, forum: bool) -> None:
    assert parse_link(link).forum is forum


@pytest.mark.parametrize(
    ("link", "problem", "kept"),
    [
        ("", "it is empty", None),
        ("two words", "holds a blank", None),
        ("https://bread.example/" + "a" * 4000, "too long", None),
        ("https://", "its host is private, or is no name", None),
        ("bread", "its host is private, or is no name", None),
        ("https://[reddit.com/comments/1abc9", "its host cannot be read", None),
        ("https://bread.example:99999/", "its host cannot be read", None),
        ("ftp://www.reddit.com/r/x/comments/1abc9/", "only http and https", None),
        ("file:///reddit.com/comments/1abc9", "only http and https", None),
        ("mailto:mira@bread.example", "only http and https", None),
        ("javascript:alert(1)", "only http and https", None),
        ("https://reddit.com@bread.example/r/x/comments/1abc9/", "a user name or a password", None),
        ("https://mira:secret@bread.example/", "a user name or a password", None),
        ("http://localhost:8000/", "its host is private", None),
        ("localhost:8000", "its host is private", None),
        ("http://oven.local/", "its host is private", None),
        ("http://intranet/", "its host is private", None),
        ("http://127.0.0.1/", "its host is private", None),
        ("http://10.0.0.1/", "its host is private", None),
        ("http://2130706433/", "its host is private", None),
        ("http://0x7f.1/", "its host is private", None),
        ("http://[::1]/", "its host is private", None),
        ("http://[::ffff:127.0.0.1]/", "its host is private", None),
        ("http://１２７.0.0.1/", "its host is private", None),
        (f"http://{'ä' * 70}.example/", "no name of a public site", None),
        ("https://www.reddit.com/r/bakers/comments/", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/r/bakers/comments/1abc-9/", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/comments/12345678901234/", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/comments/\u212aabc/", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/r/all/", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/search?q=bread", "no link to a Reddit thread", "https://www.reddit.com/"),
        ("https://www.reddit.com/u/mira_k", "a person's page", "https://www.reddit.com/user/"),
        ("https://www.reddit.com/user/mira_k/submitted", "a person's page", "https://www.reddit.com/user/"),
        ("https://www.reddit.com/r/u_mira_k/", "a person's page", "https://www.reddit.com/user/"),
        ("https://www.reddit.com/r/bakers/wiki/dough", "a wiki page", "https://www.reddit.com/r/bakers/wiki/dough"),
        ("https://redd.it/", "no link to a Reddit thread", "https://redd.it/"),
        ("https://redd.it/1abc9/more", "no link to a Reddit thread", "https://redd.it/"),
        ("https://chat.redd.it/1abc9", "no link to a Reddit thread", "https://redd.it/"),
        ("https://i.redd.it/loaf.jpg", "an image", "https://i.redd.it/loaf.jpg"),
        ("https://preview.redd.it/loaf.jpg?width=9", "an image", "https://preview.redd.it/loaf.jpg"),
        ("https://v.redd.it/abc", "a video", "https://v.redd.it/abc"),
        ("https://news.ycombinator.com/user?id=mira_k", "no link to a Hacker News", "https://news.ycombinator.com/"),
        ("https://news.ycombinator.com/user?id=123", "no link to a Hacker News", "https://news.ycombinator.com/"),
        ("https://news.ycombinator.com/item", "no link to a Hacker News", "https://news.ycombinator.com/"),
        ("https://hn.algolia.com/?q=bread", "no link to a Hacker News", "https://news.ycombinator.com/"),
        ("https://x.com/mira_k", "a person's page", "https://x.com/"),
        ("https://twitter.com/mira_k/", "a person's page", "https://x.com/"),
        ("https://x.com/search?q=bread", "no link to a post on X", "https://x.com/"),
        ("https://x.com/mira_k/likes", "no link to a post on X", "https://x.com/"),
        ("https://x.com/mira_k/status/123456789012345678901", "no link to a post on X", "https://x.com/"),
        ("https://t.co/AbC", "a short link", "https://t.co/AbC"),
        (
            "https://cloud.bread.example/grounding-api-redirect/AbC",
            "a short link",
            "https://cloud.bread.example/grounding-api-redirect/AbC",
        ),
        ("https://www.youtube.com/watch?v=abc", "a video", "https://www.youtube.com/watch?v=abc"),
        ("https://i.imgur.com/abc", "an image", "https://i.imgur.com/abc"),
        ("https://bread.example/dough.PDF", r"a file \(\.pdf\)", "https://bread.example/dough.PDF"),
        ("https://www.linkedin.com/in/mira-k", "a person's page", "https://www.linkedin.com/"),
        ("https://bread.example/@mira_k", "a person's page", "https://bread.example/"),
        ("reddit:t1_k1", "no address of a Reddit thread", None),
        ("reddit:bread", "no address of a Reddit thread", None),
        ("hn:bread", "no address of a thread", None),
        ("x:", "no address of a thread", None),
        ("web:bread.example", "no address of a page", None),
        ("note:bread", "only http and https", None),
    ],
)
def test_what_cannot_be_collected_is_refused_with_the_reason_and_without_names(
    link: str, problem: str, kept: str | None
) -> None:
    with pytest.raises(LinkError, match=problem) as refused:
        parse_link(link)

    assert refused.value.link == kept
    assert "mira" not in (refused.value.link or "")


ids = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
numbers = st.integers(1, 10**18).map(str)
hosts = st.sampled_from(["", "www.", "old.", "np.", "new.", "m.", "amp.", "sh."])
tails = st.sampled_from(["", "/", "/dear_bread", "/dear_bread/", "/dear_bread/k1/", "/comment/k1/?context=3"])
tracked = st.sampled_from(["", "?utm_source=share", "?share_id=Ab9&utm_medium=ios", "?ref=top#part", "#part"])
starts = st.sampled_from(["", "http://", "https://", "HTTPS://"])


@given(starts, hosts, st.sampled_from(["/r/bakers", "/user/mira_k", "/u/mira_k", ""]), ids, tails, tracked)
def test_any_spelling_of_a_reddit_thread_gives_its_address(
    start: str, host: str, place: str, thread: str, tail: str, mark: str
) -> None:
    found = parse_link(f"{start}{host}reddit.com{place}/comments/{thread}{tail}{mark}")

    assert found.address == f"reddit:t3_{thread}"


@given(starts, st.sampled_from(["x.com", "www.x.com", "mobile.twitter.com", "twitter.com"]), numbers, tracked)
def test_any_spelling_of_a_post_on_x_gives_its_address(start: str, host: str, post: str, mark: str) -> None:
    assert parse_link(f"{start}{host}/mira_k/status/{post}{mark}").address == f"x:{post}"


@given(
    st.sampled_from(["http://", "https://", ""]),
    st.sampled_from(["bread.example", "BREAD.example", "Bread.Example."]),
    st.text(max_size=20).map(lambda path: "/x" + quote(path, errors="replace")),
    tracked,
)
def test_any_spelling_of_a_page_gives_its_address(start: str, host: str, path: str, mark: str) -> None:
    with suppress(LinkError):
        plain = parse_link(f"https://bread.example{path}")
        assert parse_link(f"{start}{host}{path}{mark}") == plain


links = st.one_of(
    st.text(),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["https://", "reddit:", "web:https://", "https://www.reddit.com/", "https://bread.example/", ""]
        ),
        st.text(),
        st.sampled_from(["", "?a=%41&utm_x=1", "#x", "/t/a/1", "/@mira"]),
    ),
)


@given(links)
def test_any_text_is_a_target_or_a_named_error(link: str) -> None:
    found = None
    with suppress(LinkError):
        found = parse_link(link)

    assert found is None or found.platform in ("reddit", "hn", "x", "web")
    assert found is None or found.kind in ("thread", "share", "community", "page")


@given(links)
def test_an_address_and_a_url_lead_to_themselves(link: str) -> None:
    with suppress(LinkError):
        found = parse_link(link)
        assert parse_link(found.address) == found
        assert parse_link(found.url) == found
        assert parse_link(found.url).url == found.url


@pytest.mark.parametrize("place", ["u/mira_k", "user/mira_k", "r/u_mira_k"])
def test_a_share_link_that_names_an_account_is_refused_since_it_would_have_to_be_stored(place: str) -> None:
    with pytest.raises(LinkError, match="names an account") as refused:
        parse_link(f"https://www.reddit.com/{place}/s/AbCdEf123")

    assert "mira_k" not in str(refused.value.link)
