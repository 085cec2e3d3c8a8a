# SPDX-License-Identifier: Apache-2.0
"""What the package itself says of each picture, written as `bulkhead detect --json` writes it."""

import contextlib
from unittest import mock

import cv2
import numpy as np
import torch
from ultralytics import YOLO
from ultralytics.engine.predictor import BasePredictor

import rle
import yolov5_form
from export import image_size


def predict(model, model_path, pictures, batch=1):
    """The package's detections on `pictures` with its defaults (conf .25, iou .7, max_det 300)."""
    with repeatable():
        if model.anchors:
            return yolov5_form.predict(model_path, model.task, pictures)
        return predict_newer(model, model_path, pictures, batch)


def predict_newer(model, model_path, pictures, batch):
    """predict() for all but the original YOLOv5 form."""
    network = YOLO(str(model_path), task=model.task)
    options = {"verbose": False}
    size = image_size(model_path)
    if size is not None:
        options["imgsz"] = size
    images = []
    for path in pictures:
        source = str(path) if batch == 1 else [cv2.imread(str(path))] * batch
        result = network.predict(source, **options)[0]
        image = describe(result, path, network.names)
        if result.masks is not None:
            native = network.predict(source, retina_masks=True, **options)[0]
            add_masks(image, result, native)
        images.append(image)
    return {"model": {"path": str(model_path)}, "images": images}


@contextlib.contextmanager
def repeatable():
    """Takes two accidents out of the packages' answers; catalog.NOTES tells the reader.

    FP16 outputs are cast to FP32 before anything is computed from them. Equal scores are sorted
    stably, where torch promises no order.
    """
    inference, argsort = BasePredictor.inference, torch.Tensor.argsort

    def in_float(predictor, *args, **options):
        outputs = inference(predictor, *args, **options)
        if isinstance(outputs, (list, tuple)):
            return [output.float() for output in outputs]
        return outputs.float()

    def stable(scores, **options):
        return argsort(scores, stable=True, **options)

    with mock.patch.object(BasePredictor, "inference", in_float), \
            mock.patch.object(torch, "argsort", stable), \
            mock.patch.object(torch.Tensor, "argsort", stable):
        yield


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
        if result.keypoints is not None:
            detection["keypoints"] = [dict(zip(("x", "y", "visibility"), point))
                                      for point in result.keypoints.data[i].tolist()]
        image["detections"].append(detection)
    return image


def add_masks(image, result, native):
    """Masks at the picture's size, as Bulkhead reports them, from a second prediction.

    The package's default leaves masks at the size of the network's input and drops detections
    whose mask is empty there; so the default says which detections there are, and one that only
    the second prediction drops has an empty mask.
    """
    masks = {}
    if native.masks is not None:
        masks = {tuple(row): mask.cpu().numpy() > 0
                 for row, mask in zip(native.boxes.data.tolist(), native.masks.data)}
    for detection, row in zip(image["detections"], result.boxes.data.tolist()):
        mask = masks.get(tuple(row), np.zeros(result.orig_shape, bool))
        detection["mask"] = rle.encode(mask)
