#!/usr/bin/env python3
"""Measures the whole of `bulkhead serve`, and adds what it finds to a summary.

    python3 bench/serve/measure.py BUILD-FOLDER SUMMARY.json [NAME...]

NAME: pipeline, gateway_vs_nginx, ledger_cost, idle_connections [all]. The model is yolo-n.onnx
beside the summary, which bulkhead-bench leaves there. Runs of both sides alternate; medians are
compared. Needs Debian's wrk and nginx-light.
"""

import importlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = ("pipeline", "gateway_vs_nginx", "ledger_cost", "idle_connections")


class Bench:
    """Where everything is."""

    def __init__(self, build, summary):
        self.programs = build / "bin"
        self.pipeline = build / "bin/serve-pipeline"
        self.echo_worker = build / "tests/process/echo-worker"
        self.folder = build / "serve-bench"
        self.folder.mkdir(exist_ok=True)
        self.summary = summary
        self.model = summary.parent / "yolo-n.onnx"
        self.any_model = ROOT / "models/line-inspection/line-inspection.onnx"
        self.jpeg = ROOT / "models/line-inspection/samples/part-01.jpg"


def show(result):
    holds = "holds" if result["holds"] else "MISSED"
    words = "at least" if result["better"] == "higher" else "at most "
    print(f"{result['name']:<24} {result['value']:>8.3f} {result['unit']:<13} {words}"
          f" {result['bar']:<6} {holds}  {result['note']}", flush=True)


def record(bench, result):
    higher = result["better"] == "higher"
    result["holds"] = (result["value"] >= result["bar"] if higher
                       else result["value"] <= result["bar"])
    show(result)
    kept = json.loads(bench.summary.read_text()) if bench.summary.exists() else []
    kept = [other for other in kept if other["name"] != result["name"]]
    kept.append({key: result[key] for key in ("name", "value", "unit", "bar", "better", "holds")})
    bench.summary.write_text(json.dumps(kept, indent=2) + "\n")


def main(arguments):
    if len(arguments) < 2 or not set(arguments[2:]) <= set(NAMES):
        raise SystemExit(__doc__)
    bench = Bench(pathlib.Path(arguments[0]).resolve(), pathlib.Path(arguments[1]).resolve())
    for name in arguments[2:] or NAMES:
        for result in importlib.import_module(name).measure(bench):
            record(bench, result)


if __name__ == "__main__":
    main(sys.argv[1:])
