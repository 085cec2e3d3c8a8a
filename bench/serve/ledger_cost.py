"""What a durable ledger costs the throughput of a real model.

Two equal gateways under full load in turn: one with its state on the disk, one in /dev/shm, where
fdatasync returns at once. What both do for a record besides (about 3 us of processor, measured by
ledger-commit) is not in the ratio: the note gives the part of the ledger's own thread.
"""

import pathlib

import load
from stack import Stack

ROUNDS = 9
ROUND_SECONDS = 4
CONNECTIONS = 4


def ledger_thread_ns(pid):
    """The thread that writes the ledger is the one that waits for the disk."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == "ledger":
            return int((task / "schedstat").read_text().split()[0])
    raise SystemExit("no thread is called ledger")


def measure(bench):
    with Stack(bench.programs, bench.model, bench.folder) as disk, \
            Stack(bench.programs, bench.model, "/dev/shm") as memory:
        rounds, part = both(bench, disk, memory)
    rate = [load.median(r.rate for r in column) for column in zip(*rounds)]
    spent = [load.median(sum(r.spent_us) for r in column) / 1e3 for column in zip(*rounds)]
    ratio = load.median(memory.rate / disk.rate for disk, memory in rounds)
    yield {"name": "ledger-cost", "value": ratio, "unit": "x", "bar": 1.02, "better": "lower",
           "note": f"{rate[1]:.2f} requests/s in memory, {rate[0]:.2f} on disk;"
                   f" {spent[1]:.2f} and {spent[0]:.2f} ms of processor each;"
                   f" the ledger's thread {100 * part:.2f} % of it"}


def both(bench, disk, memory):
    stacks = (disk, memory)
    scripts = [load.write_script(bench.folder / f"{i}.lua", stack.key, bench.jpeg)
               for i, stack in enumerate(stacks)]
    begin = [ledger_thread_ns(disk.gateway), load.processor_ns(disk.gateway),
             load.processor_ns(disk.worker)]
    rounds = [[load.run_wrk(stack.url, script, CONNECTIONS, ROUND_SECONDS,
                            [stack.gateway, stack.worker])
               for stack, script in zip(stacks, scripts)] for _ in range(ROUNDS)]
    end = [ledger_thread_ns(disk.gateway), load.processor_ns(disk.gateway),
           load.processor_ns(disk.worker)]
    thread, gateway, worker = (b - a for a, b in zip(begin, end))
    return rounds, thread / (gateway + worker)
