"""The first layer learns to match: picture slots find the question's words that name their thing, and
those words find their slots.

Without this the language model names what it sees, but hardly learns from answers alone which slot a
question is about. Four heads of the first layer are trained for it by themselves, which is cheap: they
only need the layer's input. Two make every slot know whether it is asked about; two bring to the words
of a name whether the thing is there, where and in which colour. Everything stays trainable after.
Reads graft.pt, writes matched.pt, which train_chat.py starts from.
"""
import argparse
import pathlib
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import compose
import dialogue
import scenes
import world
from fetch import TRAIN_ARTISTS
from packing import ChatPacker
from tokenizer import Tokenizer
from train_chat import Trainee
from train_text import QUERIES, questions
from viscpm import answer_loss, attention_inputs, collate

ASKED, NAMED = 2, 2  # heads for slots, heads for words


class Names:
    """Finds things' names among token ids, longest first."""

    def __init__(self, tok):
        self.by_first = {}
        for k, t in enumerate(world.THINGS):
            texts = {t["zh"], *t["zh_syn"]}
            for n in (t["en"], *t["en_syn"]):
                texts |= {f" {n}", f" {dialogue.plural(n)}", n}
            for ids in {tuple(tok.encode(x)) for x in texts}:
                self.by_first.setdefault(ids[0], []).append((ids, world.FIRST + k))
        for found in self.by_first.values():
            found.sort(key=lambda f: -len(f[0]))

    def __call__(self, ids):
        """-> [(start, length, label)]"""
        out, i = [], 0
        while i < len(ids):
            hit = next(((x, c) for x, c in self.by_first.get(ids[i], ()) if tuple(ids[i:i + len(x)]) == x), None)
            if hit:
                out.append((i, len(hit[0]), hit[1]))
            i += len(hit[0]) if hit else 1
        return out


def labels(rows, owner, batch, names, packer):
    """Per row: is the slot asked about (B, 16; -1 no thing there), and for tokens of names (B, T, 4):
    present, row, column, colour (-1 where it does not apply)."""
    T = max(len(r[0]) for r in rows)
    asked = torch.full((len(rows), QUERIES), -1)
    told = torch.full((len(rows), T, 4), -1)
    first = packer.image_at + QUERIES
    for b, (r, o) in enumerate(zip(rows, owner)):
        spans = [(s + first, n, c) for s, n, c in names(list(r[0][first:r[3]]))]
        called = {c for _, _, c in spans}
        for i in batch[o]["items"]:
            asked[b, scenes.cell(i)] = int(i["label"] in called)
        for s, n, c in spans:
            here = [i for i in batch[o]["items"] if i["label"] == c]
            told[b, s:s + n, 0] = int(bool(here))
            if len(here) == 1:
                told[b, s:s + n, 1:3] = torch.tensor(scenes.thirds(here[0]))
                told[b, s:s + n, 3] = here[0]["colour"]
    return asked, told


