# SPDX-License-Identifier: Apache-2.0
"""What the package itself says of each picture, written as `bulkhead detect --json` writes it."""

import cv2
import numpy as np
from ultralytics import YOLO

import rle
import yolov5_form
from export import image_size


def predict(model, model_path, pictures, batch=1):
    """The package's detections on `pictures` with its defaults (conf .25, iou .7, max_det 300).

    Masks are asked for at the picture's own size (retina_masks), as Bulkhead reports them; the
    package's default would leave them at the size of the network's input.
    """
    if model.anchors:
        return yolov5_form.predict(model_path, model.task, pictures)
    network = YOLO(str(model_path), task=model.task)
    options = {"verbose": False, "retina_masks": True}
    size = image_size(model_path)
    if size is not None:
        options["imgsz"] = size
    images = []
    for path in pictures:
        source = str(path) if batch == 1 else [cv2.imread(str(path))] * batch
        result = network.predict(source, **options)[0]
        images.append(describe(result, path, network.names))
    return {"model": {"path": str(model_path)}, "images": images}


def describe(result, path, names):
    """One entry of "images"."""
    height, width = result.orig_shape
    image = {"path": str(path), "width": width, "height": height, "detections": []}
    if result.probs is not None:
        scores = result.probs.data.cpu().numpy().astype(float)
        image["classes"] = [{"class": int(i), "name": names[int(i)], "score": float(scores[i])}
                            for i in np.argsort(-scores, kind="stable")]
        return image
    boxes = result.boxes if result.obb is None else result.obb
    for i in range(len(boxes)):
        number = int(boxes.cls[i])
        detection = {"class": number, "name": names[number], "score": float(boxes.conf[i]),
                     "box": dict(zip(("x1", "y1", "x2", "y2"), boxes.xyxy[i].tolist()))}
        if result.obb is not None:
            sides = ("cx", "cy", "width", "height", "angle")
            detection["rotated"] = dict(zip(sides, boxes.xywhr[i].tolist()))
        if result.masks is not None:
            detection["mask"] = rle.encode(result.masks.data[i].cpu().numpy() > 0)
        if result.keypoints is not None:
            detection["keypoints"] = [dict(zip(("x", "y", "visibility"), point))
                                      for point in result.keypoints.data[i].tolist()]
        image["detections"].append(detection)
    return image
