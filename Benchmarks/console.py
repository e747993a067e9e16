#!/usr/bin/env python3
"""Measures the console from outside, through a pseudo-terminal: its first frame, and what it costs when idle.

    Benchmarks/console.py PROGRAM [--store ADDRESS] [--idle SECONDS] [--size 120x36]

Prints one JSON line: milliseconds from the start of the process to the end of its first burst of output, and
over the idle time the share of one core and the bytes written to the terminal in a second. Python only.
"""
import argparse, fcntl, json, os, pty, select, signal, struct, sys, termios, time


def read_burst(master, quiet, until):
    """Reads until nothing has come for `quiet` seconds; gives the bytes and when the last ones came."""
    data, last = b"", None
    while time.monotonic() < until:
        if select.select([master], [], [], quiet)[0]:
            try: data += os.read(master, 1 << 16)
            except OSError: break
            last = time.monotonic()
        elif last is not None: break
    return data, last


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f: fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program"); parser.add_argument("--store"); parser.add_argument("--size", default="120x36")
    parser.add_argument("--idle", type=float, default=20)
    options = parser.parse_args()
    columns, rows = map(int, options.size.split("x"))
    words = [options.program, "console"] + (["--store", options.store] if options.store else [])
    started = time.monotonic()
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        time.sleep(0.05)  # the parent sets the size first
        os.execv(words[0], words)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    _, first = read_burst(master, 0.02, started + 10)
    if first is None: sys.exit("console: nothing was drawn within ten seconds")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline: read_burst(master, 0.2, deadline)
    before, written, begin = cpu_seconds(pid), 0, time.monotonic()
    while time.monotonic() < begin + options.idle: written += len(read_burst(master, 0.2, time.monotonic() + 0.5)[0])
    elapsed = time.monotonic() - begin
    share = (cpu_seconds(pid) - before) / elapsed
    os.write(master, b"q")
    time.sleep(0.5)
    try: os.kill(pid, signal.SIGTERM)
    except ProcessLookupError: pass
    os.waitpid(pid, 0)
    print(json.dumps({"suite": "console", "store": options.store or "default", "size": options.size,
                      "first_frame_ms": round((first - started - 0.05) * 1e3, 1),
                      "idle_core_percent": round(100 * share, 2), "idle_bytes_per_s": round(written / elapsed)}))


if __name__ == "__main__":
    main()
