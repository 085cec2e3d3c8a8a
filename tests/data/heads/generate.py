# SPDX-License-Identifier: Apache-2.0
"""Writes what the ultralytics package makes of small seeded outputs (case files beside this file).

Run by hand with a Python that has ultralytics (8.4.190 made the committed files); the tests only
read the files. A case is text: lines "key: numbers".

    python3 tests/data/heads/generate.py
"""

import pathlib

import numpy as np
import torch
import torchvision  # noqa: F401  non_max_suppression uses its nms when it is imported
from ultralytics.utils import nms, ops

HERE = pathlib.Path(__file__).parent
INPUT = (96, 128)  # height, width


def numbers(values):
    return " ".join(f"{v:.8g}" for v in np.asarray(values, dtype=np.float64).reshape(-1))


def runs(mask):
    """Lengths of alternating runs of a mask, row-major, the first of zeros."""
    flat = np.asarray(mask, dtype=np.int64).reshape(-1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flat, [0]))))
    return np.diff(np.concatenate(([0], edges, [flat.size])))


def as_half(array):
    return np.asarray(array, dtype=np.float16).astype(np.float32)


def letterbox(picture):
    """The package's own arithmetic, as scale_boxes inverts it."""
    height, width = picture
    gain = min(INPUT[0] / height, INPUT[1] / width)
    content = max(round(height * gain), 1), max(round(width * gain), 1)
    pad = round((INPUT[0] - content[0]) / 2 - 0.1), round((INPUT[1] - content[1]) / 2 - 0.1)
    return content, pad, gain


def random_boxes(rng, count):
    cluster = rng.integers(0, 5, count) / 5
    cx = INPUT[1] * cluster + rng.uniform(-4, 16, count)
    cy = INPUT[0] * (1 - cluster) + rng.uniform(-16, 4, count)
    return np.stack([cx, cy, rng.uniform(24, 48, count), rng.uniform(12, 40, count)])


def extras_of(task, rng, count):
    if task == "segment":
        return rng.uniform(-1, 1.5, (4, count))
    if task == "pose":
        return rng.uniform(-10, INPUT[1], (15, count))
    if task == "obb":
        return rng.uniform(-0.75, 2.3, (1, count))
    return np.zeros((0, count))


def prototypes_of(rng):
    height, width = INPUT[0] // 4, INPUT[1] // 4
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(a * x + b * y + c) for a, b, c in rng.uniform(-0.5, 0.5, (4, 3))]
    return (np.round(np.stack(waves) * 32) / 32).astype(np.float32)


def detect(task, output, prototypes, picture, options, end2end, classes):
    """The steps of the package's predictors: suppression, masks, scaling."""
    shape = INPUT
    rows = nms.non_max_suppression(
        torch.from_numpy(output[None].copy()), options["conf"], options["iou"],
        options["classes"] or None, options["agnostic"], max_det=options["max_det"],
        nc=0 if end2end else classes, end2end=end2end, rotated=task == "obb")[0]
    full = (*picture, 3)
    found = {"scores": rows[:, 4], "classes": rows[:, 5]}
    if task == "obb":
        boxes = torch.cat([rows[:, :4], rows[:, -1:]], dim=-1)
        boxes[:, :4] = ops.scale_boxes(shape, boxes[:, :4], full, xywh=True)
        corners = ops.xywhr2xyxyxyxy(boxes)
        found["rotated"] = boxes
        found["boxes"] = torch.cat([corners.amin(1), corners.amax(1)], dim=-1)
        return found
    if task == "segment":
        p = torch.from_numpy(prototypes)
        masks = ops.process_mask(p, rows[:, 6:], rows[:, :4], shape, upsample=True)
        keep = masks.amax((-2, -1)) > 0
        rows, masks = rows[keep], masks[keep]
        found = {"scores": rows[:, 4], "classes": rows[:, 5]}
        boxes = ops.scale_boxes(shape, rows[:, :4].clone(), full)
        found["masks"] = ops.process_mask_native(p, rows[:, 6:], boxes, picture)
    if task == "pose":
        points = rows[:, 6:].reshape(len(rows), 5, 3).clone()
        found["keypoints"] = ops.scale_coords(shape, points, full)
    found["boxes"] = ops.scale_boxes(shape, rows[:, :4].clone(), full)
    return found


