"""The promised figures: where each is among the results, and what it must be at which size."""
from dataclasses import dataclass
from typing import Callable, Optional
import compare
import detection as known
from parts import MANY_CODES, OWN_BREADTH
from results import NAMES, Part

LISTED = (10, 16, 24, 32, 48, 64, 80, 96, 128, 192, 256, 400)      # the breadths that a recall is promised at
STORED_SECONDS = 600                                           # how long a server is to keep up
RECORDED_SECONDS = 3_600                                       # how long recording is to leave everything as it was


@dataclass
class Row:
    """One promised figure; `value` takes the results and a size, and gives a number or None."""
    area: str
    name: str
    value: Callable
    unit: str = ""
    below: Optional[float] = None
    least: Optional[float] = None
    most: Optional[float] = None
    at: int = 100_000                   # the size that the target is judged at; 0 where what is measured has but one
    digits: int = 0
    but: Optional[Callable] = None      # takes what `value` takes, and says why a good figure does not count; empty if it does

    @property
    def target(self):
        bounds = [f"{sign} {bound:,g}" for sign,
                  bound in (("<", self.below), (">=", self.least), ("<=", self.most)) if bound is not None]
        return (f"{bounds[0]} ({NAMES[self.at]})" if self.at else bounds[0]) if bounds else ""

    def is_met(self, value):
        return ((self.below is None or value < self.below) and (self.least is None or value >= self.least)
                and (self.most is None or value <= self.most))

    def met(self, results):
        """Whether the target is met, as the document says it; empty without one."""
        if not self.target: return ""
        results.lacks = False
        value = self.value(results, self.at)
        if value is None: return "not measured" if results.lacks else "**not reached**"
        if not self.is_met(value): return "**no**"
        reason = self.but(results, self.at) if self.but else ""
        return f"**no**: {reason}" if reason else "yes"


def pick(lines, **wanted): return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]


def reached(data, key, recall=0.95, kind="index", variant=""):
    """A figure of an index at the first breadth that reaches a recall on a data set."""
    return lambda results, size: (compare.first(results.lines(kind, data, size, variant), recall) or {}).get(key)


def of(kind, key, data="", variant="", choose=None, **wanted):
    """A figure of a part: of the first of its lines, or the one that is chosen among all."""
    def value(results, size):
        found = [line[key] for line in pick(results.lines(kind, data, size, variant), **wanted) if line.get(key) is not None]
        return None if not found else choose(found) if choose else found[0]
    return value


def quotient(above, below, factor=1.0):
    def value(results, size):
        a, b = above(results, size), below(results, size)
        return factor * a / b if a is not None and b else None
    return value


def added(one, other):
    def value(results, size):
        pair = one(results, size), other(results, size)
        return None if None in pair else sum(pair)
    return value


def most_listed(data):
    """The most recall of the listed breadths: wider ones are measured as well, and promise nothing."""
    def value(results, size):
        return max((line["recall10"] for line in results.lines("index", data, size) if line["ef"] in LISTED), default=None)
    return value


def lost(data, codes, ef=None):
    """Points of recall that smaller codes lose against none at one breadth: the widest listed that both have, unless said.

    Without smaller codes an index is what the index suite measures: that is taken where none was measured among the codes.
    """
    def value(results, size):
        part = Part("quantized", data, size, "none")
        none = results.found.get(part) or results.lines("index", data, size)
        at, small = ({line["ef"]: line["recall10"] for line in lines if line["ef"] in LISTED}
                     for lines in (none, results.lines("quantized", data, size, codes)))
        both = at.keys() & small.keys()
        widest = max(both, default=None) if ef is None else ef
        results.lacks |= widest not in both
        return 100 * (at[widest] - small[widest]) if widest in both else None
    return value


def decision_bytes(name):
    """Bytes of a part of a store for each decision: of the store that was filled, or else of the ingest suite's."""
    def value(results, size):
        stats = pick(results.lines("store", "", size), measure="stats")
        if stats and "memory_parts" in stats[0]: return stats[0]["memory_parts"][name] / stats[0]["vectors"]
        return of("ingest", {"ids": "id_bytes", "metadata": "metadata_bytes"}[name])(results, size)
    return value


def milli(figure): return lambda results, size: (value := figure(results, size)) and value / 1e6


