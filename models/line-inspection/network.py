"""The detector: a small convolutional network of our own definition, in plain PyTorch.

Published ideas that it puts together:
  cross-stage-partial blocks        Wang et al., CSPNet, 2020
  pooling pyramid                   He et al., Spatial Pyramid Pooling, 2015
  top-down and bottom-up neck       Lin et al., FPN, 2017; Liu et al., PANet, 2018
  decoupled anchor-free head        Tian et al., FCOS, 2019; Ge et al., YOLOX, 2021
  box sides as distributions        Li et al., Generalized Focal Loss, 2020
"""

import torch
from torch import nn
from torch.nn import functional

STRIDES_PX = (8, 16, 32)
# A side of a box lies between 0 and BINS - 1 strides from its anchor point.
BINS = 16


class ConvUnit(nn.Module):
    """Convolution without bias, batch normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        return functional.silu(self.norm(self.conv(x)), inplace=True)


class Residual(nn.Module):
    """Two 3x3 units beside an identity."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = ConvUnit(channels, channels)
        self.second = ConvUnit(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Same shape in and out."""
        return x + self.second(self.first(x))


class CspBlock(nn.Module):
    """Half of the channels pass through `depth` residuals, the other half goes around them."""

    def __init__(self, inputs: int, outputs: int, depth: int):
        super().__init__()
        half = outputs // 2
        self.through = ConvUnit(inputs, half, 1)
        self.around = ConvUnit(inputs, half, 1)
        self.chain = nn.Sequential(*(Residual(half) for _ in range(depth)))
        self.merge = ConvUnit(2 * half, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, inputs, H, W) to (B, outputs, H, W)."""
        return self.merge(torch.cat((self.chain(self.through(x)), self.around(x)), 1))


class PoolPyramid(nn.Module):
    """Maxima over windows of 5, 9 and 13 cells beside the input, mixed by a 1x1 unit."""

    def __init__(self, channels: int):
        super().__init__()
        self.reduce = ConvUnit(channels, channels // 2, 1)
        self.mix = ConvUnit(channels * 2, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Same shape in and out."""
        levels = [self.reduce(x)]
        for _ in range(3):
            # Two 5-wide maxima in a row reach as far as one 9-wide, three as one 13-wide.
            levels.append(functional.max_pool2d(levels[-1], 5, 1, 2))
        return self.mix(torch.cat(levels, 1))


class Backbone(nn.Module):
    """Features at strides 8, 16 and 32."""

    def __init__(self, widths: tuple):
        super().__init__()
        c1, c2, c3, c4, c5 = widths
        self.stem = nn.Sequential(
            ConvUnit(3, c1, 3, 2), ConvUnit(c1, c2, 3, 2), CspBlock(c2, c2, 1)
        )
        self.stage3 = nn.Sequential(ConvUnit(c2, c3, 3, 2), CspBlock(c3, c3, 2))
        self.stage4 = nn.Sequential(ConvUnit(c3, c4, 3, 2), CspBlock(c4, c4, 2))
        self.stage5 = nn.Sequential(
            ConvUnit(c4, c5, 3, 2), CspBlock(c5, c5, 1), PoolPyramid(c5)
        )

    def forward(self, x: torch.Tensor) -> tuple:
        """Images (B, 3, H, W) to three feature maps."""
        f3 = self.stage3(self.stem(x))
        f4 = self.stage4(f3)
        return f3, f4, self.stage5(f4)


class Neck(nn.Module):
    """Carries context down to the fine levels, then detail back up to the coarse ones."""

    def __init__(self, c3: int, c4: int, c5: int):
        super().__init__()
        self.narrow5 = ConvUnit(c5, c4, 1)
        self.narrow4 = ConvUnit(c4, c3, 1)
        self.down4 = CspBlock(c4 * 2, c4, 1)
        self.down3 = CspBlock(c3 * 2, c3, 1)
        self.shrink3 = ConvUnit(c3, c3, 3, 2)
        self.shrink4 = ConvUnit(c4, c4, 3, 2)
        self.up4 = CspBlock(c3 + c4, c4, 1)
        self.up5 = CspBlock(c4 + c5, c5, 1)

    def forward(self, f3, f4, f5) -> tuple:
        """Three feature maps in, three of the same shapes out."""
        d4 = self.down4(torch.cat((_double(self.narrow5(f5)), f4), 1))
        n3 = self.down3(torch.cat((_double(self.narrow4(d4)), f3), 1))
        n4 = self.up4(torch.cat((self.shrink3(n3), d4), 1))
        return n3, n4, self.up5(torch.cat((self.shrink4(n4), f5), 1))


def _double(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class Head(nn.Module):
    """Per level: 4 x BINS side logits and one logit per class at every cell."""

    def __init__(self, inputs: int, hidden: int, classes: int, stride_px: int):
        super().__init__()
        self.shared = ConvUnit(inputs, hidden)
        self.sides = nn.Sequential(ConvUnit(hidden, hidden), nn.Conv2d(hidden, 4 * BINS, 1))
        self.classes = nn.Sequential(ConvUnit(hidden, hidden), nn.Conv2d(hidden, classes, 1))
        nn.init.constant_(self.sides[-1].bias, 1.0)
        # Start from the share of cells that hold an object, not from one half (RetinaNet).
        nn.init.constant_(self.classes[-1].bias, -6.5 if stride_px == 8 else -5.0)

    def forward(self, x: torch.Tensor) -> tuple:
        """(B, inputs, h, w) to side logits (B, 64, h * w) and class logits (B, nc, h * w)."""
        shared = self.shared(x)
        return self.sides(shared).flatten(2), self.classes(shared).flatten(2)


class Detector(nn.Module):
    """The whole network; its output depends on self.decoded."""

    def __init__(self, classes: int, widths: tuple = (16, 32, 64, 96, 128), hidden: int = 64):
        super().__init__()
        self.class_count = classes
        self.decoded = False
        self.backbone = Backbone(widths)
        self.neck = Neck(*widths[2:])
        self.heads = nn.ModuleList(
            Head(width, hidden, classes, stride) for width, stride in zip(widths[2:], STRIDES_PX)
        )

    def forward(self, images: torch.Tensor):
        """RGB images (B, 3, H, W) in 0..1, H and W multiples of 32.

        Returns side logits (B, 64, A) and class logits (B, nc, A) in training; with
        self.decoded, the served layout (B, 4 + nc, A): cx, cy, w, h in input pixels, then
        the class scores. Anchors run by stride 8, 16, 32, then row by row.
        """
        levels = self.neck(*self.backbone(images))
        pairs = [head(level) for head, level in zip(self.heads, levels)]
        sides = torch.cat([pair[0] for pair in pairs], 2)
        classes = torch.cat([pair[1] for pair in pairs], 2)
        if not self.decoded:
            return sides, classes
        points, strides = anchor_points(images.shape[2], images.shape[3])
        distances = expected_sides(sides) * strides.view(1, 1, -1)
        near, far = points.T[None] - distances[:, :2], points.T[None] + distances[:, 2:]
        return torch.cat(((near + far) / 2, far - near, classes.sigmoid()), 1)


def anchor_points(height_px: int, width_px: int) -> tuple:
    """Centres (A, 2) as x, y in pixels, and strides (A,) in pixels, of all cells."""
    points, strides = [], []
    for stride in STRIDES_PX:
        y, x = torch.meshgrid(
            torch.arange(height_px // stride), torch.arange(width_px // stride), indexing="ij"
        )
        points.append((torch.stack((x, y), -1).reshape(-1, 2) + 0.5) * stride)
        strides.append(torch.full((x.numel(),), float(stride)))
    return torch.cat(points), torch.cat(strides)


def expected_sides(sides: torch.Tensor) -> torch.Tensor:
    """Mean distance (B, 4, A) in strides: left, top, right, bottom, from logits (B, 64, A)."""
    batch, _, anchors = sides.shape
    share = sides.view(batch, 4, BINS, anchors).softmax(2)
    bins = torch.arange(BINS, dtype=share.dtype).view(1, 1, BINS, 1)
    return (share * bins).sum(2)
