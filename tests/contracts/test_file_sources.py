"""What every file source must do: know its files from all others, store them once, and name nobody."""

import gzip
from pathlib import Path

import pytest
from fakes.collecting import READING, SEEN, comment_row, import_into
from fakes.file_samples import ANY_TABLE, SAMPLES, Sample, fourcat_x, lines, post_row, table
from fakes.observed import rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.csv_mapping import parse_mapping
from collector.files import FileReader, UnreadableFileError
from collector.people import suppression
from collector.source import file_sources
from db.queries import losing
from db.records import Observation, Unreadable
from db.store import Store

NAMED = pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])


def saved(folder: Path, sample: Sample) -> Path:
    path = folder / sample.name
    path.write_bytes(sample.content)
    return path


@NAMED
def test_each_form_is_recognised_by_one_source_and_never_by_a_second(tmp_path: Path, sample: Sample) -> None:
    document = next(FileReader(saved(tmp_path, sample)).documents())

    recognising = {name for name, source in file_sources().items() if source.recognises(document.value)}

    # Reddit's signs are the names that everybody uses, so that it is asked last.
    assert recognising - {"reddit_files"} == {sample.source} - {"reddit_files"}
    assert sample.source in recognising


@NAMED
def test_what_a_file_holds_is_stored_under_its_addresses_and_a_second_time_changes_nothing(
    store: Store, tmp_path: Path, sample: Sample
) -> None:
    path = saved(tmp_path, sample)

    first = import_into(store, path)
    stored = rows(store, "SELECT * FROM posts ORDER BY address")
    second = import_into(store, path)

    assert (first.problems, second.problems) == ([], [])
    assert [row["address"] for row in stored] == sorted(sample.addresses)
    assert (second.counts.new, second.counts.changed) == (0, 0)
    assert rows(store, "SELECT * FROM posts ORDER BY address") == stored


@NAMED
def test_a_file_read_as_what_it_is_said_to_be_is_the_same(store: Store, tmp_path: Path, sample: Sample) -> None:
    outcome = import_into(store, saved(tmp_path, sample), format=sample.source)

    assert (outcome.problems, outcome.counts.new) == ([], len(sample.addresses))


@NAMED
def test_no_account_is_named_in_what_is_stored(store: Store, tmp_path: Path, sample: Sample) -> None:
    import_into(store, saved(tmp_path, sample))

    told = repr([rows(store, f"SELECT * FROM {table}") for table in ("posts", "authors", "threads", "communities")])
    assert "mira_k" not in told
    assert "otto_9" not in told


@NAMED
def test_a_file_read_as_something_else_is_told_and_nothing_of_it_is_stored(
    store: Store, tmp_path: Path, sample: Sample
) -> None:
    other = "snscrape_lines" if sample.source != "snscrape_lines" else "groundswell_lines"
    path = saved(tmp_path, sample)

    outcome = import_into(store, path, format=other)

    assert outcome.problems == [f"{path}: not of the kind {other}"]
    assert outcome.counts.seen == 0


def test_a_post_of_x_is_one_post_whichever_of_its_forms_it_came_in(store: Store, tmp_path: Path) -> None:
    forms = [sample for sample in SAMPLES if sample.addresses[0].startswith("x:")]

    for sample in forms:
        import_into(store, saved(tmp_path, sample))

    stored = rows(store, "SELECT native_id, parent, thread FROM posts WHERE platform = 'x' ORDER BY native_id")
    assert len(forms) > 5
    assert [row["native_id"] for row in stored] == [address[2:] for address in forms[0].addresses]
    assert [row["parent"] for row in stored] == [None, forms[0].addresses[0]]
    assert len({row["thread"] for row in stored}) == 1


