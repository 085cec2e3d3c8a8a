# SPDX-License-Identifier: Apache-2.0
"""Builds, exports, predicts and compares. Runs inside the virtual environment run.py made."""

import argparse
import copy
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys
import warnings

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DETECT_SECONDS = 600
PACKAGES = ("ultralytics", "yolov5", "torch", "onnx", "onnxruntime", "onnxslim", "numpy",
            "opencv-python-headless")


def stay_offline(work):
    """Must run before the package is imported: no network, no installs, settings of our own."""
    settings = work / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="False", YOLO_VERBOSE="False",
                      YOLO_CONFIG_DIR=str(settings))
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def parse_arguments(arguments):
    """The command line; see README.md."""
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--bulkhead", type=pathlib.Path,
                        default=ROOT / "build/release/bin/bulkhead")
    parser.add_argument("--only", default="", help="rows whose MODEL-EXPORT contains this")
    parser.add_argument("--keep", action="store_true", help="keep and reuse exports and answers")
    parser.add_argument("--reference-only", action="store_true", help="do not run bulkhead")
    parser.add_argument("--self-check", action="store_true",
                        help="compare the package with itself and with spoiled copies")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/conformance")
    parser.add_argument("--samples", type=pathlib.Path,
                        default=ROOT / "models/line-inspection/samples")
    parser.add_argument("--report", type=pathlib.Path,
                        help="default: docs/conformance.md of a whole run, none with --only")
    return parser.parse_args(arguments)


def answer_of_package(model, variant, path, pictures, options):
    """The package's answer for `path`, which is trained and exported where it is not there yet."""
    import export
    import reference
    import train
    saved = path.with_suffix(".json")
    if not (options.keep and path.exists()):
        weights = train.trained_weights(model, options.work / "weights")
        export.export(model, variant, weights, path)
        saved.unlink(missing_ok=True)
    if saved.exists():
        expected = json.loads(saved.read_text())
        if [image["path"] for image in expected["images"]] == [str(p) for p in pictures]:
            return expected
    expected = reference.predict(model, path, pictures, variant.options.get("batch", 1))
    saved.write_text(json.dumps(expected))
    return expected


def answer_of_bulkhead(binary, path, pictures):
    """The parsed output of `bulkhead detect`. RuntimeError with its message when it fails."""
    command = [str(binary), "detect", str(path), *map(str, pictures), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DETECT_SECONDS)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        raise RuntimeError(f"bulkhead exits with {done.returncode}: {said}")
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise RuntimeError(f"bulkhead's output is not JSON: {error}") from error


def spoiled(expected):
    """(what was done, copy) pairs that the comparer must refuse."""
    image = next((i for i in expected["images"] if i["detections"] or "classes" in i), None)
    if image is None:
        return
    at = expected["images"].index(image)
    for deed in ("shift", "drop", "class", "score"):
        copied = copy.deepcopy(expected)
        entries = copied["images"][at].get("classes") or copied["images"][at]["detections"]
        entry = entries[0]
        if deed == "shift":
            if "box" not in entry:
                continue
            step = 0.02 * (entry["box"]["x2"] - entry["box"]["x1"])
            entry["box"]["x1"] += step
            entry["box"]["x2"] += step
            if "rotated" in entry:
                entry["rotated"]["cx"] += 0.02 * max(entry["rotated"]["width"],
                                                     entry["rotated"]["height"])
        elif deed == "drop":
            del entries[0]
        elif deed == "class":
            entry["class"] += 1
        else:
            entry["score"] += 0.01
        yield deed, copied


def check_itself(expected, again):
    """The outcome of the package against itself, blaming the comparer for what it overlooks."""
    import compare
    outcome = compare.compare(expected, again)
    tried = 0
    for deed, copied in spoiled(expected):
        tried += 1
        if compare.compare(expected, copied).passed:
            outcome.blame("self-check", f"a spoiled answer passes: {deed}")
    if tried == 0:
        outcome.blame("self-check", "nothing to spoil")
    return outcome


def run_row(model, variant, pictures, options):
    """The report's row for one export."""
    import compare
    import reference
    import report
    row = report.Row(model.name, model.task, variant.name)
    path = options.work / "models" / f"{model.name}-{variant.name}.onnx"
    try:
        expected = answer_of_package(model, variant, path, pictures, options)
        drawn = [i for i in expected["images"] if pathlib.Path(i["path"]).parent.name == "pictures"]
        found = sum(bool(i["detections"] or "classes" in i) for i in drawn)
        if options.self_check:
            batch = variant.options.get("batch", 1)
            again = reference.predict(model, path, pictures, batch)
            row.outcome = check_itself(expected, again)
        elif options.reference_only:
            row.outcome = compare.compare(expected, expected)
        else:
            actual = answer_of_bulkhead(options.bulkhead, path, pictures)
            row.outcome = compare.compare(expected, actual)
        if found * 2 <= len(drawn):
            row.outcome.blame("all", f"the package finds something in {found} drawings only")
    except Exception as error:  # a row that breaks is a failure in the table, not the end of it
        said = str(error).strip().replace(f"{options.work}/", "")
        row.error = f"{type(error).__name__}: {said[:300]}"
    if not options.keep:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
    return row


def versions_of(options):
    """What took part, for the report."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "absent"
    if not (options.self_check or options.reference_only):
        done = subprocess.run([str(options.bulkhead), "--version"], capture_output=True, text=True)
        versions["bulkhead"] = (done.stdout.strip().splitlines() or ["unknown"])[0]
    return versions


def main(arguments):
    """Exit status: 0 when every row passed, 1 otherwise."""
    options = parse_arguments(arguments)
    options.work = options.work.resolve()
    stay_offline(options.work)
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")  # by yolov5
    import torch
    torch.set_num_threads(1)
    import catalog
    import compare
    import pictures
    import report
    if not (options.self_check or options.reference_only) and not options.bulkhead.exists():
        print(f"no program at {options.bulkhead}; build it or pass --bulkhead", file=sys.stderr)
        return 1
    seen = pictures.write_pictures(options.work / "pictures")
    seen += sorted(options.samples.glob("*.jpg"))
    rows = []
    report.print_heading()
    for model, variant in catalog.rows(options.only):
        rows.append(run_row(model, variant, seen, options))
        report.print_row(rows[-1])
    if not rows:
        print(f"no row contains {options.only!r}", file=sys.stderr)
        return 1
    target = options.report
    if target is None and not (options.only or options.self_check or options.reference_only):
        target = ROOT / "docs/conformance.md"
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(report.markdown(rows, versions_of(options), compare.Limits(),
                                          catalog.NOTES))
    failed = sum(not row.passed for row in rows)
    print(f"{len(rows) - failed} of {len(rows)} rows pass")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