@torch.no_grad()
def least_used(t, rows, vision, owner, packer, n):
    """The n heads of the first layer whose absence hurts the answers least."""
    w = t.model.llm.encoder.layers[0].self_att.self_attention.attention_out.weight
    hd, cost = t.model.llm.config["dim_head"], []
    for h in range(t.model.llm.config["num_heads"]):
        kept = w[:, h * hd:(h + 1) * hd].clone()
        w[:, h * hd:(h + 1) * hd] = 0
        cost.append(float(answer_loss(t.model.llm, rows, vision, owner, packer.image_at)[0]))
        w[:, h * hd:(h + 1) * hd] = kept
    print("loss without each head", [round(c, 3) for c in cost], flush=True)
    return sorted(range(len(cost)), key=lambda h: cost[h])[:n]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--minutes", type=float, default=4)
    ap.add_argument("--gain", type=float, default=1.5, help="how loud the matches are written")
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(6)
    tok = Tokenizer(a.vocab)
    packer, names = ChatPacker(tok, QUERIES), Names(tok)
    vision = torch.load(a.work / "vision.pt", weights_only=True)
    t = Trainee(vision["config"], tok.size)
    t.load_state_dict(torch.load(a.work / "graft.pt", weights_only=True))
    t.requires_grad_(False)
    llm = t.model.llm
    stream = compose.Stream(compose.Bank(a.work / "sprites", TRAIN_ARTISTS), 11, counts=(0.02, 0.35, 0.36, 0.27), outside=0.08)
    stream.size, stream.patch = vision["config"]["img_size"], vision["config"]["patch"]
    rng = random.Random(12)

    def sample(n=12, ask=5):
        batch, data = stream.next(n, 0.4)
        rows = [r for s in batch for r in questions(rng, s, packer, ask)]
        owner = [k // ask for k in range(len(rows))]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            v = t.model.mapping(t.model.see(data["pixels"])[0])
        return batch, rows, owner, v.float()

    batch, rows, owner, v = sample()
    heads = least_used(t, rows, v, owner, packer, ASKED + NAMED)
    hd, d = llm.config["dim_head"], llm.config["dim_model"]
    at = llm.encoder.layers[0].self_att
    rows_of = torch.cat([torch.arange(h * hd, (h + 1) * hd) for h in heads])
    attention = at.self_attention
    q, k, val = (nn.Parameter(m.weight[rows_of].clone()) for m in (attention.project_q, attention.project_k, attention.project_v))
    slot_head, word_head = nn.Linear(ASKED * hd, 1), nn.Linear(NAMED * hd, 2 + 3 + 3 + world.N_COLOURS)
    opt = torch.optim.AdamW([dict(params=[q, k, val], lr=3e-2), dict(params=[*slot_head.parameters(), *word_head.parameters()], lr=3e-3)],
                            weight_decay=0.0)
    begun, step, mean = time.time(), 0, None
    while time.time() - begun < a.minutes * 60:
        done = (time.time() - begun) / (a.minutes * 60)
        for g, base in zip(opt.param_groups, (3e-2, 3e-3)):
            g["lr"] = base * min(1, (step + 1) / 20) * (1 - 0.95 * done)
        batch, rows, owner, v = sample()
        asked, told = labels(rows, owner, batch, names, packer)
        c = collate(rows)
        with torch.no_grad():
            x = llm.embed(c["ids"], c["subs"])
            x = torch.cat([x[:, :packer.image_at], v[owner], x[:, packer.image_at + QUERIES:]], 1)
            n = at.layernorm_before_attention(x)
            mask = attention_inputs(llm, c)[:, heads]
        split = lambda w: (F.linear(n, w) * d ** -0.5).view(*n.shape[:2], len(heads), hd).transpose(1, 2)
        o = (split(q) @ split(k).transpose(2, 3) * hd ** -0.5 + mask).softmax(-1) @ split(val)
        o = o.transpose(1, 2)  # (B, T, heads, hd)
        slot = slot_head(o[:, packer.image_at:packer.image_at + QUERIES, :ASKED].flatten(2)).squeeze(-1)
        word = word_head(o[:, :, ASKED:].flatten(2)).flatten(0, 1)
        told = told.flatten(0, 1)
        real = asked >= 0
        l_slot = F.binary_cross_entropy_with_logits(slot[real], asked[real].float())
        parts = word.split([2, 3, 3, world.N_COLOURS], 1)
        l_word = sum(F.cross_entropy(p, told[:, j], ignore_index=-1) * w for j, (p, w) in enumerate(zip(parts, (1, 0.5, 0.5, 0.5))))
        loss = l_slot + l_word
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        here = told[:, 0] >= 0
        new = dict(asked=((slot[real] > 0) == (asked[real] > 0)).float().mean().item(),
                   present=(parts[0].argmax(1) == told[:, 0])[here].float().mean().item(),
                   row=(parts[1].argmax(1) == told[:, 1])[told[:, 1] >= 0].float().mean().item(),
                   colour=(parts[3].argmax(1) == told[:, 3])[told[:, 3] >= 0].float().mean().item())
        mean = new if mean is None else {key: 0.95 * mean[key] + 0.05 * new[key] for key in new}
        if step % 25 == 0:
            print(step, f"{(time.time() - begun) / 60:.1f}min", " ".join(f"{key} {x:.3f}" for key, x in mean.items()), flush=True)
    with torch.no_grad():
        for m, w in ((attention.project_q, q), (attention.project_k, k), (attention.project_v, val)):
            m.weight[rows_of] = w
        # heads write their output as it is into directions of their own; a slot's verdict also louder
        u = torch.linalg.qr(torch.randn(d, len(rows_of)))[0]
        spread = o.flatten(0, 1).flatten(1).std(0).clamp_min(0.05)
        attention.attention_out.weight[:, rows_of] = a.gain * u * d ** 0.5 / spread * (len(heads) * hd / d) ** 0.5
    torch.save(t.state_dict(), a.work / "matched.pt")


if __name__ == "__main__":
    main()
