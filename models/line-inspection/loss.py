"""The training objective: which anchors answer for which defect, and how wrong they are.

  task-aligned assignment   Feng et al., TOOD, 2021
  complete IoU              Zheng et al., Distance-IoU Loss, 2020
  distribution focal loss   Li et al., Generalized Focal Loss, 2020
"""

import math

import torch
from torch.nn import functional

from network import BINS, expected_sides

TOP_ANCHORS = 10
SCORE_POWER, IOU_POWER = 1.0, 6.0
IOU_WEIGHT, CLASS_WEIGHT, SIDE_WEIGHT = 7.5, 0.7, 1.5


def complete_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """CIoU (...,) of boxes xyxy (..., 4); at most 1, below 0 for boxes far apart."""
    size_a, size_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    overlap = torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])
    shared = overlap.clamp(min=0).prod(-1)
    iou = shared / (size_a.prod(-1) + size_b.prod(-1) - shared + 1e-7)
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    gap = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) ** 2).sum(-1) / 4
    turn_a = torch.atan(size_a[..., 0] / (size_a[..., 1] + 1e-7))
    turn_b = torch.atan(size_b[..., 0] / (size_b[..., 1] + 1e-7))
    shape = 4 / math.pi**2 * (turn_a - turn_b) ** 2
    with torch.no_grad():
        balance = shape / (1 - iou + shape + 1e-7)
    return iou - gap / ((hull**2).sum(-1) + 1e-7) - balance * shape


def pad_truth(truths: list) -> tuple:
    """Lists of (boxes, ids) to boxes (B, M, 4), ids (B, M) and a mask (B, M) of real rows."""
    longest = max(1, max(len(ids) for _, ids in truths))
    boxes = torch.zeros(len(truths), longest, 4)
    ids = torch.zeros(len(truths), longest, dtype=torch.long)
    real = torch.zeros(len(truths), longest, dtype=torch.bool)
    for i, (box, label) in enumerate(truths):
        boxes[i, : len(label)] = torch.from_numpy(box)
        ids[i, : len(label)] = torch.from_numpy(label)
        real[i, : len(label)] = True
    return boxes, ids, real


@torch.no_grad()
def assign(scores, boxes_px, points_px, truth_px, truth_ids, real) -> tuple:
    """Choose, for each true box, the anchors whose score and box agree with it best.

    scores (B, A, nc), boxes_px (B, A, 4), points_px (A, 2); truth_px (B, M, 4),
    truth_ids (B, M), real (B, M). Returns the owner (B, A) among the M true boxes, chosen
    (B, A) as bool, and the quality (B, A) in 0..1 that the class score shall reach.
    """
    low = points_px[None, None] - truth_px[:, :, None, :2]
    high = truth_px[:, :, None, 2:] - points_px[None, None]
    inside = (torch.cat((low, high), -1).amin(-1) > 0) & real[..., None]
    iou = complete_iou(truth_px[:, :, None], boxes_px[:, None]).clamp(min=0) * inside
    wanted = truth_ids[:, None, :].expand(-1, scores.shape[1], -1)
    score = scores.gather(2, wanted).transpose(1, 2)
    metric = score**SCORE_POWER * iou**IOU_POWER * inside
    best = metric.topk(min(TOP_ANCHORS, metric.shape[2]), 2)
    picked = torch.zeros_like(metric).scatter_(2, best.indices, (best.values > 1e-12).float())
    # An anchor that several defects claim answers for the one that it overlaps most.
    owner = (iou * picked).argmax(1)
    chosen = picked.sum(1) > 0
    mine = functional.one_hot(owner, metric.shape[1]).transpose(1, 2).bool() & chosen[:, None]
    metric, iou = metric * mine, iou * mine
    scale = iou.amax(2, keepdim=True) / (metric.amax(2, keepdim=True) + 1e-12)
    return owner, chosen, (metric * scale).amax(1)


def detection_loss(sides, classes, points_px, strides_px, truth) -> tuple:
    """Loss of raw outputs: side logits (B, 64, A), class logits (B, nc, A).

    truth is what pad_truth returns. Returns the scalar to minimise and its three parts
    (IoU, class, side) as floats.
    """
    truth_px, truth_ids, real = truth
    sides, classes = sides.float(), classes.float().transpose(1, 2)
    distances = expected_sides(sides).transpose(1, 2) * strides_px[:, None]
    boxes = torch.cat((points_px - distances[..., :2], points_px + distances[..., 2:]), -1)
    owner, chosen, quality = assign(
        classes.detach().sigmoid(), boxes.detach(), points_px, truth_px, truth_ids, real
    )
    target = torch.zeros_like(classes)
    label = truth_ids.gather(1, owner)
    target.scatter_(2, label[..., None], quality[..., None])
    total = quality.sum().clamp(min=1.0)
    class_loss = functional.binary_cross_entropy_with_logits(classes, target, reduction="sum")
    class_loss = class_loss / total
    wanted = truth_px.gather(1, owner[..., None].expand(-1, -1, 4))[chosen]
    weight = quality[chosen]
    iou_loss = ((1 - complete_iou(boxes[chosen], wanted)) * weight).sum() / total
    image, anchor = chosen.nonzero(as_tuple=True)
    logits = sides.view(sides.shape[0], 4, BINS, -1)[image, :, :, anchor]
    point, stride = points_px[anchor], strides_px[anchor][:, None]
    goal = torch.cat((point - wanted[:, :2], wanted[:, 2:] - point), 1) / stride
    side_loss = (side_distribution_loss(logits, goal) * weight).sum() / total
    loss = IOU_WEIGHT * iou_loss + CLASS_WEIGHT * class_loss + SIDE_WEIGHT * side_loss
    return loss, (iou_loss.item(), class_loss.item(), side_loss.item())


def side_distribution_loss(logits: torch.Tensor, goal: torch.Tensor) -> torch.Tensor:
    """Cross entropy (n,) of logits (n, 4, BINS) against the two bins beside goal (n, 4)."""
    goal = goal.clamp(0, BINS - 1 - 0.01)
    lower = goal.long()
    upper_share = goal - lower
    logs = logits.log_softmax(2)
    at_lower = logs.gather(2, lower[..., None])[..., 0]
    at_upper = logs.gather(2, lower[..., None] + 1)[..., 0]
    return -(at_lower * (1 - upper_share) + at_upper * upper_share).mean(1)
