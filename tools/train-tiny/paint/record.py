"""Write what an exported painter paints from a few prompts, with the ranker's scores: for checking other implementations.

One folder: set.json, and a PNG a picture. Noise of a picture is torch.randn of its seed.
"""
import argparse
import json
import pathlib

import torch

from .painter import load_painter
from .sheet import to_image

CASES = [("一只红色的猫", 42), ("a blue banana", 7), ("黑色背景上的一颗星星", 3), ("左边是一本书，右边是一把钥匙", 11), ("a pizza on a green background", 5), ("", 1)]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", type=pathlib.Path, required=True, help="exported painter")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--steps", type=int, default=20)
    ap.add_argument("--scale", type=float, default=4.0)
    a = ap.parse_args()
    painter = load_painter(a.model)
    pictures = painter.paint([p for p, _ in CASES], [s for _, s in CASES], a.steps, a.scale, "dpmpp_2m", 1)
    a.out.mkdir(parents=True, exist_ok=True)
    items = []
    for k, ((prompt, seed), picture) in enumerate(zip(CASES, pictures)):
        to_image(picture).save(a.out / f"{k}.png")
        items.append(dict(picture=f"{k}.png", prompt=prompt, seed=seed, score=round(painter.rank(prompt, picture[None])[0].item(), 4)))
    setting = dict(steps=a.steps, guidance_scale=a.scale, scheduler="DPMSolverMultistepScheduler")
    (a.out / "set.json").write_text(json.dumps(dict(setting, items=items), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
