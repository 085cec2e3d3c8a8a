#!/usr/bin/env python3
"""Measures the image, and adds what it finds to a summary.

    python3 bench/image/measure.py SUMMARY.json

image-size-mb: what it holds, unpacked. image-start-s: from `podman run` on a state with a deployed
model of size n to the first answer with detections; the median of five. Without podman, root or
build/image (`make image`) it says so and measures nothing. PODMAN as in tests/image.
"""

import ctypes
import http.client
import json
import os
import pathlib
import shutil
import statistics
import sys
import tarfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "image"))
import containers  # noqa: E402

ARCHIVE = ROOT / "build" / "image" / "bulkhead.oci.tar"
PICTURE = (ROOT / "models/line-inspection/samples/part-01.jpg").read_bytes()
STATE = "/var/lib/bulkhead"
RUNS = 5
VOLUME = "bulkhead-bench-state"


def why_not():
    if not ARCHIVE.exists():
        return "no image: `make image` builds it"
    if not shutil.which(os.environ.get("PODMAN", "podman").split()[0]):
        return "podman is missing"
    return None if os.geteuid() == 0 else "root alone enters a container's network"


def size_mb():
    """Of all files of all layers; no layer hides a file of another."""
    total = 0
    with tarfile.open(ARCHIVE) as archive:
        for blob in archive:
            if not blob.isfile() or not blob.name.startswith("blobs/"):
                continue
            try:
                with tarfile.open(fileobj=archive.extractfile(blob)) as layer:
                    total += sum(member.size for member in layer)
            except tarfile.ReadError:
                continue  # configuration and manifest
    return total / 1e6


def enter_network(pid):
    """This process, for good, on the container's network."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net") as network:
        if libc.setns(network.fileno(), 0x40000000) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def first_detection(key):
    """Returns when an answer with status 200 was read."""
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=10)
            connection.request("POST", "/v1/models/line/detect", PICTURE, {"X-API-Key": key})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                return
        except OSError:
            pass
        time.sleep(0.005)


def started(flags):
    return containers.Container(flags=["--volume", f"{VOLUME}:{STATE}", *flags])


def prepare(model):
    """A state in which a model of size n is deployed; the tenant's key."""
    served = started([f"--volume={model.parent}:/models:ro"])
    try:
        served.until("the node is connected")
        served.until("serving: http 8000")
        served.command("tenant", "create", "plant")
        key = served.command("key", "create", "--tenant", "plant")["key"]
        served.command("model", "push", "line", f"/models/{model.name}", "--tenant", "plant")
        served.command("deploy", "line", "--tenant", "plant", "--profile", "cpu:1c2g")
        served.stop()
        return key
    finally:
        served.remove()


def start_s(key):
    """One start, by a child that may change its network."""
    reader, writer = os.pipe()
    begin = time.monotonic()
    served = started([])
    try:
        child = os.fork()
        if child == 0:
            enter_network(served.state()["Pid"])
            first_detection(key)
            os.write(writer, repr(time.monotonic()).encode())
            os._exit(0)
        os.waitpid(child, 0)
        return float(os.read(reader, 100)) - begin
    finally:
        os.close(reader)
        os.close(writer)
        served.remove()


def results(summary):
    yield {"name": "image-size-mb", "value": size_mb(), "unit": "MB", "bar": 160,
           "note": "the CPU image, unpacked"}
    containers.load(ARCHIVE)
    containers.podman("volume", "rm", "--force", VOLUME, check=False)
    try:
        model = summary.parent / "yolo-n.onnx"
        if not model.exists():
            model = ROOT / "models/line-inspection/line-inspection.onnx"
        key = prepare(model)
        times = sorted(start_s(key) for _ in range(RUNS))
    finally:
        containers.podman("volume", "rm", "--force", VOLUME, check=False)
    yield {"name": "image-start-s", "value": statistics.median(times), "unit": "s", "bar": 2,
           "note": f"podman run to first detection of {model.name}, not sealed; "
                   f"{times[0]:.2f} to {times[-1]:.2f}"}


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    summary = pathlib.Path(arguments[0]).resolve()
    if reason := why_not():
        print(f"image-size-mb, image-start-s: not measured: {reason}")
        return
    for result in results(summary):
        result |= {"better": "lower", "holds": result["value"] <= result["bar"]}
        print(f"{result['name']:<24} {result['value']:>8.3f} {result['unit']:<13} at most  "
              f"{result['bar']:<6} {'holds' if result['holds'] else 'MISSED'}  {result['note']}",
              flush=True)
        kept = json.loads(summary.read_text()) if summary.exists() else []
        kept = [other for other in kept if other["name"] != result["name"]]
        kept.append({key: result[key]
                     for key in ("name", "value", "unit", "bar", "better", "holds")})
        summary.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