def peer_rows():
    area = "Beside other engines"
    for data, text, times in (("native", "embedded decisions", (4, 3, 5)), ("decisions", "floats of decisions", (4, 3, 5)),
                              ("clustered", "clustered floats", (2, None, 2)), ("duplicates", "nine tenths duplicates",
                                                                                (None, None, None))):
        for (recall, key, threads), least in zip(((0.95, "qps_1t", "one thread"), (0.95, "qps_2t", "two threads"),
                                                  (0.99, "qps_1t", "one thread")), times):
            yield Row(area, f"{text}: queries a second over the best peer's at recall@10 {recall}, {threads}",
                      lambda results, size, d=data, r=recall, k=key: compare.ratio(results, d, size, r, k), least=least, digits=1)
    for data in ("native", "decisions", "clustered"):
        yield Row(area, f"{data}: building time over hnswlib's", lambda results, size,
                  d=data: compare.build_ratio(results, d, size),
                  below=0.5 if data in ("native", "decisions") else None, at=1_000_000, digits=2)


def index_rows():
    for data, name in (("native", "embedded decisions"), ("decisions", "floats of decisions"), ("clustered", "clustered floats"),
                       ("duplicates", "nine tenths duplicates, a fifth in one group")):
        area, promised = f"Search: {name}", data in ("native", "decisions")
        yield Row(area, "median at recall@10 0.95", reached(data, "p50_us"), "us", below=500, digits=1)
        yield Row(area, "99th percentile at recall@10 0.95", reached(data, "p99_us"), "us", below=2_000, digits=1)
        yield Row(area, "searches a second on two threads at recall@10 0.95", reached(data, "qps_2t"),
                  least=50_000 if promised else None)
        if data == "decisions":
            yield Row(area, "searches a second on one thread at recall@10 0.95", reached(data, "qps_1t"), least=12_000,
                      at=1_000_000)
            yield Row(area, "99th percentile at recall@10 0.95, of a million", reached(data, "p99_us"), "us", below=300,
                      at=1_000_000, digits=1)
        else: yield Row(area, "searches a second on one thread at recall@10 0.95", reached(data, "qps_1t"))
        yield Row(area, "searches a second on one thread at recall@10 0.99", reached(data, "qps_1t", 0.99))
        yield Row(area, "recall@10 at ef 96", of("index", "recall10", data, ef=96), least=0.95, digits=4)
        yield Row(area, f"most recall@10 of the listed breadths, {LISTED[0]} to {LISTED[-1]}", most_listed(data),
                  least=0.99, at=1_000_000 if data == "decisions" else 100_000, digits=4)
        yield Row(area, "smallest breadth that reaches recall@10 0.99, wider ones than those listed too", reached(data, "ef", 0.99))
        yield Row(area, "build on two threads", of("index", "build_s", data), "s", below=90 if promised else None, at=1_000_000,
                  digits=2)
        yield Row(area, "RssAnon of the index", of("index", "mem_mb", data), "MB", below=900 if data == "decisions" else None,
                  at=1_000_000, digits=1)


def grown_rows():
    area = "Search: graphs that were only inserted into, in the order of the data"
    for data, name in (("native", "embedded decisions"), ("decisions", "floats of decisions"), ("clustered", "clustered floats")):
        for size, ef in ((100_000, 80), (1_000_000, 242)):
            if size > 100_000 and data != "native": continue
            yield Row(area, f"{name}: recall@10 at ef {ef}", of("grown", "recall10", data, ef=ef), least=0.95, at=size, digits=4)
        yield Row(area, f"{name}: most recall@10 of ef 64 to 400", of("grown", "recall10", data, choose=max), digits=4)
        yield Row(area, f"{name}: inserting all on one thread", of("grown", "build_s", data), "s", digits=2)


