"""Vision warm-up: the tower learns to say, for every patch and every query, what covers it.

Dense labels come free because we draw the scenes. The linear heads here are for training only.
The learning rate follows the clock (share of the minutes given), so any budget ends annealed.
Resumable: work/<name>.pt holds weights, optimiser, EMA and the minutes already spent.
"""
import argparse
import copy
import math
import pathlib
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import compose
import conv_init
import sprites
import world
from beit3 import Beit3
from muon import Muon
from fetch import TEST_ARTIST, TRAIN_ARTISTS

CONFIG = dict(img_size=60, patch=5, dim=128, heads=8, layers=6, mlp_ratio=2, text_vocab=4,
              mim_head=[4, 2], query_positions=1024)
QUERIES = 16


class Tower(nn.Module):
    """beit3 + queries + the training heads."""

    def __init__(self, config=CONFIG):
        super().__init__()
        self.config = config
        self.beit3 = Beit3(config)
        dim = config["dim"]
        self.query = nn.Parameter(torch.zeros(QUERIES, dim))
        self.patch_head = nn.Linear(dim, world.N_CLASSES + world.N_COLOURS)
        self.query_head = nn.Linear(dim, world.N_CLASSES + 2 * world.N_COLOURS)
        conv_init.init(self.beit3, self.query, config)

    def forward(self, pixels, fast, queries=True):
        """-> patches (B, P, dim) and queries (B, Q, dim), or None without them."""
        if not queries:
            return self.beit3(pixels, None, fast)[:, 1:], None
        out = self.beit3(pixels, self.query, fast)
        return out[:, 1:-QUERIES], out[:, -QUERIES:]


def query_labels(data, grid):
    """Per 4 x 4 cell: class and colour of what covers most of it (-1 = arguable). (B, 16) twice."""
    c = grid // 4
    B = len(data["patch_class"])

    def cells(x):
        return x.view(B, 4, c, 4, c).permute(0, 1, 3, 2, 4).reshape(B, 16, c * c)

    cls, col = cells(data["patch_class"]), cells(data["patch_colour"])
    value, _ = cls.masked_fill(cls == 0, -1).mode(-1)
    best, where = (cls * (cls > 0)).max(-1)  # any thing; the largest number breaks ties
    count = (cls == best.unsqueeze(-1)).sum(-1)
    label = torch.where(best > 0, best, torch.zeros_like(best))
    clear_bg = (cls == 0).all(-1)
    ok = clear_bg | ((best > 0) & (count * 3 >= c * c) & ((cls == best.unsqueeze(-1)) | (cls <= 0)).all(-1))
    label = torch.where(ok, label, torch.full_like(label, -1))
    colour = torch.where((label > 0), col.gather(-1, where.unsqueeze(-1)).squeeze(-1), torch.full_like(label, -1))
    return label, colour


def losses(tower, data, fast, queries=True):
    """One forward pass with all dense losses -> (loss, parts)."""
    patches, queries = tower(data["pixels"], fast, queries)
    grid = tower.config["img_size"] // tower.config["patch"]
    return dense_losses(tower.patch_head, tower.query_head, patches, queries, data, grid)


