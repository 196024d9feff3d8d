"""Commands that train classifiers on people's codings, and show what they learnt."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundswell.cli.console import complain, form, next_step, open_study, show, show_json, show_rows, tell

if TYPE_CHECKING:
    from groundswell.study import Study

PERMISSION = (
    "A classifier learns from what people wrote. Reddit and others want that permitted by those who hold the rights; see "
    "docs/explanation/terms.md. Nothing is sent anywhere, and what was learnt is dropped when a text that it came from goes."
)
_COLUMNS = ("code", "posts", "present", "precision", "recall", "f1", "average_precision", "threshold", "state")
_SHOWN_WORDS = 15

AsJson = Annotated[bool, typer.Option("--json", help="Show the result as JSON.")]
Code = Annotated[str, typer.Argument(help="A code's id.")]


def train(
    context: typer.Context,
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE]...", help="Codes; without any, all that were coded often enough."),
    ] = None,
    card: Annotated[bool, typer.Option("--card", help="Show the whole card of each model.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="The study may learn from what its posts say; do not ask.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a classifier for each code on what people coded, and let it code all public posts."""
    from groundswell.training import train_models

    study = open_study(context)
    _ask(study, yes=yes)
    done = train_models(study, codes or (), lambda text: tell(context, text))
    found = done.predicted.posts_by_code
    if as_json:
        show_json([one | {"model": done.models[code], "found": found[code]} for code, one in done.cards.items()])
    elif card:
        for one in done.cards.values():
            _show_card(one)
    else:
        rows = [_row(one) | {"found": found[code]} for code, one in done.cards.items()]
        show_rows(rows, (*_COLUMNS[:-1], "found"), form())
    for code, reason in (done.refused | done.predicted.unusable).items():
        complain(f"{code}: {reason}")
    tell(context, _written(done.predicted.posts, done.predicted.new, done.predicted.undone))
    _end(sorted(codes or ()), done.refused, trained=len(done.cards))
    next_step(context, "groundswell code models", "groundswell code why CODE ADDRESS")


def _ask(study: "Study", *, yes: bool) -> None:
    """Ask whether the study may learn from what people wrote, unless somebody said so before."""
    from db.errors import ConfigurationError
    from groundswell.training import may_train

    if yes or may_train(study):
        return
    complain(PERMISSION)
    if not _can_be_asked():
        raise ConfigurationError("nobody can be asked here whether that is permitted", hint="--yes says that it is")
    typer.confirm("Is it permitted?", abort=True, err=True)


def _can_be_asked() -> bool:
    return sys.stdin.isatty()


def _end(named: list[str], refused: dict[str, str], *, trained: int) -> None:
    """Where codes that were asked for by name got no model, the exit code says so."""
    from db.errors import GroundswellError, Partial

    missing = [code for code in named if code in refused]
    if not trained:
        raise GroundswellError(
            "no model was trained", hint="groundswell code sample draw training chooses posts to code"
        )
    if missing:
        raise Partial(f"no model was trained for {', '.join(missing)}", hint="code more posts, then train again")


def predict(context: typer.Context, as_json: AsJson = False) -> None:
    """Let the trained classifiers code all public posts, such as those collected since; only what changed is written."""
    from groundswell.predicting import predict as predict_all

    done = predict_all(open_study(context), lambda text: tell(context, text))
    rows = [{"code": code, "posts": posts} for code, posts in sorted(done.posts_by_code.items())]
    show_rows(rows, ("code", "posts"), form(as_json=as_json))
    for code, reason in done.unusable.items():
        complain(f"{code}: {reason}")
    tell(context, _written(done.posts, done.new, done.undone))
    next_step(context, "groundswell report build", "groundswell status")


def models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the classifiers: what each was trained on, and how good it is on posts that it did not learn from."""
    from groundswell.predicting import list_models

    cards = list_models(open_study(context))
    if as_json:
        show_json(cards)
        return
    show_rows([_row(card) for card in cards], _COLUMNS, form())


def why(
    context: typer.Context,
    code: Code,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A post's address.")],
    as_json: AsJson = False,
) -> None:
    """Show which words of a post made the classifier decide as it did."""
    from groundswell.predicting import why as reasons_for

    found = reasons_for(open_study(context), code, address)
    if as_json:
        show_json(
            {
                "code": code, "post": address, "present": found.is_present, "probability": found.probability,
                "threshold": found.threshold, "without_words": found.without_words,
                "tokens": [{"token": token, "adds": adds} for token, adds in found.tokens],
                "words": [{"words": words, "adds": adds} for words, adds in found.words],
            }
        )  # fmt: skip
        return
    called = "present" if found.is_present else "not present"
    show(f"{code} on {address}: {called}, probability {found.probability:.3f}, threshold {found.threshold:.3f}")
    show(f"a post without known words would have {found.without_words:.3f}; what each word adds to the log odds:")
    for token, adds in found.tokens[:_SHOWN_WORDS]:
        show(f"  {adds:+.2f}  {token}")
    if len(found.tokens) > _SHOWN_WORDS:
        show(f"  {sum(adds for _, adds in found.tokens[_SHOWN_WORDS:]):+.2f}  all others together")


def _row(card: dict[str, Any]) -> dict[str, Any]:
    """A card as a row of a table."""
    return card | {name: card["trained_on"][name] for name in ("posts", "present")}


def _show_card(card: dict[str, Any]) -> None:
    """A card for people to read."""
    on = card["trained_on"]
    show(f"{card['code']} (codebook {card['codebook_revision']})")
    show(
        f"  trained on {on['posts']:,} posts that people decided on: {on['present']:,} present, {on['absent']:,} absent; "
        f"{on['threads']:,} threads, {on['authors']:,} authors; {on['left_out_as_disputed']:,} disputed posts left out"
    )
    show(
        f"  on posts of other threads and authors ({card['folds']} folds): precision {card['precision']}, recall "
        f"{card['recall']}, F1 {card['f1']}; average precision {card['average_precision']} (by chance "
        f"{card['average_precision_by_chance']}); threshold {card['threshold']}"
    )
    curve = "; ".join(f"{point['posts']:,} posts {point['average_precision']}" for point in card["learning_curve"])
    show(f"  average precision with fewer posts to learn from: {curve}")
    made = card["made_with"]
    show(f"  {card['ngrams']:,} n-grams; {made['estimator']} C={made['C']}, scikit-learn {made['scikit-learn']}")


def _written(posts: int, new: int, undone: int) -> str:
    return f"{posts:,} posts looked at: {new:,} codings written, {undone:,} undone"
