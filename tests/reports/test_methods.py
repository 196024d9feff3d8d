from dataclasses import replace

import pytest
from fakes.report_kinds import saturation
from fakes.report_sample import Row, audit, audited_claim, collection, next_steps, report, step, thread, unchecked_claim

from reports import methods
from reports.methods import Way
from reports.verdicts import DECLARED


def lines(found: dict[str, object]) -> dict[str, str]:
    return {line.term: line.text for line in methods.collected(found)}


def test_the_best_step_and_the_whole_way_are_named_with_their_claims() -> None:
    steps = next_steps(step(1, 1, "b"), step(209, 63, "b", "a"))

    assert methods.ways(report(next_steps=steps)) == [
        Way("One decision, about one minute, would settle one claim", ("b",), is_whole=True),
        Way(
            "209 decisions, about 63 minutes, would settle all 2 claims that wait to be read", ("b", "a"), is_whole=True
        ),
    ]


def test_a_best_step_that_is_the_whole_way_is_named_once() -> None:
    only = step(2, 1, "a", "b")

    assert methods.ways(report(next_steps=next_steps(only, only))) == [
        Way("2 decisions, about one minute, would settle 2 claims", ("a", "b"), is_whole=True)
    ]


def test_a_way_short_of_all_posts_says_that_it_reads_drawn_authors() -> None:
    short = report(next_steps=next_steps(step(2, 1, "a"), step(209, 63, "a", "b", is_whole=False)))

    assert methods.ways(short)[1].text == (
        "209 decisions, on posts of drawn authors among others, about 63 minutes, would settle all 2 claims that wait "
        "to be read"
    )
    assert methods.needs_a_draw(short)
    assert not methods.needs_a_draw(report())


def test_where_nothing_waits_there_is_no_way() -> None:
    assert methods.ways(report()) == []


def test_claims_that_reading_does_not_settle_are_counted() -> None:
    assert methods.short_words(report()) == "One claim needs more people or threads, which reading does not bring."
    assert methods.short_words(report(unchecked_claim())) == ""


def test_what_was_left_out_is_said_with_its_reasons() -> None:
    said = lines(report())

    assert said["Left out"] == "2 posts by bots, 1 post deleted or removed, 1 post repeated by another account"


def test_nothing_left_out_is_said_too() -> None:
    none_excluded = dict.fromkeys(collection()["excluded"], 0)

    assert lines(report(collection=collection(excluded=none_excluded)))["Left out"] == "nothing"


def test_the_collection_is_described_with_its_numbers() -> None:
    said = lines(report())

    assert said["Collected"] == "449 posts by 329 authors in 1 thread (47.2 effective) of 1 community"
    assert said["Period"] == "14 September 2025 to 10 February 2026"
    assert said["As of"].startswith("1 March 2026")
    assert said["Not known to be whole"] == "1 thread"
    assert said["Private accounts"].startswith("4,")


def test_people_who_coded_and_double_reading_are_named() -> None:
    said = lines(report())

    assert said["Coders"] == "2 people; machines: rules; 64 codes in the codebook"
    assert said["Read"] == "449 posts by a person, 110 of them by more than one"


def test_an_empty_collection_has_no_period() -> None:
    empty = report(collection=collection(posts=0, platforms=[], period=None, incomplete_threads=0))
    empty["report"]["as_of"] = None

    assert [line.term for line in methods.collected(empty)] == [
        "Collected",
        "Left out",
        "Private accounts",
        "Coders",
        "Read",
    ]


def test_the_verdict_rule_is_told_in_three_sentences_with_its_declared_limits() -> None:
    reported, agreement, rest = methods.verdict_rule(
        replace(DECLARED, people=17, consensus_share=0.7, contested_width=0.25)
    )

    assert "fewer than 17 people" in reported
    assert "70 % or more in favour" in agreement
    assert "25 points wide" in rest


def test_queries_are_not_shown_where_threads_are_not_named() -> None:
    hidden = report(collection=collection(thread_list=[]))

    assert methods.queries(hidden) == []
    assert methods.queries_words(hidden) == "1, not shown since this report names no threads"
    assert methods.queries(report()) == ["https://api.example.org/search?q=titles"]


def test_a_thread_says_how_much_of_it_was_collected() -> None:
    assert methods.thread_words(thread(coverage=0.9996, announced=1200)) == (
        "r/made-up, 12 posts, 1,200 announced, 99 % of it collected"
    )
    assert methods.thread_words(thread(coverage=1.0, posts=1)) == "r/made-up, 1 post, whole"
    assert methods.thread_words(thread()) == "r/made-up, 12 posts, coverage not known"


