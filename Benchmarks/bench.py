#!/usr/bin/env python3
"""Measures Verdict and other engines on the same vectors, and prints one table with the ratios over all data sets.

    Benchmarks/bench.py PROGRAM [COUNT…] [--data native,decisions…] [--engines hnswlib,faiss…] [--seconds 3]
                        [--minutes N] [--again] [--work DIR]

COUNT is 100000 unless it is given. Of a million, decisions alone are measured, against hnswlib, and with pq8, unless
--data and --engines say more: other peers do not reach 0.95 there. What was measured before of this build on this
machine is taken from WORK/results, unless --again says otherwise; a run may be cut at any time and goes on where it was.
"""
import argparse, signal, sys
import compare
from parts import MANY_CODES, PEERS, QUANTIZATIONS, Session, measure
from results import Part

MILLION = 1_000_000
QUANTIZED = ("native", "decisions", "clustered")


def plan(counts, data, engines):
    """The parts of a comparison, the most telling first."""
    for count in counts:
        names = data or (("decisions",) if count >= MILLION else ("native", "decisions", "clustered", "duplicates", "kubernetes"))
        for name in names:
            size = 0 if name == "kubernetes" else count
            yield Part("index", name, size)
            for engine in engines or (("hnswlib",) if count >= MILLION else PEERS): yield Part("peer", name, size, engine)
        for name in names:
            if name not in QUANTIZED: continue
            for codes in (MANY_CODES.get(name, "pq8"),) if count >= MILLION else QUANTIZATIONS: yield Part("quantized", name, count, codes)


def report(results, parts):
    lines = ["", "## Every engine", "", *compare.engines(results), "",
             "## Smaller codes (recall without scoring again in brackets)", "",
             *compare.quantizations(results), "", "## Verdict beside the best peer", "", compare.about(results), "", *compare.ratios(results)]
    for sentence in results.missing(parts): lines += ["", sentence]
    return "\n".join(lines) + "\n"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("counts", nargs="*", type=int)
    parser.add_argument("--data"); parser.add_argument("--engines")
    parser.add_argument("--seconds", default="3", help="how long each figure is measured at least; shorter for a trial")
    parser.add_argument("--minutes", type=float, help="begin no part later than this")
    parser.add_argument("--again", action="store_true"); parser.add_argument("--work", default=".build/measured")
    given = parser.parse_intermixed_args()
    session = Session(given.program, given.work, given.seconds)
    parts = list(dict.fromkeys(plan(given.counts or [100_000],
                                    *(text and tuple(text.split(",")) for text in (given.data, given.engines)))))
    try: measure(session, parts, given.again, given.minutes, lambda: None)
    finally: print(report(session.results, parts), end="")


if __name__ == "__main__":
    main()
