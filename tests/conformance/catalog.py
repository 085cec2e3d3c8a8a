# SPDX-License-Identifier: Apache-2.0
"""What is compared: every family and task and the ways each is exported. NOTES: what is not."""

import dataclasses

import pictures

IMAGE_SIZE = 320


@dataclasses.dataclass(frozen=True)
class Model:
    """One trained network. `config` is the package's own yaml."""

    name: str
    config: str
    task: str
    steps: int = 140
    nms_free: bool = False  # has a second head that needs no suppression
    anchors: bool = False  # the original YOLOv5 repository's network, from the package `yolov5`


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way of exporting. `options` go to the package's export()."""

    name: str
    options: dict
    half_io: bool = False  # all converted to FP16 by this suite, inputs and outputs too
    only: tuple = ()  # model names; empty: all
    tasks: tuple = ("detect", "segment", "pose", "obb", "classify")
    nms_free_only: bool = False

    def fits(self, model):
        """Whether this variant is compared for `model`."""
        if self.only and model.name not in self.only:
            return False
        if model.anchors and not (self.half_io or self.name in ("static", "dynamic")):
            return False
        return model.task in self.tasks and (model.nms_free or not self.nms_free_only)


MODELS = (
    Model("yolov5nu", "yolov5n.yaml", "detect"),
    Model("yolov8n", "yolov8n.yaml", "detect"),
    Model("yolov9t", "yolov9t.yaml", "detect"),
    Model("yolov10n", "yolov10n.yaml", "detect", nms_free=True),
    Model("yolo11n", "yolo11n.yaml", "detect"),
    Model("yolo12n", "yolo12n.yaml", "detect"),
    Model("yolo26n", "yolo26n.yaml", "detect", nms_free=True),
    Model("yolov5n-anchors", "yolov5n.yaml", "detect", anchors=True),
    Model("yolov5n-anchors-seg", "yolov5n-seg.yaml", "segment", anchors=True),
    Model("yolov8n-seg", "yolov8n-seg.yaml", "segment"),
    Model("yolo11n-seg", "yolo11n-seg.yaml", "segment"),
    Model("yolo26n-seg", "yolo26n-seg.yaml", "segment", nms_free=True),
    Model("yolov8n-pose", "yolov8n-pose.yaml", "pose"),
    Model("yolo11n-pose", "yolo11n-pose.yaml", "pose"),
    Model("yolo26n-pose", "yolo26n-pose.yaml", "pose", nms_free=True),
    Model("yolov8n-obb", "yolov8n-obb.yaml", "obb"),
    Model("yolo11n-obb", "yolo11n-obb.yaml", "obb"),
    Model("yolo26n-obb", "yolo26n-obb.yaml", "obb", nms_free=True),
    Model("yolov8n-cls", "yolov8n-cls.yaml", "classify"),
    Model("yolo11n-cls", "yolo11n-cls.yaml", "classify"),
    Model("yolo26n-cls", "yolo26n-cls.yaml", "classify"),
)

BOXES = ("detect", "segment", "pose", "obb")

# The package's `nms`: unset = raw rows, suppression outside; True = suppression in the graph;
# False = the head that needs none, where there is one (older releases: end2end=True, the default).
VARIANTS = (
    Variant("static", {}),
    Variant("dynamic", {"dynamic": True}),
    Variant("half", {"quantize": 16}),
    Variant("half-io", {}, half_io=True),
    Variant("nms", {"nms": True}, tasks=BOXES),
    Variant("nms-free", {"nms": False}, tasks=BOXES, nms_free_only=True),
    Variant("nms-free-dynamic", {"nms": False, "dynamic": True}, tasks=BOXES, nms_free_only=True,
            only=("yolo26n", "yolo26n-seg")),
    Variant("batch2", {"batch": 2}, only=("yolov8n", "yolo11n-seg")),
    Variant("rectangle", {"imgsz": [256, 416]}, only=("yolo11n", "yolov8n-seg", "yolo26n-obb")),
    Variant("640", {"imgsz": 640}, only=("yolo11n", "yolov8n-seg")),
)


def class_names(task):
    """Names by index. One holds both quote characters: metadata is written with Python's repr."""
    return dict(enumerate(pictures.CLASSIFY_NAMES if task == "classify" else pictures.SHAPES))


def rows(only=""):
    """(model, variant) pairs whose "model-variant" contains `only`."""
    pairs = [(m, v) for m in MODELS for v in VARIANTS if v.fits(m)]
    return [(m, v) for m, v in pairs if only in f"{m.name}-{v.name}"]

NOTES = (
    f"Input {IMAGE_SIZE} x {IMAGE_SIZE} unless the export says otherwise; confidence above .25, "
    "overlap .7, at most 300 detections, as the package predicts by default.",
    "static, dynamic, nms, nms-free, batch2, rectangle, 640: the package's own export() with "
    "nothing else, `dynamic=True`, `nms=True`, `nms=False`, `batch=2`, `imgsz=[256, 416]`, "
    "`imgsz=640`.",
    "With this release of the package `nms` unset exports YOLOv10 and YOLO26 with rows that still "
    "need suppression; `nms=False` exports their head that needs none (300 finished rows), which "
    "earlier releases took by default.",
    "half: the package's `quantize=16` (formerly `half=True`) on a CPU, which keeps FP32 inputs "
    "and outputs. half-io: the static export converted by this suite with ONNX Runtime's float16 "
    "tool to FP16 inputs and outputs, which the package's exports made on a GPU have. The package "
    "computes from FP16 outputs in FP16, where a coordinate of 256 or more is a multiple of a "
    "quarter pixel; here its outputs are cast to FP32 first, as Bulkhead does.",
    "Equal scores are common in FP16, and which of two overlapping detections then survives is a "
    "matter of order. Here the packages' argsort() is made stable, as Bulkhead's is: torch "
    "promises no order of equal values.",
    "ONNX Runtime is the release that Bulkhead ships (tools/onnxruntime.txt).",
    "A dynamic export is predicted at the size it was exported at; the package would take 640 "
    "unless told. An export for batches of two is given every picture twice.",
    "Masks are compared at the picture's size: the package is asked a second time, with "
    "`retina_masks`. Which detections there are is what it says by default.",
    "-anchors: the original YOLOv5 repository's form from the package `yolov5`, predicted by its "
    "own letterbox, suppression (at .7), scale_boxes() and process_mask_native(). Boxes are not "
    "rounded to whole pixels, which its detect.py does and its hub models do not. Its dynamic "
    "export is predicted at 640, for its metadata holds no size.",
    "Not compared: yolov9c-seg, yolov3 and sizes above the smallest (the same layouts, too slow to "
    "train here); YOLOv5 classification (its own preprocessing); FP16 exports made on a GPU; "
    "rtdetr, yolo-world, yoloe, depth and semantic networks (not decoded by Bulkhead).",
)
