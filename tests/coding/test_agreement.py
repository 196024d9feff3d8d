"""Agreement: figures of other programs, figures by hand, and what is undefined."""

import math
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coding.agreement import (
    Agreement,
    Facts,
    Interval,
    Row,
    Table,
    alpha_interval,
    assess,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    methods_paragraph,
    overlap,
    percent,
    positive_agreement,
)

NOTHING = "no post was coded by two coders"
ALIKE = "undefined: all codings say the same, so agreement cannot be told from chance"

# Figures of krippendorff 0.9.0, irrCAC 0.4.4 (AC1 and percent) and scikit-learn 1.9.1 (kappa), to six digits. A word is a
# post, a letter a coder's value, a dot a missing cell.
ORACLES = [
    (
        "aa ap ap ap aa aa pa pp pp aa pp aa pa aa ap ap aa pp pp pp pp pa pp pp pp pp pa pp pp aa",
        (0.393143, 0.416216, 0.7, 0.383562),
    ),
    (
        "pp aa pa pp pp ap pp a. ap aa ap .a pp ap pp ap pa aa aa aa a. .. pp aa aa a. pp .a aa pa pp pa .p .p ap .a .a .a pa a.",
        (0.227331, 0.232453, 0.607143, 0.214286),
    ),
    (
        ".pa p.p aa. aaa ..p ppp a.a app aa. aaa a.p .p. ppp ppp ppp ..p ppp paa .ap aaa p.p ppp aa. .a. ... aaa apa aaa .ap .aa",
        (0.567647, 0.520063, 0.76, None),
    ),
    (
        "xxx yyy z.z xxx yyy x.y zzz xzx z.y zzz xx. zzz x.x xxx yyy .yx yyy x.x yxx yyy yyz .zz z.z x.x z.z",
        (0.722671, 0.700619, 0.8, None),
    ),
    (
        ".y.. yzz. z..z x... .z.. zzz. .wxx y.yy ...z .y.. z..w ..x. .... zzz. xy.. zz.z ww.. ...z x.xx yy.z wwxw .yy. yy.y .yyy ywy. y..z zzz. w.zw .w.w ..yy",
        (0.580386, 0.592425, 0.689394, None),
    ),
    (
        "ppp.a p..pp ..a.a aaaa. ....a ...a. .ppp. .pp.p a.aaa a..aa ap.p. p.ppp .a... ..aa. ....a ..aaa pp.p. a.aaa .a.ap ..p.p",
        (0.764423, 0.781876, 0.885417, None),
    ),
]

rows = st.lists(st.tuples(*[st.sampled_from(["present", "absent", None])] * 3), max_size=25)


def _parsed(text: str) -> list[Row]:
    return [tuple(None if letter == "." else letter for letter in word) for word in text.split()]


def _two_by_two(both: int, first: int, second: int, neither: int) -> list[Row]:
    counts = {
        ("present", "present"): both, ("present", "absent"): first, ("absent", "present"): second,
        ("absent", "absent"): neither,
    }  # fmt: skip
    return [row for row, many in counts.items() for _ in range(many)]


def _table(rows: list[Row], threads: list[str] | None = None) -> Table:
    coders = tuple("abcdefgh"[: len(rows[0])]) if rows else ("a", "b")
    return Table(coders, tuple(rows), tuple(threads or map(str, range(len(rows)))))


def _assess(rows: list[Row], threads: list[str] | None = None) -> Agreement:
    return assess(_table(rows, threads))


@pytest.mark.parametrize(("text", "expected"), ORACLES)
def test_alpha_ac1_percent_and_kappa_are_those_of_other_programs(
    text: str, expected: tuple[float, float, float, float | None]
) -> None:
    found = _parsed(text)

    coders = tuple("abcde"[: len(found[0])])
    figures = (krippendorff_alpha(found), gwet_ac1(found), percent(found), cohen_kappa(found, coders))
    assert [figure.value for figure in figures] == [pytest.approx(value, abs=1e-6) for value in expected]