def use_rows():
    for data, name in (("native", "embedded decisions"), ("decisions", "floats of decisions")):
        area = f"In use: {name}"
        inserts, group, rounds = ({"data": data, "measure": name} for name in ("insert", "group", "round"))
        yield Row(area, "recall@10, small", of("search", "recall10", **inserts), least=0.9, at=1_000, digits=4)
        yield Row(area, "recall@10", of("search", "recall10", **inserts), least=0.95, digits=4)
        linked, tail = "an insert that is linked at once, as where novelty is measured", "an insert that is linked behind"
        yield Row(area, f"{tail}, to searchable beside a saturated search: median", of("search", "append_p50_us", **inserts), "us",
                  digits=1)
        yield Row(area, f"{tail}, to searchable beside a saturated search: 99th percentile",
                  of("search", "append_p99_us", **inserts), "us", below=100, digits=1)
        yield Row(area, f"{tail}: share that the next search finds", of("search", "found", **inserts), least=1, digits=4)
        yield Row(area, f"{tail}: 99th percentile of the searches beside it and the linking",
                  of("search", "append_search_p99_us", **inserts), "us", digits=1)
        yield Row(area, f"{tail}: vectors linked in a second of the thread behind", of("search", "linked_per_s", **inserts))
        yield Row(area, f"{tail}: most vectors that waited for it", of("search", "tail_most", **inserts))
        yield Row(area, f"{linked}, one thread searching: median", of("search", "insert_p50_us", **inserts), "us", digits=1)
        yield Row(area, f"{linked}, one thread searching: 99th percentile", of("search", "insert_p99_us", **inserts), "us",
                  below=100, digits=1)
        yield Row(area, f"{linked}: 99th percentile of the searches beside it", of("search", "search_p99_us", **inserts), "us",
                  digits=1)
        yield Row(area, f"{linked}: share that the next search finds", of("search", "searchable", **inserts), least=1, digits=4)
        for labels in ("random", "correlated"):
            for percent in (0.1, 1.0, 10.0, 50.0, 90.0):
                yield Row(area, f"99th percentile under a filter: {labels}, {percent:g} %",
                          of("search", "p99_us", data, measure="filter", labels=labels, percent=percent),
                          "us", below=2_000, digits=1)
        yield Row(area, "least recall@10 under a filter", of("search", "recall10", data, choose=min, measure="filter"),
                  least=0.95, digits=4)
        yield Row(area, "least share of full answers under a filter",
                  of("search", "complete", data, choose=min, measure="filter"), least=1, digits=4)
        for scope, text in (("all", "over all tenants"), ("tenant", "within a tenant")):
            one, many = (of("search", "p50_us", data, measure="tenants", scope=scope, tenants=count) for count in (1, 200))
            yield Row(area, f"median with 200 tenants over that with 1, {text}", quotient(many, one), most=1.1, digits=2)
        yield Row(area, "least recall@10 among tenants", of("search", "recall10", data, choose=min, measure="tenants"),
                  least=0.95, digits=4)
        yield Row(area, "rows of another tenant that were found", of("search", "strangers", data, choose=max, measure="tenants"),
                  below=1)
        yield Row(area, "identical rows in one group", of("life", "identical", **group))
        yield Row(area, "recall@10 around the group", of("life", "recall10", scope="all", **group), least=0.95, digits=4)
        yield Row(area, "recall@10 around the group, of the rows beside it", of("life", "recall10", scope="others", **group),
                  least=0.95, digits=4)
        yield Row(area, "99th percentile around the group, slower of both", of("life", "p99_us", choose=max, **group), "us",
                  below=2_000, digits=1)
        for number in range(1, 6):
            yield Row(area, f"recall@10 after {number} of 5 rounds of deletes and inserts",
                      of("life", "recall10", round=number, **rounds),
                      least=0.95, digits=4)
        yield Row(area, "most nodes that no walk reaches after any round", of("life", "unreachable", choose=max, **rounds),
                  below=1)
        # Rows that were never in take memory for their numbers: only after two rounds all have been.
        second, last = (of("life", "counted_mb", round=number, **rounds) for number in (2, 5))
        yield Row(area, "memory after the last round over that after the second, when all rows have been in",
                  quotient(last, second), below=1.05, digits=3)
        for number in (1, 2, 5):
            yield Row(area, f"RssAnon after {number} of 5 rounds, of half of the rows", of("life", "mem_mb", round=number, **rounds),
                      "MB", digits=1)
        if data == "native":
            yield Row(area, "opening, up to the first answer", of("life", "seconds", data, measure="opening"), "s", below=2,
                      at=1_000_000, digits=3)


