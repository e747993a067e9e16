"""The parts of a measurement: what each runs, over which data, and the lines it gives."""
import csv, json, os, shutil, subprocess, sys, time
from threading import Thread
import detection as known
from results import Part, Results, build_of, machine
from server import postgres as postgres_server

HERE = os.path.dirname(os.path.abspath(__file__))
STORE_EFC, COMPARED_EFC = "64", "200"      # what a store builds its index with, and what peers are compared at
BREADTHS = "48,80,96,192"                  # of the quantizations
OWN_BREADTH = 80                           # what a store walks by itself of up to 100,000
MANY_CODES_BREADTHS = BREADTHS + ",256,400"       # where a million vectors crowd
COMPARED_BREADTHS = "10,16,20,24,32,40,48,64,96,128,192,256,400"        # the same for peers
GROWN_BREADTHS = "64,80,128,242,400"       # 242 is what a store walks by itself of 747,000 distinct
MANY_BREADTHS = COMPARED_BREADTHS + ",800,1600"   # where a million vectors crowd
QUANTIZATIONS = ("none", "sq8", "sq4", "pq4", "pq8", "pq16")
MANY_CODES = {"native": "pq16", "decisions": "pq8"}     # what a million vectors are promised with, those that find most
PEERS = ("hnswlib", "faiss", "faiss-sq8", "usearch-f16", "usearch-i8")
JUDGED = 100_000                           # the size at which most figures are judged
REAL_LOG = f"{HERE}/../sample-data/kubernetes-audit/benign.audit.jsonl.gz"
SEED, TENANTS, DAYS = "5", "40", "30"


class Session:
    """The program, where data and results are kept, and how long each figure is measured."""
    stored_minutes = None       # how long a server takes decisions without a pause, where somebody chose it
    recorded_minutes = None     # how long an engine records a thousand a second, where somebody chose it

    def __init__(self, program, work, seconds):
        self.program, self.work, self.seconds = os.path.abspath(program), os.path.abspath(work), ["--seconds", seconds]
        self.results = Results(f"{self.work}/results", build_of(program), machine())
        self.child = None

    def stream(self, words, watch=None):
        """The JSON lines of a command as they come; what it was doing is ended when they are no longer wanted."""
        self.child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            if watch: watch(self.child)
            for line in self.child.stdout:
                if line.startswith("{"): yield json.loads(line)
            if self.child.wait(): raise subprocess.CalledProcessError(self.child.returncode, words)
        finally:
            if self.child.poll() is None: self.child.terminate(); self.child.wait()

    def run(self, *words): return self.stream([self.program, *words])

    def python(self, script, *words): return self.stream([sys.executable, f"{HERE}/{script}", *words])

    def write(self, path, *words):
        """What a command prints, as a file that is there whole or not at all."""
        with open(path + ".partial", "w") as file: subprocess.run([self.program, *words], check=True, stdout=file)
        os.rename(path + ".partial", path)

    def log(self, size, extra=0):
        """A generated log and its labels."""
        path = f"{self.work}/data/log-{size + extra}"
        os.makedirs(f"{self.work}/data", exist_ok=True)
        if not os.path.exists(path + ".jsonl"):
            self.write(path + ".jsonl", "generate", "--seed", SEED, "--decisions", str(size + extra), "--tenants", TENANTS,
                       "--days", DAYS, "--labels", path + ".csv")
        return path + ".jsonl", path + ".csv"

    def vectors(self, data, size):
        """A folder of base, query and truth: embedded decisions, real ones, or made-up floats."""
        folder = f"{self.work}/data/{data}-{size}"
        if os.path.exists(f"{folder}/truth.fvecs"): return folder
        print(f"measuring: making {data} of {size or 'all'} vectors", file=sys.stderr, flush=True)
        os.makedirs(folder, exist_ok=True)
        if data in ("native", "kubernetes"):
            source = f"{HERE}/../sample-data/kubernetes-audit" if data == "kubernetes" else self.log(size, extra=1_000)[0]
            whole = f"{folder}/all.fvecs"
            subprocess.run([self.program, "embed", "--fvecs", whole, source], check=True, stdout=subprocess.DEVNULL)
            count = ["--count", str(size)] if size else []
            list(self.python("vectors.py", "held-out", "--of", whole, *count, "--out", folder))
            os.remove(whole)
        else: list(self.python("vectors.py", data, "--count", str(size), "--out", folder))
        return folder

    def bench(self, part, suite, *words):
        return self.run("bench", "--suite", suite, *self.seconds, "--data", self.vectors(part.data, part.size), *words)


def index(session, part):
    breadths = COMPARED_BREADTHS
    if 0 < part.size < 100_000: breadths = "10,24,48,96,400"        # nothing is compared there
    elif part.size >= 1_000_000: breadths = MANY_BREADTHS
    return session.bench(part, "index", "--efc", COMPARED_EFC, "--ef", breadths)


def quantized(session, part):
    breadths = MANY_CODES_BREADTHS if part.size >= 1_000_000 else BREADTHS
    return session.bench(part, "index", "--efc", COMPARED_EFC, "--ef", breadths, "--quantization", part.variant)


def grown(session, part):
    """An index into which vectors were inserted one after the other, as a store builds it, in place of all at once.

    Floats of few values lie denser where the index is built at once: speed and memory are not to be compared."""
    return session.bench(part, "index", "--inserted", "--efc", STORE_EFC, "--ef", GROWN_BREADTHS)


def peer(session, part):
    return session.python("peers.py", *session.seconds, "--efc", COMPARED_EFC, "--engine", part.variant,
                          "--data", session.vectors(part.data, part.size))


def search(session, part):
    codes = ["--quantization", part.variant] if part.variant else []
    return session.bench(part, "search", "--efc", STORE_EFC, *codes)


