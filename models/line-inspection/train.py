"""Train the detector on cached renders, on the CPU; resumes from its own checkpoint."""

import argparse
import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from dataset import FrameCache
from loss import detection_loss, pad_truth
from network import Detector, anchor_points
from render import CLASS_NAMES

SEED = 20260
WARM_UP_STEPS = 150
EMA_DECAY = 0.998
# The polish is short: its average must forget the weights before it.
POLISH_EMA_DECAY = 0.98
# Crops at the served scale show the net every defect at its true size for a third of the
# cost of a whole frame; the last phase shows whole frames with some letterbox grey.
CROP_HEIGHT_PX, CROP_WIDTH_PX, CROP_BATCH = 256, 320, 16
WHOLE_HEIGHT_PX, WHOLE_WIDTH_PX, WHOLE_BATCH = 448, 640, 6


@dataclass
class Schedule:
    """Length of the run in optimiser steps, and its peak learning rate.

    The rate rises during the warm-up, stays flat, and falls by a half cosine over the last
    decay_steps. The last whole_steps see whole frames instead of crops. A polish follows:
    polish_steps more on whole frames, at a rate that falls from polish_rate. Crops cut long
    scratches and big stains; whole frames teach where these end.
    """

    steps: int
    decay_steps: int
    whole_steps: int
    peak_rate: float
    polish_steps: int
    polish_rate: float

    @property
    def total(self) -> int:
        """All optimiser steps of the run."""
        return self.steps + self.polish_steps

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        if step >= self.steps:
            done = (step - self.steps) / self.polish_steps
            return self.polish_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        warm = min(1.0, (step + 1) / WARM_UP_STEPS)
        done = max(0.0, (step - (self.steps - self.decay_steps)) / self.decay_steps)
        return self.peak_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))

    def view(self, step: int) -> tuple:
        """(batch size, height, width) of the views of a step."""
        if step >= self.steps - self.whole_steps:
            return WHOLE_BATCH, WHOLE_HEIGHT_PX, WHOLE_WIDTH_PX
        return CROP_BATCH, CROP_HEIGHT_PX, CROP_WIDTH_PX


class Averaged:
    """Exponential moving average of all weights and batch statistics (Polyak averaging)."""

    def __init__(self, model: torch.nn.Module):
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: torch.nn.Module, step: int, most: float) -> None:
        """Keep a share `most` of the average, less in the first steps, and add the model."""
        decay = min(most, (1 + step) / (10 + step))
        for mean, value in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)


def make_optimiser(model: torch.nn.Module) -> torch.optim.Optimizer:
    """AdamW; only convolution kernels decay, never biases or normalisation factors."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))


def train_step(model, optimiser, cache: FrameCache, schedule: Schedule, step: int) -> tuple:
    """One optimiser step; returns the loss and its parts."""
    size, height, width = schedule.view(step)
    images, truths = cache.batch(step, size, height, width)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    for group in optimiser.param_groups:
        group["lr"] = schedule.rate(step)
    with torch.autocast("cpu", torch.bfloat16):
        sides, classes = model(pixels)
    points, strides = anchor_points(height, width)
    loss, parts = detection_loss(sides, classes, points, strides, pad_truth(truths))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
    optimiser.step()
    return loss.item(), parts


def save(path: Path, step: int, model, average: Averaged, optimiser, seconds: float) -> None:
    """Write a checkpoint so that a reader never sees half of one."""
    state = {
        "step": step, "model": model.state_dict(), "average": average.model.state_dict(),
        "optimiser": optimiser.state_dict(), "seconds": seconds,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def train(cache_folder: Path, out: Path, schedule: Schedule) -> None:
    """Run, or take up again, the schedule; the checkpoint is out/last.pt."""
    torch.manual_seed(SEED)
    cache = FrameCache(cache_folder, SEED)
    model = Detector(len(CLASS_NAMES)).to(memory_format=torch.channels_last).train()
    optimiser, average, first, before = make_optimiser(model), Averaged(model), 0, 0.0
    checkpoint = out / "last.pt"
    out.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        average.model.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first, before = state["step"], state["seconds"]
    start, sums, counted = time.monotonic(), torch.zeros(4), 0
    for step in range(first, schedule.total):
        loss, parts = train_step(model, optimiser, cache, schedule, step)
        keep = EMA_DECAY if step < schedule.steps else POLISH_EMA_DECAY
        average.update(model, step, keep)
        sums += torch.tensor([loss, *parts])
        counted += 1
        done, seconds = step + 1, before + time.monotonic() - start
        if done % 20 == 0:
            mean = (sums / counted).tolist()
            sums, counted = torch.zeros(4), 0
            print(
                f"step {done} loss {mean[0]:.3f} iou {mean[1]:.3f} class {mean[2]:.3f} "
                f"side {mean[3]:.3f} rate {schedule.rate(step):.2e} at {seconds:.0f} s",
                flush=True,
            )
        if done % 50 == 0 or done == schedule.total:
            save(checkpoint, done, model, average, optimiser, seconds)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder made by dataset.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--decay-steps", type=int, default=800)
    parser.add_argument("--whole-steps", type=int, default=100)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--polish-steps", type=int, default=450)
    parser.add_argument("--polish-rate", type=float, default=6e-4)
    options = parser.parse_args()
    schedule = Schedule(
        options.steps, options.decay_steps, options.whole_steps, options.rate,
        options.polish_steps, options.polish_rate,
    )
    train(options.cache, options.out, schedule)


if __name__ == "__main__":
    main()
