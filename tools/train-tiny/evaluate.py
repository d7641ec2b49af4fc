"""Measure an exported model: greedy answers, judged against each scene's truth.

(1) new scenes by known artists, (2) by the test artist, (3) known artists with phrasings never
trained on, (4) outside the world: pictures and questions it should decline, and how often it declines
in-world questions. Writes a JSON report and prints Markdown.
"""
import argparse
import json
import pathlib
import random

import torch

import scenes
import world
from export import load_model
from fetch import TEST_ARTIST, TRAIN_ARTISTS
from generate import greedy, look
from judge import abstains, judge
from packing import ChatPacker
from questions import MAKERS
from studio import Studio, strange, transform
from tokenizer import Tokenizer
from turns import turn

TALK = ("greet", "who", "thanks", "bye")
IN_WORLD = [k for k in MAKERS if k not in TALK + ("oow",)] + ["follow"]


def far(v):
    """Not near a border between left, middle and right."""
    return abs(v - 0.4) > 0.05 and abs(v - 0.6) > 0.05


def clear(t):
    """Questions whose true answer is not a matter of opinion."""
    f, i = t["fact"], t["item"]
    if f["kind"] == "colour" and t["type"] != "bg" and (f["colour"] < 0 or (i and not i.get("clear", True))):
        return False
    if t["type"] == "iscolour" and i and not i.get("clear", True):
        return False
    if f["kind"] == "where":
        return far(f["x"]) and far(f["y"])
    if "dx" in f:
        a, b = sorted((abs(f["dx"]), abs(f["dy"])))
        return b > 1.4 * a
    if "at" in f:
        return all(far(v) for v in f["at"])
    return True


def suite(studio, rng, split, per, size, kinds):
    """-> turns with pixels: `per` questions of each kind and language, one picture each."""
    out = []
    for kind in kinds:
        for lang in ("en", "zh"):
            n = 0
            while n < per:
                scene = scenes.sample(rng, studio.pool, counts=(0.03, 0.42, 0.33, 0.22), outside=0.0)
                need = {"rel": 2, "relwhat": 2}.get(kind, 1)
                if len(scene["items"]) < need and not (kind in ("what", "describe", "count") and rng.random() < 0.3):
                    continue
                if kind == "relwhat" and len(scene["items"]) != 2:
                    continue
                picture = studio.draw(rng, scene)
                for _ in range(6):
                    t = turn(rng, scene, lang, split, kind, context=0)
                    if t and clear(t):
                        break
                else:
                    continue
                n += 1
                out.append(dict(t, picture=picture, pixels=transform(picture, size)))
    return out


def outside(studio, rng, per, size):
    """Pictures of the outside drawings kept for testing, strange pictures, and outside questions."""
    out = []
    for lang in ("en", "zh"):
        for kind in ("what", "kind", "describe"):
            for k in range(per):
                if k % 3 == 2:
                    picture, scene = strange(rng), dict(bg=0, items=[], strange=True)
                    scene["items"] = [dict(label=world.OUTSIDE, colour=-1, x=.5, y=.5, size=.9)]
                else:
                    x, y, s = scenes.layout(rng, 1)[0]
                    scene = dict(bg=rng.randrange(world.N_COLOURS), items=[dict(
                        label=world.OUTSIDE, sprite=studio.pool.pick(rng, world.OUTSIDE), x=x, y=y, size=s, recolour=-1, colour=-1)])
                    picture = studio.draw(rng, scene)
                t = turn(rng, scene, lang, "train", kind, context=0)
                t["fact"] = dict(kind="abstain" if kind != "describe" or scene.get("strange") else "abstain")
                out.append(dict(t, type="picture: " + ("strange" if scene.get("strange") else "drawing"),
                                picture=picture, pixels=transform(picture, size)))
        for _ in range(3 * per):
            scene = scenes.sample(rng, studio.pool, outside=0)
            picture = studio.draw(rng, scene)
            t = turn(rng, scene, lang, "test", "oow", context=0)
            out.append(dict(t, type="question", picture=picture, pixels=transform(picture, size)))
    return out


def answer(model, packer, turns, chunk=48):
    texts = []
    for k in range(0, len(turns), chunk):
        part = turns[k:k + chunk]
        v = look(model, torch.stack([t["pixels"] for t in part]))
        ids = greedy(model, packer, v, [(t["context"], t["question"]) for t in part])
        texts += [packer.tok.decode(i) for i in ids]
    return texts


def tally(turns, texts):
    table, false_abstain = {}, 0
    for t, text in zip(turns, texts):
        ok = judge(text, t["fact"], t["lang"])
        row = table.setdefault(t["type"], {"en": [0, 0], "zh": [0, 0]})
        row[t["lang"]][0] += ok
        row[t["lang"]][1] += 1
        false_abstain += abstains(text, t["lang"]) and t["fact"]["kind"] != "abstain" and "something" not in text and "我不认识" not in text
    total = [sum(r[l][k] for r in table.values() for l in ("en", "zh")) for k in (0, 1)]
    return dict(types=table, right=total[0], asked=total[1], share=round(total[0] / total[1], 4),
                false_abstention=round(false_abstain / total[1], 4))


def markdown(report):
    names = list(report)
    kinds = list(dict.fromkeys(k for r in report.values() for k in r["types"]))
    lines = ["| question | " + " | ".join(f"{n} en | {n} zh" for n in names) + " |", "| --- |" + " --- | --- |" * len(names)]
    for k in kinds:
        cells = []
        for n in names:
            r = report[n]["types"].get(k)
            cells += [f"{r[l][0]}/{r[l][1]}" if r and r[l][1] else "–" for l in ("en", "zh")]
        lines.append(f"| {k} | " + " | ".join(cells) + " |")
    lines.append("| **all** | " + " | ".join(f"**{100 * report[n]['share']:.1f} %** | ({report[n]['right']}/{report[n]['asked']})" for n in names) + " |")
    return "\n".join(lines)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", type=pathlib.Path, required=True)
    ap.add_argument("--work", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".work")
    ap.add_argument("--per", type=int, default=12)
    ap.add_argument("--seed", type=int, default=20)
    ap.add_argument("--report", type=pathlib.Path)
    ap.add_argument("--show", type=int, default=0, help="print this many wrong answers a suite")
    ap.add_argument("--threads", type=int, default=2)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    model = load_model(a.model)
    packer = ChatPacker(Tokenizer(a.model / "bee.txt"), model.config["query_num"])
    size = model.config["image_size"]
    known, unseen = Studio(a.work, TRAIN_ARTISTS), Studio(a.work, [TEST_ARTIST])
    rng = random.Random(a.seed)
    report = {}
    for name, turns in (
            ("known artists", suite(known, rng, "train", a.per, size, IN_WORLD)),
            ("test artist", suite(unseen, rng, "train", a.per, size, IN_WORLD)),
            ("new phrasings", suite(known, rng, "test", a.per, size, IN_WORLD + list(TALK))),
            ("outside", outside(known, rng, a.per, size))):
        texts = answer(model, packer, turns)
        report[name] = tally(turns, texts)
        print(name, report[name]["share"], "false abstention", report[name]["false_abstention"], flush=True)
        wrong = [(t, x) for t, x in zip(turns, texts) if not judge(x, t["fact"], t["lang"])]
        for t, x in rng.sample(wrong, min(a.show, len(wrong))):
            print("   ", t["type"], "|", t["question"], "|", x, "| want:", t["answer"])
    print(markdown(report))
    if a.report:
        a.report.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
