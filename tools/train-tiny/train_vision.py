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
import scenes
import twins
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
        self.query_head = nn.Linear(dim, world.N_CLASSES + 2 * world.N_COLOURS + 6)
        conv_init.init(self.beit3, self.query, config)

    def forward(self, pixels, fast, queries=True):
        """-> patches (B, P, dim) and queries (B, Q, dim), or None without them."""
        if not queries:
            return self.beit3(pixels, None, fast)[:, 1:], None
        out = self.beit3(pixels, self.query, fast)
        return out[:, 1:-QUERIES], out[:, -QUERIES:]


def losses(tower, data, fast, queries=True):
    """One forward pass with all dense losses -> (loss, parts)."""
    patches, queries = tower(data["pixels"], fast, queries)
    return dense_losses(tower.patch_head, tower.query_head, patches, queries, data)


def dense_losses(patch_head, query_head, patches, queries, data):
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
    l_queries, more = query_losses(query_head, queries, data)
    parts.update(more)
    return loss + l_queries, parts


def query_losses(query_head, queries, data):
    """Every query: the thing centred in its cell or none, its colour and thirds; and the background."""
    C, K = world.N_CLASSES, world.N_COLOURS
    out = query_head(queries.flatten(0, 1)).float()
    cls = data["cell_class"].flatten()
    q, qk, bg, row, column = out.split([C, K, K, 3, 3], 1)
    w = torch.where(cls == 0, 0.8, 1.0)
    l_q = (F.cross_entropy(q, cls, reduction="none", label_smoothing=0.05) * w).sum() / w.sum()
    l_qk = F.cross_entropy(qk, data["cell_colour"].flatten(), ignore_index=-1)
    l_bg = F.cross_entropy(bg, data["bg"].repeat_interleave(QUERIES), ignore_index=-1)
    place = data["cell_place"].view(-1, 2)
    l_at = F.cross_entropy(row, place[:, 0], ignore_index=-1) + F.cross_entropy(column, place[:, 1], ignore_index=-1)
    parts = dict(query=l_q.item(), qcolour=l_qk.item(), bg=l_bg.item(), place=l_at.item())
    return l_q + 0.3 * l_qk.nan_to_num() + 0.15 * l_bg.nan_to_num() + 0.3 * l_at.nan_to_num(), parts


@torch.no_grad()
def accuracy(tower, bank, seed=5, n=256, fast=False):
    """Scenes of one, two, three things -> share of things named right by the query of their cell, and
    share of scenes whose queries report exactly the right things."""
    rng, gen = random.Random(seed), torch.Generator().manual_seed(seed)
    report = []
    for things in (1, 2, 3):
        counts = [0] * things + [1]
        named = exact = asked = 0
        for _ in range(n // 64):
            batch = [scenes.sample(rng, bank.pool, counts=counts, outside=0) for _ in range(64)]
            data = compose.paint(bank, batch, rng, gen, tower.config["img_size"], tower.config["patch"], augment=False)
            with torch.autocast("cpu", torch.bfloat16):
                _, q = tower(data["pixels"], fast)
                guess = tower.query_head(q)[..., :world.N_CLASSES].float().argmax(-1)
            truth = data["cell_class"]
            named += (guess == truth)[truth > 0].sum().item()
            asked += (truth > 0).sum().item()
            exact += sum(sorted(g[g > 0].tolist()) == sorted(t[t > 0].tolist()) for g, t in zip(guess, truth))
        report.append((round(named / asked, 3), round(exact / n, 3)))
    return report


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


def worker(rank, n, a):
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
    stream = compose.Stream(bank, a.seed + step + 5000 * rank)
    stream.size, stream.patch = config["img_size"], config["patch"]
    if not step:
        same = compose.Stream(bank, a.seed)
        same.size, same.patch = stream.size, stream.patch
        conv_init.whiten(tower.beit3, torch.cat([same.next(64)[1]["pixels"] for _ in range(4)]))
        ema.load_state_dict(tower.state_dict())
    done = spent / (a.minutes * 60)
    fast = done < a.soft_from
    handles = conv_init.protect(tower.beit3) if fast else []
    mean, last, saved = None, time.time(), time.time()
    params, eparams = list(tower.parameters()), list(ema.parameters())
    while done < 1:
        lr = a.lr * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for g in [g for o in opts for g in o.param_groups]:
            g["lr"] = lr * g.get("scale", 1)
        if not anchored and done >= a.anchor_from:
            anchored = True
            same = compose.Stream(bank, a.seed + 1)
            same.size, same.patch = stream.size, stream.patch
            print("position code made louder; norms were", conv_init.anchor(tower.beit3, tower.query, same.next(32)[1]["pixels"]), flush=True)
            ema.load_state_dict(tower.state_dict())
            opts = optimizers(tower, a.lr)
        if fast and done >= a.soft_from:
            fast = False
            for h in handles:
                h.remove()
            print("softmax from here", flush=True)
        _, data = stream.next(a.batch, min(1.0, done / 0.5) if a.curriculum else 1.0)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(tower, data, fast, done >= a.queries_from)
        tower.zero_grad()
        loss.backward()
        now = time.time()
        spent, last = spent + now - last, now
        done = twins.average(params, n, rank, spent / (a.minutes * 60))
        nn.utils.clip_grad_norm_(params, 1.0)
        for o in opts:
            o.step()
        step += 1
        if rank:
            continue
        with torch.no_grad():
            torch._foreach_lerp_(eparams, params, max(0.002, 1 / (step + 1)))
        mean = parts if mean is None else {k: 0.97 * mean.get(k, v) + 0.03 * v for k, v in parts.items()}
        if step % 50 == 0:
            print(f"{step} {spent / 60:.1f}min lr {lr:.1e} {'fast' if fast else 'soft'} "
                  + " ".join(f"{k} {v:.3f}" for k, v in mean.items()), flush=True)
        if step % 500 == 0 or done >= 1:
            print("   named, exact by number of things: known artists", accuracy(ema, bank, fast=fast), "unseen artist",
                  accuracy(ema, unseen, fast=fast), flush=True)
        if now - saved > 150 or done >= 1:
            saved = now
            tmp = path.with_suffix(".tmp")
            torch.save(dict(tower=tower.state_dict(), ema=ema.state_dict(), opts=[o.state_dict() for o in opts],
                            spent=spent, step=step, anchored=anchored, config=config), tmp)
            tmp.replace(path)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--minutes", type=float, default=60)
    ap.add_argument("--soft-from", type=float, default=0.95, help="share of the time after which attention is softmax")
    ap.add_argument("--anchor-from", type=float, default=0.75, help="share of the time after which the position code is made louder")
    ap.add_argument("--queries-from", type=float, default=0.4, help="share of the time the patches train alone")
    ap.add_argument("--curriculum", action=argparse.BooleanOptionalAction, default=True)
    ap.add_argument("--name", default="vision")
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=2.5e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--processes", type=int, default=2)
    ap.add_argument("--set", action="append", default=[], help="config override, name=value")
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