def test_the_method_of_an_audit_is_told_where_a_claim_rests_on_one() -> None:
    unfinished = unchecked_claim()
    unfinished["figures"][0]["audit"] = audit(people=None, collected=None)

    assert methods.rests_on_an_audit(report(audited_claim()))
    assert not methods.rests_on_an_audit(report(unfinished))
    assert not methods.rests_on_an_audit(report())


def told(found: Row) -> str:
    return " ".join(methods.paragraphs(found))


def with_queries(*queries: str, files: int = 0) -> Row:
    found = report()
    found["inputs"] |= {
        "queries": list(queries), "files": [{"name": f"data/f{number}.json", "sha256": "0"} for number in range(files)]
    }  # fmt: skip
    return found


def test_the_first_line_says_for_whom_intervals_hold_and_how_threads_were_found() -> None:
    assert methods.paragraphs(report())[0] == (
        "Shares and intervals hold among authors in the threads collected, found by the search “titles” and 1 file "
        "(posts.jsonl); they say nothing about people who do not write there."
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (with_queries(), "found by nothing yet;"),
        (with_queries(files=4), "found by 4 files;"),
        (with_queries("https://a.example/t/1"), "found by 1 request;"),
        (with_queries("https://a.example/s?query=b", "https://a.example/s?q=a%20%20c", "https://a.example/t"),
         "found by the searches “a c”, “b” and 1 other request;"),
        (with_queries(*(f"https://a.example/s?q=w{n}" for n in range(7))),
         "found by the searches “w0”, “w1”, “w2”, “w3”, “w4” and 2 more;"),
        (with_queries("https://[broken?q=a"), "found by 1 request;"),
    ],
)  # fmt: skip
def test_searches_links_and_files_are_named_as_far_as_there_are_few(found: Row, said: str) -> None:
    assert said in methods.paragraphs(found)[0]


def test_in_a_sensitive_study_searches_are_only_counted() -> None:
    hidden = report(collection=collection(thread_list=[]))

    assert methods.searches(hidden) == []
    assert "found by 1 request and 1 file;" in methods.paragraphs(hidden)[0]


def test_machine_coding_is_told_and_so_is_that_there_was_none() -> None:
    people_only = report(coding={**report()["coding"], "machines": []})
    robot = report(coding={**report()["coding"], "program_runs": 3, "program_runs_after_audit": 1})

    assert methods.NO_MACHINES in told(people_only)
    assert methods.MACHINES in told(report())
    assert "Outside programs coded in 3 runs, all of them on record, 1 of them after an audit was drawn." in told(robot)
    robot["coding"]["program_runs_after_audit"] = 0
    assert "Outside programs coded in 3 runs, all of them on record." in told(robot)


def test_one_private_account_is_one() -> None:
    assert "1 private account is counted apart" in told(report(collection=collection(private_accounts=1)))
    assert "private account" not in told(report(collection=collection(private_accounts=0)))


def test_leads_are_told_with_what_became_of_them() -> None:
    leads = {
        "listed": 40, "without_address": 12, "not_collectable": 2, "collected": 25, "supported": 9, "contradicted": 3,
        "not_found": 6, "cannot_tell": 1, "unresolved": 2, "single_source": 4, "not_judged": 7,
    }  # fmt: skip

    said = told(report(leads=leads))

    assert "Of 40 leads, 12 came without an address and the source of 25 was collected." in said
    assert (
        "9 supported, 3 contradicted and 6 not in it, on 2 they differ, 1 cannot be judged and 7 are not judged" in said
    )
    assert "4 of those supported rest on one account alone." in said
    assert "lead" not in told(report())


def test_saturation_is_told() -> None:
    assert (
        "People found 11 codes in the 12 threads that they read, and four more threads bring 5.2 % of what the first four "
        "did. About 1.5 codes may be unseen (Chao2)." in told(report(saturation=saturation()))
    )
    assert "that they read." in told(report(saturation=saturation(new_rate=None, chao2=None)))


def test_tests_are_told_with_their_families() -> None:
    tests = {"headlines": 4, "trends": 1, "orders": 0}

    assert "(4 headline claims, 1 trend)" in told(report(tests=tests))
    assert "Benjamini" not in told(report(tests=dict.fromkeys(tests, 0)))


def test_limits_that_the_study_sets_itself_are_named() -> None:
    own = report(thresholds={"people": 15, "thread_share": 0.5}, declared_thresholds=["people", "thread_share"])

    assert methods.limits_of(own).people == 15
    assert methods.limits_of(own).threads == DECLARED.threads
    assert methods.changed_limits(own) == (
        "findings.yaml sets these limits itself: people 15 (usually 20), thread share 0.5 (usually 0.4)."
    )
    assert methods.changed_limits(report()) == ""
