"""The prompts painted for the figures: the same scenes in both languages, seeded.

Kinds: thing ("a cat"), colour (pairs shown in training), new colour (pairs never shown), background, two
things, two coloured things, and phrasings never trained on.
"""
import random

import world

from . import captions, style, subjects

KINDS = ("thing", "colour", "new colour", "background", "two things", "two colours", "new phrasing")


def scenes_of(kind, maker, hidden, rng, n):
    """n scenes of a kind; things in a fixed random order, each once before any comes again."""
    order = maker.labels[:]
    rng.shuffle(order)
    pick = lambda k: order[k % len(order)]
    colour = lambda label: rng.choice(maker.paints[label])
    out = []
    for k in range(n):
        label = pick(k)
        if kind == "thing":
            items = [maker.item(rng, label, -1)]
        elif kind == "colour":
            items = [maker.item(rng, label, colour(label))]
        elif kind == "new colour":
            if k == 0:  # the example people know
                label = next(world.FIRST + j for j, t in enumerate(world.THINGS) if t["en"] == "banana")
            items = [maker.item(rng, label, hidden[label])]
        elif kind in ("background", "new phrasing"):
            items = [maker.item(rng, label, -1 if k % 2 else colour(label))]
        else:
            other = pick(k + 1 + rng.randrange(len(order) - 1))
            paints = (-1, -1) if kind == "two things" else (colour(label), colour(other))
            items = [maker.item(rng, x, p) for x, p in zip((label, other), paints)]
        bg = style.DEFAULT
        if kind == "background":
            bg = rng.choice([c for c in range(world.N_COLOURS) if c not in {i["colour"] for i in items}])
        out.append(maker.scene(rng, items, bg))
    return out


def suite(drawings, per, seed=77):
    """-> list of dict(kind, lang, prompt, scene)."""
    hidden = subjects.held_out(drawings)
    maker = subjects.Subjects(drawings, hidden)
    out = []
    for kind in KINDS:
        rng = random.Random(f"{seed} {kind}")
        for scene in scenes_of(kind, maker, hidden, rng, per):
            for lang in ("en", "zh"):
                prompt = captions.plain(scene, lang)
                if kind == "new phrasing":
                    prompt = rng.choice(captions.NEW_FRAMES[lang]).replace("{p}", prompt)
                out.append(dict(kind=kind, lang=lang, prompt=prompt, scene=scene))
    return out
