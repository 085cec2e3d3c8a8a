# SPDX-License-Identifier: Apache-2.0
"""Brief seeded training, so that detections are not noise: bright shapes, a minute a model.

Not the package's trainer (it wants data sets, workers and validation) but its networks and its
losses, fed with scenes drawn on the fly. Objects keep their pixel size between training (small
pictures, fast) and export (larger input), which a convolutional network does not mind.
"""

import math
import pathlib
import time

import cv2
import numpy as np
import torch
from ultralytics import __version__ as package_version
from ultralytics.cfg import get_cfg
from ultralytics.nn import tasks as networks

import catalog
import pictures
import yolov5_form

RECIPE = 4  # raise when anything here changes: cached weights are keyed by it
TRAIN_SIZE = 160
BATCH = 8
MASK_STRIDE = 4
PEAK_RATE = 2.5e-3


def draw_batch(rng, task):
    """A batch dictionary as the package's losses read it."""
    if task == "classify":
        labels = rng.integers(0, len(pictures.CLASSIFY_NAMES), BATCH)
        drawn = [pictures.draw_portrait_of_one(rng, TRAIN_SIZE, int(n)) for n in labels]
        return {"img": to_tensor(drawn), "cls": torch.as_tensor(labels)}
    scenes = [pictures.draw_scene(rng, TRAIN_SIZE, TRAIN_SIZE, int(rng.integers(2, 6)), (22, 120))
              for _ in range(BATCH)]
    owners = [i for i, (_, shapes) in enumerate(scenes) for _ in shapes]
    shapes = [shape for _, shapes in scenes for shape in shapes]
    batch = {
        "img": to_tensor([picture for picture, _ in scenes]),
        "batch_idx": torch.tensor(owners, dtype=torch.float32),
        "cls": torch.tensor([[float(shape.kind)] for shape in shapes]),
        "bboxes": torch.tensor(np.array([label_box(shape, task) for shape in shapes])).float(),
    }
    if task == "pose":
        points = np.array([shape.keypoints for shape in shapes]) / TRAIN_SIZE
        seen = np.full((*points.shape[:2], 1), 2.0)
        batch["keypoints"] = torch.tensor(np.concatenate([points, seen], axis=2)).float()
    if task == "segment":
        batch["masks"], batch["sem_masks"] = label_masks([shapes for _, shapes in scenes])
    return batch


def to_tensor(drawn):
    """BGR uint8 pictures of one size to RGB float [N, 3, H, W], 0..1."""
    stack = np.stack(drawn)[..., ::-1].transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(stack)).float() / 255


def label_box(shape, task):
    """Centre and size, 0..1; rotated boxes with their angle behind."""
    if task == "obb":
        cx, cy, width, height, angle = shape.rotated
        angle = (angle + math.pi / 4) % math.pi - math.pi / 4
        return (*(np.array([cx, cy, width, height]) / TRAIN_SIZE), angle)
    x1, y1, x2, y2 = shape.box()
    return tuple(np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]) / TRAIN_SIZE)


def label_masks(shapes_of_pictures):
    """Instance numbers from 1 and class numbers, [N, H/4, W/4]."""
    side = TRAIN_SIZE // MASK_STRIDE
    instances = np.zeros((len(shapes_of_pictures), side, side), np.float32)
    kinds = np.zeros_like(instances)
    for i, shapes in enumerate(shapes_of_pictures):
        for number, shape in enumerate(shapes, start=1):
            outline = np.round((shape.outline / MASK_STRIDE - 0.5) * 16).astype(np.int32)
            cv2.fillPoly(instances[i], [outline], number, cv2.LINE_8, 4)
            cv2.fillPoly(kinds[i], [outline], shape.kind, cv2.LINE_8, 4)
    return torch.from_numpy(instances), torch.from_numpy(kinds)


def build(model):
    """The package's network from its own yaml, with this suite's classes."""
    classes = {"detect": networks.DetectionModel, "segment": networks.SegmentationModel,
               "pose": networks.PoseModel, "obb": networks.OBBModel,
               "classify": networks.ClassificationModel}
    if model.anchors:
        return yolov5_form.build(model)
    names = catalog.class_names(model.task)
    options = {"nc": len(names), "verbose": False}
    if model.task == "pose":
        options["data_kpt_shape"] = (pictures.KEYPOINTS, 3)
    network = classes[model.task](model.config, **options)
    network.names = names
    network.task = model.task
    network.args = get_cfg()
    raise_class_bias(network)
    return network


def raise_class_bias(network):
    """The package starts class scores near zero, which would cost most of the few steps."""
    head = network.model[-1]
    for branch in ("cv3", "one2one_cv3"):
        for level in getattr(head, branch, None) or ():
            level[-1].bias.data.fill_(-3.0)


def settle_batch_norm(network, rng, task, batches=12):
    """Replaces BatchNorm's slow running statistics by the averages of the finished weights."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    kept = [m.momentum for m in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    with torch.no_grad():
        for _ in range(batches):
            network(draw_batch(rng, task)["img"])
    for norm, momentum in zip(norms, kept):
        norm.momentum = momentum


def seed_nms_free_head(network):
    """Gives the second head, which learns from one anchor an object, what the first has learned."""
    head = network.model[-1]
    for name, module in list(head.named_children()):
        if name.startswith("one2one_") and getattr(head, name[8:], None) is not None:
            module.load_state_dict(getattr(head, name[8:]).state_dict())


def train(model, log=print):
    """The trained network of `model`."""
    torch.manual_seed(7)
    rng = np.random.default_rng(7)
    network = build(model).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=1e-4)
    started = time.monotonic()
    for step in range(model.steps):
        warm = min(1.0, (step + 1) / 8)
        rate = PEAK_RATE * warm * (0.04 + 0.96 * (1 + math.cos(math.pi * step / model.steps)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        if hasattr(getattr(network, "criterion", None), "o2m"):
            network.criterion.o2m = network.criterion.o2o = 0.5
        if model.nms_free and step == model.steps * 3 // 4:
            seed_nms_free_head(network)
        loss, _ = network.loss(draw_batch(rng, model.task))
        optimizer.zero_grad(set_to_none=True)
        loss.sum().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        if step % 30 == 0 or step == model.steps - 1:
            log(f"    step {step}: loss {float(loss.sum().detach()) / BATCH:.3f}")
    settle_batch_norm(network, rng, model.task)
    log(f"    {model.steps} steps in {time.monotonic() - started:.0f} s")
    return network.eval()


def trained_weights(model, folder, log=print):
    """Path of the cached checkpoint of `model`, trained first where there is none."""
    folder = pathlib.Path(folder)
    path = folder / f"{model.name}-{package_version}-r{RECIPE}-s{model.steps}" / f"{model.name}.pt"
    if path.exists():
        return path
    network = train(model, log)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    if model.anchors:
        torch.save(network.state_dict(), partial)
    else:
        network.criterion = None
        arguments = {"data": "bulkhead-shapes.yaml", "imgsz": catalog.IMAGE_SIZE}
        torch.save({"model": network, "train_args": arguments}, partial)
    partial.rename(path)
    return path
