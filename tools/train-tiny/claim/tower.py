"""The tower: learns to name what stands where, without any language; then stays as it is, the same in every arm and seed.

A small convolutional net in the place of BEiT3, which would need hours here: its 4 x 4 map stands for the 16 queries, each
answering for the thing whose centre lies in its cell. The query outputs for a seed's pictures are computed once, so its arms see
the very same pictures and the multimodal stage costs no vision at all.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

import compose
import world
from paint.classifier import Block
from train_vision import QUERIES

from . import small
from .run import Run, adamw, load, write

CHUNK = 64
RECOLOUR = 0.35
WIDTHS = (24, 48, 96, 128)
DIM = 128  # of a query output
HEADS = dict(present=2, thing=len(small.LABELS), colour=world.N_COLOURS, row=3, column=3, ground=world.N_COLOURS)
NUMBER = torch.full((world.N_CLASSES,), -1)
NUMBER[small.LABELS] = torch.arange(len(small.LABELS))


class Tower(nn.Module):
    """pixels (B, 3, 64, 64), -1..1 -> query outputs (B, 16, DIM), columns first as scenes.cell; head: for training only."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, WIDTHS[0], 5, 2, 2)
        before, blocks = WIDTHS[0], []
        for k, w in enumerate(WIDTHS):
            blocks += [Block(before, w, 2 if k else 1), Block(w, w, 1)]
            before = w
        self.blocks, self.norm = nn.Sequential(*blocks), nn.GroupNorm(8, before)
        self.out = nn.Linear(2 * before, DIM)
        self.heads = nn.ModuleDict({k: nn.Linear(DIM, n) for k, n in HEADS.items()})

    def forward(self, pixels):
        x = F.relu(self.norm(self.blocks(self.stem(pixels))))  # (B, C, 4, 4)
        cells = x.transpose(2, 3).flatten(2).transpose(1, 2)
        assert cells.shape[1] == QUERIES
        return self.out(torch.cat([cells, cells.mean(1, keepdim=True).expand_as(cells)], 2)).float()


def bank(work):
    """The drawings of the small world's things by its artists."""
    b = compose.Bank(work / "sprites", small.ARTISTS)
    b.pool.classes = [c for c in b.pool.classes if c in set(small.LABELS)]
    if len(b.pool.classes) != len(small.LABELS):
        raise SystemExit(f"{work / 'sprites'}: drawings are missing for {[small.thing(c)['en'] for c in set(small.LABELS) - set(b.pool.classes)]}")
    return b


def draw(drawings, dice, n, alone=0.5, recolour=RECOLOUR):
    """n scenes of one or (1 - alone of them) two different things, `recolour` of which are painted in a colour not their own
    -> scenes (with measured colours) and tensors as of compose.paint."""
    batch = []
    for _ in range(n):
        places = small.layout(dice, 1 if dice.random() < alone else 2)
        items = []
        for label, (x, y, size) in zip(dice.sample(small.LABELS, len(places)), places):
            paint = dice.randrange(world.N_COLOURS) if dice.random() < recolour else -1
            items.append(dict(label=label, sprite=drawings.pool.pick(dice, label), x=x, y=y, size=size, recolour=paint, colour=paint))
        batch.append(dict(bg=dice.randrange(world.N_COLOURS), items=items))
    gen = torch.Generator().manual_seed(dice.getrandbits(60))
    return batch, compose.paint(drawings, batch, dice, gen, augment=False)


def losses(tower, data):
    """Every query: whether a thing is centred in its cell; where one is, which, its colour and thirds; and the background."""
    q = tower(data["pixels"]).flatten(0, 1)
    cls = data["cell_class"].flatten()
    here = (cls > 0).nonzero().flatten()
    place = data["cell_place"].view(-1, 2)[here]
    truth = dict(thing=NUMBER[cls[here]], colour=data["cell_colour"].flatten()[here], row=place[:, 0], column=place[:, 1])
    parts = {k: F.cross_entropy(tower.heads[k](q[here]), t, ignore_index=-1) for k, t in truth.items()}
    parts["present"] = F.cross_entropy(tower.heads["present"](q), (cls > 0).long())
    parts["ground"] = F.cross_entropy(tower.heads["ground"](q), data["bg"].repeat_interleave(QUERIES))
    return parts["thing"] + 0.5 * sum(v.nan_to_num() for k, v in parts.items() if k != "thing"), {k: v.item() for k, v in parts.items()}


def train(work, settings, out, stop_after=None):
    torch.manual_seed(1)
    drawings, tower = bank(work), Tower()
    run = Run(out, tower, [adamw(tower, 2e-3)], settings.tower_steps, settings.stamp("tower"), warmup=60, stop_after=stop_after)
    for step in run:
        done = step / settings.tower_steps
        _, data = draw(drawings, small.dice("vision", step), settings.tower_batch, alone=max(0.5, 1 - 2 * done),
                       recolour=RECOLOUR * (0.2 + 0.8 * done))
        loss, parts = losses(tower, data)
        run.update(loss, **parts)
    if run.at == settings.tower_steps:
        run.finish(out, dict(tower=tower.state_dict(), figures=dict(run.mean, named=named(tower, drawings))))


@torch.no_grad()
def named(tower, drawings, n=192):
    """Share of things of new scenes that the query of their cell names."""
    tower.eval()
    right = asked = 0
    for k in range(n // CHUNK):
        _, data = draw(drawings, small.dice("named", k), CHUNK)
        cls = data["cell_class"]
        guess = tower.heads["thing"](tower(data["pixels"])).argmax(-1)
        right, asked = right + (guess == NUMBER[cls])[cls > 0].sum().item(), asked + (cls > 0).sum().item()
    return right / asked


@torch.no_grad()
def gallery(work, settings, seed, out, path):
    """Writes the pictures of a seed as the tower sees them: scenes and query outputs, `train` and, never trained on, `test`."""
    drawings, tower = bank(work), Tower()
    tower.load_state_dict(load(path)["tower"])
    tower.eval()
    parts = {}
    for split, n in (("train", settings.pictures), ("test", settings.questions)):
        told, seen = [], []
        for k in range(0, n, CHUNK):
            batch, data = draw(drawings, small.dice("gallery", split, seed, k), min(CHUNK, n - k))
            told += [dict(bg=s["bg"], items=[{f: i[f] for f in ("label", "x", "y", "size", "colour")} for i in s["items"]]) for s in batch]
            seen.append(tower(data["pixels"]).half())
        parts[split] = dict(scenes=told, queries=torch.cat(seen))
    write(out, parts)
