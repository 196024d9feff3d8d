"""Files of every form that can be imported, full of invented posts, and the source that reads each."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fakes.collecting import comment_row, post_row

Json = dict[str, Any]

X_ROOT, X_REPLY, X_QUOTED = "1900000000000000001", "1900000000000000002", "1900000000000000003"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file: its name, what is in it, the source that reads it, and the addresses of the posts that it holds."""

    name: str
    content: bytes
    source: str
    addresses: tuple[str, ...]


def lines(*values: Any) -> bytes:
    """JSON values, one a line."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def table(rows: Iterable[Json], delimiter: str = ",") -> bytes:
    """Rows with the same columns as a table with a header."""
    rows = list(rows)
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


# Pages of old.reddit.com


def old_comment(native_id: str, body: str = "<p>I stood in a queue.</p>", inside: str = "", **changes: str) -> str:
    """A comment as a page shows it, with what stands inside it. Changes are of `author`, `score`, `time` and so on."""
    told = {
        "author": 'data-author="mira_k"', "score": '<span class="score unvoted" title="3">3 points</span>',
        "time": '<time title="x" datetime="2026-01-05T08:01:40+00:00" class="live-timestamp">a day ago</time>',
        "classes": "noncollapsed comment", "permalink": f'data-permalink="/r/bakers/comments/aaa1/bread/{native_id}/"',
        "parent": "", "md": f'<div class="usertext-body may-blank-within md-container"><div class="md">{body}</div></div>',
    } | changes  # fmt: skip
    return f"""
<div class=" thing id-t1_{native_id} {told["classes"]} " id="thing_t1_{native_id}" data-fullname="t1_{native_id}"
     data-type="comment" data-subreddit="bakers" {told["author"]} {told["permalink"]}>
  <p class="parent"><a name="{native_id}"></a></p><div class="midcol unvoted"></div>
  <div class="entry unvoted">
    <p class="tagline"><a class="author" href="#">x</a> <span class="score dislikes" title="2">2 points</span>
      {told["score"]} <span class="score likes" title="4">4 points</span> {told["time"]}</p>
    <form action="#" class="usertext">{told["md"]}</form>
    <ul class="flat-list buttons"><li><a href="#" data-event-action="permalink">permalink</a></li>{told["parent"]}</ul>
  </div>
  <div class="child">{inside}</div>
</div>"""


def old_link(body: str = "<p>Such dear bread.</p>", title: str = "Bread &amp; butter", attributes: str = "") -> str:
    """The post that opens a thread as a page shows it."""
    attributes = attributes or 'data-timestamp="1767600000000" data-score="7" data-comments-count="3"'
    return f"""
<div id="siteTable" class="sitetable linklisting">
  <div class=" thing id-t3_aaa1 odd link self" id="thing_t3_aaa1" data-fullname="t3_aaa1" data-type="link"
       data-subreddit="bakers" data-author="otto_9" data-permalink="/r/bakers/comments/aaa1/bread/" {attributes}>
    <div class="midcol unvoted"><div class="score unvoted" title="8">8</div></div>
    <div class="entry unvoted"><div class="top-matter">
      <p class="title"><a class="title may-blank" href="#">{title}</a> <span class="domain">(self.bakers)</span></p>
      <p class="tagline">submitted <time datetime="2026-01-05T08:00:00+00:00" class="live-timestamp">a day ago</time>
        <time class="edited-timestamp" datetime="2026-01-05T09:00:00+00:00">*</time> by <a class="author">otto_9</a></p>
      <ul class="flat-list buttons"><li><a class="bylink comments may-blank" href="#">1,003 comments</a></li></ul></div>
      <div class="expando"><div class="usertext-body"><div class="md">{body}</div></div></div>
    </div>
  </div>
</div>"""


def old_page(*comments: str, link: str | None = None, server_time: str = "1767700000.0") -> bytes:
    """A page of a thread with these comments at its top level."""
    return f"""<!doctype html><html><head><title>Bread</title>
