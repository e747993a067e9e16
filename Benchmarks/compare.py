#!/usr/bin/env python3
"""Prints one table from JSON lines of `verdict bench` and peers.py: each engine at the first breadth that reaches a recall.

    cat verdict.jsonl peers.jsonl | Benchmarks/compare.py NAME

The ratio is Verdict's queries per second over the best peer's at the same recall.
"""
import json, sys


def first(lines, engine, recall):
    reached = [line for line in lines if line["engine"] == engine and line["recall10"] >= recall]
    return min(reached, key=lambda line: line["ef"], default=None)


def main():
    lines = [json.loads(text) for text in sys.stdin if text.startswith("{")]
    engines = list(dict.fromkeys(line["engine"] for line in lines))
    print(f"\n{sys.argv[1]}: {lines[0]['n']:,} vectors")
    print("| engine | recall@10 | ef | queries/s 1 thread | 2 threads | p50 us | p99 us | build s | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for recall in (0.95, 0.99):
        best = {"qps_1t": 0, "qps_2t": 0}
        for engine in engines:
            line = first(lines, engine, recall)
            if line is None:
                most = max((line["recall10"] for line in lines if line["engine"] == engine), default=0)
                print(f"| {engine} | never {recall} (at most {most:.4f}) | | | | | | | |")
                continue
            if engine != "verdict":
                for key in best: best[key] = max(best[key], line[key] or 0)
            cells = [engine, f"{line['recall10']:.4f}", line["ef"], f"{line['qps_1t']:,.0f}", f"{line['qps_2t'] or 0:,.0f}",
                     line["p50_us"], line["p99_us"], line["build_s"], line["mem_mb"]]
            print("| " + " | ".join(map(str, cells)) + " |")
        own = first(lines, "verdict", recall)
        for key, name in (("qps_1t", "one thread"), ("qps_2t", "two threads")):
            if own and best[key]: print(f"at {recall}, {name}: {own[key] / best[key]:.1f} times the best peer")
            elif own: print(f"at {recall}, {name}: no peer reaches it")


if __name__ == "__main__":
    main()
