"""Checks how detectors are measured on known attacks and judged: see test_acceptance.py. Needs nothing but Python."""
import json, os, tempfile, unittest
from unittest import mock
import acceptance, detection, detectors, document, parts
from acceptance_table import ROWS
from results import Part, Results


def line(detector, auc, seed=1, protocol="past", name="injected", **others):
    own = {"fpr": 0.01, "recall": 0.5, "opened": 0.9} if detector == "Verdict" else {}
    return {"set": name, "seed": seed, "protocol": protocol, "detector": detector, "auc": auc, "ap": 0.4} | own | others


def measured(own, peers, seeds=10, **others):
    """Lines of Verdict and every peer for each seed."""
    figures = zip(("Verdict", *detection.PEERS), (own, *peers))
    return [line(detector, auc, seed, **others) for detector, auc in figures for seed in range(1, seeds + 1)]


class KnownAttacks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Results(folder.name, "a build", "a machine")

    def have(self, name, lines, seeds=detection.SEEDS): self.results.measure(detection.part(name, seeds), lines)

    def row(self, *words):
        found = [row for row in ROWS if all(word in row.name for word in words) and row.at == 0]
        self.assertEqual(len(found), 1, f"{words}: {[row.name for row in found]}")
        return found[0]

    # What is judged by what

    def test_a_fitted_detector_is_fitted_ten_times_on_the_newest_before(self):
        for count, share, size in ((2_900, 0.1, 261), (16_589, 0.2, 1_328), (16_474, 0.2, 1_318)):
            start = detectors.warm_up(count, share)
            made = list(detectors.blocks(count, start))
            self.assertEqual(len(made), 10)
            self.assertEqual(len(made[0][1]), size)
            self.assertEqual([index for _, new in made for index in new], list(range(start, count)))
            for past, new in made:
                self.assertEqual(past.stop, new.start)
                self.assertLessEqual(len(past), detectors.NEWEST)
            self.assertEqual(made[-1][0].start, max(0, made[-1][1].start - detectors.NEWEST))

    def test_a_part_is_judged_by_what_is_benign_in_the_others(self):
        labels = [index % 5 == 0 for index in range(50)]
        made = list(detectors.folds(labels))
        self.assertEqual([index for _, judged in made for index in judged], list(range(50)))
        for past, judged in made:
            self.assertFalse(set(past) & set(judged))
            self.assertEqual(len(past), sum(not labels[index] for index in range(50) if index not in judged))
            self.assertFalse(any(labels[index] for index in past))
        self.assertEqual(len(list(detectors.folds([False] * 3))), 3)

    def test_scores_stand_beside_the_labels_of_what_was_scored(self):
        class Vectors(list):
            def __getitem__(self, indexes): return [list.__getitem__(self, index) for index in indexes]
        seen = []
        def detector(past, new): seen.append((past, new)); return [value * 10 for value in new]
        labels = [index in (7, 11) for index in range(12)]
        scores, judged = detectors.scored(detector, Vectors(range(12)), labels, "past", 2)
        self.assertEqual(scores, [index * 10 for index in range(2, 12)])
        self.assertEqual(judged, labels[2:])
        self.assertEqual(seen[0], ([0, 1], [2]))
        scores, judged = detectors.scored(detector, Vectors(range(12)), labels, "crossfit", 2)
        self.assertEqual((scores, judged), ([index * 10 for index in range(12)], labels))

    def test_labels_are_joined_by_identifier_in_the_order_of_the_log(self):
        measurer = detectors.Measurer("program", self.results.folder)
        def write(name, text):
            path = os.path.join(self.results.folder, name)
            with open(path, "w") as file: file.write(text)
            return path
        log = write("log", "".join(json.dumps({"id": id}) + "\n" for id in ("b", "a", "c")))
        self.assertEqual(measurer.labels(log, write("one.csv", "id,label,incident\na,1,x\nb,0,\nc,0,\n")), [False, True, False])
        self.assertEqual(measurer.labels(log, write("two.csv", "eventID,label\nb,1\na,0\nc,1\n")), [True, False, True])

    # Rows

    def test_means_over_the_seeds_are_judged(self):
        self.have("injected", measured(0.98, (0.7, 0.9, 0.8, 0.6), ap=0.37))
        self.assertEqual(self.row("injected into", "mean ROC-AUC ahead").met(self.results), "yes")
        self.assertEqual(self.row("injected into", "mean average precision").met(self.results), "yes")
        found = [row for row in ROWS if row.name.endswith("traffic: mean ROC-AUC")]
        self.assertEqual([row.met(self.results) for row in found], ["yes"])
        self.assertEqual(self.row("injected into", "benign decisions flagged").value(self.results, 0), 1)
        self.assertEqual(self.row("injected into", "attacks of which").met(self.results), "yes")
        lines = measured(0.98, (0.7, 0.9, 0.8, 0.6))
        lines[0]["auc"] = 0.96
        self.have("injected", lines)
        self.assertAlmostEqual(found[0].value(self.results, 0), 0.978)
        self.assertEqual(found[0].met(self.results), "**no**")

    def test_the_best_peer_counts_and_none_may_be_missing(self):
        row = self.row("other names", "mean ROC-AUC ahead")
        self.have("masquerade", measured(0.99, (0.5, 0.95, 0.6, 0.6), name="masquerade"))
        self.assertAlmostEqual(row.value(self.results, 0), 0.04)
        self.assertEqual((row.met(self.results), row.target), ("**no**", ">= 0.05"))
        self.have("masquerade", [one for one in measured(0.99, (0.5, 0.6, 0.6, 0.6)) if one["detector"] != "COPOD"])
        self.assertEqual(row.met(self.results), "**not reached**")

    def test_fewer_seeds_do_not_count(self):
        self.have("masquerade", measured(0.99, (0.5, 0.6, 0.6, 0.6), seeds=9))
        self.assertEqual(self.row("other names", "mean ROC-AUC ahead").met(self.results), "**no**: 9 seeds only")
        self.assertEqual(detection.seeds_of(detection.part("masquerade", 3)), 3)
        self.assertEqual(detection.seeds_of(detection.part("masquerade")), 10)
        self.assertNotEqual(detection.part("masquerade", 3).file, detection.part("masquerade").file)

    def test_a_campaign_is_judged_by_a_clean_past_alone(self):
        self.have("cloudtrail", [line("Verdict", 0.83, 0, "crossfit"), line("Verdict", 0.6, 0, "past")])
        clean, streamed = (self.row("campaign", "ROC-AUC", f"`{protocol}`") for protocol in ("crossfit", "past"))
        self.assertEqual((clean.met(self.results), clean.value(self.results, 0)), ("yes", 0.83))
        self.assertEqual((streamed.met(self.results), streamed.value(self.results, 0)), ("", 0.6))

    # Plan and documents

    def test_every_set_is_measured_once_whatever_the_sizes(self):
        plan = acceptance.plan([1_000, 100_000])
        self.assertEqual([part.data for part in plan if part.kind == "evaluate"], list(detection.SETS))
        session = mock.Mock(program="verdict", work="work")
        parts.evaluate(session, detection.part("injected", 3))
        session.python.assert_called_with("detectors.py", "verdict", "injected", "--seeds", "3", "--work", "work")
        self.assertEqual(set(detectors.WARM_UP), set(detection.SETS))
        self.assertEqual(tuple(detectors.DETECTORS), detection.PEERS)

    def test_the_table_has_what_was_measured_beside_verdict(self):
        self.assertEqual(detection.table(self.results), [])
        self.have("injected", measured(0.98, (0.7, 0.9, 0.8, 0.6)))
        head, _, own, *peers = detection.table(self.results)
        self.assertEqual({row.count("|") for row in (head, own, *peers)}, {head.count("|")})
        self.assertIn("| Verdict | 10 | 0.980 | 0.980 | 0.400 | – | 1.0 % | 50.0 % | 90.0 % |", own)
        self.assertEqual(len(peers), 4)
        self.assertIn("| LOF | 10 | 0.900 | 0.900 | 0.400 | 0.080 | – | – | – |", peers[1])

    def test_figures_of_one_size_have_one_column(self):
        self.have("injected", measured(0.98, (0.7, 0.9, 0.8, 0.6)))
        area = self.row("injected into", "mean ROC-AUC ahead").area
        _, _, head, _, *rows = document.table(area, self.results)
        self.assertEqual(head, "| figure | target | measured | met |")
        self.assertIn("| 0.0800 | yes |", "\n".join(rows))

    def test_the_guide_keeps_what_stands_around_the_table(self):
        path = os.path.join(self.results.folder, "guide.md")
        text = f"before\n{document.BEGIN_DETECTION}\nold\n{document.END}\nafter\n"
        with open(path, "w") as file: file.write(text)
        document.write_detection(self.results, path)
        with open(path) as file: self.assertEqual(file.read(), text)
        self.have("injected", measured(0.98, (0.7, 0.9, 0.8, 0.6)))
        document.write_detection(self.results, path)
        with open(path) as file: written = file.read()
        self.assertTrue(written.startswith("before\n") and written.endswith("\nafter\n"))
        self.assertIn("| Verdict |", written)
        self.assertNotIn("old", written)


if __name__ == "__main__":
    unittest.main()
