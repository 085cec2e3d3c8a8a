"""Load by wrk, and what processes spend under it."""

import dataclasses
import os
import pathlib
import re
import statistics
import subprocess

# The last core: servers that are measured are pinned to the first one.
CLIENT_CORE = (os.cpu_count() or 1) - 1


@dataclasses.dataclass
class Round:
    rate: float          # requests per second, wall time
    p99_ms: float
    spent_us: list       # processor time per request of each process that was watched


def processor_ns(pid):
    """Time that all threads of a process ran, in the kernel included."""
    return sum(int(task.read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


def write_script(path, key, body_file, pause_ms=0):
    """A wrk script that posts a file; with a pause, each connection waits about that long."""
    pause = f"function delay() return math.random(0, {2 * pause_ms:.0f}) end\n" if pause_ms else ""
    path.write_text(
        f'local file = io.open("{body_file}", "rb")\n'
        'wrk.method = "POST"\nwrk.body = file:read("*a")\nfile:close()\n'
        f'wrk.headers["X-API-Key"] = "{key}"\n{pause}')
    return path


def run_wrk(url, script, connections, seconds, watched):
    before = [processor_ns(pid) for pid in watched]
    output = subprocess.run(
        ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
         "--latency", "--timeout", "30s", "-s", str(script), url],
        check=True, capture_output=True, text=True).stdout
    spent = [processor_ns(pid) - start for pid, start in zip(watched, before)]
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(output)
    requests = int(re.search(r"(\d+) requests in", output)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return Round(float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
                 float(p99) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit],
                 [time / 1e3 / requests for time in spent])


def pin(pid, core):
    subprocess.run(["taskset", "-acp", str(core), str(pid)], check=True, capture_output=True)


def median(values):
    return statistics.median(values)
