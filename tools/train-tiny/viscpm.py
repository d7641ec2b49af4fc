"""The whole chat model: tower + queries -> mapping -> CPM-Bee; state names as upstream."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from beit3 import Vpm
from cpmbee import CpmBee
from packing import chat_relation

LM = dict(dim_model=192, dim_ff=512, num_layers=4, num_heads=6, dim_head=32, dropout_p=0.0,
          position_bias_num_buckets=32, position_bias_num_segment_buckets=32,
          position_bias_max_distance=128, eps=1e-6, half=False)


class VisCpm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        b, l = config["beit3"], config["cpm_bee"]
        self.query = nn.Parameter(torch.zeros(config["query_num"], b["dim"]))
        self.vpm = Vpm(b)
        self.llm = CpmBee(l)
        self.mapping = nn.Sequential(nn.Linear(b["dim"], l["dim_model"]), nn.GELU(),
                                     nn.Linear(l["dim_model"], l["dim_model"]))

    def see(self, pixels, fast=False):
        """(B, 3, S, S) -> query outputs (B, Q, dim) before mapping, and the patches'."""
        out = self.vpm.beit3(pixels, self.query, fast)
        n = len(self.query)
        return out[:, -n:], out[:, 1:-n]


def collate(rows, pad=0):
    """rows of (ids, subs, segments, prompt length) -> right-padded tensors."""
    L = max(len(r[0]) for r in rows)
    fill = lambda k: torch.tensor([list(r[k]) + [pad] * (L - len(r[k])) for r in rows])
    return dict(ids=fill(0), subs=fill(1), segments=fill(2), prompt=torch.tensor([r[3] for r in rows]),
                length=torch.tensor([len(r[0]) for r in rows]))


def attention_inputs(llm, batch):
    """Bias and mask: prompt bidirectional, answer causal, as upstream's forward()."""
    L = batch["ids"].shape[1]
    pos = torch.arange(L).expand(len(batch["ids"]), L)
    seg = batch["segments"]
    rel = chat_relation()[seg[:, :, None], seg[:, None, :]]
    t = torch.arange(L)
    in_prompt = t[None] < batch["prompt"][:, None]
    mask = in_prompt[:, None, :] | ((t[:, None] >= t[None, :])[None] & (t[None] < batch["length"][:, None])[:, None, :])
    return llm.bias(pos, pos, rel, mask)


def answer_sum(llm, batch, vision, image_at):
    """Summed cross-entropy of the answer tokens, their number, and how many were right.
    vision (B, Q, d) replaces the placeholders' embeddings. Leaves llm.before_last."""
    x = llm.embed(batch["ids"], batch["subs"])
    n = vision.shape[1]
    x = torch.cat([x[:, :image_at], vision.to(x.dtype), x[:, image_at + n:]], 1)
    L = batch["ids"].shape[1]
    t = torch.arange(L)[None]
    where = (t >= batch["prompt"][:, None]) & (t < batch["length"][:, None] - 1)
    first = int(batch["prompt"].min())  # the last layer only needs the tokens from here on
    hidden = llm.run(x, attention_inputs(llm, batch), tail=L - first)
    target = batch["ids"][:, 1:][where[:, :-1]]
    logits = llm.logits(hidden[where[:, first:]]).float()
    return F.cross_entropy(logits, target, reduction="sum"), len(target), (logits.argmax(-1) == target).sum().item()


def pointer_sum(llm, head, rows, image_at):
    """Before the last layer, every picture slot should know as how many-th its thing will be named."""
    h = llm.before_last[:, image_at:image_at + len(rows[0][4])]
    target = torch.tensor([r[4] for r in rows])
    w = torch.where(target == 0, 0.3, 1.0)
    return (F.cross_entropy(head(h).float().flatten(0, 1), target.flatten(), reduction="none") * w.flatten()).sum() / target.shape[1]


def answer_loss(llm, rows, vision, owner, image_at, chunks=3, pointer=None):
    """Mean loss over rows of (ids, subs, segments, prompt[, pointers]), computed in chunks of like
    length. owner: which picture each row is about. pointer: head and weight of the pointer loss."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    total, tokens, right, pointed = 0, 0, 0, 0
    step = -(-len(order) // chunks)
    for k in range(0, len(order), step):
        part = order[k:k + step]
        loss, n, r = answer_sum(llm, collate([rows[i] for i in part]), vision[[owner[i] for i in part]], image_at)
        total, tokens, right = total + loss, tokens + n, right + r
        if pointer:
            pointed = pointed + pointer_sum(llm, pointer[0], [rows[i] for i in part], image_at)
    if pointer:
        return total / tokens + pointer[1] * pointed / len(rows), right / tokens
    return total / tokens, right / tokens
