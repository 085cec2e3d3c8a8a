# SPDX-License-Identifier: Apache-2.0
"""Compares two answers in the form of `bulkhead detect --json`. Needs numpy only.

A detection whose score is within the score tolerance of the confidence threshold may be missing on
one side: the threshold itself would otherwise turn a harmless last digit into a failure. Those are
counted as `borderline`.
"""

import dataclasses
import math
import os

import numpy as np

import geometry
import rle


@dataclasses.dataclass(frozen=True)
class Limits:
    """What still counts as the same answer. Pixels are those of the picture."""

    iou: float = 0.99
    score: float = 0.002
    mask_iou: float = 0.97
    keypoint: float = 1.0
    visibility: float = 0.005
    confidence: float = 0.25  # threshold both sides predicted with
    best: int = 5  # classes compared for classification


@dataclasses.dataclass
class Outcome:
    """The worst of each measure over all pictures of a row, and every difference in words."""

    pictures: int = 0
    detections: int = 0
    borderline: int = 0
    iou: float = 1.0
    score: float = 0.0
    mask_iou: float = math.nan
    keypoint: float = math.nan
    reasons: list = dataclasses.field(default_factory=list)

    @property
    def passed(self):
        """Whether nothing differed."""
        return not self.reasons

    def blame(self, picture, text):
        """Notes a difference."""
        self.reasons.append(f"{os.path.basename(picture)}: {text}")


def compare(expected, actual, limits=Limits()):
    """The Outcome of `actual` against `expected`, both parsed answers."""
    outcome = Outcome()
    by_path = {}
    for image in actual.get("images", []):
        by_path[os.path.basename(image["path"])] = image
    for image in expected["images"]:
        outcome.pictures += 1
        name = os.path.basename(image["path"])
        other = by_path.pop(name, None)
        if other is None:
            outcome.blame(name, "no answer")
            continue
        if (image["width"], image["height"]) != (other["width"], other["height"]):
            outcome.blame(name, f"size {other['width']}x{other['height']} "
                                f"instead of {image['width']}x{image['height']}")
            continue
        if "classes" in image:
            compare_classes(name, image["classes"], other.get("classes"), limits, outcome)
        compare_detections(name, image["detections"], other.get("detections", []), limits, outcome)
    for name in by_path:
        outcome.blame(name, "an answer nobody asked for")
    return outcome


def compare_classes(picture, expected, actual, limits, outcome):
    """The best classes in order (those within the score tolerance may swap) and their scores."""
    if not actual:
        outcome.blame(picture, "no class scores")
        return
    scores = {entry["class"]: entry["score"] for entry in actual}
    wanted = {entry["class"]: entry["score"] for entry in expected}
    count = min(limits.best, len(expected))
    if len(actual) < count:
        outcome.blame(picture, f"{len(actual)} classes instead of {count}")
        return
    for rank in range(count):
        entry, found = expected[rank], actual[rank]
        outcome.detections += 1
        there = wanted.get(found["class"], -math.inf)
        if found["class"] != entry["class"] and abs(there - entry["score"]) > limits.score:
            outcome.blame(picture, f"class {found['class']} at rank {rank + 1} "
                                   f"instead of {entry['class']}")
        difference = abs(scores.get(entry["class"], math.inf) - entry["score"])
        outcome.score = worst(outcome.score, difference)
        if not difference <= limits.score:
            outcome.blame(picture, f"class {entry['class']} scores differ by {difference:.4f}")
        same = [e for e in expected if e["class"] == found["class"]]
        if same and same[0]["name"] != found["name"]:
            outcome.blame(picture, f"class {found['class']} is named {found['name']!r}")


def worst(so_far, value):
    """The larger of two differences; a value that is no number is the worst of all."""
    return math.inf if math.isnan(value) else max(so_far, value)


def overlap(expected, actual):
    """IoU of the boxes, or of the rotated ones where the task has them."""
    if "rotated" in expected:
        if not actual.get("rotated"):
            return 0.0
        return geometry.polygon_iou(geometry.corners(expected["rotated"]),
                                    geometry.corners(actual["rotated"]))
    return geometry.box_iou(expected["box"], actual["box"])


