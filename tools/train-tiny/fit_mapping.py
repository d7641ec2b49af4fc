"""Start the mapping: regress the tower's query outputs to the codes the language model reads.

The tower is frozen, so its outputs for some thousand scenes are computed once and the two small
layers fitted to them. Writes work/mapping.pt, which train_chat.py starts from.
"""
import argparse
import pathlib
import time

import torch
import torch.nn.functional as F

import compose
from fetch import TRAIN_ARTISTS
from tokenizer import Tokenizer
from train_chat import Trainee


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--pictures", type=int, default=6000)
    ap.add_argument("--steps", type=int, default=1200)
    ap.add_argument("--text", default="text.pt")
    a = ap.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(3)
    vision = torch.load(a.work / "vision.pt", weights_only=True)
    t = Trainee(vision["config"], Tokenizer(a.vocab).size)
    t.warm_start(vision, torch.load(a.work / a.text, weights_only=True))
    stream = compose.Stream(compose.Bank(a.work / "sprites", TRAIN_ARTISTS), 31)
    stream.size, stream.patch, stream.strange = vision["config"]["img_size"], vision["config"]["patch"], 0.03
    xs, ys, start = [], [], time.time()
    with torch.no_grad():
        for _ in range(a.pictures // 50):
            batch, data = stream.next(50)
            with torch.autocast("cpu", torch.bfloat16):
                xs.append(t.model.see(data["pixels"], fast=True)[0].float().flatten(0, 1))
            ys.append(t.percept(batch).flatten(0, 1))
    x, y = torch.cat(xs), torch.cat(ys)
    print(f"{len(x)} slots in {time.time() - start:.0f} s; variance {y.var(0).sum() / y.shape[1]:.3f}", flush=True)
    m = t.model.mapping
    m[2].bias.data.copy_(y.mean(0))
    opt = torch.optim.AdamW(m.parameters(), lr=4e-3, weight_decay=0.0)
    test = slice(len(x) - 4000, None)
    for k in range(a.steps):
        for g in opt.param_groups:
            g["lr"] = 4e-3 * (1 - k / a.steps) + 1e-5
        i = torch.randint(len(x) - 4000, (2048,))
        loss = F.mse_loss(m(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if k % 200 == 0 or k == a.steps - 1:
            with torch.no_grad():
                print(k, f"{loss.item():.4f} held out {F.mse_loss(m(x[test]), y[test]).item():.4f}", flush=True)
    torch.save(m.state_dict(), a.work / "mapping.pt")


if __name__ == "__main__":
    main()