<script id="config">r.setup({{"server_time": {server_time}, "logged": false}})</script></head><body>
<div class="content">{old_link() if link is None else link}
<div class="commentarea"><div class="panestack-title"><span class="title">all 3 comments</span></div>
<div id="siteTable_t3_aaa1" class="sitetable nestedlisting">{"".join(comments)}</div></div></div></body></html>""".encode()


MORE = """
<div class=" thing id-t1_ccc9 morechildren" id="thing_t1_ccc9" data-fullname="t1_ccc9" data-type="morechildren">
  <div class="entry"><span class="morecomments"><a class="button" href="#">load more comments</a> (2 replies)</span></div>
</div>"""

# Posts of X in their many shapes


def graph_post(native_id: str = X_ROOT, **changes: Any) -> Json:
    """A post as X's pages get it, with its text under `legacy` and the account's name under `core`."""
    legacy: Json = {
        "created_at": "Mon Jan 05 08:00:00 +0000 2026", "conversation_id_str": X_ROOT, "favorite_count": 7,
        "reply_count": 1, "full_text": "Such dear bread &amp; butter, @mira_k!", "user_id_str": "44", "id_str": native_id,
        "entities": {"urls": []},
    }  # fmt: skip
    legacy |= changes.pop("legacy", {})
    return {
        "__typename": "Tweet",
        "rest_id": native_id,
        "core": {
            "user_results": {"result": {"__typename": "User", "rest_id": "44", "core": {"screen_name": "otto_9"}}}
        },
        "edit_control": {"edit_tweet_ids": [native_id]},
        "legacy": {name: value for name, value in legacy.items() if value is not ...},
    } | changes


def graph_reply(native_id: str = X_REPLY, **changes: Any) -> Json:
    """A reply in the shape that has no `legacy`."""
    return {
        "__typename": "Tweet",
        "rest_id": native_id,
        "core": {"user_results": {"result": {"rest_id": "55", "legacy": {"screen_name": "mira_k"}}}},
        "details": {"full_text": "I stood in a queue.", "created_at_ms": 1767600100000},
        "counts": {"favorite_count": 3, "reply_count": 0},
        "reply_to_results": {"rest_id": X_ROOT},
    } | changes


def graph_answer(*results: Json) -> Json:
    """The answer that X's page of a post gets."""
    entries = [
        {"entryId": f"tweet-{index}", "content": {"itemContent": {"tweet_results": {"result": result}}}}
        for index, result in enumerate(results)
    ]
    instructions = [{"type": "TimelineClearCache"}, {"type": "TimelineAddEntries", "entries": entries}]
    return {"data": {"threaded_conversation_with_injections_v2": {"instructions": instructions}}}


def captured(item: Json, **changes: Any) -> Json:
    """A line of Zeeschuimer."""
    return {
        "nav_index": "1:2:3",
        "item_id": 1,
        "timestamp_collected": 1767700000000,
        "source_platform": "x.com",
        "source_platform_url": "https://x.com/otto_9/status/1",
        "source_url": "https://x.com/i/api/graphql/x/TweetDetail",
        "data": item,
    } | changes


def api_post(native_id: str = X_ROOT, **changes: Any) -> Json:
    """A post as the API v2 of X holds it."""
    return {
        "id": native_id, "conversation_id": X_ROOT, "author_id": "44", "created_at": "2026-01-05T08:00:00.000Z",
        "text": "Such dear bread &amp; butter, @mira_k!", "public_metrics": {"like_count": 7, "reply_count": 1},
        "edit_history_tweet_ids": [native_id],
    } | changes  # fmt: skip


API_REPLY = api_post(
    X_REPLY, author_id="55", text="I stood in a queue.", referenced_tweets=[{"type": "replied_to", "id": X_ROOT}]
)
TWARC_PAGE: Json = {
    "data": [API_REPLY],
    "includes": {
        "tweets": [api_post()],
        "users": [{"id": "44", "username": "otto_9"}, {"id": "55", "username": "mira_k"}],
    },
    "meta": {"result_count": 1},
    "__twarc": {"url": "https://api.twitter.com/2/tweets/search/recent", "retrieved_at": "2026-01-06T11:46:40+00:00"},
}
TWARC_FLAT = API_REPLY | {
    "author": {"id": "55", "username": "mira_k"},
    "__twarc": TWARC_PAGE["__twarc"],
    "referenced_tweets": [{"type": "replied_to", **api_post(author={"id": "44", "username": "otto_9"})}],
}


