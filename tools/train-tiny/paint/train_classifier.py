"""Trains the judge on real pictures: every thing in every colour, the painter's held-out pairs too, alone and in
pairs, slightly blurred and noisy. Reports how often it is right on new pictures: the ceiling of the figures.
"""
import random

import torch
import torch.nn.functional as F

import twins
import world

from . import loop, style, subjects
from .classifier import WIDTHS, Judge


def labels(scenes):
    """-> things and colours (B, 3) for whole, left, right (-1 = not asked), backgrounds (B,)."""
    thing, colour = torch.full((len(scenes), 3), -1), torch.full((len(scenes), 3), -1)
    for b, s in enumerate(scenes):
        for k, i in enumerate(s["items"]):
            at = 0 if len(s["items"]) == 1 else 1 + k
            thing[b, at], colour[b, at] = i["label"] - world.FIRST, i["colour"]
    return thing, colour, torch.tensor([s["bg"] for s in scenes])


def worn(pixels, gen):
    """Blur, noise, light and shifts by chance, so that small faults of painted pictures do not surprise the judge."""
    n = len(pixels)
    u = torch.rand(n, 4, 1, 1, 1, generator=gen)
    blur = F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = torch.where(u[:, 0] < 0.3, pixels + (blur - pixels) * u[:, 1], pixels)
    x = x * (0.9 + 0.2 * u[:, 2]) + 0.12 * (u[:, 3] - 0.5)
    x = x + 0.08 * torch.rand(n, 1, 1, 1, generator=gen) * torch.randn(x.shape, generator=gen)
    dy, dx = torch.randint(-3, 4, (2,), generator=gen).tolist()
    return F.pad(x, (3, 3, 3, 3), mode="replicate")[:, :, 3 + dy:67 + dy, 3 + dx:67 + dx].clamp(-1, 1)


def losses(judge, pixels, scenes):
    thing, colour, ground = labels(scenes)
    f = judge(pixels)
    t, c = judge.thing(f).float(), judge.colour(f).float()
    l_thing = F.cross_entropy(t.flatten(0, 1), thing.flatten(), ignore_index=-1, label_smoothing=0.05)
    l_colour = F.cross_entropy(c.flatten(0, 1), colour.flatten(), ignore_index=-1)
    l_ground = F.cross_entropy(judge.ground(f[:, 0]).float(), ground)
    known = thing >= 0
    right = (t.argmax(-1) == thing)[known].float().mean()
    return l_thing + l_colour + 0.3 * l_ground, dict(thing=l_thing.item(), colour=l_colour.item(), ground=l_ground.item(), right=right.item())


@torch.no_grad()
def accuracy(judge, pixels, scenes):
    """-> shares right: thing, colour (where the picture has a clear one), background."""
    thing, colour, ground = labels(scenes)
    f = judge(pixels)
    share = lambda logits, truth: round((logits.argmax(-1) == truth)[truth >= 0].float().mean().item(), 4)
    return dict(thing=share(judge.thing(f), thing), colour=share(judge.colour(f), colour), ground=share(judge.ground(f[:, 0]), ground))


def load_judge(path):
    c = loop.load(path)
    judge = Judge(c["extra"]["widths"])
    judge.load_state_dict(c["ema"])
    return judge.eval().requires_grad_(False)


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    drawings = style.Drawings(a.work)
    maker = subjects.Subjects(drawings, None)
    widths = [int(w) for w in a.widths.split(",")]
    run = loop.Run(Judge(widths).to(memory_format=torch.channels_last), a, rank, n, dict(widths=widths))
    seed = a.seed + 1000 * rank + 7 * run.steps
    rng, gen = random.Random(seed), torch.Generator().manual_seed(seed)
    while run.going():
        scenes = [maker.scene(rng, pairs=0.4) for _ in range(a.batch)]
        pixels = worn(drawings.pictures(scenes), gen).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(run.module, pixels, scenes)
        run.step(loss, parts)
    if rank == 0:
        fresh = random.Random(990)
        for pairs in (0, 1):
            scenes = [maker.scene(fresh, pairs=pairs) for _ in range(a.measure)]
            print("new pictures of", ["one thing", "two things"][pairs], accuracy(run.ema, drawings.pictures(scenes), scenes), flush=True)


def main():
    ap = loop.arguments("classifier", minutes=10, batch=32, lr=1.5e-3)
    ap.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    ap.add_argument("--measure", type=int, default=512)
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
