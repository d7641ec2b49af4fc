"""Check our tower, language model and packer against recorded upstream runs: --goldens DIR."""
import argparse
import json
import pathlib

import torch
from safetensors.torch import load_file

from beit3 import Vpm
from cpmbee import CpmBee, distance_bucket
from packing import pack
from tokenizer import Tokenizer


def part(state, prefix):
    return {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}


def check_tower(root):
    folder = root / "checkpoints" / "chat-tiny"
    config = json.loads((folder / "config.json").read_text())
    state = torch.load(folder / "chat-tiny.fp32.pt", weights_only=True)
    vpm = Vpm(config["beit3"])
    vpm.load_state_dict(part(state, "vpm."))
    m = part(state, "mapping.")
    g = load_file(root / "qformer" / "chat-tiny.safetensors")
    worst = 0
    for name in ("b1", "b2"):
        with torch.no_grad():
            out = vpm.beit3(g[f"{name}.pixel_values"], state["query"])
            q = out[:, -config["query_num"]:]
            h = torch.nn.functional.gelu(q @ m["0.weight"].T + m["0.bias"]) @ m["2.weight"].T + m["2.bias"]
        worst = max(worst, (out - g[f"{name}.encoder_out"]).abs().max().item(),
                    (h - g[f"{name}.vision_hidden_states"]).abs().max().item())
    print("tower: worst difference", worst)
    assert worst < 1e-4


def check_llm(root):
    buckets = load_file(root / "cpm-bee" / "position-buckets.safetensors")
    print("position buckets:", {k: tuple(v.shape) for k, v in list(buckets.items())[:2]})
    for name in ("cpmbee-a", "cpmbee-b"):
        folder = root / "checkpoints" / name
        c = json.loads((folder / "config.json").read_text())
        c = c.get("cpm_bee", c)
        llm = CpmBee(c)
        llm.load_state_dict(torch.load(folder / f"{name}.fp32.pt", weights_only=True))
        for path in sorted((root / "cpm-bee" / name / "forward").glob("*.safetensors")):
            g = load_file(path)
            i = {k[3:]: v for k, v in g.items() if k.startswith("in.")}
            L = i["input"].shape[1]
            seg, n = i["segment"].long(), i["num_segments"].long()
            at = seg[:, :, None] * n[:, :, None] + seg[:, None, :] + i["segment_rel_offset"].long()[:, :, None]
            rel = i["segment_rel"].long().gather(1, at.flatten(1).clamp(0, i["segment_rel"].shape[1] - 1)).view(at.shape)
            same = i["sample_ids"][:, :, None] == i["sample_ids"][:, None, :]
            rel = torch.where(same, rel, torch.ones_like(rel))
            pos = torch.arange(L).expand(len(seg), L)
            mask = g["out.attention_mask"].bool()
            with torch.no_grad():
                bias = llm.bias(pos, pos, rel, mask)
                h = llm.run(llm.embed(i["input"].long(), i["input_sub"].long()), bias)
                logits = llm.logits(h)
            valid = torch.arange(L)[None] < i["length"][:, None]
            d1 = (h - g["out.hidden_states"])[valid].abs().max().item()
            d2 = (logits - g["out.logits"][..., :logits.shape[-1]])[valid].abs().max().item()
            print(f"{name} {path.stem}: hidden {d1:.1e} logits {d2:.1e}")
            assert d1 < 1e-4 and d2 < 3e-4


def check_packing(root):
    tok = Tokenizer(root / "tokenizer" / "tiny-vocab" / "bee.txt")
    good = skipped = 0
    for line in (root / "packing" / "tiny-vocab" / "chat-collate.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case.get("error") or case["max_inp_length"] not in (None, 3000):
            skipped += 1
            continue
        for data, want in zip(case["inputs"], case["singles"]):
            p = pack(tok, data)
            assert p["ids"] == want["input_ids"] and p["subs"] == want["input_id_subs"], case["id"]
            assert p["segments"] == want["segment_ids"] and p["rel"] == want["segment_rel"], case["id"]
            assert p["image_bound"] == want["image_bound"], case["id"]
            good += 1
    print(f"packing: {good} equal, {skipped} cases with errors or truncation left out")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--goldens", type=pathlib.Path, required=True)
    root = ap.parse_args().goldens
    check_packing(root)
    check_tower(root)
    check_llm(root)