def test_some_unknown_items_before_the_first_known_one_are_told_and_the_rest_is_kept(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "dump.ndjson"
    path.write_bytes(lines({"bread": 3}, {"bread": 4}, post_row(), [post_row("aaa2")]))

    outcome = import_into(store, path)

    assert outcome.problems == [
        f"{path}: line 1: of no kind that is known",
        f"{path}: line 2: of no kind that is known",
        f"{path}: line 4: of another kind than what the file holds",
    ]
    assert outcome.counts.new == 1


def test_of_a_packed_file_that_is_cut_short_all_posts_before_the_cut_are_stored(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.ndjson.gz"
    path.write_bytes(gzip.compress(lines(post_row(), comment_row())) + gzip.compress(lines(comment_row("bbb2")))[:12])

    outcome = import_into(store, path)

    assert outcome.problems == [f"{path}: after line 2: cannot be unpacked: the file is cut short"]
    assert (outcome.state, outcome.counts.new) == ("partial", 2)


def test_a_file_that_begins_with_many_unknown_items_is_given_up(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.ndjson"
    path.write_bytes(lines(*[{"bread": 3}] * 20, post_row()))

    outcome = import_into(store, path)

    assert (outcome.problems, outcome.counts.seen) == ([f"{path}: JSON of no kind that is known"], 0)


def test_a_page_of_another_site_is_told_as_what_it_may_be(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"<!DOCTYPE html><html><body>Log in</body></html>")

    (problem,) = import_into(store, path).problems

    assert problem.startswith(f"{path}: line 1: an HTML page, not JSON: a login or error page was saved in its place")


def test_a_table_of_no_known_program_is_told_with_its_columns(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "said.csv"
    path.write_bytes(ANY_TABLE)

    (problem,) = import_into(store, path).problems

    assert problem == (
        f"{path}: a table of no kind that is known; say which column holds what, as in text=COLUMN; "
        "they are 'who', 'said', 'at'"
    )


@NAMED
def test_a_post_that_was_forgotten_is_not_brought_back_by_a_file(store: Store, tmp_path: Path, sample: Sample) -> None:
    with store.write() as connection:
        losing.suppress(connection, [(suppression(b"", address), "post") for address in sample.addresses], SEEN)

    import_into(store, saved(tmp_path, sample))

    stored = rows(store, "SELECT state, title, text, score FROM posts")
    assert [tuple(row.values()) for row in stored] == [("purged", None, None, None)] * len(sample.addresses)


def test_a_table_of_any_kind_is_stored_by_a_mapping_and_a_second_time_changes_nothing(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "said.csv"
    path.write_bytes(ANY_TABLE + b"mira_k,Queues!,2026-01-05T09:00:00Z\nmira_k,Queues!\n")
    mapping = parse_mapping("text=said,author=who,created_at=at")

    first = import_into(store, path, mapping=mapping)
    again = import_into(store, path, mapping=mapping)

    assert first.problems == [f"{path}: line 4: 2 cells under 3 columns"]
    assert (first.counts.new, again.counts.new, again.counts.changed) == (2, 0, 0)
    assert [row["text"] for row in rows(store, "SELECT text FROM posts ORDER BY created_at")] == [
        "Such dear bread.",
        "Queues!",
    ]


def test_a_mapping_holds_for_tables_alone_and_for_all_of_them(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table([fourcat_x()]))
    (tmp_path / "b.ndjson").write_bytes(lines(post_row()))

    outcome = import_into(store, tmp_path, mapping=parse_mapping("text=body"))

    assert outcome.problems == []
    assert [row["platform"] for row in rows(store, "SELECT platform FROM posts ORDER BY platform")] == ["csv", "reddit"]


def test_a_table_without_a_column_that_the_mapping_names_is_told_with_those_that_it_has(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "said.csv"
    path.write_bytes(ANY_TABLE)

    outcome = import_into(store, path, mapping=parse_mapping("text=words,author=who"))

    assert outcome.problems == [f"{path}: there is no column 'words'; the columns are 'who', 'said', 'at'"]


@NAMED
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mangled_file_gives_posts_and_problems_and_nothing_else(
    tmp_path: Path, sample: Sample, data: st.DataObject
) -> None:
    content = sample.content
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 30)))
        content = content[:start] + data.draw(st.binary(max_size=8)) + content[end:]
    path = tmp_path / sample.name
    path.write_bytes(content)

    found: list[object] = []
    try:
        for document in FileReader(path).documents():
            for source in file_sources().values():
                if source.recognises(document.value):
                    found += source.observations(document.value, READING, document.position)
    except UnreadableFileError as error:
        found.append(Unreadable("", str(error)))

    assert all(isinstance(item, Observation | Unreadable) for item in found)