def filter_rows():
    area = "Filters through a store"
    for form in ("equals", "contains", "range", "mixed"):
        for labels in ("random", "correlated"):
            yield Row(area, f"99th percentile, {form}, {labels} labels, the slowest of 0.1 to 90 %",
                      of("filters", "p99_us", choose=max, form=form, labels=labels), "us", below=2_000, digits=1)
    yield Row(area, "slowest first search under a filter, which evaluates it", of("filters", "first_us", choose=max), "us",
              below=2_000)
    yield Row(area, "least recall@10", of("filters", "recall10", choose=min), least=0.95, digits=4)
    yield Row(area, "recall@10 without a filter", of("filters", "recall10", form="none"), digits=4)
    yield Row(area, "least share of full answers", of("filters", "complete", choose=min), least=1, digits=4)


def quantized_rows():
    area = "Smaller codes"
    for data, codes in MANY_CODES.items():
        def told(key, **choice): return of("quantized", key, data, codes, **choice)
        yield Row(area, f"{data}: RssAnon of codes and graph with `{codes}`", told("mem_mb"), "MB", below=200, at=1_000_000,
                  digits=1)
        yield Row(area, f"{data}: all resident memory with `{codes}`", told("resident_mb", choose=max), "MB", digits=1)
        yield Row(area, f"{data}: most recall@10 with `{codes}`", told("recall10", choose=max), least=0.95, at=1_000_000,
                  digits=4)
        yield Row(area, f"{data}: the same without scoring again", told("raw_recall10", choose=max), digits=4)
        for name, key, promise in (("median", "p50_us", {"below": 1_000}), ("99th percentile", "p99_us", {"below": 5_000}),
                                   ("searches a second on two threads", "qps_2t", {"least": 10_000})):
            yield Row(area, f"{data}: {name} at recall@10 0.95 with `{codes}`",
                      reached(data, key, kind="quantized", variant=codes), "us" if "below" in promise else "",
                      at=1_000_000, digits=1 if "below" in promise else 0, **promise)
        yield Row(area, f"{data}: 99th percentile of an insert with `{codes}` that is linked at once, one thread searching",
                  of("search", "insert_p99_us", data, codes, measure="insert"), "us", below=10_000, digits=1)
        yield Row(area, f"{data}: 99th percentile of an insert with `{codes}` that is linked behind, one thread searching",
                  of("search", "append_p99_us", data, codes, measure="insert"), "us", digits=1)
    for codes in ("pq4", "pq8", "pq16"):
        yield Row(area, f"training `{codes}` on 10,000 vectors", of("quantized", "training_s", "decisions", codes), "s", below=10,
                  digits=2)
    for data in ("native", "decisions", "clustered"):
        for codes, points in (("sq8", 5), ("sq4", 10), ("pq4", 10), ("pq8", 5), ("pq16", 5)):
            name = f"{data}: points of recall@10 lost with `{codes}`"
            yield Row(area, f"{name} at the widest breadth that both have: what is lost depends on the breadth",
                      lost(data, codes), below=points, digits=2)
            if MANY_CODES.get(data) == codes:      # what is measured at a million
                yield Row(area, f"{name} at the widest breadth that both have, of a million", lost(data, codes), below=points,
                          at=1_000_000, digits=2)
            for ef in (48, OWN_BREADTH, 96, 192):
                yield Row(area, f"{name} at ef {ef}", lost(data, codes, ef), below=points if ef == OWN_BREADTH else None, digits=2)


