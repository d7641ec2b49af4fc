"""Demo pictures (pictures/*.png) and the small fixed evaluation set (eval/) that other
implementations of the model can be compared with."""
import argparse
import json
import pathlib
import random

import torch

import evaluate
import scenes
import world
from export import load_model
from fetch import TEST_ARTIST, TRAIN_ARTISTS
from generate import greedy, look
from judge import judge
from packing import ChatPacker
from studio import Studio, transform
from tokenizer import Tokenizer
from turns import turn

# name, background, [(thing, artist, x, y, size, recolour)]
DEMOS = [
    ("dog", "white", [("dog", "twemoji", .5, .5, .8, None)]),
    ("apple", "blue", [("red-apple", "fluent-emoji", .5, .5, .75, None)]),
    ("bus-and-tree", "yellow", [("bus", "noto", .27, .62, .44, None), ("deciduous-tree", "noto", .74, .5, .46, None)]),
    ("cat-above-fish", "green", [("cat", "noto", .5, .26, .42, None), ("fish", "twemoji", .5, .75, .4, None)]),
    ("guitar", "pink", [("guitar", "twemoji", .5, .5, .8, None)]),
    ("three-things", "white", [("automobile", "twemoji", .22, .3, .36, "red"), ("umbrella", "noto", .75, .28, .36, None),
                               ("banana", "fluent-emoji-flat", .5, .76, .38, None)]),
    ("house", "purple", [("house", "fluent-emoji", .5, .5, .78, None)]),
    ("two-balloons", "grey", [("balloon", "noto", .27, .45, .42, None), ("balloon", "twemoji", .73, .5, .42, "blue")]),
]


def demos(studio, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, bg, things in DEMOS:
        items = []
        for slug, artist, x, y, size, paint in things:
            k = studio.icons.index((artist, slug))
            items.append(dict(label=studio.pool.labels[k], sprite=k, x=x, y=y, size=size,
                              recolour=world.COLOUR_EN.index(paint) if paint else -1, colour=-1))
        rng = random.Random(1)
        rng.random = lambda: 1.0  # keep the background as asked
        studio.draw(rng, dict(bg=world.COLOUR_EN.index(bg), items=items)).save(folder / f"{name}.png", optimize=True)


def examples(studios, rng, packer, model, n):
    """n pictures with three questions each; parity data for the first six."""
    size, out, pictures = model.config["image_size"], [], []
    for k in range(n):
        studio = studios[k % len(studios)]
        scene = scenes.sample(rng, studio.pool, counts=(0.02, 0.5, 0.3, 0.18), outside=0.05)
        picture = studio.draw(rng, scene).resize((120, 120)).convert("P", palette=1, colors=64).convert("RGB")
        asked = []
        while len(asked) < 3:
            t = turn(rng, scene, ["en", "zh"][len(asked) % 2 if k % 2 else 1 - len(asked) % 2],
                     rng.choice(["train", "test"]), context=0.2)
            if t and evaluate.clear(t):
                asked.append(t)
        v = look(model, transform(picture, size)[None])
        ids = greedy(model, packer, v.expand(3, -1, -1), [(t["context"], t["question"]) for t in asked])
        rows = []
        for t, i in zip(asked, ids):
            text = packer.tok.decode(i)
            fact = {x: y for x, y in t["fact"].items()}
            rows.append(dict(type=t["type"], language=t["lang"], context=t["context"], question=t["question"],
                             expected=t["answer"], fact=fact, greedy=text, greedy_right=bool(judge(text, t["fact"], t["lang"]))))
            if k < 6:
                rows[-1]["greedy_ids"] = i
        item = dict(picture=f"{k:02d}.png", questions=rows)
        if k < 6:
            item["vision_hidden_states"] = dict(
                shape=list(v.shape), first_row=[round(x, 5) for x in v[0, 0].tolist()],
                sums=[round(x, 4) for x in v[0].double().sum(-1).tolist()],
                norms=[round(x, 4) for x in v[0].double().norm(dim=-1).tolist()])
        out.append(item)
        pictures.append(picture)
    return out, pictures


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--model", type=pathlib.Path, required=True)
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    torch.set_num_threads(2)
    model = load_model(a.model)
    packer = ChatPacker(Tokenizer(a.model / "bee.txt"), model.config["query_num"])
    known, unseen = Studio(a.work, TRAIN_ARTISTS), Studio(a.work, [TEST_ARTIST])
    demos(known, a.out / "pictures")
    # the test artist's drawings are share-alike: the fixed set carries the known artists' only
    rows, pictures = examples([known], random.Random(9), packer, model, 40)
    (a.out / "eval").mkdir(exist_ok=True)
    for row, p in zip(rows, pictures):
        p.save(a.out / "eval" / row["picture"], optimize=True)
    note = "Greedy decoding in PyTorch, fp32 compute on the fp16 weights; pixels by Pillow bicubic to image_size."
    (a.out / "eval" / "set.json").write_text(json.dumps(dict(note=note, items=rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    right = [q["greedy_right"] for r in rows for q in r["questions"]]
    print(f"eval set: {sum(right)}/{len(right)} right")


if __name__ == "__main__":
    main()
