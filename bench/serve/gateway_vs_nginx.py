"""The gateway with a worker that answers at once, against nginx before a Unix socket.

The floor of one request: 0.3 kB in and 0.5 kB out, two system calls to receive and send them, and a
share of those that many requests share: to the worker and back, epoll, one write and one fdatasync
of the ledger (about 140 bytes a record). nginx makes no such calls for a ledger, but receives from
and sends to the other side once per request.
"""

import load
from nginx import PORT, passing_nginx
from stack import Stack

ROUNDS = 9
ROUND_SECONDS = 2
CONNECTIONS = 64
BODY = b"x" * 100


def measure(bench):
    with Stack(bench.programs, bench.any_model, bench.folder, bench.echo_worker) as stack:
        body = bench.folder / "small-body"
        body.write_bytes(BODY)
        script = load.write_script(bench.folder / "small.lua", stack.key, body)
        load.pin(stack.gateway, 0)
        answer = stack.detect(BODY).decode()
        with passing_nginx(answer) as proxy:
            ours, theirs = rounds(stack, proxy, script)
        yield per_core(ours, theirs)
        yield half_load(bench, stack, body, load.median(round.rate for round in ours))


def rounds(stack, proxy, script):
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(load.run_wrk(stack.url, script, CONNECTIONS, ROUND_SECONDS, [stack.gateway]))
        theirs.append(load.run_wrk(f"http://127.0.0.1:{PORT}/", script, CONNECTIONS,
                                   ROUND_SECONDS, [proxy]))
    return ours, theirs


def per_core(ours, theirs):
    def spent(rounds):
        return load.median(round.spent_us[0] for round in rounds)

    def rate(rounds):
        return load.median(round.rate for round in rounds)

    ratio = load.median(their.spent_us[0] / our.spent_us[0] for our, their in zip(ours, theirs))
    return {"name": "gateway-vs-nginx", "value": ratio, "unit": "x", "bar": 1.0,
            "better": "higher",
            "note": f"{spent(ours):.1f} us of a core each against {spent(theirs):.1f};"
                    f" {rate(ours):,.0f} requests/s against {rate(theirs):,.0f}"}


def half_load(bench, stack, body, rate):
    """Each connection pauses, so that together they ask for half of what was reached."""
    pause_ms = 2e3 * CONNECTIONS / rate
    script = load.write_script(bench.folder / "half.lua", stack.key, body, pause_ms)
    found = [load.run_wrk(stack.url, script, CONNECTIONS, ROUND_SECONDS, [])
             for _ in range(ROUNDS)]
    return {"name": "gateway-p99-half-load", "value": load.median(r.p99_ms for r in found),
            "unit": "ms", "bar": 2.0, "better": "lower",
            "note": f"at {load.median(r.rate for r in found):,.0f} requests/s"}
