"""Coding a study: applying and testing rules, bringing codings in."""

from collections.abc import Callable
from pathlib import Path

from coding.apply import Applied, apply_rules
from coding.batches import new_batch
from coding.codebook import rule_set
from coding.codings import Imported, import_codings
from coding.examples import Example, tried_examples
from db.errors import ConfigurationError, GroundswellError, Partial
from groundswell.agreeing import bring_in_sheet, holds_sheet
from groundswell.backups import back_up_before
from groundswell.sharing import bring_in_return, holds_return
from groundswell.study import Study, now, record_codebook


def apply(study: Study, tell: Callable[[int], None] = lambda _count: None) -> Applied:
    """Apply the codebook's rules to every public post.

    Raises:
        ConfigurationError: the study allows no machine coding.
    """
    if study.file.machine == "none":
        raise ConfigurationError(
            f"{study.root / 'study.yaml'}: machine: none; no rule may code this study",
            hint="that is a promise to your readers; machine: all takes it back",
        )
    codebook = study.codebook()
    with study.store() as store:
        study.key(store)
        record_codebook(store, codebook)
        return apply_rules(store, rule_set(codebook), now(), tell, asked=frozenset(codebook.asked))


def try_examples(study: Study) -> tuple[int, list[Example]]:
    """Match every must-match and must-not-match example; return how many there are and those that fail."""
    codebook = study.codebook()
    rules = rule_set(codebook)
    tried = [example for code in codebook.codes.values() for example in tried_examples(code, rules)]
    return len(tried), [example for example in tried if not example.passes]


def bring_in_codings(study: Study, path: Path) -> Imported:
    """Import codings from JSON lines, the sheet of a round, or what came back from a coder elsewhere, after a backup."""
    if holds_return(path):
        return bring_in_return(study, path)
    if holds_sheet(path):
        return bring_in_sheet(study, path)
    codebook = study.codebook()
    back_up_before(study, "import")
    with study.store() as store:
        study.key(store)
        return import_codings(
            store, path, codebook, record_codebook(store, codebook),
            name=new_batch("import", now()), people_only=study.file.machine == "none",
        )  # fmt: skip


def check_imported(done: Imported) -> None:
    """Turn problems of an import into the exit code that says so.

    Raises:
        Partial: some codings were stored or known already, others not.
        GroundswellError: none could be stored.
    """
    if not done.problems:
        return
    count = len(done.problems)
    text = f"{count} of {done.read} lines could not be stored"
    if count == done.read:
        raise GroundswellError(text)
    raise Partial(text, hint="mend them and import the file again; what is there is not doubled")
