"""Language warm-up: CPM-Bee learns the dialogues from what a perfect eye would report.

Each of the 16 picture slots gets a learned code of the thing centred in its cell of the 4 x 4 grid
(thing, colour, place, and the background colour): cheap, so the language is learnt while the tower is
still training. The codes (Percept) are training-only; chat training then fits mapping(tower) to them.
"""
import argparse
import math
import pathlib
import random
import time

import torch
import torch.nn as nn

import scenes
import twins
import world
from cpmbee import CpmBee
from muon import Muon
from packing import ChatPacker
from tokenizer import Tokenizer
from dialogue import plural
from turns import turn
from viscpm import LM, answer_loss

QUERIES = 16


class Percept(nn.Module):
    """Scene -> (16, dim): the codes of a perfect eye."""

    def __init__(self, dim):
        super().__init__()
        self.thing = nn.Embedding(world.N_CLASSES, dim)
        self.colour = nn.Embedding(world.N_COLOURS + 1, dim)
        self.bg = nn.Embedding(world.N_COLOURS, dim)
        self.cell = nn.Parameter(torch.randn(QUERIES, dim) * 0.5)
        self.offset = nn.Linear(3, dim)  # where in the cell, and the size
        for e in (self.thing, self.colour, self.bg):
            nn.init.normal_(e.weight, std=0.5)

    @torch.no_grad()
    def speak(self, tok, table):
        """Start the codes as the embeddings of the very words an answer would use, so that naming
        what a slot holds begins as copying. table: the language model's embedding (vocab, dim)."""
        def code(*texts):
            v = sum(table[torch.tensor(tok.encode(t))].mean(0) for t in texts)
            return 0.5 * v / v.std()
        for k, t in enumerate(world.THINGS):
            c = world.CATEGORIES[t["category"]]
            self.thing.weight[world.FIRST + k] = 2 * code(t["zh"], " " + t["en"]) + 0.4 * code(c["zh"], " " + c["en"])
        self.thing.weight[world.OUTSIDE] = 2 * code("我不认识的东西", " something")
        for k, (en, zh) in enumerate(world.COLOURS):
            self.colour.weight[k] = code(zh, " " + en)
            self.bg.weight[k] = code(zh, " " + en).roll(7)  # apart from a thing's own colour
        self.colour.weight[world.N_COLOURS] = code("好几种", " several")

    def forward(self, batch):
        """batch of scenes -> (B, 16, dim): every thing in the slot of its centre's cell."""
        at, cls, col, off = [], [], [], []
        for b, s in enumerate(batch):
            for i in s["items"]:
                c = scenes.cell(i)
                at.append(b * QUERIES + c)
                cls.append(i["label"])
                col.append(i["colour"] if i["colour"] >= 0 else world.N_COLOURS)
                off.append(((i["x"] - c // 4 / 4 - 0.125) * 8, (i["y"] - c % 4 / 4 - 0.125) * 8, i["size"] * 2))
        out = 0.6 * self.cell.repeat(len(batch), 1)
        out = out + self.bg(torch.tensor([s["bg"] for s in batch])).repeat_interleave(QUERIES, 0) * 0.6
        if at:
            what = self.thing(torch.tensor(cls)) + self.colour(torch.tensor(col)) + 0.3 * self.offset(torch.tensor(off))
            out = out.index_add(0, torch.tensor(at), what)
        return out.view(len(batch), QUERIES, -1)


def random_words(rng, tok):
    """A nonsense question out of the whole vocabulary: unfamiliar words mean "I don't know"."""
    if rng.random() < 0.5:
        words = [n for n in rng.choices(tok.names, k=40) if n.startswith(" ")][:rng.randrange(1, 5)]
        heads = ["What is", "Who is", "How do I", "Tell me about", "Why is", "When did", "Can you", "How much", "Please", "Explain", ""]
        return (rng.choice(heads) + "".join(words)).strip() + rng.choice(["?", ".", ""])
    words = [n for n in rng.choices(tok.names, k=40) if len(n) == 1 and ord(n) > 0x4e00][:rng.randrange(2, 7)]
    heads = ["什么是", "谁是", "怎么", "为什么", "帮我", "给我", "请", "你会", ""]
    return rng.choice(heads) + "".join(words) + rng.choice(["？", "。", "", "吗？"])


def pointers(t, scene):
    """Per slot: 0, or as how many-th (1 to 3) the answer speaks of the thing centred there. Where the
    answer begins with a verdict, the slot asked about carries it: 1 yes, 3 no."""
    said = []
    for i in scene["items"]:
        if t["item"] is i:
            at = 0
        elif i["label"] < world.FIRST:
            at = t["answer"].find("something I don't know" if t["lang"] == "en" else "我不认识的东西")
        elif t["lang"] == "zh":
            at = t["answer"].find(world.THINGS[i["label"] - world.FIRST]["zh"])
        else:
            en = world.THINGS[i["label"] - world.FIRST]["en"]
            at = max(f" {t['answer']}".find(f" {w}") for w in (en, plural(en)))
        if at >= 0:
            said.append((at, i["label"], scenes.cell(i)))
    order = {label: k for k, label in reversed(list(enumerate(dict.fromkeys(l for _, l, _ in sorted(said)))))}
    out = [0] * QUERIES
    fact = t["fact"]
    for _, label, cell in said:
        out[cell] = min(3, 1 + order[label])
        if t["type"] == "isthis" and not fact["yes"]:
            out[cell] = 3
    return out


def questions(rng, scene, packer, n, keep=None):
    """n packed turns about one scene, both languages, each with its pointers."""
    from dialogue import DONT_KNOW
    rows = []
    while len(rows) < n:
        lang = rng.choice(["en", "zh"])
        if rng.random() < 0.015:
            q = random_words(rng, packer.tok)
            lang = "zh" if any(ord(c) > 0x4e00 for c in q) else "en"
            try:
                rows.append((*packer("", q.replace("<", ""), DONT_KNOW[lang]), [0] * QUERIES))
            except ValueError:
                pass
            continue
        t = turn(rng, scene, lang)
        if t is None:
            continue
        row = packer(t["context"], t["question"], t["answer"])
        if len(row[0]) <= 120:
            rows.append((*row, pointers(t, scene)))
            if keep is not None:
                keep.append(t)
    return rows


@torch.no_grad()
def copy_layer(llm, gain=3.0):
    """Start the last layer's attention as a copier: value then output is the identity, so the words
    of whatever it looks at reach the logits."""
    c, at = llm.config, llm.encoder.layers[-1].self_att.self_attention
    d = c["dim_model"]
    u = torch.linalg.qr(torch.randn(d, d))[0]
    at.project_v.weight.copy_(u * d ** 0.5)
    at.attention_out.weight.copy_(u.T * gain * d ** 0.5)


def lm_optimizers(llm, more=(), lr=1.0, table_rate=1e-2):
    """Muon for the matrices, AdamW for the rest. Weights are about N(0, 1) (their scale is in the
    forward pass), so rates are large. more: further AdamW groups. `base` is each group's rate."""
    muon, table, small = [], [], []
    for n, p in llm.named_parameters():
        (table if "input_embedding" in n else muon if p.dim() == 2 and "relative" not in n else small).append(p)
    return [Muon([dict(params=muon, lr=0.06, base=0.06 * lr)], lr=0.06),
            torch.optim.AdamW([dict(params=table, base=table_rate * lr), dict(params=small, base=4e-3 * lr), *more],
                              lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0, fused=True)]


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    tok = Tokenizer(a.vocab)
    packer = ChatPacker(tok, QUERIES)
    llm = CpmBee(dict(LM, vocab_size=tok.size))
    percept = Percept(LM["dim_model"])
    opts = lm_optimizers(llm, [dict(params=list(percept.parameters()), base=2e-3)], a.lr)
    path, spent, step = a.work / "text.pt", 0.0, 0
    if path.exists():
        c = torch.load(path, weights_only=True)
        llm.load_state_dict(c["llm"])
        percept.load_state_dict(c["percept"])
        for o, state in zip(opts, c.get("opts", [])):
            o.load_state_dict(state)
        spent, step = c["spent"], c["step"]
    if not path.exists() or not c.get("copying2"):
        percept.speak(tok, llm.input_embedding.weight)
    if not path.exists() or not c.get("copying2"):
        copy_layer(llm)
    rng = random.Random(a.seed + step + 5000 * rank)
    pool = scenes.Pool(range(1, world.N_CLASSES))
    last, saved, mean = time.time(), time.time(), None
    params, done = list(llm.parameters()) + list(percept.parameters()), spent / (a.minutes * 60)
    while done < 1:
        for g in [g for o in opts for g in o.param_groups]:
            g["lr"] = g["base"] * min(1, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
        batch, rows = [], []
        ease = max(0.0, 1 - 1.4 * done)  # from mostly single things to everything
        counts = (0.02, 0.38 + 0.4 * ease, 0.33 - 0.23 * ease, 0.27 - 0.17 * ease)
        for _ in range(8):
            s = scenes.sample(rng, pool, counts=counts, recolour=0)
            for i in s["items"]:
                i["colour"] = rng.randrange(-1, world.N_COLOURS)
            batch.append(s)
            rows += questions(rng, s, packer, 5)
        owner = [k // 5 for k in range(len(rows))]
        with torch.autocast("cpu", torch.bfloat16):
            v = percept(batch)
            v = v + 0.15 * torch.randn_like(v)
            loss, acc = answer_loss(llm, rows, v, owner, packer.image_at)
        for o in opts:
            o.zero_grad()
        loss.backward()
        now = time.time()
        spent, last = spent + now - last, now
        done = twins.average(params, n, rank, spent / (a.minutes * 60))
        for o in opts:
            o.step()
        step += 1
        if rank:
            continue
        mean = (loss.item(), acc) if mean is None else (0.97 * mean[0] + 0.03 * loss.item(), 0.97 * mean[1] + 0.03 * acc)
        if step % 50 == 0:
            print(f"{step} {spent / 60:.1f}min loss {mean[0]:.3f} tokens right {mean[1]:.3f}", flush=True)
        if now - saved > 150 or done >= 1:
            saved = now
            torch.save(dict(llm=llm.state_dict(), percept=percept.state_dict(), opts=[o.state_dict() for o in opts],
                            spent=spent, step=step, copying2=True), path.with_suffix(".tmp"))
            path.with_suffix(".tmp").replace(path)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--minutes", type=float, default=30)
    ap.add_argument("--lr", type=float, default=1.0, help="scales all rates")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--processes", type=int, default=2)
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
