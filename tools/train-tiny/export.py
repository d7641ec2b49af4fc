"""Write the model folder: config.json, model.safetensors (fp16, upstream's keys), bee.txt, generation_config.json."""
import argparse
import collections
import hashlib
import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file

from viscpm import VisCpm

GENERATION = dict(max_new_tokens=64, num_beams=1, do_sample=False, temperature=1.0, repetition_penalty=1.0,
                  length_penalty=1.0)


def load_model(folder: pathlib.Path) -> VisCpm:
    """The exported model in fp32 compute (weights as stored in fp16)."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = VisCpm(config)
    model.load_state_dict({k: v.float() for k, v in load_file(folder / "model.safetensors").items()})
    return model.eval()


def export(checkpoint, vocab: pathlib.Path, folder: pathlib.Path, pt=None, raw=False):
    folder.mkdir(parents=True, exist_ok=True)
    weights = checkpoint["ema"]
    if raw:
        weights = {k[6:]: v for k, v in checkpoint["trainee"].items() if k.startswith("model.")}
    state = collections.OrderedDict((k, v.detach().half().contiguous()) for k, v in weights.items())
    bad = [k for k, v in state.items() if not torch.isfinite(v).all()]
    if bad:
        raise ValueError(f"does not fit fp16: {bad}")
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(checkpoint["config"], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "generation_config.json").write_text(json.dumps(GENERATION, indent=1) + "\n", encoding="utf-8")
    if vocab.resolve() != (folder / "bee.txt").resolve():
        shutil.copyfile(vocab, folder / "bee.txt")
    sums = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in sorted(folder.iterdir()) if f.name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    if pt:
        torch.save(state, pt)
    return sum(v.numel() for v in state.values())


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--checkpoint", type=pathlib.Path, required=True)
    ap.add_argument("--vocab", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--pt", type=pathlib.Path, help="also write an upstream-style state dict here")
    ap.add_argument("--raw", action="store_true", help="the last weights instead of their running average")
    a = ap.parse_args()
    n = export(torch.load(a.checkpoint, weights_only=True), a.vocab, a.out, a.pt, a.raw)
    size = sum(f.stat().st_size for f in a.out.iterdir())
    print(f"{n / 1e6:.2f} M values, {size / 1e6:.1f} MB in {a.out}")