def store_rows():
    for form, text in (("plain", "that is linked behind"), ("scored", "that tells how new it is")):
        def told(key, form=form): return of("inserts", key, form=form)
        name = f"single insert {text}, a thread searching without a pause"
        yield Row("Store", f"{name}: median", told("insert_p50_us"), "us", digits=1)
        yield Row("Store", f"{name}: 99th percentile", told("insert_p99_us"), "us", below=100, digits=1)
        yield Row("Store", f"{name}: share that the next search finds", told("found"), least=1, digits=4)
        yield Row("Store", f"{name}: 99th percentile of those searches", told("search_p99_us"), "us", digits=1)
    for name, key in (("RssAnon of `verdict ingest` at its highest", "rss_anon_peak_mb"), ("the same at its end", "rss_anon_mb")):
        yield Row("Ingest", name, of("store", key, measure="ingest"), "MB", below=600, at=1_000_000, digits=1)
    yield Row("Ingest", "distinct vectors of them",
              quotient(of("store", "distinct", measure="stats"), of("store", "vectors", measure="stats"), 100),
              "%", least=60, at=1_000_000, digits=1)
    yield Row("Ingest", "decisions a second, scored and durable",
              quotient(of("store", "accepted", measure="ingest"), of("store", "seconds", measure="ingest")))
    yield Row("Ingest", "bytes of id a decision", decision_bytes("ids"), digits=1)
    yield Row("Ingest", "bytes of metadata a decision", decision_bytes("metadata"), digits=1)
    yield Row("Ingest", "bytes of both a decision", added(decision_bytes("ids"), decision_bytes("metadata")), most=100,
              at=1_000_000, digits=1)
    yield Row("Store", "memory the store counts", milli(of("store", "memory_bytes", measure="stats")), "MB", below=800,
              at=1_000_000, digits=1)
    yield Row("Store", "opening: a whole command that lists", of("store", "wall_seconds", measure="open"), "s", below=2,
              at=1_000_000, digits=2)
    for name in ("export", "import"): yield Row("Store", name, of("store", "seconds", measure=name), "s", below=60, at=1_000_000,
                                                digits=2)
    yield Row("Store", "decisions that came through export and import",
              quotient(of("store", "vectors", measure="copy"), of("store", "vectors", measure="stats"), 100), "%", least=100)
    yield Row("Store", "rebuild, the whole command", of("store", "wall_seconds", measure="rebuild"), "s", below=300, at=1_000_000,
              digits=2)
    for when in ("before", "after"):
        yield Row("Store", f"recall@10 {when} a rebuild", lambda results, size,
                  w=when: (of("store", w, measure="rebuild")(results, size) or {}).get("recall"),
                  least=0.95, digits=4)


def detection_rows():
    area = "Detection: attacks that are known"
    def mean(name, key, protocol="past", factor=1):
        def value(results, size):
            found = known.average(results, name, protocol, key)
            return None if found is None else factor * found
        return value
    def row(name, text, value, unit="", digits=4, **bound):
        return Row(area, f"{known.SETS[name]}: {text}", value, unit, at=0, digits=digits,
                   but=lambda results, size: known.too_few(results, name), **bound)
    for name, auc, ap, opened in (("injected", 0.98, 0.37, 80), ("masquerade", 0.985, 0.44, None)):
        yield row(name, "mean ROC-AUC", mean(name, "auc"), least=auc)
        yield row(name, "mean average precision", mean(name, "ap"), least=ap)
        yield row(name, "mean ROC-AUC ahead of the best of " + ", ".join(known.PEERS),
                  lambda results, size, name=name: known.lead(results, name), least=0.05)
        yield row(name, "benign decisions flagged after warm-up", mean(name, "fpr", factor=100), "%", 2, below=3)
        yield row(name, "attacks of which a decision was flagged", mean(name, "opened", factor=100), "%", 1, least=opened)
        yield row(name, "decisions of attacks that were flagged", mean(name, "recall", factor=100), "%", 1)
    for protocol, text, auc in (("crossfit", "judged by a clean past", 0.83), ("past", "judged as it came", None)):
        of = f"{text}, protocol `{protocol}`"
        yield row("cloudtrail", f"ROC-AUC {of}", mean("cloudtrail", "auc", protocol), least=auc)
        yield row("cloudtrail", f"average precision {of}", mean("cloudtrail", "ap", protocol))
        yield row("cloudtrail", f"benign decisions flagged {of}", mean("cloudtrail", "fpr", protocol, 100), "%", 2)
        yield row("cloudtrail", f"attacks of which a decision was flagged {of}", mean("cloudtrail", "opened", protocol, 100), "%", 1)


def best_pgvector(key):
    """A figure of plain statements at the first breadth that reaches the recall."""
    def value(results, size):
        reached = [line for line in pick(results.lines("postgres", "", size), measure="pgvector") if line["recall10"] >= 0.95]
        return reached[0][key] if reached else None
    return value


def stored_too_short(results, size):
    """Why a server was not seen to keep up for as long as is promised."""
    seconds = of("postgres", "seconds", measure="throughput")(results, size) or 0
    return "" if seconds >= STORED_SECONDS else f"{seconds:.0f} s only"


