"""What can be wrong in findings.yaml, beyond its form: names that nothing bears, claims that cannot be computed, words."""

from collections.abc import Iterator, Mapping, Sequence

from coding.codebook import CODE_ID, Codebook, code_id_of, statement_problem
from db.yaml_files import Key, Problem, suggest
from reports.code_names import codes_of, counted_by, full_id, full_value
from reports.findings_file import ANY_VERDICT, NO_REFERENCE, ClaimFields, FindingsFile, PairFields
from reports.frequency import DECREASINGLY, INCREASINGLY, OFTEN, RARELY, FrequencyWord, frequency_words, without
from reports.periods import is_period
from reports.references import Reference, bases
from reports.sayings import saying_problems
from reports.verdicts import Verdict

Place = tuple[Key, ...]
_ENOUGH_TO_RANK = 2
_LEAST_WORDS = 2
_COUNTING = ("filter", "denominator", "reference", "also", "construct_", "trend")
_OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "consensus": ("code", "often", "say"),
    "shares": ("attribute", "code", "codes", "published", "rank", "often", "rarely", "say"),
    "ranking": ("codes", "published"),
    "pairs": ("pairs",),
    "examples": ("match", "code_prefix", "of", "min_authors", "max"),
    "gap": ("code", "against", "dimension", "often", "rarely", "say"),
    "compare": ("a", "b", "dimension"),
    "takeaway": ("rests_on", "say"),
}
_COMMON = ("id", "kind", "statement", "headline", "concerns", "confidence")
_NEEDED = {
    "consensus": ("code",), "ranking": ("codes",), "shares": ("attribute", "code", "codes"), "pairs": ("pairs",),
    "examples": ("match", "code_prefix"), "gap": ("code",), "takeaway": ("rests_on",),
}  # fmt: skip
_STANCE_VERDICTS = (
    Verdict.NONE, Verdict.THIN, Verdict.CONSENSUS, Verdict.DIVIDED, Verdict.MAJORITY, Verdict.AGAINST,
    Verdict.MINORITY, Verdict.CONTESTED, Verdict.INCONCLUSIVE,
)  # fmt: skip
_PRESENCE_VERDICTS = (Verdict.NONE, Verdict.THIN, Verdict.MEASURED)
_TAKEAWAY_VERDICTS = (Verdict.CONSENSUS, Verdict.MAJORITY, Verdict.DEBATED, Verdict.NOT_ESTABLISHED)
_QUESTIONS = ("whether ", "if ", "how ", "why ", "to ")
_ENDS = (".", "?", "!", ":", ";", ",")


def all_problems(fields: FindingsFile, codebook: Codebook, known: Mapping[str, Reference]) -> Iterator[Problem]:
    """Yield all that is wrong with sections and claims."""
    yield from _name_problems(fields)
    yield from _takeaway_problems(fields)
    yield from _table_problems(fields, known)
    for claim, here in _claims(fields):
        yield from _field_problems(claim, here)
        yield from _code_problems(claim, codebook, here)
        yield from _filter_problems(claim, codebook, here)
        yield from _published_problems(claim, codebook, here)
        yield from _reference_problems(claim, known, here)
        yield from _stance_problems(claim, codebook, here)
        yield from _statement_problems(claim, codebook, here)
        yield from _saying_problems(claim, codebook, here)
        if claim.trend and not is_period(claim.trend.period):
            yield Problem(
                (*here, "trend", "period"),
                f'"{claim.trend.period}" is no period',
                "write quarter, month, year, or a number of days such as 180d",
            )


def _table_problems(fields: FindingsFile, known: Mapping[str, Reference]) -> Iterator[Problem]:
    """Yield the outside figures of one section that have another base than the others, where nobody acknowledged it."""
    for number, section in enumerate(fields.sections):
        figures = [known[key] for claim in section.claims for key in _keys(claim) if key in known]
        if section.bases == "differ" or len(bases(figures)) < _ENOUGH_TO_RANK:
            continue
        usual = max(bases(figures), key=lambda base: sum(figure.base == base for figure in figures))
        for at, claim in enumerate(section.claims):
            others = [known[key] for key in _keys(claim) if key in known and known[key].base != usual]
            if others and claim.construct_ != "differs":
                yield Problem(
                    ("sections", number, "claims", at, "reference"),
                    f'"{others[0].key}" is a share of {others[0].base}, the other figures of the section are of {usual}',
                    "use a figure of the same base, or say that you know: `bases: differ` in the section or "
                    "`construct: differs` in the claim; the report then warns",
                )


def _keys(claim: ClaimFields) -> tuple[str, ...]:
    return tuple(key for key in (*claim.reference, *claim.also) if key != NO_REFERENCE)


