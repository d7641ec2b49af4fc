"""Ways in which painted pictures go wrong, done to real ones: what the ranker must score low."""
import torch
import torch.nn.functional as F


def blended(x, gen):
    """Two pictures at once."""
    share = 0.35 + 0.3 * torch.rand(len(x), 1, 1, 1, generator=gen)
    return share * x + (1 - share) * x.roll(1, 0)


def halved(x, gen):
    """Upper half of one, lower half of another."""
    cut = x.shape[2] // 2 + int(torch.randint(-8, 9, (1,), generator=gen))
    return torch.cat([x[:, :, :cut], x.roll(1, 0)[:, :, cut:]], 2)


def coarse(x, gen):
    """Blobs of about the right colours."""
    n = int(torch.randint(6, 13, (1,), generator=gen))
    return F.interpolate(F.interpolate(x, size=n, mode="area"), size=x.shape[2:], mode="bilinear", align_corners=False)


def warped(x, gen):
    """Outlines out of shape."""
    n, size = len(x), x.shape[2]
    shift = 0.25 * torch.randn(n, 2, 5, 5, generator=gen)
    shift = F.interpolate(shift, size=(size, size), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    grid = F.affine_grid(torch.eye(2, 3).expand(n, 2, 3), x.shape, align_corners=False)
    return F.grid_sample(x, grid + shift, padding_mode="border", align_corners=False)


def spoiled(x, gen):
    """x (B, 3, S, S) -> as many pictures that are wrong; quarters of the batch in different ways."""
    parts = x.chunk(4)
    return torch.cat([f(p, gen) for f, p in zip((blended, halved, coarse, warped), parts)])
