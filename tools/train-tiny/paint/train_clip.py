"""The ranker: pictures and captions of the same scene score high together, all other pairs low.

Half of a batch are siblings of the other half (one thing, colour or background changed), and every caption
also sees spoiled pictures (spoil.py), its own among them: that is what choosing the best of four takes.
Linear heads on the picture's features name things and colours while training only; they speed it up.
"""
import copy
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

import twins
import world

from . import captions, clip, clip_vocab, loop, style, subjects
from .spoil import spoiled
from .train_classifier import worn
from .wordpiece import WordPiece

GROUNDS = style.DEFAULT + 1


class Trainee(nn.Module):
    def __init__(self, text, vision, projection):
        super().__init__()
        self.clip = clip.ChineseCLIPModel(text, vision, projection)
        d = vision["hidden_size"]
        self.heads = nn.ModuleList([nn.Linear(d, 2 * (len(world.THINGS) + 1)), nn.Linear(d, 2 * (world.N_COLOURS + 1)), nn.Linear(d, GROUNDS)])


def sibling(maker, rng, scene):
    """The same scene with one thing about it changed."""
    items, bg = copy.deepcopy(scene["items"]), scene["bg"]
    change = rng.choice(["thing", "colour", "ground"] + ["order"] * (len(items) > 1))
    k = rng.randrange(len(items))
    if change == "thing":
        paint = items[k]["paint"]
        label = rng.choice(maker.labels)
        items[k] = maker.item(rng, label, paint if paint in maker.paints[label] else -1)
    elif change == "colour":
        items[k] = maker.item(rng, items[k]["label"], rng.choice(maker.paints[items[k]["label"]] + [-1]))
    elif change == "order":
        items.reverse()
    if change == "ground" or bg in {i["colour"] for i in items}:
        bg = rng.choice([c for c in range(GROUNDS) if c not in {i["colour"] for i in items}])
    return maker.scene(rng, items, bg)


def named(scenes):
    """Targets of the heads: first and second thing, their colours (0 = none), background."""
    thing, colour = torch.zeros(len(scenes), 2, dtype=torch.int64), torch.zeros(len(scenes), 2, dtype=torch.int64)
    for b, s in enumerate(scenes):
        for k, i in enumerate(s["items"]):
            thing[b, k], colour[b, k] = i["label"] - world.FIRST + 1, i["colour"] + 1
    return thing, colour, torch.tensor([s["bg"] for s in scenes])


def losses(t, tok, scenes, pixels, prompts, gen):
    """-> loss and parts. Scenes that no caption tells apart count as one another's."""
    n = len(scenes)
    ids, mask = clip.tokens(tok, prompts)
    both = clip.normalised(torch.cat([worn(pixels, gen), worn(spoiled(pixels, gen), gen)]))
    pooled = t.clip.pooled(both)
    images, texts = t.clip.visual_projection(pooled), t.clip.text_features(ids, mask)
    scores = t.clip.scores(images, texts)  # (2n, n)
    keys = [subjects.same(s) for s in scenes]
    alike = torch.tensor([[a == b for b in keys] for a in keys]).float()
    target = alike / alike.sum(1, keepdim=True)
    l_image = F.cross_entropy(scores[:n], target)
    l_text = F.cross_entropy(scores.T, torch.cat([target.T, torch.zeros(n, n)], 1))
    thing, colour, ground = named(scenes)
    heads = [h(pooled[:n]).float() for h in t.heads]
    l_heads = (F.cross_entropy(heads[0].view(2 * n, -1), thing.flatten()) + F.cross_entropy(heads[1].view(2 * n, -1), colour.flatten())
               + 0.5 * F.cross_entropy(heads[2], ground))
    right = alike[torch.arange(n), scores[:n].argmax(1)].mean()
    kept = (scores.T.argmax(1) < n).float().mean()  # a real picture beats all spoiled ones
    return l_image + l_text + 0.5 * l_heads, dict(image=l_image.item(), text=l_text.item(), heads=l_heads.item(), right=right.item(), kept=kept.item())


def batch(maker, rng, n):
    scenes = [maker.scene(rng) for _ in range(n // 2)]
    scenes += [sibling(maker, rng, s) for s in scenes]
    prompts = [captions.caption(rng, s, rng.choice(("en", "zh"))) for s in scenes]
    order = list(range(len(scenes)))
    rng.shuffle(order)
    return [scenes[k] for k in order], [prompts[k] for k in order]


def load_clip(path):
    c = loop.load(path)
    net = clip.ChineseCLIPModel(c["extra"]["text"], c["extra"]["vision"], c["extra"]["projection"])
    net.load_state_dict({k[5:]: v for k, v in c["ema"].items() if k.startswith("clip.")})
    return net.eval().requires_grad_(False)


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    vocab = a.work / f"{a.name}-vocab.txt"
    if not vocab.exists():
        tmp = vocab.with_suffix(f".{rank}")
        tmp.write_text("\n".join(clip_vocab.build()) + "\n", encoding="utf-8")
        tmp.replace(vocab)
    tok = WordPiece(vocab)
    drawings = style.Drawings(a.work)
    maker = subjects.Subjects(drawings, subjects.held_out(drawings))
    heads = lambda d: max(1, d // 32)
    text = dict(clip.TEXT, vocab_size=len(tok.tokens), hidden_size=a.text, num_attention_heads=heads(a.text), intermediate_size=3 * a.text)
    vision = dict(clip.VISION, hidden_size=a.vision, num_attention_heads=heads(a.vision), intermediate_size=3 * a.vision)
    run = loop.Run(Trainee(text, vision, clip.PROJECTION), a, rank, n, dict(text=text, vision=vision, projection=clip.PROJECTION))
    seed = a.seed + 1000 * rank + 7 * run.steps
    rng, gen = random.Random(seed), torch.Generator().manual_seed(seed)
    while run.going():
        scenes, prompts = batch(maker, rng, a.batch)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(run.module, tok, scenes, drawings.pictures(scenes), prompts, gen)
        run.step(loss, parts)
        with torch.no_grad():
            run.module.clip.logit_scale.clamp_(max=4.6052)


def main():
    ap = loop.arguments("clip", minutes=30, batch=64, lr=1e-3)
    ap.add_argument("--text", type=int, default=128, help="width of the text tower")
    ap.add_argument("--vision", type=int, default=160, help="width of the vision tower")
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
