"""What acceptance.py measured, as a document: one table for each area, the promise beside the figure."""
import glob, json, os, platform, re
from dataclasses import dataclass
from typing import Callable, Optional

SIZES = (1_000, 10_000, 100_000, 1_000_000)
NAMES = {1_000: "1K", 10_000: "10K", 100_000: "100K", 1_000_000: "1M"}


@dataclass
class Row:
    """One promised figure: where its value is among a part's lines, and what it must be at which size."""
    area: str
    name: str
    part: str
    value: Callable      # lines of the part at one size -> number, or None
    unit: str = ""
    below: Optional[float] = None
    least: Optional[float] = None
    at: int = 100_000
    digits: int = 0

    @property
    def target(self):
        if self.below is None and self.least is None: return ""
        bound = f"< {self.below:,g}" if self.below is not None else f">= {self.least:,g}"
        return f"{bound} ({NAMES[self.at]})"

    def is_met(self, value): return value < self.below if self.below is not None else value >= self.least


def pick(lines, **wanted): return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]


def reached(kind, key, recall=0.95):
    """A figure of the index at the first breadth that reaches a recall on a data set."""
    return lambda lines: next((line[key] for line in pick(lines, data=kind) if line["recall10"] >= recall), None)


def first(key, **wanted): return lambda lines: next((line[key] for line in pick(lines, **wanted) if key in line), None)


def worst(key, choose, kind, **wanted):
    return lambda lines: choose((line[key] for line in pick(lines, data=kind, **wanted)), default=None)


def tenants_ratio(kind, scope):
    def value(lines):
        one, many = (first("p50_us", data=kind, measure="tenants", scope=scope, tenants=count)(lines) for count in (1, 200))
        return many / one if one and many else None
    return value


def share(part, whole):
    return lambda lines: 100 * lines[0][part] / lines[0][whole] if lines and lines[0][whole] else None


def megabytes(key): return lambda lines: (first(key, measure="stats")(lines) or 0) / 1e6 or None


def index_rows():
    for kind, name, memory in (("native", "embedded decisions", 600), ("decisions", "floats of other origin", 900)):
        area = f"Search: {name}"
        yield Row(area, "median of a search at recall@10 0.95", "index", reached(kind, "p50_us"), "us", below=500, digits=1)
        yield Row(area, "99th percentile of a search at recall@10 0.95", "index", reached(kind, "p99_us"), "us", below=2_000, digits=1)
        yield Row(area, "searches a second on two threads at recall@10 0.95", "index", reached(kind, "qps_2t"), least=50_000)
        yield Row(area, "searches a second on one thread at recall@10 0.95", "index", reached(kind, "qps_1t"), least=12_000,
                  at=1_000_000)
        yield Row(area, "searches a second on one thread at recall@10 0.99", "index", reached(kind, "qps_1t", 0.99))
        yield Row(area, "recall@10, small", "search", first("recall10", data=kind, measure="insert"), least=0.9, at=1_000, digits=4)
        yield Row(area, "recall@10", "search", first("recall10", data=kind, measure="insert"), least=0.95, digits=4)
        yield Row(area, "build of the index on two threads", "index", first("build_s", data=kind), "s", below=90, at=1_000_000, digits=2)
        yield Row(area, "memory of the index", "index", first("mem_mb", data=kind), "MB", below=memory, at=1_000_000, digits=1)
        yield Row(area, "median of an insert, one thread searching", "search", first("insert_p50_us", data=kind), "us", digits=1)
        yield Row(area, "99th percentile of an insert, one thread searching", "search", first("insert_p99_us", data=kind), "us",
                  below=100, digits=1)
        yield Row(area, "99th percentile of the searches beside it", "search", first("search_p99_us", data=kind), "us", digits=1)
        yield Row(area, "inserted vectors that the next search finds", "search", first("searchable", data=kind), least=1, digits=4)
        for labels in ("random", "correlated"):
            for percent in (0.1, 1.0, 10.0, 50.0, 90.0):
                wanted = {"data": kind, "measure": "filter", "labels": labels, "percent": percent}
                yield Row(area, f"99th percentile under a filter: {labels}, {percent:g} %", "search", first("p99_us", **wanted), "us",
                          below=2_000, digits=1)
        for text, key, choose in (("recall@10", "recall10", min), ("share of full answers", "complete", min)):
            yield Row(area, f"least {text} under a filter", "search", worst(key, choose, kind, measure="filter"),
                      least=0.95 if key == "recall10" else 1, digits=4)
        for scope, text in (("all", "over all tenants"), ("tenant", "within a tenant")):
            yield Row(area, f"median with 200 tenants over that with 1, {text}", "search", tenants_ratio(kind, scope), below=1.1, digits=2)
        yield Row(area, "least recall@10 among tenants", "search", worst("recall10", min, kind, measure="tenants"), least=0.95, digits=4)
        yield Row(area, "rows of another tenant that were found", "search", worst("strangers", max, kind, measure="tenants"), below=1)


