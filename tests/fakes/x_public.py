"""A stand-in for the two addresses of X that serve pages which embed posts: syndication and oEmbed."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fakes.messages import Answer, Request, json_answer
from fakes.x_api import XApi, native_id

if TYPE_CHECKING:
    from fakes.world import World

Json = dict[str, Any]

_TOMBSTONE = {"__typename": "TweetTombstone", "tombstone": {"text": {"text": "This Post was deleted by its author."}}}


@dataclass(slots=True)
class XPublic:
    """Serves posts of a world one by one, each with what it replies to, and none with its replies.

    Attributes:
        gone: how a post is answered that is not there: `404`, `empty` or `tombstone`.
        hidden: ids of posts that the syndication address does not show although they are there.
        protected: ids of posts that the oEmbed address refuses.
        quotes: what a post quotes, by the ids of versions.
    """

    world: World
    gone: str = "tombstone"
    hidden: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    quotes: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer | None:
        if request.path == "/tweet-result":
            return self._syndication(request.query)
        if request.path == "/oembed":
            return self._oembed(request.query)
        return None

    def _syndication(self, query: dict[str, str]) -> Answer:
        if not query.get("token") or query.get("lang") != "en":
            return json_answer({}, status=400)
        shown = None if query["id"] in self.hidden else self._post(query["id"])
        if shown is None:
            answers = {"404": json_answer({}, status=404), "empty": json_answer({})}
            return answers.get(self.gone, json_answer(_TOMBSTONE))
        return json_answer(shown)

    def _post(self, version: str) -> Json | None:
        item = XApi(self.world).shown(version)
        if item is None:
            return None
        above = next((found["id"] for found in item.get("referenced_tweets", [])), None)
        shown: Json = {
            "__typename": "Tweet", "id_str": item["id"], "text": item["text"], "created_at": item["created_at"],
            "lang": "en", "entities": {"urls": item["entities"]["urls"], "user_mentions": [], "hashtags": []},
            "user": {"id_str": item["author_id"], "name": "A Name", "screen_name": item["_author"]},
            "favorite_count": item["public_metrics"]["like_count"],
            "conversation_count": item["public_metrics"]["reply_count"],
            "edit_control": {"edit_tweet_ids": item["edit_history_tweet_ids"], "is_edit_eligible": True},
            "isEdited": len(item["edit_history_tweet_ids"]) > 1,
        }  # fmt: skip
        if above is not None:
            shown["in_reply_to_status_id_str"] = above
            shown["parent"] = {"id_str": above, "text": "What it replies to."}
        if "note_tweet" in item:
            shown["note_tweet"] = {"id": f"note{item['id']}"}
        if version in self.quotes:
            shown["quoted_tweet"] = self._post(self.quotes[version])
        return shown

    def _oembed(self, query: dict[str, str]) -> Answer:
        version = urlsplit(query["url"]).path.rpartition("/")[2]
        item = XApi(self.world).shown(version)
        if version in self.protected:
            return json_answer({"error": "Sorry, you are not authorized to see this status."}, status=403)
        if item is None:
            return json_answer({"error": "Sorry, that page does not exist"}, status=404)
        author = item["_author"]
        marked = re.sub(r"@(\w+)", r'<a href="https://twitter.com/\1?ref_src=twsrc%5Etfw">@\1</a>', item["text"])
        linked = re.sub(r"https://t\.co/\w+", r'<a href="\g<0>">\g<0></a>', marked).replace("\n", "<br>")
        picture = '<a href="https://t.co/picture">pic.twitter.com/picture</a>'
        return json_answer(
            {
                "url": f"https://twitter.com/{author}/status/{version}", "author_name": "A Name",
                "author_url": f"https://twitter.com/{author}", "type": "rich", "version": "1.0", "cache_age": "3153600000",
                "html": f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{linked} {picture}</p>&mdash; A Name '
                f'(@{html.escape(author)}) <a href="https://twitter.com/{author}/status/{version}">January 5, 2026</a>'
                "</blockquote>\n",
            }
        )  # fmt: skip


def version(post_id: str, place: int = 0) -> str:
    """The id on X of a version of a post of the world."""
    return str(int(native_id(post_id)) + place)
