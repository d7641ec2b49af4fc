"""Turn scenes into 64 x 64 pictures, in batches, with the augmentations, all in torch.

pixels (B, 3, S, S) in -1..1; patch labels (B, G*G): class covering each patch (-1 = not clear);
patch colours likewise; all from the same alpha masks the picture is made of.
"""
import math
import random

import numpy as np
import torch
import torch.nn.functional as F

import colours
import scenes
import sprites
import world

WORK = 64  # sprites are augmented at this size, drawing 52 px wide in the middle


class Bank:
    """All sprites of some artists as premultiplied float tensors (N, 4, 64, 64), half precision."""

    def __init__(self, folder, artists, test=False):
        data = [sprites.load(folder, a) for a in artists]
        keep = [d["test"] == int(test) if test is not None else d["test"] >= 0 for d in data]
        if test:  # things of the world plus the outside drawings kept for testing
            keep = [(d["test"] == 1) | (d["label"] >= world.FIRST) for d in data]
        rgba = np.concatenate([d["rgba"][k] for d, k in zip(data, keep)])
        self.label = np.concatenate([d["label"][k] for d, k in zip(data, keep)])
        self.slug = np.concatenate([d["slug"][k] for d, k in zip(data, keep)])
        self.artist = np.concatenate([[a] * k.sum() for a, k in zip(artists, keep)])
        out = []
        for part in np.array_split(rgba, 16):
            x = torch.from_numpy(part).permute(0, 3, 1, 2).float() / 255
            x = torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)
            x = F.interpolate(x, size=52, mode="bilinear", antialias=True, align_corners=False)
            out.append(F.pad(x, (6, 6, 6, 6)).half())
        self.rgba = torch.cat(out)
        self.pool = scenes.Pool(self.label, self.slug)


