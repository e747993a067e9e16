"""Checks how measured figures are judged: `python3 -B -m unittest discover -s Benchmarks`. Needs nothing but Python."""
import tempfile, unittest
from unittest import mock
import acceptance, compare, document, parts
from acceptance_table import LISTED, ROWS, Row, of
from results import Part, Results

MILLION = 1_000_000


def line(ef, recall10, **others):
    """A line of the index suite, or of a peer."""
    figures = {"n": 100_000, "m": 16, "efc": 200, "qps_1t": 1_000, "qps_2t": 2_000, "p50_us": 1.0, "p99_us": 2.0, "build_s": 10.0,
               "mem_mb": 1.0, "raw_recall10": recall10, "resident_mb": 1.0, "training_s": 0.0}
    return figures | {"ef": ef, "recall10": recall10} | others


def stored(seconds, rows_per_s=6_000, searchable=1):
    return {"measure": "throughput", "seconds": seconds, "rows_per_s": rows_per_s, "searchable": searchable}


class Judging(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Results(folder.name, "a build", "a machine")

    def have(self, part, *lines):
        self.results.measure(part, list(lines))

    def row(self, name, area="", at=None):
        found = [row for row in ROWS if name in row.name and area in row.area and (at is None or row.at == at)]
        self.assertEqual(len(found), 1, f"{name}: {[row.name for row in found]}")
        return found[0]

    def met(self, *words, **which): return self.row(*words, **which).met(self.results)

    # Rows

    def test_a_target_is_met_missed_not_reached_or_not_measured(self):
        row = Row("area", "name", of("index", "qps_1t", "native"), least=1_000)
        self.assertEqual(row.target, ">= 1,000 (100K)")
        self.assertEqual(row.met(self.results), "not measured")
        self.have(Part("index", "native"), {"ef": 10, "recall10": 1})
        self.assertEqual(row.met(self.results), "**not reached**")
        self.have(Part("index", "native"), line(10, 1, qps_1t=1_000))
        self.assertEqual(row.met(self.results), "yes")
        self.have(Part("index", "native"), line(10, 1, qps_1t=999))
        self.assertEqual(row.met(self.results), "**no**")

    def test_bounds_are_strict_only_where_they_are_below(self):
        def judged(value, **bound): return Row("area", "name", lambda results, size: value, **bound).met(self.results)
        self.assertEqual([judged(5, below=5), judged(5, most=5), judged(5, least=5)], ["**no**", "yes", "yes"])
        self.assertEqual([judged(4, below=5), judged(6, most=5), judged(4, least=5), judged(7)], ["yes", "**no**", "**no**", ""])

    def test_every_row_has_one_name_in_its_area_and_bears_having_no_results(self):
        names = [(row.area, row.name, row.at) for row in ROWS]
        self.assertEqual(len(names), len(set(names)))
        for row in ROWS:
            self.assertIsNone(row.value(self.results, row.at), row.name)
            self.assertEqual(row.met(self.results), "not measured" if row.target else "", row.name)

    # Ratios

    def test_a_ratio_is_over_the_fastest_peer_that_reaches_the_recall(self):
        name = "embedded decisions: queries a second over the best peer's at recall@10 0.95, one thread"
        self.have(Part("index", "native"), line(10, 0.94, qps_1t=9_000), line(24, 0.95, qps_1t=8_000))
        self.assertEqual(self.met(name), "not measured")
        self.have(Part("peer", "native", variant="faiss"), line(96, 0.96, qps_1t=1_000))
        self.have(Part("peer", "native", variant="hnswlib"), line(24, 0.95, qps_1t=4_000), line(48, 0.97, qps_1t=3_000))
        self.assertEqual(self.row(name).value(self.results, 100_000), 2)
        self.assertEqual(self.met(name), "**no**")
        self.have(Part("peer", "native", variant="hnswlib"), line(24, 0.94, qps_1t=4_000))
        self.assertEqual(self.row(name).value(self.results, 100_000), 8)
        self.assertEqual(self.met(name), "yes")

    def test_where_no_peer_reaches_the_recall_the_ratio_has_no_bound(self):
        self.have(Part("index", "native"), line(24, 0.99))
        self.have(Part("peer", "native", variant="hnswlib"), line(400, 0.94))
        ratio = compare.ratio(self.results, "native", 100_000, 0.95, "qps_1t")
        self.assertEqual(compare.number(ratio), "no peer")

    def test_what_asking_as_verdict_does_costs_is_judged_at_a_million(self):
        part, name = Part("postgres", "", MILLION), "in turn: median, Verdict's over the plain one's"
        self.have(part, {"measure": "server-walk", "ratio_p50": 1.1, "ratio_p99": 1.2})
        self.assertEqual(self.met(name), "yes")
        self.assertEqual(self.met("in turn: 99th percentile, Verdict's over the plain one's"), "**no**")

    def test_inserts_that_are_linked_at_once_and_behind_are_judged_apart(self):
        area = "embedded decisions"
        line = {"measure": "insert", "data": "native", "insert_p50_us": 50.0, "insert_p99_us": 181.5, "searchable": 1}
        self.have(Part("search", "native"), line)
        at_once, behind = (f"linked {way}, {what}: 99th percentile" for way, what in (
            ("at once, as where novelty is measured", "one thread searching"),
            ("behind", "to searchable beside a saturated search")))
        self.assertEqual(self.met(at_once, area=area), "**no**")
        # What was measured before the two were told apart says nothing of the other.
        self.assertEqual(self.met(behind, area=area), "**not reached**")
        self.have(Part("search", "native"), line | {"append_p50_us": 6.0, "append_p99_us": 40.0, "found": 0.9998, "tail_most": 9})
        self.assertEqual(self.met(behind, area=area), "yes")
        self.assertEqual(self.met(at_once, area=area), "**no**")
        self.assertEqual(self.met("linked behind: share that the next search finds", area=area), "**no**")

    # Breadths

    def test_a_recall_that_only_unlisted_breadths_reach_is_missed(self):
        area, name = "floats of decisions", "most recall@10 of the listed breadths"
        self.have(Part("index", "decisions", MILLION), line(400, 0.985), line(800, 0.989), line(1_600, 0.991))
        row = self.row(name, area)
        self.assertEqual(row.value(self.results, MILLION), 0.985)
        self.assertEqual(row.met(self.results), "**no**")
        wider = self.row("smallest breadth that reaches recall@10 0.99", area)
        self.assertEqual((wider.value(self.results, MILLION), wider.target), (1_600, ""))
        self.have(Part("index", "decisions", MILLION), line(400, 0.99), line(800, 0.999))
        self.assertEqual(row.met(self.results), "yes")

    def test_what_codes_lose_is_judged_at_the_widest_listed_breadth_of_both(self):
        name = "decisions: points of recall@10 lost with `pq8`"
        self.have(Part("quantized", "decisions", variant="none"), line(48, 0.99), line(96, 0.99), line(192, 0.99))
        self.have(Part("quantized", "decisions", variant="pq8"), line(48, 0.90), line(96, 0.95), line(800, 0.99))
        row = self.row(f"{name} at the widest breadth that both have: ")
        self.assertAlmostEqual(row.value(self.results, 100_000), 4)
        self.assertEqual((row.met(self.results), row.target), ("yes", "< 5 (100K)"))
        narrow = self.row(f"{name} at ef 48")
        self.assertAlmostEqual(narrow.value(self.results, 100_000), 9)
        self.assertEqual(narrow.target, "")
        self.assertIsNone(self.row(f"{name} at ef 192").value(self.results, 100_000))

    def test_what_codes_lose_is_judged_at_the_breadth_that_a_store_walks_too(self):
        for codes, recall in (("none", 0.99), ("pq8", 0.93), ("pq4", 0.93)):
            self.have(Part("quantized", "native", variant=codes), line(80, recall), line(192, 0.99))
        for codes, target, met in (("pq8", "< 5 (100K)", "**no**"), ("pq4", "< 10 (100K)", "yes")):
            row = self.row(f"native: points of recall@10 lost with `{codes}` at ef {parts.OWN_BREADTH}")
            self.assertEqual((row.target, row.met(self.results)), (target, met))

    def test_eight_bits_may_lose_five_points_and_four_bits_ten(self):
        targets = {codes: self.row(f"clustered: points of recall@10 lost with `{codes}` at the widest").below
                   for codes in parts.QUANTIZATIONS[1:]}
        self.assertEqual(targets, {"sq8": 5, "sq4": 10, "pq4": 10, "pq8": 5, "pq16": 5})

    def test_of_a_million_codes_are_compared_with_the_index_itself(self):
        self.have(Part("index", "decisions", MILLION), line(48, 0.96), line(400, 0.98), line(1_600, 0.99))
        self.have(Part("quantized", "decisions", MILLION, "pq8"), line(48, 0.84), line(400, 0.96))
        row = self.row("decisions: points of recall@10 lost with `pq8` at the widest", at=MILLION)
        self.assertAlmostEqual(row.value(self.results, MILLION), 2)
        self.assertEqual(row.met(self.results), "yes")

    def test_a_million_is_measured_at_every_breadth_that_codes_are_judged_at(self):
        session = mock.Mock()
        for size, breadths in ((100_000, parts.BREADTHS), (MILLION, parts.MANY_CODES_BREADTHS)):
            parts.quantized(session, Part("quantized", "decisions", size, "pq8"))
            self.assertIn(breadths, session.bench.call_args.args)
        self.assertTrue(set(map(int, parts.MANY_CODES_BREADTHS.split(","))) <= set(LISTED))
        self.assertIn(str(LISTED[-1]), parts.MANY_CODES_BREADTHS.split(","))

    # Recording and real logs

    def test_an_hour_is_an_hour_and_leaves_everything_as_it_was(self):
        part = Part("engine")
        calls = {"measure": "calls", "record_p50_ns": 150, "record_p99_ns": 1_001, "recording_added_us": 0.3, "dropped": 7}
        steady = {"measure": "steady", "dropped": 0, "lost": 0, "pending_start": 40, "pending_end": 1_040, "tasks_start": 2,
                  "tasks_end": 2, "threads_start": 9, "threads_end": 11, "rss_anon_grown_percent": 5.0}
        self.have(part, calls, steady | {"seconds": 30})
        self.assertEqual(self.met("`record()` by itself, median"), "yes")
        self.assertEqual(self.met("`record()` by itself, 99th"), "**no**")
        self.assertEqual(self.met("adds to the median"), "yes")
        self.assertEqual(self.met("seconds of that", area="Engine"), "**no**")
        self.assertEqual(self.met("dropped or lost"), "**no**: 30 s only")
        self.have(part, calls, steady | {"seconds": 3_600.2})
        for name in ("dropped or lost", "that wait, more", "RssAnon, more", "tasks of suite and worker"):
            self.assertEqual(self.met(name, area="Engine"), "yes", name)
        self.assertEqual(self.met("threads, more"), "**no**")
        # A worker that ended by itself is as wrong as one that was started beside.
        for tasks in (3, 1):
            self.have(part, calls, steady | {"seconds": 3_600.2, "tasks_end": tasks})
            self.assertEqual(self.met("tasks of suite and worker", area="Engine"), "**no**")

    def test_the_real_log_is_read_where_it_is_judged(self):
        for size, calls in ((10_000, 1), (100_000, 2)):
            session = mock.Mock()
            session.run.side_effect = lambda *words: [{"words": words}]
            told = list(parts.ingest(session, Part("ingest", "", size)))
            self.assertEqual(len(told), calls)
            self.assertEqual("--log" in told[-1]["words"], calls == 2)
        self.have(Part("ingest"), {"decisions": 100_000, "accepted": 100_000},
                  {"measure": "log", "lines_per_core_second": 20_000, "accepted": 16_000, "scored": 16_000})
        self.assertEqual(self.met("lines a second of processor time"), "yes")
        self.assertEqual(self.met("decisions scored"), "yes")

    # A server

    def test_ten_minutes_are_ten_minutes(self):
        part, name = Part("postgres", "", MILLION), "rows a second acknowledged and searched for"
        self.have(part, stored(30))
        self.assertEqual(self.met(name), "**no**: 30 s only")
        self.have(part, stored(600.4))
        self.assertEqual(self.met(name), "yes")
        self.have(part, stored(600.4, rows_per_s=4_999))
        self.assertEqual(self.met(name), "**no**")
        self.have(part, stored(600.4, searchable=0.9998))
        self.assertEqual(self.met("whose last row the next search"), "**no**")

    def test_a_million_is_stored_for_ten_minutes_unless_somebody_says_else(self):
        chosen = mock.Mock(stored_minutes=None)
        self.assertEqual(parts.stored_minutes(chosen, Part("postgres", "", MILLION)), "10")
        self.assertEqual(parts.stored_minutes(chosen, Part("postgres", "", 100_000)), "0.5")
        chosen.stored_minutes = "2"
        self.assertEqual(parts.stored_minutes(chosen, Part("postgres", "", MILLION)), "2")

    def test_exact_answers_the_graph_and_what_was_saved_have_figures_of_their_own(self):
        part = Part("postgres", "", MILLION)
        first = {"measure": "opening", "time": "first", "source": "server", "first_answer_s": 59, "linked_s": 151}
        second = first | {"time": "second", "first_answer_s": 9, "linked_s": 9}
        self.have(part, first, second)
        self.assertEqual(self.met("from the server: exact answers"), "yes")
        self.assertEqual(self.met("from the server: its graph linked"), "**no**")
        # What was read anew is not what was saved.
        self.assertEqual(self.met("as it was saved: first answer"), "**not reached**")
        self.have(part, first, second | {"source": "saved"})
        self.assertEqual(self.met("as it was saved: first answer"), "yes")

    # Documents

    def test_the_document_has_a_line_for_each_row_and_names_what_is_missing(self):
        plan = acceptance.plan([100_000])
        self.have(Part("index", "native"), line(10, 0.96, qps_1t=60_000))
        path = f"{self.results.folder}/document.md"
        document.write_document(self.results, plan, path)
        with open(path) as file: text = file.read()
        self.assertIn("| 60,000 |", text)
        self.assertIn("Not measured at 100K: ", text)
        for row in ROWS: self.assertIn(f"| {row.name}", text)

    def test_quantizations_of_unlike_breadths_share_one_table(self):
        self.have(Part("quantized", "decisions", variant="pq8"), line(48, 0.91), line(96, 0.92), line(192, 0.93))
        many = [line(int(ef), 0.8) for ef in parts.MANY_CODES_BREADTHS.split(",")]
        self.have(Part("quantized", "decisions", MILLION, "pq8"), *many)
        head, _, *rows = compare.quantizations(self.results)
        self.assertEqual({row.count("|") for row in (head, *rows)}, {head.count("|")})
        self.assertIn("recall@10, ef 400", head)
        self.assertIn("| – | – |", rows[0])


if __name__ == "__main__":
    unittest.main()
