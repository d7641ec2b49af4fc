"""Blocks the UNet and the VAE share; names as in diffusers."""
import torch.nn as nn
import torch.nn.functional as F


class ResnetBlock2D(nn.Module):
    """x (B, C, H, W), time embedding (B, T) or none -> (B, out, H, W)."""

    def __init__(self, c_in, c_out, groups, eps, time=None):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, c_in, eps)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1)
        if time:
            self.time_emb_proj = nn.Linear(time, c_out)
        self.norm2 = nn.GroupNorm(groups, c_out, eps)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        if c_in != c_out:
            self.conv_shortcut = nn.Conv2d(c_in, c_out, 1)
        self.changes = c_in != c_out

    def forward(self, x, time=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            h = h + self.time_emb_proj(F.silu(time))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.conv_shortcut(x) if self.changes else x) + h


class Downsample2D(nn.Module):
    """Halves both sides. The VAE pads right and below only."""

    def __init__(self, channels, lopsided=False):
        super().__init__()
        self.lopsided = lopsided
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=0 if lopsided else 1)

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)) if self.lopsided else x)


class Upsample2D(nn.Module):
    """Doubles both sides, or goes to the size given (H, W)."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, size=None):
        return self.conv(F.interpolate(x, size=size or (2 * x.shape[2], 2 * x.shape[3]), mode="nearest"))
