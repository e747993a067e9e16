#!/usr/bin/env python3
"""Measures how well attacks that are known are found, beside other detectors on the same vectors, and prints one table.

    Benchmarks/detection.py PROGRAM [SET…] [--seeds 10] [--again] [--work DIR]

SETs are injected, masquerade and cloudtrail; all unless they are named. What was measured before of this build on this
machine is taken from WORK/results, unless --again says otherwise. `scripts/evaluate` builds PROGRAM and calls this.
"""
import argparse, signal, sys
from statistics import mean
from results import Part

SETS = {"injected": "attacks injected into Kubernetes traffic", "masquerade": "Kubernetes traffic under other names",
        "cloudtrail": "a campaign in an AWS account"}
PROTOCOLS = {"injected": ("past",), "masquerade": ("past",), "cloudtrail": ("past", "crossfit")}
PEERS, SEEDS = ("IsolationForest", "LOF", "ECOD", "COPOD"), 10


def part(name, seeds=SEEDS):
    """What is measured of a set: a file of results for each number of seeds."""
    return Part("evaluate", name, 0, "" if seeds == SEEDS or name == "cloudtrail" else f"{seeds}-seeds")


def seeds_of(part): return int(part.variant.split("-")[0]) if part.variant else SEEDS


def lines(results, name, protocol, detector, seeds=SEEDS):
    """What was measured of a detector: a line for each seed."""
    measured = part(name, seeds)
    found = results.lines(measured.kind, measured.data, measured.size, measured.variant)
    return [line for line in found if (line["protocol"], line["detector"]) == (protocol, detector)]


def average(results, name, protocol, key, detector="Verdict", seeds=SEEDS):
    """The mean of a figure over the seeds."""
    found = [line[key] for line in lines(results, name, protocol, detector, seeds) if line.get(key) is not None]
    return mean(found) if found else None


def lead(results, name, protocol="past", key="auc", seeds=SEEDS):
    """How far Verdict's mean is ahead of the best peer's; None where any of them is missing."""
    own, *peers = (average(results, name, protocol, key, detector, seeds) for detector in ("Verdict", *PEERS))
    return None if own is None or None in peers else own - max(peers)


def too_few(results, name):
    """Why a mean does not count; empty if it does."""
    count = len(lines(results, name, "past", "Verdict"))
    return "" if count >= SEEDS or name == "cloudtrail" else f"{count} seeds only"


def table(results, seeds=SEEDS):
    """A line for each log, protocol and detector; none of what was not measured."""
    heads = ("log", "protocol", "detector", "seeds", "ROC-AUC", "its least", "AP", "Verdict ahead by, ROC-AUC",
             "benign flagged", "of attacks flagged", "attacks opened")
    rows = []
    def cell(value, digits=3): return "–" if value is None else f"{value:.{digits}f}"
    def percent(value): return "–" if value is None else f"{100 * value:.1f} %"
    for name in SETS:
        for protocol in PROTOCOLS[name]:
            own = average(results, name, protocol, "auc", seeds=seeds)
            for detector in ("Verdict", *PEERS):
                found = lines(results, name, protocol, detector, seeds)
                if not found: continue
                def of(key): return average(results, name, protocol, key, detector, seeds)
                ahead = None if detector == "Verdict" or own is None else own - of("auc")
                rows.append((SETS[name], protocol, detector, str(len(found)) if name != "cloudtrail" else "–", cell(of("auc")),
                             cell(min(line["auc"] for line in found)), cell(of("ap")), cell(ahead),
                             *(percent(of(key)) for key in ("fpr", "recall", "opened"))))
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)] if rows else []


def main():
    from parts import Session, measure
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many logs are made of each kind; fewer for a trial")
    parser.add_argument("--again", action="store_true"); parser.add_argument("--work", default=".build/measured")
    given = parser.parse_intermixed_args()
    unknown = [name for name in given.sets if name not in SETS]
    if unknown: sys.exit(f"evaluate: {unknown[0]} is no set; they are {', '.join(SETS)}")
    if given.seeds < 1: sys.exit("evaluate: --seeds takes 1 or more")
    session = Session(given.program, given.work, "3")
    wanted = [part(name, given.seeds) for name in given.sets or SETS]
    try: measure(session, wanted, given.again, None, lambda: None)
    finally:
        print("\n".join(table(session.results, given.seeds) + session.results.missing(wanted)))


if __name__ == "__main__":
    main()
