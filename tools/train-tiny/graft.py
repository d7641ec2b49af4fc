"""Join the warmed-up halves so that naming starts as copying.

The tower's query head already names things: its logit is <feature, w_c>. We make the mapping begin
as a plain linear map R of the feature (its GELU kept in its straight part by a bias), add R w_c to
the word embeddings of thing c's names (and of colours), and restart the last attention layer as
a copier. What the language model then reads off a slot is, to begin with, the tower's own verdict.
Writes work/graft.pt, which matcher.py goes on with.
"""
import argparse
import copy
import pathlib

import torch

import compose
import world
from fetch import TRAIN_ARTISTS
from tokenizer import Tokenizer
from train_chat import Trainee
from train_text import copy_layer


@torch.no_grad()
def linear_mapping(mapping, r, mean, bias=6.0):
    """mapping(q) = r (q - mean) as long as |q - mean| stays below `bias` (in its own units)."""
    d_in, d = r.shape[1], r.shape[0]
    first, last = mapping[0], mapping[2]
    q = torch.linalg.qr(torch.randn(d_in, d_in))[0]
    first.weight.normal_(std=0.5 * d_in ** -0.5)
    last.weight.normal_(std=0.02)
    first.bias.zero_()
    first.weight[:d_in] = q
    first.bias[:d_in] = bias - q @ mean
    last.weight[:, :d_in] = r @ q.T
    last.bias.copy_(-(last.weight[:, :d_in] @ torch.full((d_in,), bias)))


def lengthened(table, tok):
    """A word table made before words were added at the vocabulary's end: each starts as the mean of
    the pieces that used to spell it."""
    old = copy.copy(tok)
    old.size = len(table)
    old.ids = {n: i for n, i in tok.ids.items() if i < old.size}
    rows = [table[[i for i in old.encode(tok.names[n]) if i < old.size] or [tok.unk]].mean(0) for n in range(old.size, tok.size)]
    return torch.cat([table, torch.stack(rows)]) if rows else table


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--text", default="text.pt", help="text.pt, or an earlier chat*.pt")
    a = ap.parse_args()
    torch.manual_seed(4)
    tok = Tokenizer(a.vocab)
    vision = torch.load(a.work / "vision.pt", weights_only=True)
    t = Trainee(vision["config"], tok.size)
    if a.text.startswith("chat"):  # a language model that has talked before, given a new tower
        earlier = torch.load(a.work / a.text, weights_only=True)["trainee"]
        llm = {k[len("model.llm."):]: v for k, v in earlier.items() if k.startswith("model.llm.")}
        llm["input_embedding.weight"] = lengthened(llm["input_embedding.weight"], tok)
        t.model.llm.load_state_dict(llm)
        t.load_tower(vision["ema"])
    else:
        t.warm_start(vision, torch.load(a.work / a.text, weights_only=True))
    stream = compose.Stream(compose.Bank(a.work / "sprites", TRAIN_ARTISTS[:2]), 8, counts=(0.02, 0.45, 0.32, 0.21))
    stream.size, stream.patch = vision["config"]["img_size"], vision["config"]["patch"]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        q = torch.cat([t.model.see(stream.next(64, 0.0)[1]["pixels"], fast=True)[0] for _ in range(3)]).float().flatten(0, 1)
    mean, spread = q.mean(0), q.std(0).mean().item()
    d, d_in = t.model.llm.config["dim_model"], q.shape[1]
    r = torch.linalg.qr(torch.randn(d, d_in))[0]  # orthonormal columns
    scale = 2.5 / ((q - mean) @ r.T).std().item()
    linear_mapping(t.model.mapping, r * scale, mean, bias=5 * spread)
    with torch.no_grad():
        print("feature spread", round(spread, 3), "mapped rms", t.model.mapping(q).pow(2).mean().sqrt().item(),
              "error", (t.model.mapping(q) - (q - mean) @ r.T * scale).abs().mean().item())
        w = t.query_head.weight
        w_thing = w[:world.N_CLASSES] - w[world.FIRST:world.N_CLASSES].mean(0)
        w_colour = w[world.N_CLASSES:world.N_CLASSES + world.N_COLOURS]
        w_colour = w_colour - w_colour.mean(0)
        table = t.model.llm.input_embedding.weight

        def add(rows, texts):
            v = r @ rows
            v = v / v.std()
            for i in {i for s in texts for i in tok.encode(s)}:
                table[i] = 0.7 * table[i] + 0.9 * v

        for k, th in enumerate(world.THINGS):
            add(w_thing[world.FIRST + k], [th["zh"], " " + th["en"]])
        for k, (en, zh) in enumerate(world.COLOURS):
            add(w_colour[k], [zh, " " + en])
        copy_layer(t.model.llm, gain=3.0)
    torch.save(t.state_dict(), a.work / "graft.pt")


if __name__ == "__main__":
    main()
