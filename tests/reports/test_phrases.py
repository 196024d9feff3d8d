from fakes.report_sample import (
    audit,
    audited_claim,
    audited_shares,
    collection,
    posts,
    report,
    shares_claim,
    stance_claim,
    stance_figure,
    thin_claim,
    unchecked_claim,
)

from reports import phrases
from reports.phrases import Line, Posts


def need(**changes: int | None) -> dict[str, int | None]:
    return {"people": None, "threads": None, "decisions": None, "minutes": None} | changes


def lines(claim: dict[str, object]) -> dict[str, str]:
    return {line.term: line.text for line in phrases.how_sure(claim)}


def test_a_share_is_given_in_whole_percents_rounded_half_up() -> None:
    assert [phrases.percent(share) for share in (0.125, 0.135, 0.8367, 0.0, 1.0)] == [
        "13 %",
        "14 %",
        "84 %",
        "0 %",
        "100 %",
    ]


def test_hardly_anybody_is_not_nobody_and_nearly_everybody_is_not_everybody() -> None:
    assert phrases.percent(0.0022) == "under 1 %"
    assert phrases.percent(0.9978) == "over 99 %"


def test_the_evidence_line_gives_share_interval_people_threads_and_basis() -> None:
    assert phrases.evidence_line(stance_claim()) == "84 % (69–92 %) of 49 people, 23 threads, basis read"


def test_the_evidence_line_can_begin_with_the_counts() -> None:
    line = phrases.evidence_line(stance_claim(), counts_first=True)

    assert line == "41 of 49 people, 84 % (69–92 %), 23 threads, basis read"


def test_the_evidence_line_of_an_unread_claim_says_how_much_was_read() -> None:
    assert phrases.evidence_line(unchecked_claim()) == "read 12 of 449 posts, basis unchecked"


def test_the_evidence_line_of_a_claim_that_found_nothing_says_how_much_was_read() -> None:
    claim = unchecked_claim(verdict="none", basis="read", read={"posts": 1, "read": 1, "hits": 0, "hits_read": 0})

    assert phrases.evidence_line(claim) == "read 1 of 1 post, basis read"


def test_the_evidence_line_of_shares_counts_people_without_a_percentage() -> None:
    assert phrases.evidence_line(shares_claim()) == "44 people, 23 threads, basis read"


def test_a_share_without_an_interval_says_so() -> None:
    share = stance_figure()["share"] | {"has_interval": False}

    assert phrases.share_words(share) == "84 % (no interval)"


def test_the_disagreement_names_five_posts_and_counts_the_rest() -> None:
    claim = stance_claim()

    assert phrases.objection(claim) == Posts("7 dispute it", ("E-a1", "E-a2", "E-a3", "E-a4", "E-a5"), 3)


def test_posts_that_the_report_left_out_are_counted_among_the_rest() -> None:
    claim = stance_claim()
    claim["evidence"]["against"] = posts("E-a1", more=2)

    assert phrases.objection(claim) == Posts("7 dispute it", ("E-a1",), 2)


def test_one_who_disputes_is_one_person() -> None:
    claim = thin_claim()
    claim["evidence"]["against"] = posts("E-a1")

    assert phrases.objection(claim) == Posts("One person disputes it", ("E-a1",), 0)


def test_that_nobody_disputes_a_claim_is_said_only_where_it_was_read() -> None:
    nobody = stance_figure()
    nobody["counts"] |= {"dispute": 0}
    read = stance_claim(figures=[nobody], evidence=unchecked_claim()["evidence"])

    assert phrases.objection(read) == Posts("Nobody disputes it", (), 0)
    assert phrases.objection(unchecked_claim()) is None


def test_shares_have_no_disagreement() -> None:
    assert phrases.objection(shares_claim()) is None


def test_an_unread_claim_says_first_what_it_is_about() -> None:
    assert phrases.sentence(unchecked_claim()).startswith("Whether the use of tools is tested: 7 people in 4 threads")


def test_unread_shares_say_first_what_they_count() -> None:
    claim = shares_claim(verdict="unchecked", sentence="One person in one thread mentions this.")

    assert phrases.sentence(claim) == "Kinds of work: one person in one thread mentions this."


def test_a_need_of_voices_names_people_and_threads() -> None:
    assert phrases.need_words(need(people=10, threads=3)) == "10 more people, 3 more threads"
    assert phrases.need_words(need(people=1, threads=1)) == "one more person, 1 more thread"


def test_a_need_of_reading_is_an_upper_bound() -> None:
    assert phrases.need_words(need(decisions=217, minutes=66)) == "at most 217 decisions, about 66 minutes"
    assert phrases.need_words(need(decisions=1, minutes=1)) == "at most 1 decision, about 1 minute"


def test_no_need_has_no_words() -> None:
    assert phrases.need_words(None) == ""
    assert phrases.need_words(need()) == ""


def test_the_summary_counts_claims_by_verdict_and_says_what_they_rest_on() -> None:
    assert phrases.summary(report()) == (
        "4 claims: 1 broad agreement, 1 measured, 1 reported, 1 not read yet. The data are 449 posts by 329 people in "
        "1 thread of 1 community, written from 14 September 2025 to 10 February 2026."
    )


def test_the_summary_of_an_empty_study_says_so() -> None:
    nothing = collection(posts=0, period=None)

    assert phrases.summary(report(sections=[], collection=nothing)) == "0 claims. No posts have been collected."


def test_posts_of_one_day_are_written_on_it() -> None:
    assert phrases.between("2026-01-05T00:00:00Z", "2026-01-05T23:00:00Z") == "written on 5 January 2026"


def test_what_makes_a_claim_thin_is_said_in_words() -> None:
    assert lines(thin_claim())["Verdict"] == "reported (too few people; too few threads)"


