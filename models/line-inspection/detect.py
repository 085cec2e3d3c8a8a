"""Run the ONNX file on pictures: input tensor, inference, class-aware suppression."""

import numpy as np

from letterbox import boxes_to_picture, letterbox, to_tensor
from metrics import pairwise_iou

MAX_DETECTIONS = 300


def open_session(path: str, threads: int = 0):
    """ONNX Runtime session on the CPU; threads=0 leaves the number to the runtime."""
    # Imported here: the test reads this module without having the runtime.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def suppress(boxes_px: np.ndarray, scores: np.ndarray, ids: np.ndarray, limit_iou: float):
    """Indexes kept by greedy suppression within each class, by falling score."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order) and len(kept) < MAX_DETECTIONS:
        first, rest = order[0], order[1:]
        kept.append(int(first))
        iou = pairwise_iou(boxes_px[first][None], boxes_px[rest])[0]
        order = rest[(iou <= limit_iou) | (ids[rest] != ids[first])]
    return np.array(kept, np.int64)


def decode(output: np.ndarray, least_score: float, limit_iou: float) -> tuple:
    """output0 (1, 4 + nc, A) to boxes xyxy (n, 4) in input px, scores (n,), classes (n,)."""
    rows = output[0]
    anchors, ids = np.nonzero(rows[4:].T > least_score)
    scores = rows[4 + ids, anchors]
    centre, size = rows[:2, anchors].T, rows[2:4, anchors].T
    boxes = np.concatenate((centre - size / 2, centre + size / 2), 1)
    kept = suppress(boxes, scores, ids, limit_iou)
    return boxes[kept], scores[kept], ids[kept]


def detect(session, image: np.ndarray, least_score: float = 0.25, limit_iou: float = 0.7) -> tuple:
    """Detections of an RGB picture (H, W, 3): boxes in picture px, scores, classes."""
    height, width = image.shape[:2]
    output = session.run(None, {"images": to_tensor(letterbox(image))})[0]
    boxes, scores, ids = decode(output, least_score, limit_iou)
    return boxes_to_picture(boxes, width, height), scores, ids