def _name_problems(fields: FindingsFile) -> Iterator[Problem]:
    """Yield what is wrong with the ids of sections and claims."""
    sections = [(section.id, ("sections", number)) for number, section in enumerate(fields.sections)]
    claims = [(claim.id, keys) for claim, keys in _claims(fields)]
    for kind, named in (("section", sections), ("claim", claims)):
        seen: set[str] = set()
        for name, keys in named:
            if name in seen:
                yield Problem((*keys, "id"), f'another {kind} is called "{name}"', "give each an id of its own")
            if not CODE_ID.fullmatch(name):
                better = code_id_of(name)
                yield Problem(
                    (*keys, "id"), "an id is made of a-z, 0-9, - and .", f"write `{better}`" if better else None
                )
            seen.add(name)


def _claims(fields: FindingsFile) -> Iterator[tuple[ClaimFields, Place]]:
    for section_number, section in enumerate(fields.sections):
        for number, claim in enumerate(section.claims):
            yield claim, ("sections", section_number, "claims", number)


def _takeaway_problems(fields: FindingsFile) -> Iterator[Problem]:
    """Yield takeaways that rest on nothing, on claims that are not there, or in the end on themselves."""
    claims = {claim.id: claim for claim, _ in _claims(fields)}
    for claim, here in _claims(fields):
        if claim.kind != "takeaway":
            continue
        for number, name in enumerate(claim.rests_on):
            keys = (*here, "rests_on", number)
            if name not in claims:
                yield Problem(keys, f'there is no claim "{name}"', suggest(name, claims))
            elif name in claim.rests_on[:number]:
                yield Problem(keys, f'"{name}" is here twice', "take one out")
        if claim.id in _all_below(claim.id, claims):
            yield Problem((*here, "rests_on"), "the takeaway rests on itself", "let it rest on claims that count posts")


