"""Drawings, vocabulary, and the folder of an experiment's results."""
import dataclasses
import json
import os
import shutil

import fetch
import sprites

from . import words
from .run import write
from .settings import TASKS, Settings

NAMES = "settings.json"


def prepare(work):
    """Fetches and renders what is not there yet."""
    work.mkdir(parents=True, exist_ok=True)
    sets = fetch.fetch(work)
    sprites.render(sets, work / "sprites")
    if not (work / "bee.txt").exists():
        print("vocabulary:", words.build(work), "entries", flush=True)


def folder(work, name, settings):
    """WORK/runs/NAME, made for these settings. SystemExit when it holds results of others."""
    at = work / "runs" / name
    at.mkdir(parents=True, exist_ok=True)
    mine = dataclasses.asdict(settings)
    if (at / NAMES).exists():
        there = json.loads((at / NAMES).read_text(encoding="utf-8"))
        if there != mine:
            odd = [f"{k}: {there.get(k)} there, {mine.get(k)} asked for" for k in mine | there if there.get(k) != mine.get(k)]
            raise SystemExit(f"{at} holds an experiment with other settings ({'; '.join(odd)}): give this one another --name, or move that away")
    else:
        write(at / NAMES, mine)
    return at


def borrow(at, settings, stages):
    """Takes over from other experiments what does not depend on what differs: the tower, the judge, language models."""
    for stage in stages:
        kind = stage.name.split("-")[0]
        for other in sorted(at.parent.iterdir()):
            there = other / stage.out.name
            if stage.out.exists() or kind in TASKS or other == at or not there.exists() or not (other / NAMES).exists():
                continue
            theirs = Settings(**json.loads((other / NAMES).read_text(encoding="utf-8")))
            if theirs.stamp(kind) == settings.stamp(kind):
                tmp = stage.out.with_name(stage.out.name + ".tmp")
                shutil.copyfile(there, tmp)
                os.replace(tmp, stage.out)
                print(f"{stage.name}: as in {other.name}", flush=True)
