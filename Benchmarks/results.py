"""Results on disk, a file for each part: its first line says what was measured, where and of what; its own lines follow.

A part that is under way is written beside its place and moved there when it is done, so that a run can be cut at any
time and loses no more than one part.
"""
import glob, hashlib, json, os, platform, re, subprocess
from dataclasses import asdict, dataclass
from datetime import date
from time import monotonic

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIZES = (1_000, 10_000, 100_000, 1_000_000)
NAMES = {0: "all", 1_000: "1K", 10_000: "10K", 100_000: "100K", 1_000_000: "1M"}


@dataclass(frozen=True)
class Part:
    """One thing to measure: of what kind, over which data set of how many vectors (0 is all), and which variant."""
    kind: str
    data: str = ""
    size: int = 100_000
    variant: str = ""

    def __str__(self):
        return " ".join(filter(None, (self.kind, self.data, NAMES.get(self.size, str(self.size)), self.variant)))

    @property
    def file(self): return "-".join(filter(None, (self.kind, self.data, str(self.size), self.variant))) + ".jsonl"


def machine():
    def field(path, name):
        with open(path) as file: return next((line.split(":", 1)[1].strip() for line in file if line.startswith(name)), "unknown")
    memory = int(re.sub(r"\D", "", field("/proc/meminfo", "MemTotal"))) * 1_024 / 1e9
    model = field("/proc/cpuinfo", "model name")
    return f"{model}, {os.cpu_count()} cores, {memory:.1f} GB of memory, {platform.system()} {platform.machine()}"


def build_of(program):
    """The commit of what can change a figure, with a digest of what is not committed; of a foreign program, its own."""
    if os.path.commonpath([os.path.abspath(program), ROOT]) != ROOT:
        with open(program, "rb") as file: return "program " + hashlib.file_digest(file, "sha256").hexdigest()[:10]
    paths = ["Sources", "Package.swift", "Benchmarks/detectors.py", "Benchmarks/peers.py", "Benchmarks/vectors.py"]
    def git(*words): return subprocess.run(["git", "-C", ROOT, *words, "--", *paths], capture_output=True, text=True).stdout
    commit, changes = git("log", "-1", "--format=%h", "--abbrev=10").strip(), git("diff", "HEAD")
    return commit + (" with changes " + hashlib.sha256(changes.encode()).hexdigest()[:6] if changes else "")


class Results:
    """What was measured, by part."""
    def __init__(self, folder, build="", machine=""):
        self.folder, self.build, self.machine, self.heads, self.found = folder, build, machine, {}, {}
        self.lacks = False      # whether something that was asked for is not there
        os.makedirs(folder, exist_ok=True)
        for path in sorted(glob.glob(f"{folder}/*.jsonl")):
            with open(path) as file: head, *lines = map(json.loads, file)
            part = Part(**head["part"])
            self.heads[part], self.found[part] = head, lines

    def lines(self, kind, data="", size=100_000, variant=""):
        part = Part(kind, data, size, variant)
        self.lacks |= part not in self.found
        return self.found.get(part, [])

    def variants(self, kind, data, size):
        """Lines by variant."""
        found = {part.variant: lines for part,
                 lines in self.found.items() if (part.kind, part.data, part.size) == (kind, data, size)}
        self.lacks |= not found
        return found

    def is_measured(self, part):
        """Whether a part was measured of this build on this machine."""
        head = self.heads.get(part)
        return head is not None and (head["build"], head["machine"]) == (self.build, self.machine)

    def missing(self, parts):
        """What a plan has that was not measured of this build on this machine, in sentences."""
        absent, earlier = {}, {}
        for part in parts:
            if part not in self.heads: absent.setdefault(NAMES.get(part.size, str(part.size)), []).append(part)
            elif not self.is_measured(part): earlier.setdefault(self.heads[part]["build"], []).append(part)
        def names(parts): return ", ".join(map(str, parts))
        return ([f"Not measured at {size}: {names(parts)}." for size, parts in absent.items()]
                + [f"Measured of build {build}, not of {self.build}: {names(parts)}." for build, parts in earlier.items()])

    def measure(self, part, lines):
        """Keeps a part's lines as they come; they count when the last has come."""
        path, began, kept = f"{self.folder}/{part.file}", monotonic(), []
        head = {"part": asdict(part), "build": self.build, "machine": self.machine, "date": date.today().isoformat()}
        with open(path + ".partial", "w") as file:
            for line in lines:
                kept.append(line)
                print(json.dumps(line), file=file, flush=True)
        head["seconds"] = round(monotonic() - began, 1)
        with open(path + ".partial") as file: rest = file.read()
        with open(path + ".partial", "w") as file: file.write(json.dumps(head) + "\n" + rest)
        os.rename(path + ".partial", path)
        self.heads[part], self.found[part] = head, kept
