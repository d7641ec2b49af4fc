"""The judge of paintings: the convolutional net of paint/classifier, trained on real pictures of the small canvas, shared by all arms."""
import torch
import torch.nn.functional as F

import world
from paint.classifier import Judge
from paint.style import SIDE
from paint.train_classifier import losses, worn

from . import small
from .canvas import Canvas
from .run import Run, adamw, load

WIDTHS = (16, 32, 64, 96)


def enlarged(pictures):
    """(B, 3, side, side) -> the size the judge sees."""
    return F.interpolate(pictures, SIDE, mode="bilinear", align_corners=False)


def _material(canvas, dice, n):
    pairs = canvas.seen + canvas.unseen
    scenes = [canvas.scene(dice, dice.choice(pairs)) for _ in range(n)]
    return scenes, enlarged(canvas.pictures(scenes))


def train(work, settings, out, stop_after=None):
    torch.manual_seed(1)
    canvas, judge = Canvas(work, settings.paint_things, settings.paint_side), Judge(WIDTHS)
    run = Run(out, judge, [adamw(judge, 1.5e-3)], settings.judge_steps, settings.stamp("judge"), stop_after=stop_after)
    for step in run:
        dice = small.dice("judge", step)
        scenes, pixels = _material(canvas, dice, settings.judge_batch)
        loss, parts = losses(judge, worn(pixels, torch.Generator().manual_seed(dice.getrandbits(60))), scenes)
        run.update(loss, right=parts["right"], ground=parts["ground"])
    if run.at == settings.judge_steps:
        scenes, pixels = _material(canvas, small.dice("judge's own exam"), 256)
        seen = verdicts(judge.eval(), pixels, [(s["items"][0]["label"], s["bg"]) for s in scenes], grown=True)
        run.finish(out, dict(judge=judge.state_dict(), figures={k: sum(v) / len(v) for k, v in seen.items()}))


def load_judge(path):
    judge = Judge(WIDTHS)
    judge.load_state_dict(load(path)["judge"])
    return judge.eval().requires_grad_(False)


@torch.no_grad()
def verdicts(judge, pictures, pairs, grown=False):
    """Pictures of (thing, background) pairs -> {"thing": [0 or 1], "ground": [0 or 1]}."""
    f = judge(pictures if grown else enlarged(pictures))[:, 0]
    thing, ground = judge.thing(f).argmax(1) + world.FIRST, judge.ground(f).argmax(1)
    return dict(thing=[int(a == p[0]) for a, p in zip(thing.tolist(), pairs)], ground=[int(a == p[1]) for a, p in zip(ground.tolist(), pairs)])