def life(session, part): return session.bench(part, "life", "--efc", STORE_EFC)


def filters(session, part): return session.run("bench", "--suite", "filters", *session.seconds, "--decisions", str(part.size))


def embed(session, part): return session.run("bench", "--suite", "embed", "--decisions", str(part.size))


def engine(session, part):
    """Checks and recording by the call; at the size that is judged also a thousand a second for long."""
    steady = ("--minutes", session.recorded_minutes or "0.5") if part.size == JUDGED else ()
    return session.run("bench", "--suite", "engine", "--decisions", str(part.size), *steady)


def ingest(session, part):
    """Generated native lines; at the size that is judged also the real log, from its file."""
    yield from session.run("bench", "--suite", "ingest", "--decisions", str(part.size))
    if part.size == JUDGED: yield from session.run("bench", "--suite", "ingest", "--log", REAL_LOG)


class MemoryWatch:
    """A process's own memory (RssAnon), looked at until it ends."""
    def __init__(self): self.last = self.peak = 0

    def __call__(self, child): Thread(target=self.look, args=(child,), daemon=True).start()

    def look(self, child):
        while child.returncode is None:
            try:
                with open(f"/proc/{child.pid}/status") as file: text = file.read()
            except OSError: return
            kilobytes = next((int(line.split()[1]) for line in text.splitlines() if line.startswith("RssAnon")), 0)
            if kilobytes: self.last, self.peak = kilobytes, max(self.peak, kilobytes)
            time.sleep(0.02)


def store(session, part):
    """The life of a store: filled, opened, exported, imported elsewhere, rebuilt."""
    folder = f"{session.work}/data/store-{part.size}"
    for path in (folder, folder + "-copy"): shutil.rmtree(path, ignore_errors=True)
    address, copy, archive = f"memory:{folder}", f"memory:{folder}-copy", folder + ".pgcopy"
    log = session.log(part.size)[0]
    for measure, words in (("ingest", ["ingest", "--store", address, log]), ("stats", ["stats", "--store", address]),
                           ("open", ["search", "--store", address, "-k", "1"]), ("export",
                                                                                 ["export", "--store", address, archive]),
                           ("import", ["import", "--store", copy, archive]), ("copy", ["stats", "--store", copy]),
                           ("rebuild", ["rebuild", "--store", address])):
        watch, began = MemoryWatch(), time.monotonic()
        line, = session.stream([session.program, *words, "--json"], watch)
        wall = round(time.monotonic() - began, 3)
        line.pop("results", None)
        yield {"measure": measure, "wall_seconds": wall, "rss_anon_mb": round(watch.last * 1_024 / 1e6, 1),
               "rss_anon_peak_mb": round(watch.peak * 1_024 / 1e6, 1)} | line
    os.remove(archive)
    shutil.rmtree(folder + "-copy")


def inserts(session, part): return session.run("bench", "--suite", "store", "--decisions", str(part.size))


def detection(session, part):
    """Scores the log from an empty past and compares with what the generator hid in it."""
    log, labels = session.log(part.size)
    with open(labels) as file: incident = {row["id"]: row["incident"] for row in csv.DictReader(file)}
    ordinary = raised = hidden = caught = 0
    told, found = set(incident.values()) - {""}, set()
    for line in session.run("score", "--json", log):
        name = incident[line["id"]]
        if name:
            hidden += 1; caught += line["anomalous"]
            if line["anomalous"]: found.add(name)
        elif line["state"] == "scored":
            ordinary += 1; raised += line["anomalous"]
    yield {"ordinary": ordinary, "raised": raised, "hidden": hidden, "caught": caught,
           "incidents": len(told), "incidents_found": len(found)}


def evaluate(session, part):
    """How well attacks that are known are found in one set, by Verdict and by other detectors."""
    return session.python("detectors.py", session.program, part.data, "--seeds", str(known.seeds_of(part)), "--work", session.work)


def stored_minutes(session, part):
    """How long the postgres part stores without a pause: at a million the ten minutes that are promised."""
    return session.stored_minutes or ("10" if part.size >= 1_000_000 else "0.5")


def postgres(session, part):
    with postgres_server() as address:
        yield from session.run("bench", "--suite", "postgres", *session.seconds, "--store", address,
                               "--decisions", str(part.size), "--minutes", stored_minutes(session, part))


def console(session, part):
    folder = f"{session.work}/data/store-{part.size}"
    if not os.path.exists(folder): list(session.run("ingest", "--store", f"memory:{folder}", "--json", session.log(part.size)[0]))
    for line in session.python("console.py", session.program, "--store", f"memory:{folder}"): yield line | {"measure": "outside"}
    yield from session.run("bench", "--suite", "console")


KINDS = {kind.__name__: kind for kind in
         (index, grown, peer, quantized, search, life, filters, embed, engine, ingest, store, inserts, detection, evaluate, postgres,
         console)}


def measure(session, parts, again, minutes, report):
    """Measures the parts one after the other, those that were measured of this build on this machine only if told so."""
    ends = time.monotonic() + 60 * minutes if minutes else None
    for number, part in enumerate(parts, 1):
        if session.results.is_measured(part) and not again: continue
        if ends and time.monotonic() > ends:
            print(f"measuring: {minutes:g} minutes are over", file=sys.stderr)
            return
        print(f"measuring: {part} ({number} of {len(parts)})", file=sys.stderr, flush=True)
        try: session.results.measure(part, KINDS[part.kind](session, part))
        except subprocess.CalledProcessError as failure:
            print(f"measuring: {part} failed: {' '.join(map(str, failure.cmd[:4]))}… ended with {failure.returncode}",
                  file=sys.stderr)
        report()
