#!/usr/bin/env python3
"""Measures the figures that are promised, part by part, and writes them into one document.

    Benchmarks/acceptance.py PROGRAM [--sizes 1000,10000,100000] [--seconds 3] [--minutes N] [--again] [--work DIR]
                             [--documents DIR] [--stored-minutes N] [--recorded-minutes N] [KIND…]

A part is kept in WORK/results when it is done, and the documents are written anew. A part that was measured of this
build on this machine is not measured again without --again, so a run may be cut at any time and goes on where it was;
what is missing is named. KINDs are index grown peer quantized search life filters embed engine ingest store inserts
detection evaluate postgres console;
without any, all; `report` only writes the documents. `scripts/acceptance` builds PROGRAM and calls this.
"""
import argparse, signal, sys
import detection
from document import write_detection, write_document, write_guide
from parts import KINDS, MANY_CODES, PEERS, QUANTIZATIONS, Session, measure
from results import Part

MILLION = 1_000_000


def parts_of(size):
    """The parts of one size, the most telling first."""
    if size >= MILLION:
        yield Part("index", "decisions", size)
        yield Part("peer", "decisions", size, "hnswlib")
        yield Part("quantized", "decisions", size, MANY_CODES["decisions"])
        yield Part("store", "", size)
        yield Part("postgres", "", size)
        yield Part("index", "native", size)
        yield Part("peer", "native", size, "hnswlib")
        yield Part("grown", "native", size)
        yield Part("quantized", "native", size, MANY_CODES["native"])
        yield Part("life", "native", size)
        yield Part("ingest", "", size)
        yield Part("index", "clustered", size)
        return
    for data in ("native", "decisions", "clustered", "duplicates"):
        yield Part("index", data, size)
        for engine in PEERS if size == 100_000 else (): yield Part("peer", data, size, engine)
    for data in ("native", "decisions", "clustered") if size == 100_000 else (): yield Part("grown", data, size)
    for kind in ("search", "life"):
        for data in ("native", "decisions"): yield Part(kind, data, size)
    for kind in ("filters", "store", "inserts", "ingest", "embed", "engine", "detection", "postgres", "console"): yield Part(kind, "", size)
    for data in ("native", "decisions", "clustered") if size == 100_000 else ():
        for codes in QUANTIZATIONS: yield Part("quantized", data, size, codes)
    for data in ("native", "decisions") if size == 100_000 else (): yield Part("search", data, size, MANY_CODES[data])


def plan(sizes):
    """All parts: most targets are judged at 100,000, then at a million; the small sizes come last, and what has its
    own."""
    order = sorted(sizes, key=lambda size: (size < 100_000, size if size >= 100_000 else -size))
    real = [Part("index", "kubernetes", 0)] + [Part("peer", "kubernetes", 0, engine) for engine in PEERS]
    return ([part for size in order for part in parts_of(size)] + real
            + [detection.part(name) for name in detection.SETS])


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("kinds", nargs="*")
    parser.add_argument("--sizes", default="1000,10000,100000"); parser.add_argument("--work", default=".build/measured")
    parser.add_argument("--documents", default="Documentation"); parser.add_argument("--again", action="store_true")
    parser.add_argument("--seconds", default="3",
                        help="how long each figure over vectors is measured at least; shorter for a trial")
    parser.add_argument("--stored-minutes", help="how long the postgres part stores without a pause; unless said, the 10 that "
                        "are promised at a million, and half a minute at smaller sizes")
    parser.add_argument("--recorded-minutes", help="how long the engine part records a thousand decisions a second; half a "
                        "minute unless said, an hour is what is promised")
    parser.add_argument("--minutes", type=float, help="begin no part later than this")
    given = parser.parse_intermixed_args()
    unknown = [name for name in given.kinds if name not in KINDS and name != "report"]
    if unknown: sys.exit(f"acceptance: {unknown[0]} is no kind of part; they are {', '.join(KINDS)} and report")
    session, parts = Session(given.program, given.work, given.seconds), plan(map(int, given.sizes.split(",")))
    session.stored_minutes, session.recorded_minutes = given.stored_minutes, given.recorded_minutes
    wanted = [part for part in parts if not given.kinds or part.kind in given.kinds]

    def report():
        write_document(session.results, parts, f"{given.documents}/Performance.md")
        write_guide(session.results, f"{given.documents}/Index.md")
        write_detection(session.results, f"{given.documents}/Detection.md")

    try: measure(session, wanted, given.again, given.minutes, report)
    finally: report()


if __name__ == "__main__":
    main()