def dense_losses(patch_head, query_head, patches, queries, data, grid):
    """patches (B, P, dim), queries (B, Q, dim), data from compose.paint -> (loss, parts)."""
    C, K = world.N_CLASSES, world.N_COLOURS
    cls, col = data["patch_class"].flatten(), data["patch_colour"].flatten()
    thing = (cls > 0).nonzero().flatten()
    ground = (cls == 0).nonzero().flatten()
    ground = ground[torch.randint(len(ground), (max(1, len(thing) // 3),))] if len(ground) else ground
    pick = torch.cat([thing, ground])
    out = patch_head(patches.flatten(0, 1)[pick]).float()
    l_cls = F.cross_entropy(out[:, :C], cls[pick], label_smoothing=0.05)
    l_col = F.cross_entropy(out[:, C:], col[pick], ignore_index=-1)
    loss = l_cls + 0.3 * l_col.nan_to_num()
    parts = dict(patch=l_cls.item(), colour=l_col.item(), right=(out[:len(thing), :C].argmax(-1) == cls[thing]).float().mean().item())
    if queries is None:
        return loss, parts
    l_queries, more = query_losses(query_head, queries, data, grid)
    parts.update(more)
    return loss + l_queries, parts


def query_losses(query_head, queries, data, grid):
    """What covers each query's cell, in which colour, and the background."""
    C, K = world.N_CLASSES, world.N_COLOURS
    q = query_head(queries.flatten(0, 1)).float()
    qc, qk = query_labels(data, grid)
    qc, qk = qc.flatten(), qk.flatten()
    w = torch.where(qc == 0, 0.15, 1.0) * (qc >= 0)
    l_q = (F.cross_entropy(q[:, :C], qc.clamp_min(0), reduction="none", label_smoothing=0.05) * w).sum() / w.sum()
    l_qk = F.cross_entropy(q[:, C:C + K], qk, ignore_index=-1)
    l_bg = F.cross_entropy(q[:, C + K:], data["bg"].repeat_interleave(QUERIES), ignore_index=-1)
    parts = dict(query=l_q.item(), qcolour=l_qk.item(), bg=l_bg.item())
    return l_q + 0.3 * l_qk.nan_to_num() + 0.15 * l_bg, parts


@torch.no_grad()
def accuracy(tower, bank, seed=5, n=320, fast=False, queries=True, counts=(0, 1, 0, 0)):
    """Naming single things: share right from the summed patches and from the summed queries."""
    rng, gen = random.Random(seed), torch.Generator().manual_seed(seed)
    import scenes
    right = [0, 0]
    for _ in range(n // 64):
        batch = [scenes.sample(rng, bank.pool, counts=counts, outside=0, recolour=0) for _ in range(64)]
        data = compose.paint(bank, batch, rng, gen, size=tower.config["img_size"],
                             patch=tower.config["patch"], augment=False)
        with torch.autocast("cpu", torch.bfloat16):
            p, q = tower(data["pixels"], fast, queries)
            outs = [tower.patch_head(p)] + ([tower.query_head(q)] if queries else [])
        truth = torch.tensor([s["items"][0]["label"] for s in batch])
        for k, o in enumerate(outs):
            guess = o[..., :world.N_CLASSES].float().softmax(-1).sum(1)[:, 2:].argmax(-1) + 2
            right[k] += (guess == truth).sum().item()
    return [r / n for r in right]


def optimizers(tower, lr):
    """Muon for the values, outputs and FFN matrices; AdamW for everything else (the structured
    q and k, embeddings, norms, heads)."""
    muon, adam, bare = [], [], []
    for name, p in tower.named_parameters():
        if p.dim() == 2 and any(s in name for s in (".v_proj.", ".out_proj.", ".fc1.", ".fc2.")):
            muon.append(p)
        elif p.dim() > 1 and not any(s in name for s in ("embed_positions", "query", "q_proj.A", "k_proj.A")):
            adam.append(p)
        else:
            bare.append(p)
    return [Muon([dict(params=muon, lr=3 * lr, scale=3, weight_decay=0.02)], lr=lr),
            torch.optim.AdamW([dict(params=adam, weight_decay=0.05), dict(params=bare, weight_decay=0.0)],
                              lr=lr, betas=(0.9, 0.98), fused=True)]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--minutes", type=float, default=60)
    ap.add_argument("--soft-from", type=float, default=0.95, help="share of the time after which attention is softmax")
    ap.add_argument("--anchor-from", type=float, default=0.75, help="share of the time after which the position code is made louder")
    ap.add_argument("--queries-from", type=float, default=0.6, help="share of the time the patches train alone")
    ap.add_argument("--name", default="vision")
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=2.5e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--set", action="append", default=[], help="config override, name=value")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    config = dict(CONFIG, **{k: int(v) for k, v in (s.split("=") for s in a.set)})
    tower = Tower(config)
    ema = copy.deepcopy(tower).requires_grad_(False)
    opts = optimizers(tower, a.lr)
    path, spent, step, anchored = a.work / f"{a.name}.pt", 0.0, 0, False
    if path.exists():
        c = torch.load(path, weights_only=True)
        tower.load_state_dict(c["tower"])
        ema.load_state_dict(c["ema"])
        for o, state in zip(opts, c["opts"] or []):
            o.load_state_dict(state)
        opts[0].param_groups[0].update(scale=3, weight_decay=0.02)
        spent, step, anchored = c["spent"], c["step"], c["anchored"]
    bank = compose.Bank(a.work / "sprites", TRAIN_ARTISTS)
    unseen = compose.Bank(a.work / "sprites", [TEST_ARTIST], test=None)
    stream = compose.Stream(bank, a.seed + step)
    stream.size, stream.patch = config["img_size"], config["patch"]
    if not step:
        conv_init.whiten(tower.beit3, torch.cat([stream.next(64)[1]["pixels"] for _ in range(4)]))
        ema.load_state_dict(tower.state_dict())
    fast = spent < a.soft_from * a.minutes * 60
    handles = conv_init.protect(tower.beit3) if fast else []
    mean, last, saved = None, time.time(), time.time()
    params, eparams = list(tower.parameters()), list(ema.parameters())
    while spent < a.minutes * 60:
        done = spent / (a.minutes * 60)
        lr = a.lr * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for g in [g for o in opts for g in o.param_groups]:
            g["lr"] = lr * g.get("scale", 1)
        if not anchored and done >= a.anchor_from:
            anchored = True
            pixels = stream.next(32)[1]["pixels"]
            print("position code made louder; norms were", conv_init.anchor(tower.beit3, tower.query, pixels), flush=True)
            ema.load_state_dict(tower.state_dict())
            opts = optimizers(tower, a.lr)
        if fast and done >= a.soft_from:
            fast = False
            for h in handles:
                h.remove()
            print("softmax from here", flush=True)
        _, data = stream.next(a.batch, min(1.0, done / 0.5))
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(tower, data, fast, done >= a.queries_from)
        tower.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        for o in opts:
            o.step()
        step += 1
        with torch.no_grad():
            torch._foreach_lerp_(eparams, params, max(0.002, 1 / (step + 1)))
        mean = parts if mean is None else {k: 0.97 * mean.get(k, v) + 0.03 * v for k, v in parts.items()}
        now = time.time()
        spent, last = spent + now - last, now
        if step % 50 == 0:
            print(f"{step} {spent / 60:.1f}min lr {lr:.1e} {'fast' if fast else 'soft'} "
                  + " ".join(f"{k} {v:.3f}" for k, v in mean.items()), flush=True)
        if step % 500 == 0:
            print("   known artists", accuracy(ema, bank, fast=fast, queries=done >= a.queries_from), "unseen artist",
                  accuracy(ema, unseen, fast=fast, queries=done >= a.queries_from), flush=True)
            last = time.time()
        if now - saved > 150 or spent >= a.minutes * 60:
            saved = now
            tmp = path.with_suffix(".tmp")
            torch.save(dict(tower=tower.state_dict(), ema=ema.state_dict(), opts=[o.state_dict() for o in opts],
                            spent=spent, step=step, anchored=anchored, config=config), tmp)
            tmp.replace(path)


if __name__ == "__main__":
    main()
