#!/usr/bin/env python3
"""Measures planning, and adds what it finds to a summary.

    python3 bench/packing/measure.py BUILD-FOLDER SUMMARY.json [TRACE-FOLDER]

TRACE-FOLDER: where openb_pod_list_*.csv of the openb GPU trace lie (see openb_to_trace.py); without
it the synthetic traces alone are used, and it says so.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import openb_to_trace

# Of arrivals, see openb_to_trace.py.
SPEEDS = ("1", "20")
# Name: the bar, and whether more is better.
BARS = {
    "plan-one-ms": (10, "lower"),
    "replan-s": (2, "lower"),
    "packing-vs-best-rival": (1, "higher"),
}


def converted(pods_folder, folder):
    for pods in sorted(pods_folder.glob("openb_pod_list_*.csv")):
        for speed in SPEEDS:
            trace = folder / f"{pods.stem.replace('pod_list_', '')}-{speed}x"
            openb_to_trace.main([str(pods), str(trace), speed])
            yield str(trace)


def rows(output):
    for line in output.splitlines():
        if line.startswith("row "):
            _, name, value, unit, note = line.split(" ", 4)
            yield name, float(value), unit, note


def record(summary, name, value, unit):
    bar, better = BARS[name]
    # A lead is more than the bar, not as much.
    holds = value > bar if better == "higher" else value <= bar
    kept = json.loads(summary.read_text()) if summary.exists() else []
    kept = [other for other in kept if other["name"] != name]
    kept.append({"name": name, "value": value, "unit": unit, "bar": bar, "better": better,
                 "holds": holds})
    summary.write_text(json.dumps(kept, indent=2) + "\n")
    return "holds" if holds else "MISSED"


def main(arguments):
    if len(arguments) not in (2, 3):
        raise SystemExit(__doc__)
    program = pathlib.Path(arguments[0]) / "bin/packing"
    with tempfile.TemporaryDirectory() as folder:
        traces = []
        if len(arguments) == 3:
            traces = list(converted(pathlib.Path(arguments[2]), pathlib.Path(folder)))
        if not traces:
            print("no public trace is given: synthetic ones alone")
        output = subprocess.run([program, *traces], check=True, capture_output=True,
                                text=True).stdout
    print(output)
    for name, value, unit, note in rows(output):
        holds = record(pathlib.Path(arguments[1]), name, value, unit) if name in BARS else ""
        print(f"{name:<24} {value:>8.3f} {unit:<6} {holds:<7} {note}")


if __name__ == "__main__":
    main(sys.argv[1:])
