"""Measure an exported painter: what a judge trained apart sees in its pictures, asked in both languages.

Four pictures a prompt. "one" is the average over the four (a picture taken blindly), "chosen" the one the
ranker puts first, "best" what a perfect ranker could reach (any of the four). Of two things both must be
right, each in its half. Also: real new pictures judged alike (the ceiling), and FID in the judge's features.
Writes a JSON report and a contact sheet.
"""
import argparse
import json
import pathlib
import random
import time

import torch

import world

from . import captions, fid, style, subjects
from .diffusion import SAMPLERS
from .loop import HERE
from .painter import load_painter
from .prompts import KINDS, suite
from .sheet import save_sheet
from .train_classifier import accuracy, load_judge

CANDIDATES = 4


def verdicts(judge, pictures, scene):
    """Pictures of one scene -> dict of bool (n,): top1, top5, colour (absent when none is asked), ground (likewise), all."""
    f = judge(pictures)
    items = scene["items"]
    regions = [0] if len(items) == 1 else [1, 2]
    out = dict(top1=torch.ones(len(pictures), dtype=torch.bool), top5=torch.ones(len(pictures), dtype=torch.bool))
    for i, r in zip(items, regions):
        ranked = judge.thing(f[:, r]).topk(5).indices
        thing = i["label"] - world.FIRST
        out["top1"] &= ranked[:, 0] == thing
        out["top5"] &= (ranked == thing).any(1)
        if i["paint"] >= 0:
            out["colour"] = out.get("colour", True) & (judge.colour(f[:, r]).argmax(1) == i["paint"])
    if scene["bg"] != style.DEFAULT:
        out["ground"] = judge.ground(f[:, 0]).argmax(1) == scene["bg"]
    out["all"] = out["top1"].clone()
    for k in ("colour", "ground"):
        if k in out:
            out["all"] &= out[k]
    return out


def measure(painter, judge, cases, options, log):
    """Paints every case four times; fills in pictures, scores and verdicts."""
    prompts = [c["prompt"] for c in cases for _ in range(CANDIDATES)]
    begin = time.time()
    pictures = painter.paint(prompts, range(1000, 1000 + len(prompts)), **options).unflatten(0, (-1, CANDIDATES))
    log["seconds a picture"] = round((time.time() - begin) / len(prompts), 3)
    for c, four in zip(cases, pictures):
        c["pictures"], c["scores"] = four, painter.rank(c["prompt"], four)
        c["seen"] = verdicts(judge, four, c["scene"])
        c["chosen"] = int(c["scores"].argmax())


def figures(cases):
    """-> {kind: {lang: {measure: {one, chosen, best}}}}; shares with `n` prompts each."""
    out = {}
    for kind in (*KINDS, "everything"):
        for lang in ("en", "zh"):
            part = [c for c in cases if c["lang"] == lang and (kind in (c["kind"], "everything"))]
            if not part:
                continue
            cell = dict(n=len(part))
            for m in ("top1", "top5", "colour", "ground", "all"):
                rows = [c for c in part if m in c["seen"]]
                if rows:
                    seen = torch.stack([c["seen"][m] for c in rows]).float()
                    chosen = torch.tensor([float(c["seen"][m][c["chosen"]]) for c in rows])
                    cell[m] = {k: round(v.mean().item(), 4) for k, v in dict(one=seen, chosen=chosen, best=seen.amax(1)).items()}
            out.setdefault(kind, {})[lang] = cell
    return out


def distances(painter, judge, drawings, n, options):
    """FID of n pictures painted from captions by chance against n real ones of the same scenes' kind; and two sets of real ones."""
    maker = subjects.Subjects(drawings, subjects.held_out(drawings))
    rng = random.Random(4242)
    draw = lambda: [maker.scene(rng) for _ in range(n)]
    features = lambda x: torch.cat([judge(p)[:, 0] for p in x.split(64)])
    real, other, asked = features(drawings.pictures(draw())), features(drawings.pictures(draw())), draw()
    prompts = [captions.caption(rng, s, ("en", "zh")[k % 2]) for k, s in enumerate(asked)]
    painted = features(painter.paint(prompts, range(50000, 50000 + n), **options))
    pixels = drawings.pictures(asked)
    coded = torch.cat([painter.vae.decode(painter.vae.encode(p)[0]).float().clamp(-1, 1) for p in pixels.split(32)])
    return dict(pictures=n, painted=fid.frechet(painted, real), real=fid.frechet(other, real), through_the_codec=fid.frechet(features(coded), real))


