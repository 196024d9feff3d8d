"""Which posts a page must not show to whoever asks for it."""

from starlette.requests import Request

from db.queries.said import not_coded_by
from db.store import Store
from groundswell.reviewing import hidden_from
from groundswell.web.page import seat_of


def hidden_posts(request: Request, store: Store) -> frozenset[int]:
    """The ids of posts of which the person may see nothing here.

    They are those of the person's open blind rounds. Whoever sits at a blind seat sees no others either before having
    coded them: not what people said of them, nor what rules found in them.
    """
    seat = seat_of(request)
    hidden = hidden_from(store, seat.coder)
    return hidden | not_coded_by(store.connection, seat.coder) if seat.blind else hidden
