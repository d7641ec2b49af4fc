"""Draw evaluation pictures the way a user's picture arrives: 256 px from the SVGs with Pillow, then
the model's own transform (squash to 60 px, Pillow bicubic, mean = std = 0.5)."""
import pathlib
import random

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter

import colours
import scenes
import sprites
import world

SIDE = 256


def transform(image, size):
    x = np.asarray(image.convert("RGB").resize((size, size), Image.BICUBIC), np.float32) / 255
    return torch.from_numpy((x - 0.5) / 0.5).permute(2, 0, 1).contiguous()


class Studio:
    """Draws scenes with one set of artists. Outside drawings are the ones kept for testing."""

    def __init__(self, work: pathlib.Path, artists):
        self.sets = work / "npm" / "node_modules" / "@iconify-json"
        self.icons, labels = [], []
        for a in artists:
            d = sprites.load(work / "sprites", a)
            for slug, label, test in zip(d["slug"], d["label"], d["test"]):
                if label >= world.FIRST or test:
                    self.icons.append((a, str(slug)))
                    labels.append(int(label))
        self.pool = scenes.Pool(labels)
        self.cache = {}

    def drawing(self, k, side):
        key = (k, side)
        if key not in self.cache:
            self.cache[key] = sprites.draw(sprites.svg(self.sets, *self.icons[k]), side)
        return self.cache[key]

    def draw(self, rng: random.Random, scene) -> Image.Image:
        """Draws the scene and fills in the things' measured colours (-1 when none is clear)."""
        done = []
        for i in scene["items"]:
            im = self.drawing(i["sprite"], max(24, round(i["size"] * SIDE * 0.96)))
            x = torch.from_numpy(np.asarray(im, np.float32) / 255)
            rgb, alpha = x[None, ..., :3], x[None, ..., 3]
            if i["recolour"] >= 0:
                rgb = colours.recolour(rgb, torch.tensor([i["recolour"]]))
                im = Image.fromarray((torch.cat([rgb, alpha[..., None]], -1)[0] * 255).byte().numpy(), "RGBA")
            i["colour"] = int(colours.dominant(rgb, alpha, 0.6)[0])
            top = float(colours.shares(rgb, alpha).max())
            i["clear"] = i["colour"] >= 0 or top < 0.5  # neither nearly one colour nor clearly several
            done.append(im)
        scenes.clear_background(rng, scene)
        base = (colours.PROTOTYPES[scene["bg"]] + 0.06 * (torch.rand(3, generator=torch.Generator().manual_seed(rng.randrange(10 ** 6))) - 0.5))
        picture = Image.new("RGB", (SIDE, SIDE), tuple(int(v) for v in (base.clamp(0, 1) * 255).tolist()))
        for i, im in zip(scene["items"], done):
            picture.paste(im, (round(i["x"] * SIDE - im.width / 2), round(i["y"] * SIDE - im.height / 2)), im)
        return picture


def strange(rng: random.Random):
    """A picture with nothing of the world: noise, stripes, blurred blobs or text."""
    kind = rng.choice(["noise", "stripes", "blobs", "text"])
    g = np.random.default_rng(rng.randrange(10 ** 6))
    if kind == "noise":
        return Image.fromarray(g.integers(0, 256, (SIDE // 4, SIDE // 4, 3), dtype=np.uint8)).resize((SIDE, SIDE))
    im = Image.new("RGB", (SIDE, SIDE), tuple(int(v) for v in g.integers(0, 256, 3)))
    d = ImageDraw.Draw(im)
    if kind == "stripes":
        step = rng.randrange(10, 40)
        for k in range(0, 2 * SIDE, 2 * step):
            d.line([(k, 0), (k - SIDE, SIDE)], fill=tuple(int(v) for v in g.integers(0, 256, 3)), width=step)
    elif kind == "blobs":
        for _ in range(40):
            x, y, r = rng.randrange(SIDE), rng.randrange(SIDE), rng.randrange(8, 50)
            d.ellipse([x - r, y - r, x + r, y + r], fill=tuple(int(v) for v in g.integers(0, 256, 3)))
        im = im.filter(ImageFilter.GaussianBlur(4))
    else:
        for line in range(8):
            d.text((10, 12 + 30 * line), "".join(rng.choice("abcdefghijklmnop qrstuv wxyz") for _ in range(30)),
                   fill=(0, 0, 0) if im.getpixel((0, 0))[1] > 100 else (255, 255, 255), font_size=20)
    return im
