#!/usr/bin/env python3
"""Writes a data set that every engine reads: base.fvecs, query.fvecs and the true best scores, truth.fvecs.

    Benchmarks/vectors.py decisions|clustered|duplicates --count N --out DIR [--queries 1000] [--seed 7]
    Benchmarks/vectors.py held-out --of FILE.fvecs --out DIR [--queries 1000] [--seed 7]

decisions   signed feature hashing of what decision logs hold: Zipf principals, tenants, kinds and actions, many
            near-duplicates, and one row in ten repeating one of 300 polling decisions exactly.
clustered   a mixture of low-rank Gaussians, as sentence embeddings look to an index; no duplicates.
duplicates  decisions of which nine rows in ten repeat others, one group of them a fifth of all.
held-out    vectors of a file, with some of its rows taken out as queries.

A file holds, for each vector, its dimension (int32) and its values (float32), little-endian; all have unit length.
truth.fvecs holds the cosines of the 100 nearest base rows of each query, best first. The same arguments give the
same bytes.
"""
import argparse, os
import numpy as np

DIMENSION = 384
BLOCK = 50_000


def zipf(random, items, size, exponent=1.1):
    weights = 1.0 / np.arange(1, items + 1) ** exponent
    return random.choice(items, size=size, p=weights / weights.sum())


def hashed(tokens, weights, seed, places=4):
    """The sum of signed hashed features: (rows, tokens) identifiers and (tokens,) weights to (rows, dimension)."""
    rows, width = tokens.shape
    out = np.zeros((rows, DIMENSION), np.float32)
    start = np.arange(rows) * DIMENSION
    for place in range(places):
        x = tokens.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        x += np.uint64(seed * 1000003 + place * 0x5851F42D + 1)
        x ^= x >> np.uint64(31); x *= np.uint64(0xBF58476D1CE4E5B9); x ^= x >> np.uint64(27)
        x *= np.uint64(0x94D049BB133111EB); x ^= x >> np.uint64(33)
        column = (x % np.uint64(DIMENSION)).astype(np.int64)
        sign = np.where((x >> np.uint64(40)) & np.uint64(1), 1.0, -1.0).astype(np.float32)
        for token in range(width):
            out.ravel()[start + column[:, token]] += sign[:, token] * weights[token]
    return out


def decisions(random, count, seed):
    tenant = zipf(random, 40, count, 0.9)
    principal = tenant * 10_000 + zipf(random, 2_000, count, 1.05)
    # A principal is at home in a few roles, kinds and scopes.
    home = (principal * 2654435761) % 9973
    role = np.where(random.random(count) < 0.93, home % 30, random.integers(0, 30, count))
    usual = (home * 7 + random.integers(0, 3, count)) % 60
    kind = np.where(random.random(count) < 0.9, usual, random.integers(0, 60, count))
    resource = tenant * 1_000_000 + kind * 10_000 + zipf(random, 3_000, count, 1.0)
    action = (kind * 5 + zipf(random, 8, count, 1.2)) % 40
    effect = (random.random(count) < np.where(home % 17 == 0, 0.35, 0.04)).astype(np.int64)
    fields = [(principal, 1.0), (role, .8), (kind, 1.0), (resource, .6), (action, 1.0), (effect, 1.1),
              ((kind * 11 + action) % 200, .5), (tenant * 50 + home % 12, .5), (tenant, .7),
              ((random.normal(13, 4, count) % 24).astype(np.int64), .25), (principal * 64 + kind, .6),
              (kind * 64 + action, .6)]
    tokens = np.stack([field.astype(np.int64) + (i + 1) * 1_000_000_007 for i, (field, _) in enumerate(fields)], 1)
    weights = np.array([weight for _, weight in fields], np.float32)
    out = np.empty((count, DIMENSION), np.float32)
    for start in range(0, count, BLOCK):
        out[start:start + BLOCK] = hashed(tokens[start:start + BLOCK], weights, seed)
    out[:, 0] += random.gamma(2.0, 0.05, count).astype(np.float32)      # how long it took
    out[:, 1] += random.gamma(2.0, 0.03, count).astype(np.float32)      # how many policies were looked at
    polling = np.flatnonzero(random.random(count) < 0.10)
    out[polling] = out[zipf(random, min(300, count), len(polling), 0.8)]
    return out


def clustered(random, count, seed, centers=1_000, rank=24):
    structure = np.random.default_rng(seed)      # the same clusters for base and queries
    center = structure.normal(size=(centers, DIMENSION)).astype(np.float32)
    center += 0.8 * structure.normal(size=(1, DIMENSION)).astype(np.float32)
    basis = structure.normal(size=(32, rank, DIMENSION)).astype(np.float32) / np.sqrt(rank)
    which = zipf(random, centers, count, 0.7)
    out = np.empty((count, DIMENSION), np.float32)
    for start in range(0, count, BLOCK):
        part = which[start:start + BLOCK]
        inner = random.normal(size=(len(part), rank)).astype(np.float32)
        block = center[part].copy()
        for number in range(32):
            rows = np.where(part % 32 == number)[0]
            block[rows] += 1.6 * inner[rows] @ basis[number]
        out[start:start + BLOCK] = block + 0.35 * random.normal(size=block.shape).astype(np.float32)
    return out


def duplicates(random, count, seed):
    distinct = decisions(random, max(1, count // 10), seed)
    which = np.concatenate([np.zeros(count // 5, np.int64), np.arange(len(distinct)),
                            zipf(random, len(distinct), count - count // 5 - len(distinct), 1.0)])
    random.shuffle(which)
    return distinct[which]


def read(path):
    raw = np.fromfile(path, np.int32)
    return np.ascontiguousarray(raw.reshape(-1, raw[0] + 1)[:, 1:]).view(np.float32)


def write(path, vectors):
    head = np.full((vectors.shape[0], 1), vectors.shape[1], np.int32)
    with open(path, "wb") as file:
        for start in range(0, len(vectors), BLOCK):
            block = vectors[start:start + BLOCK].astype(np.float32).view(np.int32)
            np.concatenate([head[start:start + BLOCK], block], 1).tofile(file)


def best_scores(base, queries, count):
    best = np.full((len(queries), 0), 0, np.float32)
    for start in range(0, len(base), BLOCK):
        both = np.concatenate([best, queries @ base[start:start + BLOCK].T], 1)
        best = -np.partition(-both, min(count, both.shape[1]) - 1, axis=1)[:, :count]
    return -np.sort(-best, axis=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["decisions", "clustered", "duplicates", "held-out"])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--of"); parser.add_argument("--out", required=True)
    given = parser.parse_args()
    if given.kind == "held-out":
        rows = read(given.of)
        taken = np.zeros(len(rows), bool)
        taken[np.random.default_rng(given.seed).choice(len(rows), given.queries, replace=False)] = True
        base, queries = rows[~taken][:given.count], rows[taken]
    else:
        make = {"decisions": decisions, "clustered": clustered, "duplicates": duplicates}[given.kind]
        base = make(np.random.default_rng(given.seed), given.count, given.seed)
        ask = decisions if given.kind == "duplicates" else make
        queries = ask(np.random.default_rng(given.seed + 1), given.queries, given.seed)
    for vectors in (base, queries): vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    os.makedirs(given.out, exist_ok=True)
    write(f"{given.out}/base.fvecs", base); write(f"{given.out}/query.fvecs", queries)
    write(f"{given.out}/truth.fvecs", best_scores(base, queries, min(100, len(base))))


if __name__ == "__main__":
    main()