def postgres_rows():
    million, load, write, find = 1_000_000, "PostgreSQL: loading", "PostgreSQL: writing", "PostgreSQL: searching"
    def figure(measure, key, **wanted): return of("postgres", key, measure=measure, **wanted)
    table = "decision_vectors"
    for name, wanted, least in (("before GIN and HNSW", {"table": table, "indexes": "none"}, 50_000),
                                ("the same into a plain table without triggers", {"table": "plain", "indexes": "none"}, None),
                                ("with GIN live", {"table": table, "indexes": "gin"}, 20_000),
                                ("the same into a plain table without triggers, with GIN",
                                 {"table": "plain", "indexes": "gin"}, None)):
        yield Row(load, f"COPY, rows a second, {name}", figure("copy", "rows_per_s", **wanted), least=least, at=million)
    for name in ("gin", "tenant", "hnsw"): yield Row(load, f"building the index {name}", figure("index", "seconds", name=name), "s",
                                                     digits=2)
    yield Row(load, "GIN and HNSW both finished", added(*(figure("index", "seconds", name=name) for name in ("gin", "hnsw"))), "s",
              digits=1)
    yield Row(load, "the index of neighbours built anew beside its readers", figure("index", "seconds", name="reindex"), "s",
              below=300, at=million, digits=1)
    for key, text, promise in (("first_answer_s", "exact answers", 60), ("linked_s", "its graph linked", 150)):
        yield Row(load, f"mirror read from the server: {text}", figure("opening", key, time="first", source="server"), "s",
                  below=promise, at=million, digits=2)
    saved = {"time": "second", "source": "saved"}
    yield Row(load, "mirror opened as it was saved: first answer", figure("opening", "first_answer_s", **saved), "s", below=20,
              at=million, digits=2)
    yield Row(load, "the same: its graph there", figure("opening", "linked_s", **saved), "s", digits=2)
    yield Row(load, "RssAnon of the mirror", figure("opening", "mem_mb", time="first"), "MB", digits=1)
    yield Row(write, "one committed insert, median", figure("insert", "p50_ms"), "ms", digits=2)
    yield Row(write, "one committed insert, 99th percentile", figure("insert", "p99_ms"), "ms", below=10, at=million, digits=2)
    for table, text in (("decision_vectors", "into the table with its indexes"), ("plain", "into a table without")):
        yield Row(write, f"the same by a plain statement {text}, 99th percentile", figure("plain-insert", "p99_ms", table=table),
                  "ms", digits=2)
    yield Row(write, "batch of 1,000 acknowledged, five a second, median", figure("batch", "p50_ms"), "ms", below=50, at=million,
              digits=1)
    yield Row(write, "batch of 1,000 acknowledged, five a second, 99th percentile", figure("batch", "p99_ms"), "ms", digits=1)
    yield Row(write, "batch of 1,000 acknowledged, without a pause, median", figure("throughput", "p50_ms"), "ms", digits=1)
    for table, text in (("decision_vectors", "into the table with its indexes"), ("plain", "into a table without")):
        yield Row(write, f"the same by a plain COPY {text}, median", figure("plain-batch", "p50_ms", table=table), "ms", digits=1)
    yield Row(write, "rows a second acknowledged and searched for without a pause, for ten minutes",
              figure("throughput", "rows_per_s"), least=5_000, at=million, but=stored_too_short)
    yield Row(write, "seconds of that", figure("throughput", "seconds"), "s", least=STORED_SECONDS, at=million, digits=0)
    yield Row(write, "share of its batches whose last row the next search for its vector finds, walked to or compared",
              figure("throughput", "searchable"), least=1, at=million, digits=4, but=stored_too_short)
    yield Row(write, "the same, found as people search", figure("throughput", "searchable_at_once"), digits=4)
    yield Row(write, "most rows in the inbox meanwhile", figure("throughput", "backlog_most"))
    yield Row(write, "rows a second moved into the table afterwards", figure("throughput", "moved_per_s"))
    yield Row(write, "row of another client found by a search for its vector, the slowest of 20", figure("foreign", "most_ms"),
              "ms", below=1_000, at=million, digits=1)
    yield Row(find, "mirror: share of searches that its graph answered", figure("search", "graph_share"), least=1, at=million,
              digits=4)
    yield Row(find, "mirror: median", figure("search", "p50_us"), "us", below=200, at=million, digits=1)
    yield Row(find, "mirror: 99th percentile", figure("search", "p99_us"), "us", below=1_000, at=million, digits=1)
    yield Row(find, "mirror: recall@10", figure("search", "recall10"), least=0.95, at=million, digits=4)
    yield Row(find, "mirror: searches a second, two at a time", figure("search", "qps_2t"), least=10_000, at=million)
    yield Row(find, "mirror: 99th percentile under a filter, the slowest", of("postgres", "p99_us", choose=max, measure="filtered"),
              "us", below=2_000, at=million, digits=1)
    yield Row(find, "mirror: least recall@10 under a filter", of("postgres", "recall10", choose=min, measure="filtered"),
              least=0.95, at=million, digits=4)
    yield Row(find, "pgvector by plain statements: median at recall@10 0.95", best_pgvector("p50_us"), "us", digits=1)
    yield Row(find, "pgvector by plain statements: 99th percentile at recall@10 0.95", best_pgvector("p99_us"), "us", digits=1)
    yield Row(find, "pgvector by plain statements: most recall@10 of any breadth up to 800",
              of("postgres", "recall10", choose=max, measure="pgvector"), digits=4)
    area = "pgvector, asked by Verdict and by plain statements in turn"
    yield Row(find, f"{area}: breadth of both", figure("server-walk", "ef"))
    for key, text in (("p50", "median"), ("p99", "99th percentile")):
        for side, name in (("plain_", "plain"), ("", "Verdict")):
            yield Row(find, f"{area}: {text}, {name}", figure("server-walk", f"{side}{key}_us"), "us", digits=1)
        yield Row(find, f"{area}: {text}, Verdict's over the plain one's", figure("server-walk", f"ratio_{key}"), most=1.1,
                  at=million, digits=2)
    for side, name in (("plain_", "plain"), ("", "Verdict")):
        yield Row(find, f"{area}: recall@10, {name}", figure("server-walk", f"{side}recall10"), digits=4)
    for way, text in (("automatic", "without a mirror, walked or compared as Verdict chooses"),
                      ("exact", "without a mirror, everything compared by the server")):
        yield Row(find, f"{text}: recall@10", figure("server-search", "recall10", way=way), least=0.95, at=million, digits=4)
        for key, name in (("p50_us", "median"), ("p99_us", "99th percentile")):
            yield Row(find, f"{text}: {name}", figure("server-search", key, way=way), "us", digits=1)


