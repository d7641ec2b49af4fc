"""From the arms' evaluations to figures: results.json, table.md, curves-*.svg.

    python3 -m claim.report --work DIR --out FOLDER [--name main]

Reads what is there: a run that was stopped early gives whole seeds and says how many. Only seeds every arm has are compared.
"""
import argparse
import json
import pathlib

import numpy as np

from . import charts, stats
from .prepare import NAMES
from .run import write
from .settings import ARMS, ROLE

LANGS = {"en": "English", "zh": "Chinese"}
MEASURES = {"chat": {"right": "answers right"}, "paint": {"thing": "the right thing", "ground": "the right background"}}


def read(folder):
    """-> {task: {arm: {seed: evaluation}}}"""
    out = {}
    for path in sorted(folder.glob("*.json")):
        if path.name != NAMES:
            e = json.loads(path.read_text(encoding="utf-8"))
            out.setdefault(e["task"], {}).setdefault(e["arm"], {})[e["seed"]] = e
    return out


def chance_of(task, measure, evaluations):
    """{lang: share a blind speaker, or a painter by lot, would score}"""
    if task == "chat":
        return {l: float(np.mean([e["chance"][l] for e in evaluations])) for l in LANGS}
    return {l: evaluations[0]["chance"][measure] for l in LANGS}


def examine(task, measure, arms):
    """One measure of one task -> figures, or None when no seed is whole. arms: {arm: {seed: evaluation}}"""
    seeds = sorted(set.intersection(*(set(v) for v in arms.values())))
    if not seeds:
        return None
    chance = chance_of(task, measure, [e for v in arms.values() for e in v.values()])
    tables = {arm: {l: {s: arms[arm][s]["curve"][-1][l][measure] for s in seeds} for l in LANGS} for arm in ARMS if arm in arms}
    out = dict(seeds=seeds, chance={l: round(c, 4) for l, c in chance.items()}, questions=len(next(iter(tables.values()))["en"][seeds[0]]),
               arms={arm: {l: stats.share(t[l]) for l in LANGS} for arm, t in tables.items()})
    if {"bi-bi", "bi-en"} <= set(tables):
        out["reached"] = {l: stats.reached(tables["bi-en"][l], tables["bi-bi"][l], chance[l]) for l in LANGS}
    if {"bi-en", "en-en"} <= set(tables):
        drawn = stats.resampled([tables["bi-en"]["zh"], tables["en-en"]["zh"]])
        out["claim over control"] = dict(mean=round(float((drawn[:, 0] - drawn[:, 1]).mean()), 4), interval=stats.interval(drawn[:, 0] - drawn[:, 1]))
    if "en-en" in tables:
        control = out["arms"]["en-en"]["zh"]
        out["control"] = dict(zh=control["mean"], chance=out["chance"]["zh"], fails=bool(control["low"] <= chance["zh"]))
    if task == "chat":
        out["by kind"] = {arm: {l: by_kind(arms[arm], seeds, l) for l in LANGS} for arm in tables}
        out["right, read as the other language"] = {
            arm: {l: round(float(np.mean([arms[arm][s]["curve"][-1][l]["other"] for s in seeds])), 4) for l in LANGS} for arm in tables}
    return out


def by_kind(evaluations, seeds, lang):
    count = {}
    for s in seeds:
        e = evaluations[s]
        for kind, ok in zip(e["kinds"], e["curve"][-1][lang]["right"]):
            row = count.setdefault(kind, [0, 0])
            row[0], row[1] = row[0] + ok, row[1] + 1
    return count


def lines(arms, measure):
    """{arm: {lang: {seed: [(step, share)]}}} for the curves."""
    return {arm: {l: {s: [(p["step"], float(np.mean(p[l][measure]))) for p in e["curve"]] for s, e in sorted(arms[arm].items())} for l in LANGS}
            for arm in ARMS if arm in arms}


def _cell(c):
    return f"{100 * c['mean']:.1f} % ({100 * c['low']:.1f} to {100 * c['high']:.1f})"


def _ratio(r):
    return "not defined: the bilingual arm is at chance" if r["mean"] is None else f"{100 * r['mean']:.0f} % ({100 * r['low']:.0f} to {100 * r['high']:.0f})"


def table(figures):
    """Markdown: per task and measure a table of arms, then what it says."""
    out = []
    for task, measures in figures.items():
        for measure, f in measures.items():
            out += [f"### {task.capitalize()}: {MEASURES[task][measure]}", "",
                    f"{f['questions']} questions a language, seeds {', '.join(map(str, f['seeds']))}; mean, 95 % interval over questions and seeds.", "",
                    "| arm | text stage | multimodal stage | role | asked in English | asked in Chinese |", "| --- | --- | --- | --- | --- | --- |"]
            for arm, c in f["arms"].items():
                names = ["both" if x == "bi" else "English" for x in ARMS[arm]]
                out.append(f"| {arm} | {names[0]} | {names[1]} | {ROLE[arm]} | {_cell(c['en'])} | {_cell(c['zh'])} |")
            out.append(f"| chance | | | | {100 * f['chance']['en']:.1f} % | {100 * f['chance']['zh']:.1f} % |")
            out.append("")
            if "reached" in f:
                out.append(f"- Share of the bilingual arm's ability above chance that English-only training reaches: in Chinese {_ratio(f['reached']['zh'])}, "
                           f"in English {_ratio(f['reached']['en'])}.")
            if "claim over control" in f:
                low, high = f["claim over control"]["interval"]
                out.append(f"- Chinese of the claim's arm less that of the control: {100 * f['claim over control']['mean']:.1f} points ({100 * low:.1f} to {100 * high:.1f}).")
            if "control" in f:
                out.append(f"- The control in Chinese: {100 * f['control']['zh']:.1f} % where chance is {100 * f['control']['chance']:.1f} %: "
                           + ("no better than chance." if f["control"]["fails"] else "BETTER than chance: the experiment leaks."))
            out.append("")
    return "\n".join(out)


def report(folder, out):
    """Writes the files; -> the figures. SystemExit when there is nothing to report on."""
    found = read(folder)
    figures = {}
    for task, arms in found.items():
        for measure in MEASURES[task]:
            if f := examine(task, measure, arms):
                figures.setdefault(task, {})[measure] = f
    if not figures:
        raise SystemExit(f"{folder}: no seed of which every arm is done; run python3 -m claim first")
    out.mkdir(parents=True, exist_ok=True)
    write(out / "results.json", dict(settings=json.loads((folder / NAMES).read_text(encoding="utf-8")), figures=figures))
    (out / "table.md").write_text(table(figures), encoding="utf-8")
    for task, measures in figures.items():
        for measure, f in measures.items():
            svg = charts.curves(f"{task}: {MEASURES[task][measure]}, by step of the multimodal stage", lines(found[task], measure), f["chance"])
            (out / f"curves-{task}-{measure}.svg").write_text(svg, encoding="utf-8")
    return figures


def main():
    ap = argparse.ArgumentParser(prog="claim.report", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--work", type=pathlib.Path, required=True)
    ap.add_argument("--name", default="main", help="which of WORK/runs")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    a = ap.parse_args()
    print(table(report(a.work / "runs" / a.name, a.out)))


if __name__ == "__main__":
    main()
