"""Named colours: how pixels are named and how a drawing is recoloured. Order as world.COLOURS."""
import torch

PROTOTYPES = torch.tensor([
    (214, 40, 46), (244, 138, 30), (250, 214, 50), (62, 164, 70), (50, 112, 216), (138, 70, 180),
    (246, 150, 190), (128, 80, 46), (30, 30, 32), (250, 250, 250), (144, 144, 148)]) / 255.0


def name_pixels(rgb):
    """rgb (..., 3) in 0..1 -> colour number per pixel, -1 where the name would be arguable."""
    r, g, b = rgb.unbind(-1)
    v, lo = rgb.amax(-1), rgb.amin(-1)
    c = (v - lo).clamp_min(1e-6)
    s = c / v.clamp_min(1e-6)
    h = torch.where(v == r, ((g - b) / c) % 6, torch.where(v == g, (b - r) / c + 2, (r - g) / c + 4)) * 60
    out = torch.full_like(h, -1, dtype=torch.int64)

    def put(mask, k):
        out.masked_fill_(mask & (out < 0), k)

    put(v < 0.22, 8)
    grey = s < 0.13
    put(grey & (v > 0.87), 9)
    put(grey & (v > 0.30) & (v < 0.80), 10)
    put(grey & (v <= 0.27), 8)
    rest = ~grey & (s > 0.18)
    reddish = rest & ((h < 13) | (h >= 343))
    put(reddish & (v > 0.75) & (s < 0.55), 6)
    put(reddish & (s >= 0.6) & (v > 0.45), 0)
    warm = rest & (h >= 13) & (h < 44)
    put(warm & (v < 0.66) & (s > 0.3), 7)
    put(warm & (v > 0.8) & (s > 0.6) & (h > 17) & (h < 40), 1)
    put(rest & (h >= 44) & (h < 66) & (v > 0.75) & (s > 0.35), 2)
    put(rest & (h >= 72) & (h < 165), 3)
    put(rest & (h >= 188) & (h < 252), 4)
    put(rest & (h >= 258) & (h < 296), 5)
    magenta = rest & (h >= 296) & (h < 343)
    put(magenta & (v > 0.75), 6)
    put(magenta & (v <= 0.65) & (h < 320), 5)
    return out


def shares(rgb, alpha):
    """rgb (N, S, S, 3), alpha (N, S, S) -> (N, colours): share of the covered area per colour."""
    name = name_pixels(rgb)
    w = (alpha > 0.6).float()
    total = w.flatten(1).sum(1).clamp_min(1)
    return torch.stack([((name == k) * w).flatten(1).sum(1) / total for k in range(len(PROTOTYPES))], 1)


def dominant(rgb, alpha, floor=0.55):
    """The colour covering at least `floor` of the drawing, else -1. (N,)"""
    top, k = shares(rgb, alpha).max(1)
    return torch.where(top >= floor, k, torch.full_like(k, -1))


def recolour(rgb, target, lum=None):
    """Paint drawings in one named colour each, keeping light and dark. rgb (N,...,3), target (N,)."""
    if lum is None:
        lum = rgb @ torch.tensor([0.3, 0.59, 0.11])
    base = PROTOTYPES[target].view(-1, *[1] * (rgb.dim() - 2), 3)
    lum = lum.unsqueeze(-1)
    t = 0.45 + 0.55 * lum  # dark parts keep 45 % of the colour
    tinted = base * t.clamp(max=1) + (1 - base) * ((lum - 0.88).clamp_min(0) * 2.0)
    light = (0.80 + 0.20 * lum).expand_as(tinted)
    dark = (0.04 + 0.17 * lum).expand_as(tinted)
    mid = (0.38 + 0.34 * lum).expand_as(tinted)
    k = target.view(-1, *[1] * (rgb.dim() - 1))
    out = torch.where(k == 9, light, torch.where(k == 8, dark, torch.where(k == 10, mid, tinted)))
    return out.clamp(0, 1)
