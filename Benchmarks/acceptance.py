#!/usr/bin/env python3
"""Measures the figures that are promised, a part for each area, and writes them into one document.

    Benchmarks/acceptance.py PROGRAM [--sizes 1000,10000,100000] [--work DIR] [--document FILE] [--seconds N] [PART…]

Each part runs at each size and leaves its lines in WORK/results; what ran before stays until its part runs again.
Parts: index search embed engine ingest store detection console; without any, all; `report` only writes the document.
`scripts/acceptance` builds PROGRAM and calls this. numpy is needed for the data sets of index and search.
"""
import argparse, csv, datetime, json, os, shutil, subprocess, sys, time
from acceptance_table import write_document

HERE = os.path.dirname(os.path.abspath(__file__))
EF_CONSTRUCTION = "64"      # what a store builds its index with
SEED, TENANTS, DAYS = "5", "40", "30"


class Session:
    """The program, where the data is kept, and one size at a time."""
    def __init__(self, program, work, seconds):
        self.program, self.work, self.size = os.path.abspath(program), os.path.abspath(work), 0
        self.time = ["--seconds", seconds] if seconds else []
        os.makedirs(f"{self.work}/results", exist_ok=True)

    def path(self, name): return f"{self.work}/{name}-{self.size}"

    def run(self, *words, out=None):
        """The JSON lines a command prints, or nothing when they go to a file."""
        if out is None:
            done = subprocess.run([self.program, *words], check=True, stdout=subprocess.PIPE, text=True)
            return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        with open(out + ".partial", "w") as file: subprocess.run([self.program, *words], check=True, stdout=file)
        os.rename(out + ".partial", out)
        return []

    def python(self, script, *words):
        done = subprocess.run([sys.executable, f"{HERE}/{script}", *words], check=True, stdout=subprocess.PIPE, text=True)
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def log(self, extra=0):
        """A generated log and its labels."""
        log, labels = self.path(f"log{extra}") + ".jsonl", self.path(f"log{extra}") + ".csv"
        if not os.path.exists(log):
            self.run("generate", "--seed", SEED, "--decisions", str(self.size + extra), "--tenants", TENANTS,
                     "--days", DAYS, "--labels", labels, out=log)
        return log, labels

    def vectors(self, kind):
        """A folder of base, query and truth: embedded decisions, or made-up floats."""
        folder = self.path(kind)
        if os.path.exists(f"{folder}/truth.fvecs"): return folder
        os.makedirs(folder, exist_ok=True)
        if kind == "native":
            whole = f"{folder}/all.fvecs"
            subprocess.run([self.program, "embed", "--fvecs", whole, self.log(extra=1000)[0]], check=True,
                           stdout=subprocess.DEVNULL)
            self.python("vectors.py", "held-out", "--of", whole, "--count", str(self.size), "--out", folder)
            os.remove(whole)
        else: self.python("vectors.py", kind, "--count", str(self.size), "--out", folder)
        return folder

    def store(self):
        """The address of a store with the log in it."""
        folder = self.path("store")
        if not os.path.exists(folder): self.run("ingest", "--store", f"memory:{folder}", "--json", self.log()[0])
        return f"memory:{folder}"


def index(session):
    return [line | {"data": kind} for kind in ("native", "decisions")
            for line in session.run("bench", "--suite", "index", *session.time, "--data", session.vectors(kind))]


def search(session):
    return [line | {"data": kind} for kind in ("native", "decisions")
            for line in session.run("bench", "--suite", "search", *session.time, "--efc", EF_CONSTRUCTION,
                                    "--data", session.vectors(kind))]


def embed(session): return session.run("bench", "--suite", "embed", "--decisions", str(session.size))


def engine(session): return session.run("bench", "--suite", "engine", "--decisions", str(session.size))


def ingest(session): return session.run("bench", "--suite", "ingest", "--decisions", str(session.size))


def store(session):
    """The life of a store: filled, asked, exported, imported elsewhere, rebuilt."""
    for name in ("store", "copy"): shutil.rmtree(session.path(name), ignore_errors=True)
    address, copy, archive = f"memory:{session.path('store')}", f"memory:{session.path('copy')}", session.path("store") + ".pgcopy"
    lines = []
    for measure, words in (("ingest", ["ingest", "--store", address, session.log()[0]]), ("stats", ["stats", "--store", address]),
                           ("export", ["export", "--store", address, archive]), ("import", ["import", "--store", copy, archive]),
                           ("copy", ["stats", "--store", copy]), ("rebuild", ["rebuild", "--store", address])):
        started = time.monotonic()
        line = session.run(*words, "--json")[0]
        lines.append({"measure": measure, "wall_seconds": round(time.monotonic() - started, 3)} | line)
    os.remove(archive)
    shutil.rmtree(session.path("copy"))
    return lines


def detection(session):
    """Scores the log from an empty past and compares with what the generator hid in it."""
    log, labels = session.log()
    scores = session.path("scores") + ".jsonl"
    session.run("score", "--json", log, out=scores)
    with open(labels) as file: incident = {row["id"]: row["incident"] for row in csv.DictReader(file)}
    ordinary = raised = hidden = caught = 0
    told, found = set(incident.values()) - {""}, set()
    with open(scores) as file:
        for line in map(json.loads, file):
            name = incident[line["id"]]
            if name:
                hidden += 1; caught += line["anomalous"]
                if line["anomalous"]: found.add(name)
            elif line["state"] == "scored":
                ordinary += 1; raised += line["anomalous"]
    os.remove(scores)
    return [{"ordinary": ordinary, "raised": raised, "hidden": hidden, "caught": caught,
             "incidents": len(told), "incidents_found": len(found)}]


def console(session):
    outside = session.python("console.py", session.program, "--store", session.store())
    return [line | {"measure": "outside"} for line in outside] + session.run("bench", "--suite", "console")


PARTS = {part.__name__: part for part in (index, search, embed, engine, ingest, store, detection, console)}


def commit():
    def git(*words): return subprocess.run(["git", "-C", HERE, *words], capture_output=True, text=True).stdout.strip()
    return git("rev-parse", "--short=10", "HEAD") + (" with changes" if git("status", "--porcelain", "--", "..", ":!../Documentation") else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("parts", nargs="*")
    parser.add_argument("--sizes", default="1000,10000,100000"); parser.add_argument("--work", default=".build/acceptance")
    parser.add_argument("--document", default="Documentation/Performance.md")
    parser.add_argument("--seconds", help="how long each setting over vectors is measured; shorter for a trial")
    given = parser.parse_intermixed_args()
    wanted = given.parts or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS and name != "report"]
    if unknown: sys.exit(f"acceptance: {unknown[0]} is no part; they are {', '.join(PARTS)} and report")
    session = Session(given.program, given.work, given.seconds)
    for name in wanted:
        for size in map(int, given.sizes.split(",")) if name in PARTS else ():
            print(f"acceptance: {name} at {size:,}", file=sys.stderr, flush=True)
            session.size = size
            result = {"commit": commit(), "date": datetime.date.today().isoformat(), "lines": PARTS[name](session)}
            with open(f"{session.work}/results/{name}-{size}.json", "w") as file: json.dump(result, file, indent=1)
            write_document(f"{session.work}/results", given.document)
    write_document(f"{session.work}/results", given.document)


if __name__ == "__main__":
    main()