def match(expected, actual):
    """Pairs (i, j, iou) of one class, best overlap first, each index at most once."""
    candidates = []
    for i, one in enumerate(expected):
        for j, other in enumerate(actual):
            if one["class"] == other["class"]:
                iou = overlap(one, other)
                apart = abs(one["score"] - other["score"])
                if iou > 0:
                    candidates.append((-round(iou, 4), apart, i, j, iou))
    pairs, used_i, used_j = [], set(), set()
    for _, _, i, j, iou in sorted(candidates):
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            pairs.append((i, j, iou))
    return pairs


def compare_detections(picture, expected, actual, limits, outcome):
    """Counts, classes, boxes, scores, and what the task adds."""
    outcome.detections += len(expected)
    pairs = match(expected, actual)
    compare_count(picture, expected, {i for i, _, _ in pairs}, "missing", limits, outcome)
    compare_count(picture, actual, {j for _, j, _ in pairs}, "unexpected", limits, outcome)
    for i, j, iou in pairs:
        one, other = expected[i], actual[j]
        outcome.iou = min(outcome.iou, iou)
        label = f"{one['name']} {one['score']:.3f}"
        if not iou >= limits.iou:
            outcome.blame(picture, f"{label}: IoU {iou:.4f}")
        difference = abs(one["score"] - other["score"])
        outcome.score = worst(outcome.score, difference)
        if not difference <= limits.score:
            outcome.blame(picture, f"{label}: score differs by {difference:.4f}")
        if one["name"] != other["name"]:
            outcome.blame(picture, f"{label}: named {other['name']!r}")
        if "mask" in one:
            compare_masks(picture, label, one["mask"], other.get("mask"), limits, outcome)
        if "keypoints" in one:
            compare_keypoints(picture, label, one["keypoints"], other.get("keypoints"), limits,
                              outcome)


def compare_count(picture, detections, matched, word, limits, outcome):
    """Blames every unmatched detection that the threshold does not excuse."""
    for i, detection in enumerate(detections):
        if i in matched:
            continue
        if abs(detection["score"] - limits.confidence) <= limits.score:
            outcome.borderline += 1
        else:
            outcome.blame(picture, f"{word}: {detection['name']} {detection['score']:.3f}")


def compare_masks(picture, label, expected, actual, limits, outcome):
    """Masks over the whole picture."""
    if not actual:
        outcome.blame(picture, f"{label}: no mask")
        return
    try:
        one, other = rle.decode(expected), rle.decode(actual)
    except ValueError as error:
        outcome.blame(picture, f"{label}: {error}")
        return
    if one.shape != other.shape:
        outcome.blame(picture, f"{label}: mask of {other.shape} instead of {one.shape}")
        return
    iou = geometry.mask_iou(one, other)
    outcome.mask_iou = iou if math.isnan(outcome.mask_iou) else min(outcome.mask_iou, iou)
    if iou < limits.mask_iou:
        outcome.blame(picture, f"{label}: mask IoU {iou:.4f} of {int(one.sum())} pixels")


def compare_keypoints(picture, label, expected, actual, limits, outcome):
    """Every point in order."""
    if not actual or len(actual) != len(expected):
        outcome.blame(picture, f"{label}: {len(actual or ())} keypoints "
                               f"instead of {len(expected)}")
        return
    one = np.array([[p["x"], p["y"], p["visibility"]] for p in expected], dtype=float)
    other = np.array([[p["x"], p["y"], p["visibility"]] for p in actual], dtype=float)
    distance = float(np.hypot(*(one - other)[:, :2].T).max())
    known = 0.0 if math.isnan(outcome.keypoint) else outcome.keypoint
    outcome.keypoint = worst(known, distance)
    if not distance <= limits.keypoint:
        outcome.blame(picture, f"{label}: keypoint off by {distance:.2f} px")
    seen = float(np.abs(one - other)[:, 2].max())
    if not seen <= limits.visibility:
        outcome.blame(picture, f"{label}: visibility differs by {seen:.4f}")
