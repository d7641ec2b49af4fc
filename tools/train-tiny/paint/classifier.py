"""The judge of the figures: a small convolutional net that names things and colours of real pictures.

Trained apart from the painter, never used by it and never shipped.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

import world

from . import style

N_THINGS, N_GROUNDS = len(world.THINGS), style.DEFAULT + 1
WIDTHS = (32, 64, 128, 192)
FEATURES = 256


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, c_in), nn.GroupNorm(8, c_out)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(c_in, c_out, 1, bias=False) if c_in != c_out else nn.Identity()
        self.stride = stride

    def forward(self, x):
        h = self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))
        return h + self.skip(F.avg_pool2d(x, 2) if self.stride == 2 else x)


class Judge(nn.Module):
    """pixels (B, 3, 64, 64) -> features per region; regions: the whole, the left half, the right half."""

    def __init__(self, widths=WIDTHS):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 5, 2, 2)
        blocks, before = [], widths[0]
        for k, w in enumerate(widths):
            blocks += [Block(before, w, 2 if k else 1), Block(w, w, 1)]
            before = w
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.GroupNorm(8, before)
        side = style.SIDE >> len(widths)
        self.to_whole, self.to_half = nn.Linear(before * side * side, FEATURES), nn.Linear(before * side * side // 2, FEATURES)
        before = FEATURES
        self.thing, self.colour, self.ground = (nn.Linear(before, n) for n in (N_THINGS, world.N_COLOURS, N_GROUNDS))

    def forward(self, pixels):
        """-> (B, 3, C) features: whole, left, right. Places are kept: drawings stand where they stand, and are told apart sooner."""
        x = F.relu(self.norm(self.blocks(self.stem(pixels))))
        left, right = x.chunk(2, 3)
        return F.relu(torch.stack([self.to_whole(x.flatten(1)), self.to_half(left.flatten(1)), self.to_half(right.flatten(1))], 1)).float()
