"""Measure the ONNX file on held-out 1080p renders: average precision and CPU latency."""

import argparse
import json
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from dataset import HELD_OUT_FIRST_SEED
from detect import decode, open_session
from letterbox import boxes_to_picture, letterbox, to_tensor
from metrics import Tally
from render import CLASS_NAMES, render_frame

LEAST_SCORE, LIMIT_IOU = 0.001, 0.7
# The score from which a server shows a detection unless told otherwise.
SHOWN_SCORE = 0.25


def measure(session, frames) -> tuple:
    """(tally of all frames, seconds of each inference)."""
    tally, seconds = Tally(len(CLASS_NAMES)), []
    for frame in frames:
        height, width = frame.image.shape[:2]
        tensor = to_tensor(letterbox(frame.image))
        start = time.perf_counter()
        output = session.run(None, {"images": tensor})[0]
        seconds.append(time.perf_counter() - start)
        boxes, scores, ids = decode(output, LEAST_SCORE, LIMIT_IOU)
        boxes = boxes_to_picture(boxes, width, height)
        tally.add(boxes, scores, ids, frame.boxes_px, frame.class_ids)
    return tally, np.array(seconds)


def main() -> None:
    """Command line: print, and write where asked, what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).with_name("line-inspection.onnx")
    parser.add_argument("--model", type=Path, default=default)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=HELD_OUT_FIRST_SEED)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as the runtime likes")
    parser.add_argument("--report", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    session = open_session(str(options.model), options.threads)
    seeds = range(options.first_seed, options.first_seed + options.frames)
    # One process renders ahead while this one runs the network.
    with Pool(1) as pool:
        tally, seconds = measure(session, pool.imap(render_frame, seeds))
    table, truths = tally.precision(), tally.truths
    hits, alarms, wanted = tally.at_score(SHOWN_SCORE)
    report = {
        "frames": options.frames,
        "first_seed": options.first_seed,
        "map50": round(float(table[:, 0].mean()), 4),
        "map50_95": round(float(table.mean()), 4),
        "per_class": {
            name: {"truths": truths[c], "ap50": round(float(table[c, 0]), 4),
                   "ap50_95": round(float(table[c].mean()), 4)}
            for c, name in enumerate(CLASS_NAMES)
        },
        f"at_score_{SHOWN_SCORE}": {"hits": hits, "false_alarms": alarms, "truths": wanted},
        "latency_ms_least": round(float(seconds.min()) * 1e3, 2),
        "latency_ms_median": round(float(np.median(seconds)) * 1e3, 2),
        "latency_ms_p95": round(float(np.percentile(seconds, 95)) * 1e3, 2),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if options.report:
        options.report.write_text(text + "\n")


if __name__ == "__main__":
    main()