def recorded_too_short(results, size):
    """Why recording was not seen to leave everything as it was for as long as is promised."""
    seconds = of("engine", "seconds", measure="steady")(results, size) or 0
    return "" if seconds >= RECORDED_SECONDS else f"{seconds:.0f} s only"


def grown(key):
    """How much more there is of something at the end of steady recording than at its begin."""
    def value(results, size):
        start, end = (of("engine", f"{key}_{when}", measure="steady")(results, size) for when in ("start", "end"))
        return end - start if start is not None and end is not None else None
    return value


def changed(key):
    """How far the number of something is from where it was, whether more or fewer, at the end of steady recording."""
    more = grown(key)
    def value(results, size):
        change = more(results, size)
        return abs(change) if change is not None else None
    return value


def recording_rows():
    def call(key): return of("engine", key)
    yield Row("Engine", "99th percentile of a check, not recording", call("check_p99_us"), "us", below=10, digits=2)
    yield Row("Engine", "99th percentile of a check, recording", call("recording_p99_us"), "us", most=10, digits=2)
    yield Row("Engine", "median of a check, not recording", call("check_p50_us"), "us", digits=3)
    yield Row("Engine", "median of a check, recording, in turns with the other", call("recording_p50_us"), "us", digits=3)
    yield Row("Engine", "what recording adds to the median", call("recording_added_us"), "us", most=0.3, digits=3)
    yield Row("Engine", "`record()` by itself, median, less the clock", call("record_p50_ns"), "ns", most=150)
    yield Row("Engine", "`record()` by itself, 99th percentile, less the clock", call("record_p99_ns"), "ns", most=1_000)
    yield Row("Engine", "two looks at the clock, median", call("clock_ns"), "ns")
    yield Row("Engine", "checks a second, not recording", call("check_per_second"))
    yield Row("Engine", "checks a second, recording", call("recording_per_second"), least=1_000)
    yield Row("Engine", "recorded decisions that were delivered", quotient(call("delivered"), call("recorded"), 100), "%",
              least=100, digits=2)
    def steady(key): return of("engine", key, measure="steady")
    area, but = "Engine, recording 1,000 a second into a store", {"but": recorded_too_short}
    yield Row(area, "seconds of that", steady("seconds"), "s", least=RECORDED_SECONDS)
    yield Row(area, "decisions dropped or lost", added(steady("dropped"), steady("lost")), most=0, **but)
    yield Row(area, "decisions that wait, most", steady("pending_most"))
    yield Row(area, "decisions that wait, more at the end", grown("pending"), most=1_000, **but)
    yield Row(area, "RssAnon at the end", steady("rss_anon_end_mb"), "MB", digits=1)
    yield Row(area, "RssAnon, more at the end", steady("rss_anon_grown_percent"), "%", most=5, digits=1, **but)
    yield Row(area, "tasks of suite and worker, more or fewer at the end", changed("tasks"), most=0, **but)
    yield Row(area, "threads, more at the end", grown("threads"), most=1, **but)
    yield Row(area, "until a mode that is set counts where the store is followed, the longest of 20",
              steady("mode_change_most_ms"), "ms", most=1_000)


