"""What was measured, as documents: a table for each area, the promise beside the figure, and the guide's table."""
import compare, detection
from acceptance_table import ROWS
from results import SIZES

# Which parts the figures of an area are taken from, where it matters how their indexes were built.
KINDS = {"Beside": ("index", "peer"), "Search: graphs": ("grown",), "Search": ("index",), "In use": ("search", "life"),
         "Smaller": ("quantized", "search")}
BEGIN, END = "<!-- quantizations: written by scripts/acceptance -->", "<!-- end -->"
BEGIN_DETECTION = "<!-- known attacks: written by scripts/acceptance -->"

ELSEWHERE = [
    ("PostgreSQL: 100 concurrent connections", "`scripts/test`"),
    ("Service: search and insert over HTTP", "not built yet"),
    ("Smaller codes on every data set", "[The index](Index.md)"),
    ("Coverage of the tests over 90 %", "`scripts/test`"),
    ("No task left behind, no tenant reaching another's rows", "`scripts/test`"),
    ("Clean under the thread and the address sanitizer", "`scripts/check-deep`"),
]


def shape(area, results):
    """How the indexes of an area were built: one sentence, so that no table mixes two unsaid."""
    kinds = next((kinds for name, kinds in KINDS.items() if area.startswith(name)), ())
    lines = [line for part, found in results.found.items() if part.kind in kinds for line in found]
    shapes = sorted({(line["m"], line["efc"]) for line in lines})
    return [f"Indexes of {' and '.join(f'm {m} and ef_construction {efc}' for m, efc in shapes)}.", ""] if shapes else []


def one_size_table(area, results):
    """The table of an area whose figures have but one size."""
    lines = [f"## {area}", "", "| figure | target | measured | met |", "|---|---|---|---|"]
    for row in (row for row in ROWS if row.area == area):
        unit = f", {row.unit}" if row.unit else ""
        lines.append(f"| {row.name}{unit} | {row.target} | {compare.number(row.value(results, 0), row.digits)} | {row.met(results)} |")
    return lines + [""]


def table(area, results):
    if all(row.at == 0 for row in ROWS if row.area == area): return one_size_table(area, results)
    lines = [f"## {area}", "", *shape(area, results), "| figure | target | 1K | 10K | 100K | 1M | met |",
             "|---|---|---|---|---|---|---|"]
    for row in (row for row in ROWS if row.area == area):
        values = {size: row.value(results, size) for size in SIZES}
        cells = [compare.number(value, row.digits) for value in values.values()]
        unit = f", {row.unit}" if row.unit else ""
        lines.append(f"| {row.name}{unit} | {row.target} | " + " | ".join(cells) + f" | {row.met(results)} |")
    return lines + [""]


def about(results, parts):
    """Where and of what it was measured, and what is missing."""
    heads = [head for part, head in results.heads.items() if part in parts]
    if not heads: return ["Nothing was measured so far.", ""]
    dates = sorted({head["date"] for head in heads})
    builds, machines = (list(dict.fromkeys(head[key] for head in heads)) for key in ("build", "machine"))
    minutes = sum(head["seconds"] for head in heads) / 60
    lines = [f"Machine: {'; '.join(machines)}. Measured: {' to '.join(dict.fromkeys((dates[0], dates[-1])))}, {minutes:,.0f} minutes. "
             f"Build: {', '.join(builds)}.", ""]
    for sentence in results.missing(parts): lines += [sentence, ""]
    return lines


def write_document(results, parts, path):
    lines = ["# Performance", "", "`scripts/acceptance` measures these figures and writes this document; it is not edited by hand. A target is",
             "judged at the size beside it. A dash is a figure that was not measured, or a recall that was not reached.", "",
             *about(results, parts)]
    for area in dict.fromkeys(row.area for row in ROWS):
        lines += table(area, results)
        if area.startswith("Beside") and compare.sets(results, "index"):
            lines += [compare.about(results), "", *compare.ratios(results), "", *compare.engines(results), ""]
    lines += ["## Elsewhere", "", "| what | where |", "|---|---|"] + [f"| {what} | {where} |" for what, where in ELSEWHERE]
    with open(path, "w") as file: file.write("\n".join(line.rstrip() for line in lines) + "\n")


def put(lines, path, begin):
    """Puts lines into a document, between its marks."""
    with open(path) as file: text = file.read()
    before, rest = text.split(begin)
    with open(path, "w") as file: file.write(before + "\n".join([begin, "", *lines, "", END]) + rest.split(END, 1)[1])


def write_guide(results, path):
    """The table of quantizations in the guide; without results it stays as it is."""
    if compare.sets(results, "quantized"): put(shape("Smaller codes", results) + compare.quantizations(results), path, BEGIN)


def write_detection(results, path):
    """The table of known attacks in the guide; without results it stays as it is."""
    lines = detection.table(results)
    if not lines: return
    heads = [results.heads[part] for part in map(detection.part, detection.SETS) if part in results.heads]
    builds, dates = (", ".join(dict.fromkeys(head[key] for head in heads)) for key in ("build", "date"))
    put([f"Measured {dates}, build {builds}.", "", *lines], path, BEGIN_DETECTION)