ROWS = [
    *index_rows(),
    Row("Embedding", "one embedding", "embed", first("embed_us"), "us", below=50, digits=3),
    Row("Embedding", "one native line parsed", "embed", first("parse_us"), "us", digits=3),
    Row("Embedding", "the same decision, the same vector (1 is yes)", "embed", first("repeatable"), least=1),
    Row("Embedding", "largest error of a vector's length", "embed", first("length_error"), below=1e-6, digits=9),
    Row("Embedding", "pairs of features that share a dimension", "embed", first("collision_percent"), "%", below=1, digits=3),
    Row("Engine", "99th percentile of a check, not recording", "engine", first("check_p99_us"), "us", below=10, digits=2),
    Row("Engine", "99th percentile of a check, recording", "engine", first("recording_p99_us"), "us", below=10, digits=2),
    Row("Engine", "checks a second, recording", "engine", first("recording_per_second"), least=1_000),
    Row("Engine", "recorded decisions that were delivered", "engine", share("delivered", "recorded"), "%", least=100, digits=2),
    Row("Ingest", "decisions a second, scored and durable", "ingest", first("decisions_per_second")),
    Row("Ingest", "memory for all of them", "ingest", first("mem_mb"), "MB", below=600, at=1_000_000, digits=1),
    Row("Store", "memory the store counts", "store", megabytes("memory_bytes"), "MB", below=800, at=1_000_000, digits=1),
    Row("Store", "export", "store", first("seconds", measure="export"), "s", below=60, at=1_000_000, digits=2),
    Row("Store", "import", "store", first("seconds", measure="import"), "s", below=60, at=1_000_000, digits=2),
    Row("Store", "decisions that came through export and import", "store",
        lambda lines: 100 * first("vectors", measure="copy")(lines) / first("vectors", measure="stats")(lines) if lines else None,
        "%", least=100),
    Row("Store", "rebuild, the whole command", "store", first("wall_seconds", measure="rebuild"), "s", below=300, at=1_000_000, digits=2),
    Row("Store", "recall@10 before a rebuild", "store", lambda lines: lines and pick(lines, measure="rebuild")[0]["before"]["recall"],
        least=0.95, digits=4),
    Row("Store", "recall@10 after a rebuild", "store", lambda lines: lines and pick(lines, measure="rebuild")[0]["after"]["recall"],
        least=0.95, digits=4),
    Row("Detection", "ordinary decisions that were raised", "detection", share("raised", "ordinary"), "%", below=5, digits=2),
    Row("Detection", "hidden incidents of which a decision was raised", "detection", share("incidents_found", "incidents"), "%", least=100),
    Row("Detection", "decisions of hidden incidents that were raised", "detection", share("caught", "hidden"), "%", digits=1),
    Row("Console", "first frame", "console", first("first_frame_ms", measure="outside"), "ms", below=150, digits=1),
    Row("Console", "share of a core when idle", "console", first("idle_core_percent", measure="outside"), "%", below=1, digits=2),
    Row("Console", "bytes a second to the terminal when idle", "console", first("idle_bytes_per_s", measure="outside"), below=15_000),
    Row("Console", "99th percentile of a view drawn and compared, the slowest", "console",
        lambda lines: max((line["draw_diff_p99_us"] for line in lines if "draw_diff_p99_us" in line), default=None), "us", below=16_000),
    Row("Console", "99th percentile of ncurses taking a frame", "console", first("present_p99_us"), "us", below=16_000),
]

