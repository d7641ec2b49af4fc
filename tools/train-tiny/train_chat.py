"""Chat training: pictures through the tower and the mapping into the language model.

Starts from matched.pt. Each picture is encoded once and asked several questions; the loss is on the
answers' tokens, plus the queries' dense losses. The tower stays as trained at first, which spares its
backward pass; in the last part of the time its query expert moves too, slowly. The picture expert
never does.
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
import twins
from fetch import TRAIN_ARTISTS
from muon import Muon
from packing import ChatPacker
from tokenizer import Tokenizer
from train_text import Percept, lm_optimizers, questions
from train_vision import QUERIES, Tower, query_losses
from viscpm import LM, VisCpm, answer_loss


def model_config(tower_config, vocab):
    return {
        "model_type": "viscpm-chat", "name": "viscpm-tiny", "languages": ["zh", "en"],
        "cpm_bee": dict(vocab_size=vocab, **LM), "beit3": dict(tower_config),
        "query_num": QUERIES, "image_size": tower_config["img_size"], "model": "viscpm-tiny",
    }


class Trainee(nn.Module):
    """The model and its training-only parts."""

    def __init__(self, tower_config, vocab):
        super().__init__()
        self.model = VisCpm(model_config(tower_config, vocab))
        self.percept = Percept(LM["dim_model"])
        self.pointer = nn.Linear(LM["dim_model"], 8)
        for k, layer in enumerate(self.model.vpm.beit3.encoder.layers):
            layer.self_attn.shifts = conv_init.shifts(k, tower_config["heads"], conv_init.DILATIONS)
        heads = Tower(tower_config)
        self.patch_head, self.query_head = heads.patch_head, heads.query_head

    def load_tower(self, t):
        m = self.model
        m.vpm.beit3.load_state_dict({k[6:]: v for k, v in t.items() if k.startswith("beit3.")})
        m.query.data.copy_(t["query"])
        for name in ("patch_head", "query_head"):
            getattr(self, name).load_state_dict({k[len(name) + 1:]: v for k, v in t.items() if k.startswith(name)})

    def warm_start(self, vision, text):
        self.load_tower(vision["ema"])
        self.model.llm.load_state_dict(text["llm"])
        self.percept.load_state_dict(text["percept"])


def optimizers(t, a):
    """The language model as in its warm-up, the mapping, and the tower's query expert (B). The
    picture expert (A) stays as it is, which also spares its backward pass."""
    matrices, new, slow = [], [], []
    for n, p in t.named_parameters():
        if n.startswith("model.mapping"):
            new.append(p)
        elif ".B." in n and n.startswith("model.vpm") or n == "model.query" or n.startswith("query_head"):
            (matrices if p.dim() == 2 and any(s in n for s in (".v_proj.", ".out_proj.", ".fc1.", ".fc2.")) else slow).append(p)
        elif not n.startswith(("model.llm", "pointer")):
            p.requires_grad_(False)
    return lm_optimizers(t.model.llm, [dict(params=new, base=1e-4), dict(params=slow, base=1e-4)], a.lr, table_rate=2e-3) + [
        Muon([dict(params=matrices, base=2e-4)], lr=2e-4), torch.optim.AdamW([dict(params=t.pointer.parameters(), base=2e-3)], lr=2e-3)]


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    tok = Tokenizer(a.vocab)
    packer = ChatPacker(tok, QUERIES)
    vision = torch.load(a.work / "vision.pt", weights_only=True)
    t = Trainee(vision["config"], tok.size)
    opts = optimizers(t, a)
    path, spent, step = a.work / f"{a.name}.pt", 0.0, 0
    if path.exists():
        c = torch.load(path, weights_only=True)
        t.load_state_dict(c["trainee"])
        for o, s in zip(opts, c["opts"]):
            o.load_state_dict(s)
        spent, step = c["spent"], c["step"]
    else:
        t.load_state_dict(torch.load(a.work / "matched.pt", weights_only=True))
    ema = copy.deepcopy(t.model).requires_grad_(False)
    if path.exists():
        ema.load_state_dict(c["ema"])
    params = [p for p in t.parameters() if p.requires_grad]
    mine, shadow = list(t.model.parameters()), list(ema.parameters())
    bank = compose.Bank(a.work / "sprites", TRAIN_ARTISTS)
    stream = compose.Stream(bank, a.seed + 1000 * rank + step, counts=(0.02, 0.44, 0.33, 0.21), outside=0.16)
    stream.size, stream.patch = vision["config"]["img_size"], vision["config"]["patch"]
    stream.strange = 0.04
    rng = random.Random(a.seed + 77 * rank + step)
    last = saved = time.time()
    mean, done, ask = None, spent / (a.minutes * 60), a.questions
    while done < 1:
        wave = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
        for g in [g for o in opts for g in o.param_groups]:
            warm = min(1, (step + 1) / 20)
            g["lr"] = g["base"] * wave * warm
        seeing = done >= a.see_from
        batch, data = stream.next(a.batch, 0.4)
        rows = []
        for s in batch:
            rows += questions(rng, s, packer, ask)
        owner = [k // ask for k in range(len(rows))]
        with torch.autocast("cpu", torch.bfloat16):
            with torch.set_grad_enabled(seeing):
                q, _ = t.model.see(data["pixels"], fast=done < a.soft_from)
            dense, _ = query_losses(t.query_head, q, data)
            v = t.model.mapping(q)
            loss, acc = answer_loss(t.model.llm, rows, v, owner, packer.image_at, pointer=(t.pointer, a.pointer))
        total = loss + a.dense * dense
        t.zero_grad()
        total.backward()
        now = time.time()
        spent, last = spent + now - last, now
        done = twins.average(params, n, rank, spent / (a.minutes * 60))
        for o in opts:
            o.step()
        step += 1
        if rank:
            continue
        with torch.no_grad():
            torch._foreach_lerp_(shadow, mine, max(0.004, 1 / (step + 1)))
        new = dict(answer=loss.item(), right=acc, dense=dense.item())
        mean = new if mean is None else {k: 0.97 * mean[k] + 0.03 * x for k, x in new.items()}
        if step % 25 == 0:
            print(f"{step} {spent / 60:.1f}min " + " ".join(f"{k} {x:.3f}" for k, x in mean.items()), flush=True)
        if now - saved > 120 or done >= 1:
            saved = now
            torch.save(dict(trainee=t.state_dict(), ema=ema.state_dict(), opts=[o.state_dict() for o in opts],
                            spent=spent, step=step, config=t.model.config), path.with_suffix(".tmp"))
            path.with_suffix(".tmp").replace(path)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--minutes", type=float, default=60)
    ap.add_argument("--name", default="chat")
    ap.add_argument("--batch", type=int, default=10)
    ap.add_argument("--questions", type=int, default=4)
    ap.add_argument("--dense", type=float, default=0.5)
    ap.add_argument("--pointer", type=float, default=0.3, help="weight of the pointer loss")
    ap.add_argument("--lr", type=float, default=0.7, help="scales the language model's rates")
    ap.add_argument("--see-from", type=float, default=0.65, help="share of the time after which the query expert moves too")
    ap.add_argument("--soft-from", type=float, default=0.0, help="share of the time after which attention is softmax")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--processes", type=int, default=2)
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