def markdown(table):
    lines = ["| prompts | language | n | thing top-1 | top-5 | colour | background | everything right |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    show = lambda cell, m: f"{100 * cell[m]['one']:.1f} → {100 * cell[m]['chosen']:.1f}" if m in cell else "–"
    for kind, langs in table.items():
        for lang, cell in langs.items():
            lines.append(f"| {kind} | {lang} | {cell['n']} | " + " | ".join(show(cell, m) for m in ("top1", "top5", "colour", "ground", "all")) + " |")
    return "\n".join(lines) + "\n\nPer cent: one picture taken blindly → chosen from four."


def contact_sheet(cases, path, per=8):
    """A row a kind and language, the chosen pictures, with what was asked in English."""
    rows = [c for kind in KINDS for lang in ("en", "zh") for c in [c for c in cases if (c["kind"], c["lang"]) == (kind, lang)][:per]]
    save_sheet(torch.stack([c["pictures"][c["chosen"]] for c in rows]), path, per,
               [f"{c['lang']}: {captions.plain(c['scene'], 'en')}" for c in rows], zoom=2)


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", type=pathlib.Path, required=True, help="exported painter")
    ap.add_argument("--chat", type=pathlib.Path, help="chat model's folder, for a painter exported without CPM-Bee")
    ap.add_argument("--work", type=pathlib.Path, default=HERE / ".work")
    ap.add_argument("--judge", type=pathlib.Path, help="checkpoint of the judge (WORK/classifier.pt)")
    ap.add_argument("--per", type=int, default=100, help="scenes of each kind")
    ap.add_argument("--fid", type=int, default=1000, help="pictures for FID, 0 = none")
    ap.add_argument("--steps", type=int, default=20)
    ap.add_argument("--scale", type=float, default=4.0)
    ap.add_argument("--sampler", choices=sorted(SAMPLERS), default="dpmpp_2m")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--report", type=pathlib.Path, required=True)
    ap.add_argument("--sheet", type=pathlib.Path)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    drawings, judge = style.Drawings(a.work), load_judge(a.judge or a.work / "classifier.pt")
    painter = load_painter(a.model, a.chat)
    options = dict(steps=a.steps, scale=a.scale, sampler=a.sampler)
    report = dict(options, candidates=CANDIDATES, seed="prompts: 77; noise: 1000 + number of the picture")
    hidden = subjects.held_out(drawings)
    fresh, maker = random.Random(991), subjects.Subjects(drawings, None)
    real = [maker.scene(fresh, pairs=0) for _ in range(4 * a.per)]
    report["judge on real new pictures"] = accuracy(judge, drawings.pictures(real), real)
    real = [maker.scene(fresh, pairs=1) for _ in range(4 * a.per)]
    report["judge on real new pictures of two things"] = accuracy(judge, drawings.pictures(real), real)
    cases = suite(drawings, a.per)
    measure(painter, judge, cases, options, report)
    report["figures"] = figures(cases)
    report["never shown in training"] = {world.THINGS[k - world.FIRST]["en"]: world.COLOUR_EN[c] for k, c in hidden.items()}
    if a.fid:
        report["fid"] = distances(painter, judge, drawings, a.fid, options)
    a.report.parent.mkdir(parents=True, exist_ok=True)
    a.report.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if a.sheet:
        a.sheet.parent.mkdir(parents=True, exist_ok=True)
        contact_sheet(cases, a.sheet)
    print(markdown(report["figures"]))
    print({k: v for k, v in report.items() if k not in ("figures", "never shown in training")})


if __name__ == "__main__":
    main()
