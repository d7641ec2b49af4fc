"""Prompt to hidden states, as upstream paints: the prompt packed as {"caption": prompt, "objects": ""}, CPM-Bee's
states after the last norm, padding rows kept; then trans_block, which is trained with the UNet. Computed once a
caption: CPM-Bee does not change while the UNet learns.

CPM-Bee masks padding, so a padding row only passes through the feed-forward parts: it is the same vector
everywhere, and rows of the prompt do not depend on how much padding follows.
"""
import hashlib
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

from cpmbee import CpmBee
from packing import pack
from tokenizer import Tokenizer

PAD = 0


class TransBlock(nn.Module):
    """(B, L, dim) -> (B, L, context)."""

    def __init__(self, dim, context):
        super().__init__()
        self.w_out_res = nn.Linear(dim, context, bias=False)
        self.layernorm = nn.LayerNorm(context, eps=1e-6)

    def forward(self, x):
        return self.layernorm(self.w_out_res(x))


def packed(tok, prompt):
    """-> dict with ids, subs, segments, rel (flat), n. Raises ValueError for an unknown `<special>`."""
    return pack(tok, {"caption": prompt, "objects": ""})


def pad_state(llm):
    """The state of every padding row (dim,): no attention, feed-forward parts only."""
    x = llm.embed(torch.tensor([[PAD]]), torch.tensor([[0]]))
    for layer in llm.encoder.layers:
        x = x / 1.05
        f = layer.ffn.ffn
        h = layer.ffn.layernorm_before_ffn(x)
        x = (x + f.w_out(F.gelu(f.w_in.w_0(h)) * f.w_in.w_1(h))) / 1.05
    return llm.encoder.output_layernorm(x)[0, 0]


def states(llm, packs, length=None):
    """Packed prompts -> hidden states (B, L, dim), right-padded to the longest or to `length`."""
    L = max(max(len(p["ids"]) for p in packs), length or 0)
    fill = lambda rows, v=0: torch.tensor([list(r) + [v] * (L - len(r)) for r in rows])
    ids, subs = fill([p["ids"] for p in packs], PAD), fill([p["subs"] for p in packs])
    seg = fill([p["segments"] for p in packs])
    n = packs[0]["n"]
    rel = torch.tensor([p["rel"] for p in packs]).view(-1, n, n)
    bucket = rel[torch.arange(len(packs))[:, None, None], seg[:, :, None], seg[:, None, :]]
    real = torch.arange(L)[None] < torch.tensor([[len(p["ids"])] for p in packs])
    pos = torch.arange(L).expand(len(packs), L)
    bias = llm.bias(pos, pos, bucket, real[:, None, :].expand(-1, L, -1))
    hidden = llm.run(llm.embed(ids, subs), bias)
    return torch.where(real[:, :, None], hidden, pad_state(llm))


def padded(rows, pad, length=None):
    """List of (L_i, dim) -> (B, L, dim), right-padded with the vector pad."""
    L = max(max(len(r) for r in rows), length or 0)
    return torch.stack([torch.cat([r, pad.expand(L - len(r), -1)]) if len(r) < L else r for r in rows])


def load_llm(source: pathlib.Path):
    """CPM-Bee of an exported model folder (as shipped), or the running average of a checkpoint: train_reader's or chat's."""
    if source.is_dir():
        from export import load_model
        llm = load_model(source).llm
    else:
        c = torch.load(source, weights_only=True)
        llm = CpmBee((c["extra"] if "extra" in c else c["config"])["cpm_bee"])
        llm.load_state_dict({k[4:]: v for k, v in c["ema"].items() if k.startswith("llm.")})
    return llm.eval().requires_grad_(False)


def vocabulary(source: pathlib.Path, vocab=None):
    """The path of bee.txt: the one given, the model folder's, or the one beside a checkpoint."""
    beside = source.with_name(f"{source.stem}-bee.txt")
    return vocab or (source / "bee.txt" if source.is_dir() else beside if beside.exists() else source.with_name("bee.txt"))


def load_tokenizer(source: pathlib.Path, vocab=None):
    return Tokenizer(vocabulary(source, vocab))


def fingerprint(llm):
    """Tells language models apart: 12 hex digits of their weights in fp16."""
    h = hashlib.sha256()
    for k, v in sorted(llm.state_dict().items()):
        h.update(k.encode())
        h.update(v.half().contiguous().numpy().tobytes())
    return h.hexdigest()[:12]
