# SPDX-License-Identifier: Apache-2.0
"""Builds, exports, predicts and compares. Runs inside the virtual environment run.py made."""

import argparse
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def stay_offline(work):
    """Must run before the package is imported: no network, no installs, settings of our own."""
    settings = work / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="False", YOLO_VERBOSE="False",
                      YOLO_CONFIG_DIR=str(settings), OMP_NUM_THREADS=os.environ.get(
                          "OMP_NUM_THREADS", "1"))


def parse_arguments(arguments):
    """The command line; see README.md."""
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--bulkhead", type=pathlib.Path, default=ROOT / "build/release/bin/bulkhead")
    parser.add_argument("--only", default="", help="rows whose MODEL-VARIANT contains this")
    parser.add_argument("--keep", action="store_true", help="keep and reuse exports and references")
    parser.add_argument("--reference-only", action="store_true", help="do not run bulkhead")
    parser.add_argument("--self-check", action="store_true", help="compare the package with itself")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/conformance")
    parser.add_argument("--samples", type=pathlib.Path,
                        default=ROOT / "models/line-inspection/samples")
    parser.add_argument("--report", type=pathlib.Path, default=ROOT / "docs/conformance.md")
    return parser.parse_args(arguments)


def reference_of(model, variant, work, pictures):
    """(path of the ONNX file, the package's answer), made where there is none yet."""
    import export
    import reference
    import train
    name = f"{model.name}-{variant.name}"
    path = work / "models" / f"{name}.onnx"
    answer = path.with_suffix(".json")
    if not (path.exists() and answer.exists()):
        checkpoint = train.trained_weights(model, work / "weights", lambda *a: print(*a, flush=True))
        export.export(checkpoint, variant, path)
        batch = variant.options.get("batch", 1)
        answer.write_text(json.dumps(reference.predict(path, model.task, pictures, batch)))
    return path, json.loads(answer.read_text())


def main(arguments):
    """Exit status: 0 when every row passed, 1 otherwise."""
    options = parse_arguments(arguments)
    work = options.work.resolve()
    stay_offline(work)
    import torch
    torch.set_num_threads(1)
    import catalog
    import pictures
    drawn = pictures.write_pictures(work / "pictures")
    samples = sorted(options.samples.glob("*.jpg")) if options.samples.is_dir() else []
    failures = 0
    for model, variant in catalog.rows(options.only):
        try:
            path, expected = reference_of(model, variant, work, drawn + samples)
        except Exception as error:
            print(f"{model.name}-{variant.name}: {type(error).__name__}: {error}", flush=True)
            failures += 1
            continue
        images = expected["images"]
        print(path.name, sum(1 for i in images if i["detections"]), "of", len(images),
              sum(len(i["detections"]) for i in images), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