def log_rows():
    area = "Ingest of the Kubernetes audit log, from its file to searchable and scored"
    def figure(key): return of("ingest", key, measure="log")
    yield Row(area, "lines a second of processor time, of all threads", figure("lines_per_core_second"), least=20_000)
    yield Row(area, "the same of the quickest of five readings", figure("best_lines_per_core_second"))
    yield Row(area, "lines a second", figure("lines_per_second"))
    yield Row(area, "decisions scored, of those that were new", quotient(figure("scored"), figure("accepted"), 100), "%", least=100,
              digits=2)
    yield Row(area, "distinct vectors of them", quotient(figure("distinct"), figure("accepted"), 100), "%", digits=1)
    yield Row(area, "processor time of saving and closing", figure("closing_core_seconds"), "s", digits=3)


ROWS = [
    *peer_rows(), *index_rows(), *grown_rows(), *use_rows(), *filter_rows(), *quantized_rows(),
    Row("Embedding", "one embedding", of("embed", "embed_us"), "us", below=50, digits=3),
    Row("Embedding", "one native line parsed", of("embed", "parse_us"), "us", digits=3),
    Row("Embedding", "the same decision, the same vector (1 is yes)", of("embed", "repeatable"), least=1),
    Row("Embedding", "largest error of a vector's length", of("embed", "length_error"), below=1e-6, digits=9),
    Row("Embedding", "pairs of features that share a dimension", of("embed", "collision_percent"), "%", below=1, digits=3),
    *recording_rows(), *log_rows(), *store_rows(), *postgres_rows(),
    Row("Detection", "ordinary decisions that were raised", quotient(of("detection", "raised"), of("detection", "ordinary"), 100),
        "%", below=5, digits=2),
    Row("Detection", "hidden incidents of which a decision was raised",
        quotient(of("detection", "incidents_found"), of("detection", "incidents"), 100),
        "%", least=100),
    Row("Detection", "decisions of hidden incidents that were raised",
        quotient(of("detection", "caught"), of("detection", "hidden"), 100), "%", digits=1),
    *detection_rows(),
    Row("Console", "first frame", of("console", "first_frame_ms", measure="outside"), "ms", below=150, digits=1),
    Row("Console", "share of a core when idle", of("console", "idle_core_percent", measure="outside"), "%", below=1, digits=2),
    Row("Console", "bytes a second to the terminal when idle", of("console", "idle_bytes_per_s", measure="outside"),
        below=15_000),
    Row("Console", "99th percentile of a view drawn and compared, the slowest", of("console", "draw_diff_p99_us", choose=max),
        "us", below=16_000),
    Row("Console", "99th percentile of ncurses taking a frame", of("console", "present_p99_us"), "us", below=16_000),
]
