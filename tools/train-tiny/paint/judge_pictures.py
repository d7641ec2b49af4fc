"""Lets the judge of `evaluate_paint` see pictures that others painted.

prompts: the seeded suite as JSON, [{kind, lang, prompt, scene: {bg, items: [{label, paint}]}}, ...].
judge:   JSON lines on standard input, {"picture": PNG file, "scene": as above}; for each a line on standard output with what
         is right: {"top1", "top5", "all", and "colour", "ground" where they are asked for}.
"""
import argparse
import json
import pathlib
import sys

import numpy
import torch
from PIL import Image

from . import style
from .evaluate_paint import verdicts
from .loop import HERE
from .prompts import suite
from .train_classifier import load_judge


def told(scene):
    return dict(bg=scene["bg"], items=[dict(label=i["label"], paint=i["paint"]) for i in scene["items"]])


def read(path):
    """PNG file -> (3, 64, 64) in -1..1"""
    pixels = numpy.array(Image.open(path).convert("RGB"))
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 127.5 - 1


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("what", choices=("prompts", "judge"))
    ap.add_argument("--work", type=pathlib.Path, default=HERE / ".work")
    ap.add_argument("--per", type=int, default=10, help="scenes of each kind")
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    if a.what == "prompts":
        cases = [dict(c, scene=told(c["scene"])) for c in suite(style.Drawings(a.work), a.per)]
        print("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]")
        return
    judge = load_judge(a.work / "classifier.pt")
    for line in sys.stdin:
        case = json.loads(line)
        seen = verdicts(judge, read(case["picture"])[None], case["scene"])
        print(json.dumps({k: bool(v[0]) for k, v in seen.items()}), flush=True)


if __name__ == "__main__":
    main()
