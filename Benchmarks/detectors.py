#!/usr/bin/env python3
"""Measures how well known attacks are found in one set, by Verdict and by detectors of its peers on the same vectors.

    Benchmarks/detectors.py PROGRAM injected|masquerade|cloudtrail [--seeds 10] [--work DIR]

injected    scripted attacks of principals that exist, some 115 decisions in 27 incidents, in real Kubernetes traffic
masquerade  260 decisions of that traffic given to another principal, who never did that on that kind
cloudtrail  a real campaign in a real AWS account; nothing is random there, so it is measured once

Prints a JSON line for each seed, protocol and detector. Protocol `past`: what is judged is judged by what came before;
a fitted detector is fitted ten times on the newest 6,000 before. Protocol `crossfit`: six contiguous parts, each judged
by what is benign in the other five. Peers see the vectors that Verdict compares, and nothing else.
"""
import argparse, csv, json, math, os, subprocess, time, warnings

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = f"{HERE}/../sample-data"
BACKGROUND, CLOUDTRAIL = f"{SAMPLES}/kubernetes-audit/benign.audit.jsonl.gz", f"{SAMPLES}/aws-cloudtrail"
WARM_UP = {"injected": 0.2, "masquerade": 0.2, "cloudtrail": 0.1}      # the share that is not judged by protocol `past`
FITS, NEWEST, FOLDS, NEIGHBOURS, TREES = 10, 6_000, 6, 20, 200


def isolation_forest(past, new):
    from sklearn.ensemble import IsolationForest
    return -IsolationForest(n_estimators=TREES, random_state=0).fit(past).score_samples(new)


def lof(past, new):
    import numpy as np
    from sklearn.neighbors import LocalOutlierFactor
    # Many vectors repeat: without some noise their density is infinite.
    noise = np.random.default_rng(0).normal(0, 1e-6, past.shape).astype(np.float32)
    return -LocalOutlierFactor(n_neighbors=NEIGHBOURS, novelty=True).fit(past + noise).score_samples(new)


def ecod(past, new):
    from pyod.models.ecod import ECOD
    model = ECOD()
    model.fit(past)
    return model.decision_function(new)


def copod(past, new):
    from pyod.models.copod import COPOD
    model = COPOD()
    model.fit(past)
    return model.decision_function(new)


DETECTORS = {"IsolationForest": isolation_forest, "LOF": lof, "ECOD": ecod, "COPOD": copod}


def warm_up(count, share): return int(count * share)


def blocks(count, start):
    """What protocol `past` judges, in as many blocks as a detector is fitted, and what it is fitted on."""
    step = max(1, math.ceil((count - start) / FITS))
    for first in range(start, count, step): yield range(max(0, first - NEWEST), first), range(first, min(count, first + step))


def folds(labels):
    """What protocol `crossfit` judges, part by part, and what it is fitted on."""
    count = len(labels)
    for fold in range(FOLDS):
        judged = [index for index in range(count) if index * FOLDS // count == fold]
        if judged: yield [index for index in range(count) if index * FOLDS // count != fold and not labels[index]], judged


def scored(detector, vectors, labels, protocol, start):
    """Scores by a detector, and the labels of what it scored."""
    scores, judged = [], []
    for past, new in blocks(len(labels), start) if protocol == "past" else folds(labels):
        scores.extend(detector(vectors[list(past)], vectors[list(new)]))
        judged.extend(labels[index] for index in new)
    return scores, judged


class Measurer:
    def __init__(self, program, work):
        self.program, self.folder = program, f"{work}/data/attacks"
        os.makedirs(self.folder, exist_ok=True)
        # Somebody's own configuration has rules for logs, which would change what is measured.
        self.environment = os.environ | {"XDG_CONFIG_HOME": f"{self.folder}/no-configuration"}

    def lines(self, *words):
        done = subprocess.run([self.program, *words], check=True, stdout=subprocess.PIPE, text=True,
                              env=self.environment)
        return done.stdout.splitlines()

    def seeded(self, name, seed):
        """A log with attacks in it, and its labels."""
        sets = map(json.loads, self.lines("bench", "--suite", "detection", "--log", BACKGROUND, "--seed", str(seed), "--out", self.folder))
        made = next(one for one in sets if one["set"] == name)
        return made["log"], made["labels"]

    def cloudtrail(self):
        """The campaign as one log in order of time, and its labels."""
        path = f"{self.folder}/cloudtrail.jsonl"
        lines = [(line["time"], line["id"], text) for text in self.lines("parse", f"{CLOUDTRAIL}/events.jsonl.gz") for line in [json.loads(text)]]
        with open(path, "w") as file: file.writelines(text + "\n" for _, _, text in sorted(lines))
        return path, f"{CLOUDTRAIL}/labels.csv"

    def vectors(self, log):
        from vectors import read
        path = f"{self.folder}/vectors.fvecs"
        self.lines("embed", "--fvecs", path, log)
        try: return read(path)
        finally: os.remove(path)

    def labels(self, log, table):
        """The labels of a log's decisions, in its order."""
        with open(table) as file: attack = {row.get("id") or row["eventID"]: row["label"] == "1" for row in csv.DictReader(file)}
        with open(log) as file: return [attack[json.loads(line)["id"]] for line in file]

    def measure(self, name, seed, log, table, protocol):
        """The lines of one log and protocol."""
        from sklearn.metrics import average_precision_score, roc_auc_score
        share, head = WARM_UP[name], {"set": name, "seed": seed, "protocol": protocol}
        began = time.monotonic()
        found = json.loads(self.lines("evaluate", log, "--labels", table, "--protocol", protocol, "--warm-up", str(share), "--json")[0])
        yield head | {"detector": "Verdict", "auc": found["auc"], "ap": found["ap"], "fpr": found["fpr_flag"],
                      "recall": found["recall_flag"], "opened": found["incidents_opened"], "benign": found["benign"],
                      "attacks": found["attacks"], "incidents": found["incidents"], "seconds": round(time.monotonic() - began, 1)}
        vectors, labels = self.vectors(log), self.labels(log, table)
        if len(vectors) != len(labels): raise SystemExit(f"measuring: {log} has {len(labels)} decisions and {len(vectors)} vectors")
        for detector, score in DETECTORS.items():
            began = time.monotonic()
            scores, judged = scored(score, vectors, labels, protocol, warm_up(len(labels), share))
            if len(judged) != found["benign"] + found["attacks"] or sum(judged) != found["attacks"]:
                raise SystemExit(f"measuring: {detector} judged other decisions than Verdict: {len(judged)}, {sum(judged)} of attacks")
            yield head | {"detector": detector, "auc": round(float(roc_auc_score(judged, scores)), 6),
                          "ap": round(float(average_precision_score(judged, scores)), 6),
                          "seconds": round(time.monotonic() - began, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("set", choices=list(WARM_UP))
    parser.add_argument("--seeds", type=int, default=10); parser.add_argument("--work", default=".build/measured")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    measurer = Measurer(os.path.abspath(given.program), os.path.abspath(given.work))
    def tell(*log):
        for line in measurer.measure(*log): print(json.dumps(line), flush=True)
    if given.set == "cloudtrail":
        log, labels = measurer.cloudtrail()
        for protocol in ("past", "crossfit"): tell("cloudtrail", 0, log, labels, protocol)
        return
    for seed in range(1, given.seeds + 1): tell(given.set, seed, *measurer.seeded(given.set, seed), "past")


if __name__ == "__main__":
    main()
