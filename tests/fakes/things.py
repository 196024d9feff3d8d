"""Posts of the world as the JSON objects that Reddit and its archives give."""

from __future__ import annotations

import hashlib
import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakes.world import Post, Thread, Version

Json = dict[str, Any]

_NAMELESS = "[deleted]"
_PLACEHOLDERS = {"deleted": "[deleted]", "removed": "[removed]", "vanished": "[removed]"}
_BOTH: Json = {
    "all_awardings": [],
    "approved_at_utc": None,
    "approved_by": None,
    "archived": False,
    "author_flair_css_class": None,
    "author_flair_text": None,
    "awarders": [],
    "banned_at_utc": None,
    "banned_by": None,
    "can_gild": False,
    "can_mod_post": False,
    "downs": 0,
    "gilded": 0,
    "gildings": {},
    "likes": None,
    "locked": False,
    "mod_note": None,
    "mod_reports": [],
    "no_follow": True,
    "num_reports": None,
    "removal_reason": None,
    "report_reasons": None,
    "saved": False,
    "send_replies": True,
    "subreddit_type": "public",
    "top_awarded_type": None,
    "total_awards_received": 0,
    "treatment_tags": [],
    "user_reports": [],
}
_COMMENT: Json = {
    "associated_award": None,
    "collapsed_because_crowd_control": None,
    "collapsed_reason": None,
    "comment_type": None,
    "controversiality": 0,
    "score_hidden": False,
    "unrepliable_reason": None,
}
_SUBMISSION: Json = {
    "allow_live_comments": False,
    "category": None,
    "clicked": False,
    "content_categories": None,
    "contest_mode": False,
    "discussion_type": None,
    "hidden": False,
    "hide_score": False,
    "is_crosspostable": True,
    "is_meta": False,
    "is_original_content": False,
    "is_reddit_media_domain": False,
    "is_robot_indexable": True,
    "is_video": False,
    "link_flair_css_class": None,
    "link_flair_text": None,
    "media": None,
    "media_embed": {},
    "media_only": False,
    "num_crossposts": 0,
    "pinned": False,
    "quarantine": False,
    "secure_media": None,
    "secure_media_embed": {},
    "spoiler": False,
    "subreddit_subscribers": 1234,
    "suggested_sort": None,
    "thumbnail": "self",
    "upvote_ratio": 0.87,
    "view_count": None,
    "visited": False,
}


def comment_object(thread: Thread, comment: Post, version: Version, *, depth: int | None = None) -> Json:
    """A comment's `data` without replies; `depth` is only on pages that have one."""
    text = shown_text(version)
    nameless = version.author_gone or version.state == "vanished"
    found = _shared(thread, comment, version) | _COMMENT
    found |= {
        "body": text,
        "body_html": as_html(text),
        "collapsed": nameless and version.state != "live",
        "collapsed_reason_code": "DELETED" if nameless and version.state != "live" else None,
        "is_submitter": not nameless and comment.author == thread.root.author,
        "link_id": thread.root.fullname,
        "parent_id": comment.parent,
        "permalink": f"/r/{thread.subreddit}/comments/{thread.id}/{_slug(thread)}/{comment.id}/",
        "replies": "",
    }
    return found if depth is None else found | {"depth": depth}


def submission_object(thread: Thread, version: Version, *, num_comments: int) -> Json:
    """A submission's `data`."""
    root = thread.root
    text = shown_text(version)
    permalink = f"/r/{thread.subreddit}/comments/{thread.id}/{_slug(thread)}/"
    is_self = thread.link is None and thread.crosspost_of is None
    found = _shared(thread, root, version) | _SUBMISSION
    found |= {
        "domain": f"self.{thread.subreddit}" if is_self else "example.org",
        "is_self": is_self,
        "num_comments": num_comments,
        "over_18": thread.over_18,
        "permalink": permalink,
        "removed_by_category": {"deleted": "deleted", "removed": "moderator"}.get(version.state),
        "selftext": text,
        "selftext_html": as_html(text) if text else None,
        "title": thread.title,
        "url": thread.link or f"https://www.reddit.com{permalink}",
    }
    if thread.crosspost_of is not None:
        found |= {"crosspost_parent": f"t3_{thread.crosspost_of}", "url": f"/comments/{thread.crosspost_of}/"}
    return found


def _shared(thread: Thread, post: Post, version: Version) -> Json:
    nameless = version.author_gone or version.state == "vanished"
    found = _BOTH | {
        "author": _NAMELESS if nameless else post.author,
        "created": float(post.created_at),
        "created_utc": float(post.created_at),
        "distinguished": post.distinguished,
        "edited": False if version.edited_at is None else float(version.edited_at),
        "id": post.id,
        "name": post.fullname,
        "score": version.score,
        "stickied": post.stickied,
        "subreddit": thread.subreddit,
        "subreddit_id": f"t5_{_key(thread.subreddit)[:6]}",
        "subreddit_name_prefixed": f"r/{thread.subreddit}",
        "ups": version.score,
    }
    return found if nameless else found | {"author_fullname": f"t2_{_key(post.author)}", "author_premium": False}


def shown_text(version: Version) -> str:
    """The text, or the words that stand in its place."""
    return _PLACEHOLDERS.get(version.state, version.text)


def escape_entities(value: Any) -> Any:
    """Every string with `&`, `<` and `>` as entities: what Reddit sends unless asked for `raw_json=1`."""
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, list):
        return [escape_entities(item) for item in value]
    if isinstance(value, dict):
        return {key: escape_entities(item) for key, item in value.items()}
    return value


def as_html(text: str) -> str:
    paragraphs = "\n\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in text.split("\n\n"))
    return f'<div class="md">{paragraphs}\n</div>'


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _slug(thread: Thread) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in thread.title.lower()).split())[:50]
