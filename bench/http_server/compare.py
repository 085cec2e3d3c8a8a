#!/usr/bin/env python3
"""The gateway's HTTP server against nginx, each on one core and with the same short answer.

    python3 bench/http_server/compare.py HTTP_HELLO [ROUNDS]

HTTP_HELLO is the program of that name; nginx and wrk are Debian's packages. Prints the median of
interleaved rounds: requests per second, and the server's own processor time per request, which says
more on a machine that is busy with other things. Then the memory of the gateway's server with
10,000 idle connections.
"""

import os
import pathlib
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PORTS = {"bulkhead": 18180, "nginx": 18181}
ROUND_SECONDS = 2
CONNECTIONS = 64
IDLE_CONNECTIONS = 10_000
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
NGINX = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type text/plain; return 200 "hello\\n"; }}
  }}
}}
"""


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


def wait_for(port):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise SystemExit(f"nobody listens on port {port}")


def one_round(process, port):
    """Requests per second and processor seconds per request."""
    before = processor_seconds(process)
    output = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_SECONDS}s",
         f"http://127.0.0.1:{port}/"], check=True, capture_output=True, text=True).stdout
    spent = processor_seconds(process) - before
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))
    return rate, spent / requests


def compare(processes, rounds):
    found = {name: [] for name in processes}
    for _ in range(rounds):
        for name, process in processes.items():
            found[name].append(one_round(process, PORTS[name]))
    for name, results in found.items():
        rate = statistics.median(rate for rate, _ in results)
        spent = statistics.median(spent for _, spent in results)
        print(f"{name:9} {rate:8,.0f} requests/s   {1e6 * spent:5.2f} us of processor each,"
              f" so {1 / spent:8,.0f} requests/s of a core")


def idle_memory(process):
    before = resident_bytes(process)
    resource.setrlimit(resource.RLIMIT_NOFILE, (IDLE_CONNECTIONS + 100,) * 2)
    clients = []
    for _ in range(IDLE_CONNECTIONS):
        client = socket.create_connection(("127.0.0.1", PORTS["bulkhead"]))
        client.sendall(REQUEST)
        client.recv(4096)
        clients.append(client)
    resident = resident_bytes(process)
    each = (resident - before) / IDLE_CONNECTIONS
    print(f"bulkhead  {resident / 1e6:.1f} MB with {IDLE_CONNECTIONS:,} idle connections,"
          f" {each:,.0f} bytes each")


def main(arguments):
    rounds = int(arguments[1]) if len(arguments) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(NGINX.format(folder=folder, port=PORTS["nginx"]))
        commands = {"bulkhead": [arguments[0], str(PORTS["bulkhead"])],
                    "nginx": ["nginx", "-c", str(configuration)]}
        processes = {name: subprocess.Popen(["taskset", "-c", "0", *command])
                     for name, command in commands.items()}
        try:
            for port in PORTS.values():
                wait_for(port)
            compare(processes, rounds)
            idle_memory(processes["bulkhead"])
        finally:
            for process in processes.values():
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