@pytest.mark.parametrize(
    ("counts", "agree", "kappa", "alpha", "ac1", "positive"),
    [
        ((90, 6, 6, 98), 0.94, 0.879808, 0.880108, 0.880192, 180 / 192),
        ((4, 6, 6, 184), 0.94, 0.368421, 0.370000, 0.933702, 0.40),
        ((1, 1, 1, 197), 0.99, 0.494949, 0.496212, 0.989798, 0.50),
        ((0, 5, 5, 190), 0.95, -0.025641, -0.023077, 0.947438, 0.00),
    ],
)
def test_the_same_percentage_may_be_excellent_or_worthless(
    counts: tuple[int, int, int, int], agree: float, kappa: float, alpha: float, ac1: float, positive: float
) -> None:
    found = _assess(_two_by_two(*counts))

    assert found.units == 200
    assert found.percent.value == pytest.approx(agree)
    assert found.kappa.value == pytest.approx(kappa, abs=1e-6)
    assert found.alpha.value == pytest.approx(alpha, abs=1e-6)
    assert found.ac1.value == pytest.approx(ac1, abs=1e-6)
    assert found.positive.value == pytest.approx(positive)


def test_a_common_code_gets_a_verdict_and_a_rare_one_none() -> None:
    common, rare = _assess(_two_by_two(90, 6, 6, 98)), _assess(_two_by_two(4, 5, 6, 185))

    assert (common.verdict, common.no_verdict) == ("firm", None)
    assert rare.positives == {"a": 9, "b": 10}
    assert (rare.verdict, rare.no_verdict) == (None, "fewer than 10 positives by a (9)")


@pytest.mark.parametrize(("counts", "verdict"), [((80, 15, 15, 90), "tentative"), ((60, 25, 25, 90), "low")])
def test_verdicts_follow_alpha(counts: tuple[int, int, int, int], verdict: str) -> None:
    assert _assess(_two_by_two(*counts)).verdict == verdict


def test_nothing_is_said_where_no_post_has_two_codings() -> None:
    found = _assess([("present", None), (None, "absent")])

    assert found.units == 0
    for figure in (found.percent, found.positive, found.kappa, found.alpha, found.ac1):
        assert (figure.value, figure.problem) == (None, NOTHING)
    assert found.interval == Interval(None, None, NOTHING)
    assert (found.verdict, found.no_verdict) == (None, NOTHING)


def test_nothing_is_said_of_an_empty_round() -> None:
    assert assess(Table((), (), ())).no_verdict == NOTHING


def test_where_all_say_the_same_only_the_percentage_is_defined() -> None:
    found = _assess([("absent", "absent")] * 30)

    assert found.percent.value == 1
    for figure in (found.kappa, found.alpha, found.ac1):
        assert (figure.value, figure.problem) == (None, ALIKE)
    assert found.interval.problem == ALIKE
    assert (found.positive.value, found.positive.problem) == (None, "undefined: nobody coded a positive")


def test_kappa_is_of_two_coders_only() -> None:
    found = cohen_kappa([("present", "absent", "absent")], ("a", "b", "c"))

    assert found.problem == "only of two coders; here are 3"


def test_a_missing_cell_is_no_absent() -> None:
    with_missing = [*_two_by_two(5, 1, 1, 5), ("present", None), (None, "present")]

    assert krippendorff_alpha(with_missing) == krippendorff_alpha(_two_by_two(5, 1, 1, 5))


@given(found=rows, seed=st.integers())
def test_neither_the_order_of_coders_nor_of_posts_matters(found: list[Row], seed: int) -> None:
    mixed = random.Random(seed).sample([row[::-1] for row in found], len(found))

    for figure in (percent, positive_agreement, gwet_ac1, krippendorff_alpha):
        assert figure(mixed).value == pytest.approx(figure(found).value, nan_ok=True)
        assert figure(mixed).problem == figure(found).problem


@given(found=rows)
def test_no_figure_leaves_its_range(found: list[Row]) -> None:
    for figure, least in ((percent, 0), (positive_agreement, 0), (gwet_ac1, -1), (krippendorff_alpha, -1)):
        value = figure(found).value
        assert value is None or least - 1e-9 <= value <= 1 + 1e-9


