"""One training run by steps: cosine learning rate, resumable from NAME.part, a line of progress now and then.

What a step learns from depends on its number alone (see small.dice), so an interrupted run ends exactly like one that was not.
"""
import json
import math
import os
import time

import torch

SAVE_EVERY = 45  # seconds


def write(path, value):
    """A result appears whole or not at all: JSON or a torch file under a temporary name, then renamed."""
    tmp = path.with_name(path.name + ".tmp")
    if path.suffix == ".json":
        tmp.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        torch.save(value, tmp)
    os.replace(tmp, path)


def load(path):
    return torch.load(path, weights_only=True)


class Run:
    """for step in run: ...; run.update(loss, **figures). module: what is trained; notes: a list kept in the checkpoint."""

    last = None  # the run begun last, for what asks how long steps take

    def __init__(self, path, module, opts, steps, stamp, warmup=50, floor=0.02, stop_after=None):
        self.path, self.module, self.opts, self.steps = path.with_name(path.name + ".part"), module, opts, steps
        self.stamp, self.warmup, self.floor, self.stop_after = stamp, warmup, floor, stop_after
        self.at, self.notes, self.mean = 0, [], {}
        self.spent = []  # core-seconds of each step, evaluations not counted
        Run.last = self
        self.params = [p for p in module.parameters() if p.requires_grad]
        if self.path.exists():
            c = load(self.path)
            if c["stamp"] == stamp:
                module.load_state_dict(c["module"])
                for o, s in zip(opts, c["opts"]):
                    o.load_state_dict(s)
                self.at, self.notes, self.mean = c["at"], c["notes"], c["mean"]

    def save(self):
        write(self.path, dict(module=self.module.state_dict(), opts=[o.state_dict() for o in self.opts], at=self.at, notes=self.notes,
                              mean=self.mean, stamp=self.stamp))

    def __iter__(self):
        self.saved = self.said = time.time()
        first = self.at
        while self.at < self.steps:
            if self.stop_after is not None and self.at - first >= self.stop_after:
                self.save()
                return
            done = self.at / self.steps
            wave = self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * done))
            for g in [g for o in self.opts for g in o.param_groups]:
                g["lr"] = g["base"] * min(1, (self.at + 1) / self.warmup) * wave
            self.begun = time.process_time()
            yield self.at
            self.at += 1
            now = time.time()
            if now - self.said > 15 or self.at == self.steps:
                self.said = now
                print(f"{self.at}/{self.steps} {1000 * self.step_seconds():.0f} core-ms/step "
                      + " ".join(f"{k} {v:.3f}" for k, v in self.mean.items()), flush=True)
            if now - self.saved > SAVE_EVERY:
                self.saved = now
                self.save()

    def update(self, loss, **figures):
        for o in self.opts:
            o.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        if torch.isfinite(norm):
            for o in self.opts:
                o.step()
        self.spent.append(time.process_time() - self.begun)
        figures = dict(loss=loss.item(), **figures)
        self.mean = {k: 0.97 * self.mean.get(k, v) + 0.03 * v for k, v in figures.items()}

    def step_seconds(self):
        """Core-seconds of a step; the first, which warms up, does not count when there are others."""
        counted = self.spent[1:] or self.spent
        return sum(counted) / max(1, len(counted))

    def finish(self, path, value):
        """Writes the result and drops the checkpoint."""
        write(path, value)
        self.path.unlink(missing_ok=True)


def adamw(module_or_params, rate, decay=0.01):
    """AdamW with the rate Run scales. Biases and norms without decay."""
    params = module_or_params.parameters() if hasattr(module_or_params, "parameters") else module_or_params
    params = [p for p in params if p.requires_grad]
    return torch.optim.AdamW([dict(params=[p for p in params if p.dim() > 1], base=rate, weight_decay=decay),
                              dict(params=[p for p in params if p.dim() < 2], base=rate, weight_decay=0.0)],
                             lr=rate, betas=(0.9, 0.98), fused=True)
