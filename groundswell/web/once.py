"""Doing once what a form asks for, however often it is sent: a page that is sent twice gets the first answer again."""

from collections import OrderedDict
from collections.abc import Callable
from secrets import token_urlsafe
from threading import Lock

_REMEMBERED = 1000


def new_action() -> str:
    """An id for a form; every page that shows the form gets one of its own."""
    return token_urlsafe(12)


class Once:
    """Remembers what the newest forms did.

    Only as long as the app runs: whoever opens it anew gets pages with new forms.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def do(self, action: str, work: Callable[[], str]) -> str:
        """Do the work of a form and return the page to go to; without an id it is done each time.

        A work that raises is not remembered, since nothing was done.
        """
        with self._lock:
            if action and action in self._answers:
                return self._answers[action]
            answer = work()
            if action:
                self._answers[action] = answer
                if len(self._answers) > _REMEMBERED:
                    self._answers.popitem(last=False)
            return answer