@given(found=st.lists(st.sampled_from(["present", "absent"]), min_size=2, max_size=25))
def test_coders_who_always_agree_have_figures_of_one(found: list[str]) -> None:
    assume(len(set(found)) > 1)
    same = [(value, value, value) for value in found]

    for figure in (percent, positive_agreement, gwet_ac1, krippendorff_alpha):
        assert figure(same).value == 1


def test_the_interval_comes_from_leaving_out_each_thread() -> None:
    found = _two_by_two(8, 2, 2, 12)
    threads = [str(number % 6) for number in range(24)]
    whole = krippendorff_alpha(found).value
    assert whole is not None

    without = [
        krippendorff_alpha([row for row, thread in zip(found, threads, strict=True) if thread != left_out]).value
        for left_out in "012345"
    ]
    variance = 5 / 6 * math.fsum((value - whole) ** 2 for value in without if value is not None)
    reach = 2.570582 * math.sqrt(variance)  # Student's t with 5 degrees of freedom

    interval = alpha_interval(found, threads)
    assert interval.problem is None
    assert (interval.lower, interval.upper) == pytest.approx((whole - reach, min(1.0, whole + reach)), abs=1e-6)


def test_one_thread_in_which_everything_stands_gives_no_interval() -> None:
    found = _two_by_two(8, 2, 2, 12)

    assert alpha_interval(found, ["t"] * 24).problem == "undefined: without one of the threads all codings say the same"


def test_a_thread_that_outweighs_the_others_gives_no_interval() -> None:
    found = _two_by_two(8, 2, 2, 12)
    threads = ["u" if number in {0, 8, 12} else "t" for number in range(24)]

    assert alpha_interval(found, threads).problem == "undefined: too few threads, or one that outweighs the others"


def test_without_any_disagreement_there_is_no_interval() -> None:
    found = alpha_interval([("present", "present"), ("absent", "absent")] * 3, list("aabbcc"))

    assert found.problem == "undefined: there was no disagreement that could vary from thread to thread"


def test_an_interval_stays_between_minus_one_and_one() -> None:
    found = alpha_interval([("present", "absent"), ("absent", "absent"), ("present", "present")], list("abc"))

    assert (found.lower, found.upper) == (-1.0, 1.0)


def _simulated_thread(world: random.Random, prevalence: float, likeness: float, care: float, size: int) -> list[Row]:
    """Posts of a thread, alike in theme and in how hard they are to code, as two coders see them."""
    spread = (1 - likeness) / likeness
    share = world.betavariate(prevalence * spread, (1 - prevalence) * spread)
    sees = world.betavariate(care * 8, (1 - care) * 8)
    rows: list[Row] = []
    for _ in range(size):
        truth = world.random() < share
        said = (truth if world.random() < sees else world.random() < prevalence for _ in range(2))
        rows.append(tuple("present" if one else "absent" for one in said))
    return rows


def _simulated(world: random.Random, threads: int, prevalence: float, likeness: float, care: float) -> Table:
    sizes = [max(1, round(world.lognormvariate(math.log(3), 1))) for _ in range(threads)]
    found = [_simulated_thread(world, prevalence, likeness, care, size) for size in sizes]
    return _table(
        [row for thread in found for row in thread],
        [str(number) for number, thread in enumerate(found) for _ in thread],
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prevalence", "likeness", "care", "threads"),
    [(0.5, 0.1, 0.9, 40), (0.1, 0.1, 0.9, 60), (0.1, 0.2, 0.9, 60), (0.05, 0.1, 0.85, 80), (0.3, 0.1, 0.95, 30)],
)
def test_intervals_of_alpha_hold_the_truth_nine_times_of_ten(
    prevalence: float, likeness: float, care: float, threads: int
) -> None:
    world = random.Random(1)
    truth = krippendorff_alpha(_simulated(world, 60_000, prevalence, likeness, care).rows).value
    assert truth is not None

    tables = [_simulated(world, threads, prevalence, likeness, care) for _ in range(400)]
    intervals = [alpha_interval(table.rows, table.threads) for table in tables]
    held = [one.lower <= truth <= one.upper for one in intervals if one.lower is not None and one.upper is not None]

    assert len(held) >= 380
    assert 0.88 <= sum(held) / len(held) <= 0.97


