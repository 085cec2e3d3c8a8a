"""The whole of `bulkhead serve` against the same pipeline in one process, on the worker's core.

The floor over the pipeline: the picture (0.3 MB) goes through two sockets, a TCP connection and the
worker's; one record becomes durable.
"""

import subprocess

import load
from stack import Stack

PAIRS = 101
ROUNDS = 9
ROUND_FRAMES = 40
CONNECTIONS = 4


class InProcess:
    """bench/serve/pipeline_main.cpp"""

    def __init__(self, bench, stack):
        self.process = subprocess.Popen(
            [bench.pipeline, str(stack.port), stack.key, str(bench.model), str(bench.jpeg),
             str(stack.worker_core())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(bench):
    with Stack(bench.programs, bench.model, bench.folder) as stack:
        in_process = InProcess(bench, stack)
        try:
            yield overhead(in_process)
            yield throughput(bench, stack, in_process)
        finally:
            in_process.end()


def overhead(in_process):
    http_ms, alone_ms, ratio = in_process.ask("pairs", PAIRS)
    return {"name": "http-overhead", "value": ratio, "unit": "x", "bar": 1.05, "better": "lower",
            "note": f"{http_ms:.2f} ms over HTTP against {alone_ms:.2f} ms"}


def throughput(bench, stack, in_process):
    """Processor time counts: on the same cores, what is spent per frame is what a core gives."""
    script = load.write_script(bench.folder / "jpeg.lua", stack.key, bench.jpeg)
    served, alone, rates = [], [], []
    for _ in range(ROUNDS):
        seconds, spent = in_process.ask("frames", ROUND_FRAMES)
        round = load.run_wrk(stack.url, script, CONNECTIONS, max(2, round_up(seconds)),
                             [stack.gateway, stack.worker])
        alone.append(1e3 * spent / ROUND_FRAMES)
        served.append(sum(round.spent_us) / 1e3)
        rates.append(round.rate * seconds / ROUND_FRAMES)
    ratio = load.median(a / s for a, s in zip(alone, served))
    return {"name": "throughput-ratio", "value": ratio, "unit": "x", "bar": 0.95,
            "better": "higher",
            "note": f"{load.median(served):.2f} ms of processor each in gateway and worker,"
                    f" {load.median(alone):.2f} in one process; by wall time, the worker on its"
                    f" core: {load.median(rates):.3f}"}


def round_up(seconds):
    return int(seconds) + 1
