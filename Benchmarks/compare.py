"""Verdict beside its peers, and its quantizations beside each other, as Markdown tables made from results."""
from math import inf
from parts import BREADTHS, OWN_BREADTH, QUANTIZATIONS
from results import NAMES

GOALS = (0.95, 0.99)
DATA = ("native", "kubernetes", "decisions", "clustered", "duplicates")


def first(lines, recall):
    """The line of the first breadth that reaches a recall."""
    return min((line for line in lines if line["recall10"] >= recall), key=lambda line: line["ef"], default=None)


def best(results, data, size, recall, key):
    """The fastest peer that reaches a recall, and its figure; None without peers, a figure of 0 where none reaches it."""
    peers = results.variants("peer", data, size)
    reached = ((line.get(key) or 0, name) for name, lines in peers.items() if (line := first(lines, recall)))
    return max(reached, default=(0, "none")) if peers else None


def ratio(results, data, size, recall, key):
    """Verdict's figure over the best peer's: without bound where no peer reaches the recall, None where one is missing."""
    own, peer = first(results.lines("index", data, size), recall), best(results, data, size, recall, key)
    return None if not own or not peer else own[key] / peer[0] if peer[0] else inf


def build_ratio(results, data, size):
    """Verdict's building time over hnswlib's."""
    own, peer = results.lines("index", data, size), results.lines("peer", data, size, "hnswlib")
    return own[0]["build_s"] / peer[0]["build_s"] if own and peer and peer[0]["build_s"] else None


def number(value, digits=0): return "–" if value is None else "no peer" if value == inf else f"{value:,.{digits}f}"


def table(heads, rows): return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]


def sets(results, kind, *kinds):
    """The data sets and sizes that parts of some kinds were measured on, in order."""
    found = {(part.data, part.size) for part in results.found if part.kind in (kind, *kinds)}
    return sorted(found, key=lambda pair: (pair[1], DATA.index(pair[0])))


def about(results):
    """How the indexes of the comparison were built, and which versions the peers are of."""
    lines = [line for part, found in results.found.items() if part.kind in ("index", "peer", "quantized") for line in found]
    shapes = sorted({(line["m"], line["efc"]) for line in lines})
    versions = sorted({f"{line['engine']} {line['version']}" for line in lines if "version" in line})
    shape = "; ".join(f"m {m}, ef_construction {efc}" for m, efc in shapes)
    return f"All indexes: {shape}, built on two threads. " + (f"Peers: {', '.join(versions)}." if versions else "No peer was measured.")


def ratios(results):
    """One table over all data sets: Verdict, the best peer, the ratio."""
    rows = []
    for data, size in sets(results, "index"):
        for recall in GOALS:
            lines = results.lines("index", data, size)
            own = first(lines, recall)
            if own is None:
                most = max(line["recall10"] for line in lines)
                rows.append([data, number(lines[0]["n"]), f"{recall} (at most {most:.4f})"] + ["–"] * 10)
                continue
            peers = [best(results, data, size, recall, key) for key in ("qps_1t", "qps_2t")]
            none = f"none of {len(results.variants('peer', data, size))} reaches it"
            told = ["not measured" if peer is None else f"{peer[1]} {peer[0]:,}" if peer[0] else none for peer in peers]
            times = [number(ratio(results, data, size, recall, key), 1) for key in ("qps_1t", "qps_2t")]
            rows.append([data, number(own["n"]), str(recall), str(own["ef"]), number(own["qps_1t"]), told[0], f"**{times[0]}**",
                         number(own["qps_2t"]), told[1], f"**{times[1]}**", number(own["p99_us"]), number(own["build_s"], 1),
                         number(build_ratio(results, data, size), 2)])
    return table(["data", "vectors", "recall@10", "ef", "queries/s, 1 thread", "best peer", "ratio", "2 threads", "best peer",
                  "ratio",
                  "p99 us", "build s", "of hnswlib's"], rows)


def engines(results):
    """Every engine on every data set at the first breadth that reaches a recall."""
    rows = []
    for data, size in sets(results, "index", "peer"):
        own = {"**verdict**": results.lines("index", data, size)}
        for name, lines in (own | results.variants("peer", data, size)).items():
            for recall in GOALS if lines else ():
                line = first(lines, recall)
                build = [number(lines[0]["build_s"], 1), number(lines[0]["mem_mb"])]
                if line is None:
                    most = max(lines, key=lambda line: line["recall10"])
                    rows.append([data, number(most["n"]), name, f"{recall}: at most {most['recall10']:.4f}",
                                 str(most["ef"])] + ["–"] * 5 + build)
                    continue
                rows.append([data, number(line["n"]), name, f"{recall}: {line['recall10']:.4f}", str(line["ef"]),
                             number(line["qps_1t"]),
                             number(line.get("qps_2t")), number(line["p50_us"], 1), number(line["p99_us"], 1),
                             number(line.get("distances_per_query"))] + build)
    return table(["data", "vectors", "engine", "recall@10", "ef", "queries/s, 1 thread", "2 threads", "p50 us", "p99 us",
                  "distances a query", "build s", "RssAnon MB"],
                 rows)


def quantizations(results):
    """Recall, speed and memory of each quantization on each data set."""
    rows, middle = [], OWN_BREADTH
    breadths = sorted({*map(int, BREADTHS.split(","))} | {line["ef"] for part, lines in results.found.items()
                                                           if part.kind == "quantized" for line in lines})
    def recall(name, line):
        return "–" if line is None else f"{line['recall10']:.4f}" + (f" ({line['raw_recall10']:.4f})" if name != "none" else "")
    for data, size in sets(results, "quantized"):
        for name, lines in sorted(results.variants("quantized", data, size).items(),
                                  key=lambda pair: QUANTIZATIONS.index(pair[0])):
            at = {line["ef"]: line for line in lines}
            speed, any_line = at.get(middle, {}), lines[0]
            rows.append([data, NAMES.get(size, str(size)), f"`{name}`", *(recall(name, at.get(ef)) for ef in breadths),
                         number(speed.get("qps_1t")), number(speed.get("p99_us"), 1), number(any_line["mem_mb"], 1),
                         number(speed.get("resident_mb"), 1), number(any_line["build_s"], 1),
                         number(any_line["training_s"], 2) if name.startswith("pq") else "–"])
    return table(["data", "vectors", "codes", *(f"recall@10, ef {ef}" for ef in breadths),
                  f"queries/s, 1 thread, ef {middle}",
                  f"p99 us, ef {middle}", "RssAnon MB", "resident MB", "build s", "training s"], rows)
