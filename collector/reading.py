"""What holds for all items of one answer or file while they are read."""

from dataclasses import dataclass

from collector.people import Pseudonyms


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for all items of one answer or file.

    Attributes:
        people: makes the pseudonyms.
        observed_at: when it was seen, where that is known better than the data tell.
        otherwise_at: when it was seen, for items that do not tell.
    """

    people: Pseudonyms
    observed_at: str | None = None
    otherwise_at: str | None = None

    def problem(self, error: Exception, platform: str) -> str:
        """What is wrong with an item, without the names of people."""
        problem = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        return self.people.hide_names(platform, problem)
