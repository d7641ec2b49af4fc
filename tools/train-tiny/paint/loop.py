"""One training run by the clock: cosine learning rate over the minutes given, running average of the
weights, two processes, resumable (work/<name>.pt). All stages of the painter share it.
"""
import argparse
import copy
import math
import pathlib
import time

import torch
import torch.nn as nn

import twins

HERE = pathlib.Path(__file__).parent.parent


def arguments(name, minutes, batch, lr):
    """The options every stage has."""
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=HERE / ".work")
    ap.add_argument("--name", default=name, help="checkpoint: WORK/NAME.pt")
    ap.add_argument("--minutes", type=float, default=minutes)
    ap.add_argument("--batch", type=int, default=batch, help="per process")
    ap.add_argument("--lr", type=float, default=lr)
    ap.add_argument("--warmup", type=int, default=100, help="steps until the full learning rate")
    ap.add_argument("--ema", type=float, default=0.999)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--processes", type=int, default=2)
    ap.add_argument("--every", type=int, default=50, help="steps between lines of the log")
    return ap


def load(path):
    return torch.load(path, weights_only=True)


class Run:
    """while run.going(): ...; run.step(loss, parts). Weights, average, optimiser and clock are in the checkpoint."""

    def __init__(self, module, a, rank, n, extra=None, slow=None):
        """extra: plain values kept in the checkpoint (they must not change between runs); slow: (parameters,
        factor) that learn at a smaller rate."""
        self.module, self.a, self.rank, self.n = module, a, rank, n
        self.extra = extra or {}
        self.path = a.work / f"{a.name}.pt"
        self.params = [p for p in module.parameters() if p.requires_grad]
        held = {id(p) for p in (slow[0] if slow else [])}
        groups = [dict(params=[p for p in self.params if p.dim() > 1 and id(p) not in held], weight_decay=0.01),
                  dict(params=[p for p in self.params if p.dim() < 2 and id(p) not in held], weight_decay=0.0)]
        if slow:
            groups.append(dict(params=[p for p in self.params if id(p) in held], weight_decay=0.0, scale=slow[1]))
        self.opt = torch.optim.AdamW(groups, lr=a.lr, betas=(0.9, 0.99), fused=True)
        self.spent, self.steps, self.done = 0.0, 0, 0.0
        self.ema = copy.deepcopy(module).requires_grad_(False).eval()
        if self.path.exists():
            c = load(self.path)
            if c["extra"] != self.extra:
                odd = [f"{k}: {c['extra'].get(k)} there, {v} here" for k, v in self.extra.items() if c["extra"].get(k) != v]
                raise SystemExit(f"{self.path} is of another kind ({'; '.join(odd)}): move it away or use another --name")
            module.load_state_dict(c["module"])
            self.ema.load_state_dict(c["ema"])
            self.opt.load_state_dict(c["opt"])
            self.spent, self.steps = c["spent"], c["steps"]
        self.done = self.spent / (a.minutes * 60)
        self.resumed = self.steps
        self.mean, self.last = None, time.time()
        self.saved = self.said = self.last
        self.shadow = [p for p, q in zip(self.ema.parameters(), module.parameters()) if q.requires_grad]
        if rank == 0:
            size = sum(p.numel() for p in self.params) / 1e6
            print(f"{a.name}: {size:.2f} M parameters, step {self.steps}, {self.spent / 60:.1f} of {a.minutes:g} min", flush=True)

    def going(self):
        """Sets the learning rate; False when the time is up."""
        a = self.a
        if self.done >= 1:
            return False
        lr = a.lr * min(1, (self.steps + 1) / a.warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * self.done)))
        for g in self.opt.param_groups:
            g["lr"] = lr * g.get("scale", 1)
        return True

    def step(self, loss, parts):
        """One update. parts: numbers to report."""
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        now = time.time()
        self.spent, self.last = self.spent + now - self.last, now
        self.done = twins.average(self.params, self.n, self.rank, self.spent / (self.a.minutes * 60))
        norm = nn.utils.clip_grad_norm_(self.params, 1.0)
        self.steps += 1
        if torch.isfinite(norm):  # the averaged gradient is the same everywhere, so all skip together
            self.opt.step()
        if self.rank:
            return
        with torch.no_grad():
            torch._foreach_lerp_(self.shadow, self.params, 1 - min(self.a.ema, (self.steps + 1) / (self.steps + 10)))
        parts = dict(loss=loss.item(), **parts)
        self.mean = parts if self.mean is None else {k: 0.97 * self.mean[k] + 0.03 * v for k, v in parts.items()}
        over = self.done >= 1
        if self.steps % self.a.every == 0 or over:
            rate = self.a.batch * self.n * min(self.a.every, self.steps - self.resumed) / max(1e-6, now - self.said)
            self.said = now
            print(f"{self.steps} {self.spent / 60:.1f}min {rate:.1f}/s lr {self.opt.param_groups[0]['lr']:.1e} "
                  + " ".join(f"{k} {v:.4f}" for k, v in self.mean.items()), flush=True)
        if now - self.saved > 150 or over:
            self.saved = now
            self.save()

    def save(self, **more):
        """Writes the checkpoint; more: further tensors for it."""
        tmp = self.path.with_suffix(".tmp")
        torch.save(dict(module=self.module.state_dict(), ema=self.ema.state_dict(), opt=self.opt.state_dict(), spent=self.spent,
                        steps=self.steps, extra=self.extra, **more), tmp)
        tmp.replace(self.path)