def _all_below(name: str, claims: Mapping[str, ClaimFields]) -> set[str]:
    """All claims that one rests on, directly or by others."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        claim = claims.get(waiting.pop())
        fresh = set(claim.rests_on) - found if claim is not None else set()
        found |= fresh
        waiting += fresh
    return found


def _field_problems(claim: ClaimFields, here: Place) -> Iterator[Problem]:
    """Yield what is missing, and what has no place in a claim of this kind."""
    own = _OWN_FIELDS[claim.kind]
    wanted = _NEEDED.get(claim.kind, ())
    given = [name for name in wanted if getattr(claim, name)]
    if wanted and (not given or (len(given) > 1 and claim.kind == "shares")):
        one_of = "exactly one of" if claim.kind == "shares" else "one of"
        needs = f"{one_of} {', '.join(wanted)}" if len(wanted) > 1 else f"`{wanted[0]}: …`"
        yield Problem((*here, "kind"), f"a claim of kind {claim.kind} needs {needs}")
    if claim.kind == "compare" and not (claim.a and claim.b and claim.a != claim.b):
        yield Problem((*here, "kind"), "a claim of kind compare needs two codes, `a: …` and `b: …`")
    counting = () if claim.kind == "takeaway" else _COUNTING
    for name in sorted(claim.model_fields_set - {*own, *_COMMON, *counting}):
        if getattr(claim, name):
            use = f"use `{wanted[0]}: …`" if name in {"code", "codes", "attribute"} and wanted else None
            yield Problem((*here, name.rstrip("_")), f"has no place in a claim of kind {claim.kind}", use)
    yield from _number_problems(claim, here)


def _number_problems(claim: ClaimFields, here: Place) -> Iterator[Problem]:
    """Yield words that speak of one share beside several, rankings of one, and pairs that are none."""
    for name in ("often", "rarely"):
        if getattr(claim, name) and (claim.codes or claim.attribute or claim.against):
            yield Problem((*here, name), "speaks of one share, and the claim has several", "name one `code: …`")
    if claim.kind == "ranking" and len(claim.codes) == 1:
        yield Problem((*here, "codes"), "a ranking needs at least 2 codes", "for one code use `kind: shares`")
    if claim.kind == "gap" and claim.against and claim.against == claim.code:
        yield Problem((*here, "against"), "is the same as code", "name the code of the opposite")
    for number, pair in enumerate(claim.pairs):
        if (pair.assumed is None) == (pair.expected is None):
            yield Problem((*here, "pairs", number), "a pair needs exactly one of assumed, expected")
        if pair.against == pair.code:
            yield Problem((*here, "pairs", number, "against"), "is the same as code", "name the code of the assumption")


def _code_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    for keys, code in _named_codes(claim):
        yield from _code_problem(code, codebook, (*here, *keys))
    for name in ("codes", "match"):
        listed: tuple[str, ...] = getattr(claim, name)
        for number, code in enumerate(listed):
            if code in listed[:number]:
                yield Problem((*here, name, number), f'"{code}" is here twice', "take one out")
    if claim.code_prefix and claim.kind == "examples" and not codes_of(claim, codebook):
        yield Problem(
            (*here, "code_prefix"),
            f'no code begins with "{claim.code_prefix}"',
            suggest(claim.code_prefix, codebook.codes),
        )
    if claim.attribute and claim.attribute not in codebook.attributes:
        yield _not_an_attribute(claim.attribute, codebook, (*here, "attribute"))
    elif claim.attribute and codebook.is_retired(claim.attribute):
        yield Problem((*here, "attribute"), f'the attribute "{claim.attribute}" is retired', "take the claim out")


def _named_codes(claim: ClaimFields) -> Iterator[tuple[Place, str]]:
    """Yield every code that a claim names, with its place."""
    for name in ("code", "against", "a", "b"):
        if code := getattr(claim, name):
            yield (name,), code
    for name in ("codes", "match"):
        for number, code in enumerate(getattr(claim, name)):
            yield (name, number), code
    for number, pair in enumerate(claim.pairs):
        yield ("pairs", number, "code"), pair.code
        if pair.against:
            yield ("pairs", number, "against"), pair.against
    if claim.denominator:
        yield ("denominator", "has"), claim.denominator.has


def _code_problem(code_id: str, codebook: Codebook, keys: Sequence[Key]) -> Iterator[Problem]:
    code, place = codebook.codes.get(code_id), tuple(keys)
    if code is None:
        yield Problem(place, f'there is no code "{code_id}"', suggest(code_id, codebook.codes))
    elif codebook.is_retired(code_id):
        yield Problem(place, f'the code "{code_id}" is retired', "take it out, or name the code that took its place")
    elif code.choose_one:
        yield Problem(place, f'"{code_id}" is an attribute', f"use `kind: shares` and `attribute: {code_id}`")
    elif code.is_draft and not codebook.is_value(code_id):
        yield Problem(place, f'the code "{code_id}" is a draft', "say in codebook.yaml what it means: `definition: …`")


def _not_an_attribute(name: str, codebook: Codebook, keys: Sequence[Key]) -> Problem:
    if name in codebook.codes:
        return Problem(tuple(keys), f'"{name}" is no attribute', "give it `choose: one` and values in codebook.yaml")
    return Problem(tuple(keys), f'there is no attribute "{name}"', suggest(name, codebook.attributes))


def _filter_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    for field in ("filter", "of"):
        for attribute, value in getattr(claim, field).items():
            keys = (*here, field, attribute)
            if attribute not in codebook.attributes:
                yield _not_an_attribute(attribute, codebook, keys)
            elif full_value(codebook, attribute, value) is None:
                values = codebook.values_of(attribute)
                yield Problem(keys, f'"{attribute}" has no value "{value}"', suggest(value, values))
    for attribute in sorted(claim.filter.keys() & claim.of.keys()):
        yield Problem((*here, "of", attribute), "is in `filter` too", "keep one of the two")


def _published_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    counted = counted_by(claim, codebook)
    seen: set[str] = set()
    for key in claim.published:
        full = full_id(key, counted)
        if full is None:
            yield Problem((*here, "published", key), "the claim gives no figure for it", suggest(key, counted))
        elif full in seen:
            yield Problem((*here, "published", key), f'"{full}" is here twice', "keep one of the two")
        else:
            seen.add(full)


def _reference_problems(claim: ClaimFields, known: Mapping[str, Reference], here: Place) -> Iterator[Problem]:
    for field in ("reference", "also"):
        for key in getattr(claim, field):
            place = (*here, field)
            if key == NO_REFERENCE and (field == "also" or len(claim.reference) > 1 or claim.also):
                yield Problem(place, "says that there is no outside figure, and names one", "keep one of the two")
            elif key not in known and key != NO_REFERENCE:
                hint = suggest(key, known) if known else "name the file: `references: reference/FILE.csv` at the top"
                yield Problem(place, f'there is no outside figure "{key}"', hint)
    if claim.also and not claim.reference:
        yield Problem((*here, "also"), "stands beside nothing", "write `reference: …`")
    if claim.kind == "gap" and not claim.reference:
        yield Problem(
            (*here, "kind"),
            "a claim of kind gap needs `reference: …`, an outside figure",
            f"where there is none write `reference: {NO_REFERENCE}`",
        )


def _stance_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    """Yield what keeps a claim from having sides."""
    code = codebook.codes.get(claim.code or "")
    if claim.kind == "consensus" and code and not code.choose_one and not code.stance:
        hint = "give the code `stance: yes` in codebook.yaml, or use `kind: shares`"
        yield Problem((*here, "code"), f'"{code.id}" is coded without stance, so nobody agrees or disagrees', hint)
    if _has_sides(claim, codebook) and code and code.stance and not (claim.statement or code.statement):
        hint = "add `statement: …` here or to the code: what people agree with"
        yield Problem((*here, "statement"), "is missing here and in the codebook", hint)
    if claim.kind == "takeaway" and not claim.statement:
        yield Problem((*here, "kind"), "a takeaway needs `statement: …`", "write what its claims come to")


def _has_sides(claim: ClaimFields, codebook: Codebook) -> bool:
    code = codebook.codes.get(claim.code or "")
    return claim.kind == "consensus" or (claim.kind == "gap" and not claim.against and code is not None and code.stance)


def _statement_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    if claim.statement:
        keys = (*here, "statement")
        is_clause = _has_sides(claim, codebook) or claim.kind == "takeaway"
        yield from _word_problems(claim.statement, _rules_of(claim, is_clause=is_clause), keys)
        if is_clause:
            yield from _clause_problems(claim.statement, keys)
    for number, pair in enumerate(claim.pairs):
        keys = (*here, "pairs", number, "got")
        yield from _word_problems(pair.got, _rules_of_pair(pair), keys)
        if pair.rarely and not pair.against:
            yield Problem(keys, '"rarely" needs the code of what is rare', "write `against: …`")


def _clause_problems(statement: str, keys: Place) -> Iterator[Problem]:
    """Yield what keeps a statement from standing after "say that"."""
    plain = statement
    for word in frequency_words(statement):
        plain = without(plain, word)
    wrong = statement_problem(plain)
    if wrong:
        yield Problem(keys, *wrong)
    elif plain.lower().startswith(_QUESTIONS):
        yield Problem(
            keys, f'begins with "{plain.split()[0]}"', "write what people agree with, to stand after “say that”"
        )
    elif plain.endswith(_ENDS) and not plain.endswith("..."):
        yield Problem(keys, f'ends with "{plain[-1]}"', f"leave it out: {plain[:-1]}")
    elif len(plain.split()) < _LEAST_WORDS:
        yield Problem(
            keys, "is one word", "write a clause that can stand after “say that”: somebody or something, and a verb"
        )


def _rules_of(claim: ClaimFields, *, is_clause: bool) -> frozenset[str]:
    """The rules that a claim brings for words of frequency."""
    if claim.kind == "takeaway":
        return frozenset()
    trend = {INCREASINGLY, DECREASINGLY} if claim.trend else set()
    often = {OFTEN} if claim.often else set()
    rarely = {RARELY} if claim.rarely and not is_clause else set()
    return frozenset(trend | often | rarely)


def _rules_of_pair(pair: PairFields) -> frozenset[str]:
    return frozenset(({OFTEN} if pair.often else set()) | ({RARELY} if pair.rarely else set()))


def _word_problems(text: str, rules: frozenset[str], keys: Place) -> Iterator[Problem]:
    """Yield words of frequency that no rule carries."""
    found = frequency_words(text)
    if len(found) > 1:
        yield Problem(keys, f'says "{found[0].word}" and "{found[1].word}"', "keep one word of frequency a statement")
    elif found and found[0].rule not in rules:
        yield Problem(keys, f'says "{found[0].word}" without a rule for it', _remedy(found[0]))


def _remedy(word: FrequencyWord) -> str:
    state = "state the view itself; how many hold it comes from the counts"
    remedies = {
        OFTEN: f"add `often: yes`, which needs a lower limit above one half, or {state}",
        RARELY: f"where a code is counted add `rarely: yes`, which needs an upper limit below one quarter, or {state}",
        INCREASINGLY: f"add `trend: {{period: quarter}}`, or {state}",
        DECREASINGLY: f"add `trend: {{period: quarter}}`, or {state}",
    }
    return remedies.get(word.rule or "", state)


def _saying_problems(claim: ClaimFields, codebook: Codebook, here: Place) -> Iterator[Problem]:
    if claim.kind == "takeaway":
        verdicts: tuple[Verdict, ...] = _TAKEAWAY_VERDICTS
    else:
        verdicts = _STANCE_VERDICTS if _has_sides(claim, codebook) else _PRESENCE_VERDICTS
    for key, text in claim.say.items():
        keys = (*here, "say") if key == ANY_VERDICT else (*here, "say", key)
        if key != ANY_VERDICT and key not in verdicts:
            yield Problem(keys, "is no verdict of such a claim", f"they are {', '.join(verdicts)}")
            continue
        for message, hint in saying_problems(key, text):
            yield Problem(keys, message, hint)