def snscrape_post(native_id: str = X_ROOT, **changes: Any) -> Json:
    """A line of twscrape and newer snscrape."""
    return {
        "_type": "snscrape.modules.twitter.Tweet",
        "id": int(native_id),
        "date": "2026-01-05T08:00:00+00:00",
        "rawContent": "Such dear bread & butter, @mira_k!",
        "user": {"_type": "snscrape.modules.twitter.User", "id": 44, "username": "otto_9", "displayname": "Otto"},
        "conversationId": int(X_ROOT),
        "inReplyToTweetId": None,
        "quotedTweet": None,
        "retweetedTweet": None,
        "likeCount": 7,
        "replyCount": 1,
        "links": [],
    } | changes


SNSCRAPE_REPLY = snscrape_post(
    X_REPLY, inReplyToTweetId=int(X_ROOT), user={"id": 55, "username": "mira_k"}, rawContent="I stood in a queue."
)
OLD_SNSCRAPE = {
    **{name: value for name, value in snscrape_post().items() if name not in ("rawContent", "links")},
    "content": "Such dear bread: https://t.co/abc",
    "outlinks": ["https://example.org/bread"],
    "tcooutlinks": ["https://t.co/abc"],
}


def archived(native_id: str = X_ROOT, **changes: Any) -> Json:
    """A post in an account archive, which writes all numbers as text."""
    return {
        "tweet": {
            "edit_info": {"initial": {"editTweetIds": [native_id], "editableUntil": "2026-01-05T09:00:00.000Z"}},
            "id": native_id, "id_str": native_id, "full_text": "Such dear bread &amp; butter, @mira_k!",
            "created_at": "Mon Jan 05 08:00:00 +0000 2026", "favorite_count": "7", "retweet_count": "0", "lang": "en",
            "entities": {"urls": [], "user_mentions": [{"screen_name": "mira_k"}]},
        }
        | changes
    }  # fmt: skip


ARCHIVED_REPLY = archived(X_REPLY, in_reply_to_status_id_str=X_ROOT, full_text="And the queue!")


def script(name: str, value: Any) -> bytes:
    """A file of an account archive."""
    return f"window.{name} = {json.dumps(value, indent=2)}".encode()


# Tables


def fourcat_x(native_id: str = X_ROOT, **changes: Any) -> Json:
    """A row of what 4CAT exports of X."""
    return {
        "id": native_id, "thread_id": X_ROOT, "timestamp": "2026-01-05 08:00:00", "unix_timestamp": "1767600000",
        "link": f"https://x.com/otto_9/status/{native_id}", "body": "Such dear bread & butter, @mira_k!",
        "author": "otto_9", "author_fullname": "Otto", "author_id": "44", "like_count": "7", "reply_count": "1",
        "is_retweet": "no", "is_quote_tweet": "no", "is_reply": "no",
    } | changes  # fmt: skip


def fourcat_reddit(native_id: str = "aaa1", **changes: Any) -> Json:
    """A row of what 4CAT exports of Reddit."""
    return {
        "thread_id": "aaa1", "id": native_id, "timestamp": "1767600000", "body": "Such dear bread.", "subject": "Bread",
        "author": "otto_9", "subreddit": "bakers", "parent": "", "score": "7",
    } | changes  # fmt: skip


def urs_row(**changes: Any) -> Json:
    """A row of what URS exports of a subreddit."""
    return {
        "author": "u/otto_9", "created_utc": "01-05-2026 08:00:00", "distinguished": "", "edited": "False", "id": "aaa1",
        "is_self": "True", "name": "t3_aaa1", "num_comments": "1", "permalink": "/r/bakers/comments/aaa1/bread/",
        "score": "7", "selftext": "Such dear bread.", "title": "Bread", "url": "https://www.reddit.com/r/bakers/",
    } | changes  # fmt: skip


def extractor_comment(place: str, **changes: Any) -> Json:
    """A row of RedditExtractoR's comments."""
    return {
        "": "1", "url": "https://www.reddit.com/r/bakers/comments/aaa1/bread/", "author": "mira_k", "date": "2026-01-05",
        "timestamp": "1767600100", "score": "3", "upvotes": "3", "downvotes": "0", "golds": "0",
        "comment": f"Comment {place}", "comment_id": place,
    } | changes  # fmt: skip


