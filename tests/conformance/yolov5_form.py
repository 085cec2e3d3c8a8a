# SPDX-License-Identifier: Apache-2.0
"""The original YOLOv5 repository's networks (anchors, objectness), from the PyPI package `yolov5`.

Network, loss, export, letterbox, suppression, scaling back and masks at the picture's size are that
package's functions, unmodified. Two things are not as its detect.py calls them: the overlap
threshold is .7 instead of .45, Bulkhead's default for every family, and boxes are not rounded to
whole pixels, neither in the answer nor to cut masks with (its hub models do not round either).
"""

import contextlib
import functools
import logging
import pathlib

import cv2
import numpy as np
import onnxruntime
import torch

import catalog
import rle

LOSS_GAINS = {"box": 0.05, "cls": 0.5, "cls_pw": 1.0, "obj": 1.0, "obj_pw": 1.0,
                 "fl_gamma": 0.0, "anchor_t": 4.0}


def build(model):
    """The network, with a loss(batch) that reads the batches train.py draws."""
    import yolov5.models.yolo as networks
    logging.getLogger("yolov5").setLevel(logging.WARNING)
    folder = pathlib.Path(networks.__file__).parent
    masks = model.task == "segment"
    kind = networks.SegmentationModel if masks else networks.DetectionModel
    names = catalog.class_names(model.task)
    config = folder / "segment" / model.config if masks else folder / model.config
    network = kind(str(config), nc=len(names))
    network.names = names
    network.task = model.task
    network.hyp = dict(LOSS_GAINS)
    network.loss = functools.partial(loss, network, criterion(network, masks))
    return network


def criterion(network, masks):
    """The package's loss for this task."""
    if masks:
        from yolov5.utils.segment.loss import ComputeLoss
        return ComputeLoss(network, overlap=True)
    from yolov5.utils.loss import ComputeLoss
    return ComputeLoss(network)


def loss(network, measure, batch):
    """(loss, parts) as the newer package's networks return it."""
    targets = torch.cat([batch["batch_idx"][:, None], batch["cls"], batch["bboxes"]], dim=1)
    outputs = network(batch["img"])
    if "masks" in batch:
        return measure(outputs, targets, masks=batch["masks"])
    return measure(outputs, targets)


def export(model, variant, checkpoint, path):
    """Writes the ONNX file through the package's export_onnx()."""
    from yolov5 import export as exporter
    network = build(model)
    network.load_state_dict(torch.load(checkpoint))
    network = network.eval().fuse()
    head = network.model[-1]
    head.inplace, head.export, head.dynamic = False, True, bool(variant.options.get("dynamic"))
    blank = torch.zeros(1, 3, catalog.IMAGE_SIZE, catalog.IMAGE_SIZE)
    for _ in range(2):
        network(blank)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tracing_exporter():
        written, _ = exporter.export_onnx(network, blank, path, 17, head.dynamic, False)
    if written is None:
        raise RuntimeError("the package's export_onnx() failed")


@contextlib.contextmanager
def tracing_exporter():
    """The package was written for the exporter that torch no longer takes by default."""
    original = torch.onnx.export
    torch.onnx.export = functools.partial(original, dynamo=False)
    try:
        yield
    finally:
        torch.onnx.export = original


def predict(model_path, task, pictures):
    """The package's detections, in the form of reference.predict()."""
    session = onnxruntime.InferenceSession(str(model_path), providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    half = entry.type == "tensor(float16)"
    dynamic = not isinstance(entry.shape[2], int)
    names = catalog.class_names(task)
    images = []
    for path in pictures:
        picture = cv2.imread(str(path))
        tensor = prepare(picture, 640 if dynamic else entry.shape[2], dynamic)
        outputs = session.run(None, {entry.name: tensor.astype(np.float16 if half else np.float32)})
        images.append(describe(path, picture, tensor.shape[2:], outputs, names))
    return {"model": {"path": str(model_path)}, "images": images}


def prepare(picture, size, minimum_rectangle):
    """The input tensor."""
    from yolov5.utils.augmentations import letterbox
    boxed = letterbox(picture, size, auto=minimum_rectangle, stride=32)[0]
    tensor = np.ascontiguousarray(boxed[..., ::-1].transpose(2, 0, 1))[None].astype(np.float32)
    return tensor / 255


def describe(path, picture, input_shape, outputs, names):
    """One entry of "images"."""
    from yolov5.utils.general import non_max_suppression, scale_boxes
    from yolov5.utils.segment.general import process_mask_native
    rows = torch.from_numpy(outputs[0]).float()
    coefficients = rows.shape[2] - 5 - len(names)
    found = non_max_suppression(rows, 0.25, 0.7, max_det=300, nm=coefficients)[0]
    boxes = scale_boxes(input_shape, found[:, :4].clone(), picture.shape)
    masks = [None] * len(found)
    if coefficients and len(found):
        prototypes = torch.from_numpy(outputs[1][0]).float()
        masks = process_mask_native(prototypes, found[:, 6:], boxes, picture.shape[:2])
    image = {"path": str(path), "width": picture.shape[1], "height": picture.shape[0],
             "detections": []}
    for row, box, mask in zip(found, boxes, masks):
        number = int(row[5])
        detection = {"class": number, "name": names[number], "score": float(row[4]),
                     "box": dict(zip(("x1", "y1", "x2", "y2"), box.tolist()))}
        if mask is not None:
            detection["mask"] = rle.encode(mask.numpy() > 0)
        image["detections"].append(detection)
    return image
