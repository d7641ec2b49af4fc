"""How painted pictures look: one artist, one drawing a thing, flat backgrounds, whole pixels.

A UNet this small learns a crisp picture only when a name has one look. So of the artists the package is
trained on, painting takes one (flat colours, MIT licence) and of every thing its first icon. Pictures
are 64 x 64, -1..1. Backgrounds: the named colours, or DEFAULT, a pale blue, when none is asked for.
"""
import pathlib

import torch
import torch.nn.functional as F

import colours
import sprites
import world
from fetch import TEST_ARTIST

from .tint import evened, tint

ARTIST = "fluent-emoji-flat"
assert ARTIST != TEST_ARTIST
SIDE = 64
ALONE, PAIRED = (48, 52), (28, 30)  # widths of drawings in pixels
DEFAULT = world.N_COLOURS
GROUNDS = torch.cat([colours.PROTOTYPES, torch.tensor([[218, 230, 243]]) / 255.0])


class Drawings:
    """The drawings of every thing, in class order, at every width pictures use: at[width] (N, 5, width, width), colour,
    alpha, and light and dark for painting. own_colour: colour number or -1; paintable: [thing][colour]."""

    def __init__(self, work: pathlib.Path, artist=ARTIST):
        data = sprites.load(work / "sprites", artist)
        row = {str(s): k for k, s in enumerate(data["slug"])}
        rows = [next(row[s] for s in t["icons"] if s in row) for t in world.THINGS]
        x = torch.from_numpy(data["rgba"][rows]).permute(0, 3, 1, 2).float() / 255
        light = evened(x[:, :3], x[:, 3:])
        x = torch.cat([x[:, :3] * x[:, 3:], x[:, 3:], light * x[:, 3:]], 1)
        self.at = {}
        for width in ALONE + PAIRED:
            y = F.interpolate(x, size=width, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
            alpha = y[:, 3:4]
            y = y / alpha.clamp_min(1e-3)
            self.at[width] = torch.cat([y[:, :3], alpha, y[:, 4:]], 1).clamp(0, 1)
        own = self.at[ALONE[1]]
        name = lambda rgb: colours.dominant(rgb.permute(0, 2, 3, 1), own[:, 3], 0.6)
        self.own_colour = name(own[:, :3]).tolist()
        self.paintable = torch.stack([name(tint(own[:, 4:], c)) == c for c in range(world.N_COLOURS)], 1).tolist()

    def picture(self, scene):
        """Scene (see subjects.py) -> (3, 64, 64)."""
        out = GROUNDS[scene["bg"]].view(3, 1, 1).expand(3, SIDE, SIDE).clone()
        for item in scene["items"]:
            drawing = self.at[item["width"]][item["label"] - world.FIRST]
            rgb, alpha = drawing[:3], drawing[3:4]
            if item["paint"] >= 0:
                rgb = tint(drawing[4:], item["paint"])
            top, left, w = item["top"], item["left"], item["width"]
            place = out[:, top:top + w, left:left + w]
            place.copy_(place * (1 - alpha) + rgb * alpha)
        return out * 2 - 1

    def pictures(self, scenes):
        return torch.stack([self.picture(s) for s in scenes])