def end_to_end_rows(task, boxes, scores, extras):
    best = scores.max(0), scores.argmax(0).astype(np.float64)
    if task != "obb":
        boxes = np.concatenate([boxes[:2] - boxes[2:] / 2, boxes[:2] + boxes[2:] / 2])
    rows = np.concatenate([boxes, best[0][None], best[1][None], extras]).T
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    return np.concatenate([rows, np.zeros((4, rows.shape[1]))])  # padded as nms=True exports are


def write_case(task, head, seed, picture, **changes):
    rng = np.random.default_rng(seed)
    options = {"conf": 0.25, "iou": 0.7, "max_det": 300, "classes": [], "agnostic": False}
    options.update(changes)
    classes, count = 4, {"segment": 24, "pose": 24}.get(task, 40)
    boxes = random_boxes(rng, count)
    scores, extras = rng.uniform(0, 1, (classes, count)) ** 3, extras_of(task, rng, count)
    prototypes = prototypes_of(rng) if task == "segment" else None
    end2end = head == "end_to_end"
    output = end_to_end_rows(task, boxes, scores, extras) if end2end else np.concatenate(
        [boxes, scores, extras])
    output = as_half(output)
    found = detect(task, output, prototypes, picture, options, end2end, classes)
    content, pad, gain = letterbox(picture)
    lines = [f"task: {['detect', 'segment', 'pose', 'obb'].index(task)}",
             f"end_to_end: {int(end2end)}", f"class_count: {classes}",
             f"picture: {picture[1]} {picture[0]}",
             f"letterbox: {INPUT[1]} {INPUT[0]} {content[1]} {content[0]} {pad[1]} {pad[0]} {gain:.17g}",
             f"conf: {options['conf']}", f"iou: {options['iou']}", f"max_det: {options['max_det']}",
             f"only: {numbers(options['classes'])}", f"agnostic: {int(options['agnostic'])}",
             f"dims: {output.shape[0]} {output.shape[1]}", f"output: {numbers(output)}"]
    if prototypes is not None:
        lines.append(f"prototype_32nds: {numbers(prototypes * 32)}")
    for key, values in found.items():
        if key == "masks":
            for mask in values:
                lines.append(f"{key}: {numbers(runs(mask.numpy()))}")
        else:
            lines.append(f"{key}: {numbers(values.numpy())}")
    name = f"{task}_{head}_{seed}.txt"
    (HERE / name).write_text("\n".join(lines) + "\n")
    print(name, len(found["scores"]), "detections")


if __name__ == "__main__":
    write_case("detect", "anchor_free", 1, (150, 200))
    write_case("detect", "anchor_free", 2, (301, 97), agnostic=True, iou=0.45, conf=0.1)
    write_case("detect", "anchor_free", 3, (64, 64), classes=[1, 3], max_det=7, conf=0.05)
    write_case("detect", "end_to_end", 4, (150, 200), classes=[0, 2], max_det=9)
    write_case("segment", "anchor_free", 5, (150, 200), iou=0.3)
    write_case("segment", "end_to_end", 6, (211, 160), conf=0.5)
    write_case("pose", "anchor_free", 7, (97, 301))
    write_case("pose", "end_to_end", 8, (240, 320), conf=0.6)
    write_case("obb", "anchor_free", 9, (150, 200))
    write_case("obb", "anchor_free", 10, (333, 256), iou=0.2, conf=0.01, agnostic=True)
    write_case("obb", "end_to_end", 11, (150, 200), conf=0.4)