def test_positive_values_of_an_attribute_count_by_value() -> None:
    found: list[Row] = [("x", "x"), ("x", "y"), ("none", "none"), ("none", "y")]

    # Positive codings in pairs: 2 + 2 + 0 + 1; in pairs that share a positive value: 2.
    assert positive_agreement(found, "none").value == pytest.approx(2 / 5)


def test_segments_are_compared_exactly_and_by_half() -> None:
    marked = [
        (frozenset({(0, 10)}), frozenset({(0, 10)})),
        (frozenset({(0, 10), (20, 30)}), frozenset({(4, 12), (27, 40)})),
        (frozenset({(0, 5)}), frozenset[tuple[int, int]]()),
    ]

    found = overlap(marked)

    # Post 1: both alike. Post 2: (0,10) and (4,12) share 6 of 10; (20,30) and (27,40) share 3 of 13.
    assert (found.posts, found.segments) == (2, 6)
    assert found.exact.value == pytest.approx(2 / 6)
    assert found.half.value == pytest.approx(4 / 6)


def test_segments_by_one_coder_alone_say_nothing() -> None:
    found = overlap([(frozenset({(0, 5)}), frozenset[tuple[int, int]]())])

    assert (found.exact.value, found.half.problem) == (None, "no post has segments by two coders")


segments = st.frozensets(
    st.tuples(st.integers(0, 30), st.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1])), min_size=1, max_size=4
)


@given(left=segments, right=segments)
def test_overlap_is_the_same_from_both_sides_and_half_is_never_less_than_exact(
    left: frozenset[tuple[int, int]], right: frozenset[tuple[int, int]]
) -> None:
    found = overlap([(left, right)])

    assert found == overlap([(right, left)])
    assert found.exact.value is not None
    assert found.half.value is not None
    assert 0 <= found.exact.value <= found.half.value <= 1


def _facts(**changes: object) -> Facts:
    usual: dict[str, object] = {
        "coders": ("ana", "ben"), "posts": 200, "threads": 41, "drawn": "a reliability sample of posts", "blind": True,
        "codebook_revision": "abc123", "codes": {}, "adjudicated": {},
    }  # fmt: skip
    return Facts(**(usual | changes))  # type: ignore[arg-type]  # the test gives the right types


def test_the_methods_paragraph_says_who_what_and_how() -> None:
    threads = [str(number % 41) for number in range(200)]
    found = _assess(_two_by_two(90, 6, 6, 98), threads)

    text = methods_paragraph(_facts(codes={"Titles": found}, adjudicated={"slip": 3, "ambiguous": 9}))

    assert text.startswith(
        "2 coders independently coded 200 posts from 41 threads (a reliability sample of posts), without seeing each"
        " other's codings or any machine's, by revision abc123 of the codebook."
    )
    assert "Titles: 200 posts; positives 96 by a, 96 by b; alpha 0.88 (0.8" in text
    assert "; positive agreement 0.94; AC1 0.88; kappa 0.88." in text
    assert text.endswith("12 differences were adjudicated (9 ambiguous, 3 slip).")


def test_the_methods_paragraph_says_what_is_undefined_and_why() -> None:
    codes = {"Alike": _assess([("absent", "absent")] * 5), "One": _assess(_two_by_two(1, 0, 0, 4))}

    text = methods_paragraph(_facts(codes=codes, posts=1, threads=1, blind=False, adjudicated={"slip": 1}))

    assert "1 post from 1 thread" in text
    assert "not blind to each other's codings" in text
    assert f"Alike: 5 posts; positives 0 by a, 0 by b; alpha {ALIKE}; no verdict: {ALIKE}." in text
    assert "alpha 1.00 (interval undefined: there was no disagreement" in text
    assert "no verdict: fewer than 10 positives by a (1)" in text
    assert text.endswith("1 difference was adjudicated (1 slip).")


def test_the_methods_paragraph_of_one_coder_names_both_rounds() -> None:
    text = methods_paragraph(_facts(coders=("may", "june"), twice="ana"))

    assert text.startswith("ana coded twice, in the rounds may and june, 200 posts from 41 threads")