EXTRACTOR_THREAD: Json = {
    "url": "https://www.reddit.com/r/bakers/comments/aaa1/bread/", "author": "otto_9", "date": "2026-01-05",
    "timestamp": "1767600000", "title": "Bread", "text": "Such dear bread.", "subreddit": "bakers", "score": "7",
    "comments": "3",
}  # fmt: skip
EXTRACTOR_FOUND: Json = {
    "date_utc": "2026-01-05", "timestamp": "1767600000", "title": "Bread", "text": "Such dear bread.",
    "subreddit": "bakers", "comments": "3", "url": "https://www.reddit.com/r/bakers/comments/aaa1/bread/",
}  # fmt: skip
OWN_LINE: Json = {
    "address": "example:p1", "platform": "example", "native_id": "p1", "thread": "example:p1", "parent": None,
    "created_at": "2026-01-05T08:00:00Z", "author": "example:~0123456789ab", "text": "Such dear bread.",
}  # fmt: skip
ANY_TABLE = table([{"who": "otto_9", "said": "Such dear bread.", "at": "2026-01-05T08:00:00Z"}])
"""A table of no known program."""

_REDDIT = ("reddit:t3_aaa1", "reddit:t1_bbb1")
_X = (f"x:{X_ROOT}", f"x:{X_REPLY}")

SAMPLES = (
    Sample(
        "thread.json", json.dumps({"post": post_row(), "comments": [comment_row()]}).encode(), "reddit_files", _REDDIT
    ),
    Sample("dump.ndjson", lines(post_row(), comment_row()), "reddit_files", _REDDIT),
    Sample("posts.jsonl", lines(OWN_LINE), "groundswell_lines", ("example:p1",)),
    Sample("page.html", old_page(old_comment("bbb1"), MORE), "old_reddit_files", _REDDIT),
    Sample("answer.json", json.dumps(graph_answer(graph_post(), graph_reply())).encode(), "zeeschuimer_lines", _X),
    Sample("x.ndjson", lines(captured(graph_post()), captured(graph_reply(), item_id=2)), "zeeschuimer_lines", _X),
    Sample(
        "4cat.ndjson",
        lines(graph_post(__import_meta={"timestamp_collected": 1767700000000})),
        "zeeschuimer_lines",
        _X[:1],
    ),
    Sample("pages.jsonl", lines(TWARC_PAGE), "twarc_lines", _X),
    Sample("flat.jsonl", lines(TWARC_FLAT), "twarc_lines", _X),
    Sample("snscrape.jsonl", lines(snscrape_post(), SNSCRAPE_REPLY), "snscrape_lines", _X),
    Sample("old_snscrape.jsonl", lines(OLD_SNSCRAPE), "snscrape_lines", _X[:1]),
    Sample("tweets.js", script("YTD.tweets.part0", [archived(), ARCHIVED_REPLY]), "x_archive_files", _X),
    Sample("tweet.js", script("YTD.tweet.part0", [archived()]), "x_archive_files", _X[:1]),
    Sample("4cat_x.csv", table([fourcat_x(), fourcat_x(X_REPLY, author="mira_k", is_reply="yes")]), "csv_files", _X),
    Sample(
        "4cat_reddit.csv",
        table([fourcat_reddit(), fourcat_reddit("bbb1", author="mira_k", subject="", parent="t3_aaa1")]),
        "csv_files",
        _REDDIT,
    ),
    Sample("urs.csv", table([urs_row()]), "csv_files", _REDDIT[:1]),
    Sample(
        "comments.csv",
        table(map(extractor_comment, ("1", "1_2", "1_2_1"))),
        "csv_files",
        ("reddit:t3_aaa1/1", "reddit:t3_aaa1/1_2", "reddit:t3_aaa1/1_2_1"),
    ),
    Sample("threads.tsv", table([EXTRACTOR_THREAD], "\t"), "csv_files", _REDDIT[:1]),
    Sample("found.csv", table([EXTRACTOR_FOUND], ";"), "csv_files", _REDDIT[:1]),
)