def _augment(x, rng, gen, strength=1.0):
    """x (N, 4, 64, 64) straight colour + alpha -> same, with colours and edges changed."""
    n = len(x)
    rgb, a = x[:, :3], x[:, 3:]
    u = torch.rand(n, 8, generator=gen)
    perm = torch.stack([torch.randperm(3, generator=gen) if u[i, 0] < 0.3 * strength else torch.arange(3) for i in range(n)])
    rgb = rgb.gather(1, perm.view(n, 3, 1, 1).expand_as(rgb))
    gain = 0.8 + 0.4 * torch.rand(n, 3, 1, 1, generator=gen)
    shift = 0.12 * (torch.rand(n, 1, 1, 1, generator=gen) - 0.5)
    rgb = (rgb * gain + shift).clamp(0, 1)
    grey = (rgb * torch.tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    drop = (u[:, 1] < 0.12 * strength).view(n, 1, 1, 1)
    rgb = torch.where(drop, grey.expand_as(rgb), rgb)
    return rgb, a, grey, u


def _outline(rgb, a, grey, u, strength=1.0):
    """Line-drawing look for some: inner edges darkened, a dark rim around, sometimes white inside."""
    n = len(rgb)
    pick = (u[:, 2] < 0.45 * strength).nonzero().flatten()
    if len(pick) == 0:
        return rgb, a
    r, al, g = rgb[pick], a[pick], grey[pick]
    g = g * al
    thick = (u[pick, 3] < 0.3).view(-1, 1, 1, 1)
    span3 = F.max_pool2d(g, 3, 1, 1) + F.max_pool2d(-g, 3, 1, 1)
    edge = (span3 * (2 + 4 * u[pick, 4].view(-1, 1, 1, 1))).clamp(0, 1)
    edge = torch.where(thick, F.max_pool2d(edge, 3, 1, 1), edge)
    flat = (u[pick, 5] < 0.25).view(-1, 1, 1, 1)  # colours washed out to white paper
    r = torch.where(flat, 1 - (1 - r) * 0.25, r)
    rim2, rim4 = F.max_pool2d(al, 3, 1, 1), F.max_pool2d(al, 5, 1, 2)
    rim = torch.where(thick, rim4, rim2)
    ink = 0.12 * u[pick, 6].view(-1, 1, 1, 1)
    r = r * (1 - edge) + ink * edge
    r = r * al + ink * (1 - al)
    rgb, a = rgb.clone(), a.clone()
    rgb[pick], a[pick] = r, rim
    return rgb, a


def cell_labels(batch):
    """What each query answers for: the thing whose centre lies in its cell (0 = none), its colour
    (-1 = none or several) and thirds (row, column; -1 = none). (B, 16), (B, 16), (B, 16, 2)."""
    cls = torch.zeros(len(batch), 16, dtype=torch.int64)
    col, place = torch.full((len(batch), 16), -1), torch.full((len(batch), 16, 2), -1)
    for b, s in enumerate(batch):
        for i in s["items"]:
            k = scenes.cell(i)
            cls[b, k], col[b, k] = i["label"], i["colour"]
            place[b, k] = torch.tensor(scenes.thirds(i))
    return dict(cell_class=cls, cell_colour=col, cell_place=place)


def paint(bank, batch, rng, gen, size=64, patch=4, augment=True, strength=1.0):
    """batch: list of scenes -> dict of tensors. Fills in each item's measured colour and each
    background (chosen to differ from the things)."""
    flat = [(b, k, i) for b, s in enumerate(batch) for k, i in enumerate(s["items"])]
    B, n = len(batch), len(flat)
    grid = size // patch
    canvas_cls = torch.zeros(B, grid * grid, dtype=torch.int64)
    canvas_col = torch.full((B, grid * grid), -1, dtype=torch.int64)
    layers = None
    if n:
        x = bank.rgba[[i["sprite"] for _, _, i in flat]].float()
        rgb, a = x[:, :3] / x[:, 3:].clamp_min(1e-3), x[:, 3:]
        rgb = rgb.clamp(0, 1)
        if augment:
            rgb, a, grey, u = _augment(torch.cat([rgb, a], 1), rng, gen, strength)
        else:
            grey, u = rgb.mean(1, keepdim=True), None
        todo = [j for j, (_, _, i) in enumerate(flat) if i["recolour"] >= 0]
        if todo:
            target = torch.tensor([flat[j][2]["recolour"] for j in todo])
            rgb = rgb.clone()
            rgb[todo] = colours.recolour(rgb[todo].permute(0, 2, 3, 1), target).permute(0, 3, 1, 2)
        small = F.avg_pool2d(torch.cat([rgb * a, a], 1), 2)
        measured = colours.dominant((small[:, :3] / small[:, 3:].clamp_min(1e-3)).permute(0, 2, 3, 1),
                                    small[:, 3]).tolist()
        for (_, _, i), m in zip(flat, measured):
            i["colour"] = m
        if augment:
            rgb, a = _outline(rgb, a, grey, u, strength)
        x = torch.cat([rgb * a, a], 1)
        layers = _place(x, flat, rng, augment, size)
    for s in batch:
        scenes.clear_background(rng, s)
    bg = colours.PROTOTYPES[[s["bg"] for s in batch]].view(B, 3, 1, 1)
    jitter = 0.10 * (torch.rand(B, 3, 1, 1, generator=gen) - 0.5)
    ramp = torch.linspace(-0.5, 0.5, size)
    slope = 0.12 * (torch.rand(B, 1, 2, generator=gen) - 0.5) * (torch.rand(B, 1, 1, generator=gen) < 0.4)
    light = slope[..., :1].unsqueeze(-1) * ramp.view(1, 1, 1, -1) + slope[..., 1:].unsqueeze(-1) * ramp.view(1, 1, -1, 1)
    out = (bg + jitter + light).clamp(0, 1).expand(B, 3, size, size).contiguous()
    if n:
        owner = torch.tensor([b for b, _, _ in flat])
        total = torch.zeros(B, 4, size, size).index_add_(0, owner, layers)
        out = out * (1 - total[:, 3:].clamp(0, 1)) + total[:, :3]
        cover = F.avg_pool2d(layers[:, 3:], patch).flatten(1)  # (n, patches)
        any_cover = torch.zeros(B, grid * grid).index_add_(0, owner, cover)
        canvas_cls[any_cover > 0.06] = -1
        mine = cover > 0.4
        for j, (b, _, i) in enumerate(flat):
            canvas_cls[b][mine[j]] = i["label"]
            canvas_col[b][mine[j]] = i["colour"]
    if augment:
        noise = 0.03 * torch.rand(B, 1, 1, 1, generator=gen) * torch.randn(B, 3, size, size, generator=gen)
        blur = F.avg_pool2d(F.pad(out, (1, 1, 1, 1), mode="replicate"), 3, 1)
        soft = (torch.rand(B, 1, 1, 1, generator=gen) < 0.15)
        out = torch.where(soft, blur, out) + noise
    pixels = (out.clamp(0, 1) - 0.5) / 0.5
    return dict(pixels=pixels, patch_class=canvas_cls, patch_colour=canvas_col,
                bg=torch.tensor([s["bg"] for s in batch]), **cell_labels(batch))


def _place(x, flat, rng, augment, size):
    """Sprites (n,4,64,64) -> layers (n,4,size,size) at their places, turned and flipped a little."""
    n = len(flat)
    theta = torch.zeros(n, 2, 3)
    for j, (_, _, i) in enumerate(flat):
        ang = rng.gauss(0, 0.16) if augment else 0.0
        if augment and rng.random() < 0.04:
            ang = rng.uniform(-1.2, 1.2)
        flip = -1.0 if augment and rng.random() < 0.5 else 1.0
        stretch = math.exp(rng.gauss(0, 0.08)) if augment else 1.0
        k = (52 / 64) / i["size"]  # sprite drawing fills `size` of the canvas
        cx, cy = 2 * i["x"] - 1, 2 * i["y"] - 1
        c, s = math.cos(ang), math.sin(ang)
        a11, a12, a21, a22 = k * c * flip * stretch, k * s * flip * stretch, -k * s / stretch, k * c / stretch
        theta[j] = torch.tensor([[a11, a12, -a11 * cx - a12 * cy], [a21, a22, -a21 * cx - a22 * cy]])
    out = torch.empty(n, 4, size, size)
    scale = torch.tensor([i["size"] for _, _, i in flat]) * size / 52
    for level, mask in ((0, scale >= 0.75), (1, (scale < 0.75) & (scale >= 0.42)), (2, scale < 0.42)):
        idx = mask.nonzero().flatten()
        if len(idx):
            src = x[idx]
            if level == 1:
                src = F.interpolate(src, scale_factor=0.5, mode="bilinear", antialias=True)
            elif level == 2:
                src = F.interpolate(src, scale_factor=0.34, mode="bilinear", antialias=True, recompute_scale_factor=True)
            g = F.affine_grid(theta[idx], (len(idx), 4, size, size), align_corners=False)
            out[idx] = F.grid_sample(src, g, mode="bilinear", padding_mode="zeros", align_corners=False)
    return out


def make_strange(scene, data, b, gen):
    """Replace picture b by noise of a random coarseness, or by stripes: nothing to recognise."""
    size = data["pixels"].shape[-1]
    coarse = [size, size // 2, size // 4, size // 10, 3][torch.randint(5, (1,), generator=gen).item()]
    x = torch.rand(1, 3, coarse, coarse, generator=gen)
    x = F.interpolate(x, size=size, mode=["nearest", "bilinear"][torch.randint(2, (1,), generator=gen).item()])[0]
    u = torch.rand(4, generator=gen)
    if u[0] < 0.4:
        t = torch.linspace(0, 1, size)
        wave = torch.sin(6.28 * (2 + 10 * u[1]) * (t[None] * u[2] + t[:, None] * (1 - u[2]))) * 0.5 + 0.5
        pair = torch.rand(2, 3, 1, 1, generator=gen)
        x = pair[0] + (pair[1] - pair[0]) * (wave if u[3] < 0.5 else wave.round())
    data["pixels"][b] = x * 2 - 1
    data["patch_class"][b] = world.OUTSIDE
    data["patch_colour"][b] = -1
    data["bg"][b] = -1
    data["cell_class"][b] = world.OUTSIDE
    data["cell_colour"][b] = -1
    data["cell_place"][b] = -1
    scene.update(strange=True, items=[dict(label=world.OUTSIDE, sprite=-1, colour=-1, recolour=-1, x=0.5, y=0.5, size=0.9)])


class Stream:
    """Endless batches of training pictures."""

    def __init__(self, bank, seed, **options):
        self.bank, self.rng = bank, random.Random(seed)
        self.gen = torch.Generator().manual_seed(seed)
        self.options = options
        self.size, self.patch, self.strange = 64, 4, 0.0

    def next(self, size, strength=1.0):
        """strength 0..1: from mostly single, plainly drawn things to everything (a curriculum)."""
        easy, full = (0.01, 0.25, 0.24, 0.20, 0.30), (0.02, 0.22, 0.22, 0.24, 0.30)
        counts = tuple(e + (f - e) * strength for e, f in zip(easy, full))
        options = dict(dict(counts=counts, recolour=0.1 + 0.2 * strength), **self.options)
        batch = [scenes.sample(self.rng, self.bank.pool, **options) for _ in range(size)]
        data = paint(self.bank, batch, self.rng, self.gen, self.size, self.patch, strength=0.3 + 0.7 * strength)
        for b in range(size):
            if self.rng.random() < self.strange:
                make_strange(batch[b], data, b, self.gen)
        return batch, data