def test_a_filter_is_said_without_the_name_of_its_attribute_twice() -> None:
    assert lines(thin_claim())["Counted only where"] == "evidence is firsthand"


def test_the_details_of_a_claim_hold_every_count() -> None:
    said = lines(stance_claim())

    assert said["Sides"] == "41 for, 7 against, 1 of two minds; 49 people in 23 threads and 2 communities"
    assert said["Mentions"] == "49 people in 24 threads, 57 posts; 5 without a side; 3 posts that cannot be coded"
    assert said["Basis"].endswith("read 449 of 449 posts, 32 of 33 posts found by a machine")


def test_the_details_of_a_claim_tell_how_far_it_holds() -> None:
    said = lines(stance_claim())

    assert said["Weight of the threads"] == (
        "16.6 effective threads, 44.6 effective people, design effect 1.10; the largest thread holds 12 % of 49 people"
    )
    assert said["Share for, leaving out any one thread"] == "83–86 %"
    assert said["Fragility"] == "6 more people against it would change the verdict"
    assert said["Largest community against the rest"] == "p = 0.6851"


def test_fragility_outside_the_largest_community_says_where() -> None:
    words = phrases.fragility_words({"people": 1, "limit": "rest"})

    assert words == "one more person outside the largest community against it would change the verdict"


def test_a_p_value_that_was_rounded_away_is_not_zero() -> None:
    assert phrases.p_words(0.0) == "p < 0.0001"


def test_a_claim_within_one_community_says_which() -> None:
    assert lines(thin_claim())["One community"] == "too few of those counted wrote outside r/made-up"


def test_an_unread_claim_tells_no_weights() -> None:
    assert [line.term for line in phrases.how_sure(unchecked_claim())] == [
        "Verdict",
        "Basis",
        "Needs",
        "Sides",
        "Mentions",
        "Methods",
        "Coherence",
        "Adequacy",
        "Relevance",
    ]


def test_private_accounts_are_counted_apart() -> None:
    stance = stance_claim(private={"dispute": 4, "support": "fewer than 3"})

    assert Line("Private accounts, counted apart", "4 dispute it; fewer than 3 support it") in phrases.how_sure(stance)
    assert lines(shares_claim())["Private accounts, counted apart"] == "Building: fewer than 3"


def test_evidence_is_listed_side_by_side_or_name_by_name() -> None:
    assert [found.term for found in phrases.evidence(stance_claim())] == ["For", "Against", "Of two minds"]
    assert phrases.evidence(shares_claim())[0] == Posts("Building", ("E-b1",), 4)


def test_a_list_that_breaks_off_counts_what_is_missing() -> None:
    assert phrases.more_posts(1) == "and 1 more post"
    assert phrases.more_posts(0) == ""


def test_the_evidence_line_of_an_audited_claim_speaks_of_all_whom_the_audit_speaks_for() -> None:
    line = "84 % (69–92 %) of about 96 people, 23 threads, basis screened"

    assert phrases.evidence_line(audited_claim()) == line
    assert phrases.evidence_line(audited_claim(), counts_first=True) == line


def test_the_evidence_line_of_audited_shares_gives_people_alone() -> None:
    assert phrases.evidence_line(audited_shares()) == "about 739 people, 23 threads, basis estimated"


def test_the_evidence_line_of_an_audit_that_found_too_few_gives_what_was_read() -> None:
    few = audited_shares(verdict="thin", figures=audited_shares()["figures"][1:])

    assert phrases.evidence_line(few) == "20 of 44 read, of about 739 people, 23 threads, basis estimated"


def test_an_audited_claim_says_who_was_drawn_who_read_and_what_a_machine_counts() -> None:
    said = lines(audited_claim())

    assert said["Audit"] == "audit-1: 225 of 740 authors drawn, 221 decided, 2 lost, nothing of theirs is left"
    assert said["Raw machine count, uncorrected"] == "120 of 740 authors"
    assert said["In what was collected"] == "75–90 %"
    assert said["Who read"] == "one coder; 3 positives from the unflagged each stand for 8.9 authors"
    assert said["Basis"].startswith("screened (people decided every post that a machine found, and the authors drawn")
    assert "Sides of those read" in said


def test_lines_about_several_audited_figures_say_which_they_are_about() -> None:
    said = lines(audited_shares())

    assert said["Evals: in what was collected"] == "75–90 %"
    assert said["Late: in what was collected"] == "at most 2 %"
    assert said["Late: who read"] == "one coder; one positive from the unflagged stands for 8.9 authors"


def test_an_audit_that_is_not_finished_says_how_far_it_has_come_and_gives_nothing_yet() -> None:
    unfinished = audit(undecided=200, not_drawn_yet=7, lost=0, people=None, collected=None)
    said = lines(unchecked_claim(figures=[unchecked_claim()["figures"][0] | {"audit": unfinished}]))

    assert said["Audit"] == (
        "audit-1: 225 of 740 authors drawn, 25 decided, 7 of them to be drawn yet, since they came later"
    )
    assert "In what was collected" not in said
    assert "Sides" in said


def test_several_coders_are_counted_and_where_all_are_flagged_nobody_stands_for_others() -> None:
    assert phrases.gold_standard(audit(coders=3, unflagged=0)) == (
        "3 coders; no positive from the unflagged, who each stand for 8.9 authors"
    )
    assert phrases.gold_standard(audit(stands_for=None)) == "one coder"


def test_the_disagreement_with_an_audited_claim_is_that_of_those_who_were_read() -> None:
    assert phrases.objection(audited_claim()) == Posts(
        "7 of those read dispute it", ("E-a1", "E-a2", "E-a3", "E-a4", "E-a5"), 3
    )