ELSEWHERE = [
    ("PostgreSQL: search, insert, batches, COPY, throughput, memory, recall", "not built yet"),
    ("PostgreSQL: 100 concurrent connections", "not built yet"),
    ("Service: search and insert over HTTP", "not built yet"),
    ("Quantized: memory and recall", "`verdict bench --quantization`, [The index](Index.md)"),
    ("Coverage of the tests over 90 %", "`scripts/test`"),
    ("No task left behind, no tenant reaching another's rows", "`scripts/test`"),
    ("Clean under the thread and the address sanitizer", "`scripts/check-deep`"),
    ("The index beside other engines", "`scripts/bench vectors`"),
]


def load(folder):
    """Results by part and size."""
    results = {}
    for path in sorted(glob.glob(f"{folder}/*.json")):
        part, size = os.path.basename(path)[:-5].rsplit("-", 1)
        with open(path) as file: results[part, int(size)] = json.load(file)
    return results


def machine():
    def field(path, name):
        with open(path) as file: return next((line.split(":", 1)[1].strip() for line in file if line.startswith(name)), "unknown")
    memory = int(re.sub(r"\D", "", field("/proc/meminfo", "MemTotal"))) * 1_024 / 1e9
    model = field("/proc/cpuinfo", "model name")
    return f"{model}, {os.cpu_count()} cores, {memory:.1f} GB of memory, {platform.system()} {platform.machine()}"


def table(area, results):
    lines = [f"## {area}", "", "| figure | target | 1K | 10K | 100K | 1M | met |", "|---|---|---|---|---|---|---|"]
    for row in (row for row in ROWS if row.area == area):
        values = {}
        for size in SIZES:
            found = results.get((row.part, size))
            values[size] = row.value(found["lines"]) if found else None
        cells = ["–" if value is None else f"{value:,.{row.digits}f}" for value in values.values()]
        judged = values[row.at]
        if not row.target: met = ""
        elif (row.part, row.at) not in results: met = "not measured"
        else: met = "yes" if judged is not None and row.is_met(judged) else "**no**"
        unit = f", {row.unit}" if row.unit else ""
        lines.append(f"| {row.name}{unit} | {row.target} | " + " | ".join(cells) + f" | {met} |")
    return lines + [""]


def write_document(folder, path):
    results = load(folder)
    if results:
        dates, commits = (sorted({result[key] for result in results.values()}) for key in ("date", "commit"))
        about = f"Machine: {machine()}. Measured: {' to '.join(dict.fromkeys((dates[0], dates[-1])))}. Commit: {', '.join(commits)}."
    else: about = "Nothing was measured so far."
    lines = ["# Performance", "", "`scripts/acceptance` measures these figures and writes this document; it is not edited by hand. A target is",
             "judged at the size beside it. A dash is a figure that was not measured, or a recall that was not reached.", "", about, ""]
    for area in dict.fromkeys(row.area for row in ROWS): lines += table(area, results)
    lines += ["## Elsewhere", "", "| what | where |", "|---|---|"] + [f"| {what} | {where} |" for what, where in ELSEWHERE]
    with open(path, "w") as file: file.write("\n".join(line.rstrip() for line in lines) + "\n")
