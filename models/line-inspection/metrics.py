"""Average precision as COCO defines it: greedy matching and 101-point interpolation."""

import numpy as np

IOU_LEVELS = np.round(np.arange(0.5, 0.96, 0.05), 2)
RECALL_POINTS = np.linspace(0, 1, 101)


def pairwise_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU (n, m) of boxes xyxy (n, 4) and (m, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(-1), (b[:, 2:] - b[:, :2]).prod(-1)
    return shared / np.maximum(area_a[:, None] + area_b[None] - shared, 1e-9)


def match(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Which detections of one class in one frame are right, bool (levels, n).

    boxes (n, 4) come by falling score. Each takes the free true box that it overlaps most,
    if that reaches the level; every true box is taken once.
    """
    right = np.zeros((len(IOU_LEVELS), len(boxes)), bool)
    if not len(boxes) or not len(truth):
        return right
    iou = pairwise_iou(boxes, truth)
    for i, level in enumerate(IOU_LEVELS):
        free = np.ones(len(truth), bool)
        for j in range(len(boxes)):
            overlaps = np.where(free, iou[j], -1.0)
            best = int(overlaps.argmax())
            if overlaps[best] >= level:
                right[i, j], free[best] = True, False
    return right


def average_precision(scores: np.ndarray, right: np.ndarray, truths: int) -> float:
    """Area under the interpolated precision over 101 recall points, for one IoU level."""
    if truths == 0:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    precision = hits / np.arange(1, len(order) + 1)
    recall = hits / truths
    # Precision at a recall is the best that any stricter threshold also reaches.
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALL_POINTS, side="left")
    return float(np.where(at < len(envelope), np.append(envelope, 0.0)[at], 0.0).mean())


class Tally:
    """Detections and truths of many frames, per class, until the precision is asked for."""

    def __init__(self, classes: int):
        self.scores = [[] for _ in range(classes)]
        self.right = [[] for _ in range(classes)]
        self.truths = [0] * classes

    def add(self, boxes, scores, ids, truth_boxes, truth_ids) -> None:
        """Count one frame: detections (n, 4), (n,), (n,) against truth (m, 4), (m,)."""
        for c in range(len(self.truths)):
            order = np.flatnonzero(ids == c)
            order = order[np.argsort(-scores[order], kind="stable")]
            self.scores[c].append(scores[order])
            self.right[c].append(match(boxes[order], truth_boxes[truth_ids == c]))
            self.truths[c] += int((truth_ids == c).sum())

    def at_score(self, least_score: float) -> tuple:
        """(hits, false alarms, truths) of all classes at IoU 0.5 from a score upwards."""
        hits = alarms = 0
        for scores, right in zip(self.scores, self.right):
            sure, found = np.concatenate(scores) >= least_score, np.concatenate(right, 1)[0]
            hits += int((sure & found).sum())
            alarms += int((sure & ~found).sum())
        return hits, alarms, sum(self.truths)

    def precision(self) -> np.ndarray:
        """Average precision (classes, levels)."""
        table = np.zeros((len(self.truths), len(IOU_LEVELS)))
        for c, truths in enumerate(self.truths):
            scores, right = np.concatenate(self.scores[c]), np.concatenate(self.right[c], 1)
            table[c] = [average_precision(scores, level, truths) for level in right]
        return table
