"""Sample what is in a picture: a background colour and zero to three things (four in the warm-up), not overlapping.

A scene is a dict: bg (colour number), items: list of dicts with label (class number), sprite
(index into the pool), colour (number or -1 when it has no clear colour), x, y, size (0..1, centre and
side), recolour (colour number or -1).
"""
import random

import world

SIZES = {1: (0.42, 0.96), 2: (0.30, 0.54), 3: (0.28, 0.42), 4: (0.27, 0.41)}


def layout(rng: random.Random, n: int):
    """n boxes (x, y, size) inside the unit square, none overlapping."""
    while True:
        boxes = []
        for _ in range(n):
            for _ in range(12):
                s = rng.uniform(*SIZES[n])
                x, y = rng.uniform(s / 2, 1 - s / 2), rng.uniform(s / 2, 1 - s / 2)
                if all(max(abs(x - a), abs(y - b)) > (s + c) / 2 + 0.01 for a, b, c in boxes):
                    boxes.append((x, y, s))
                    break
        if len(boxes) == n:
            return boxes


def cell(item):
    """The query that answers for a thing: its centre's cell in the 4 x 4 grid, columns first, so that
    the queries' order is the order in which answers name things."""
    at = lambda v: max(0, min(3, int(v * 4)))
    return at(item["x"]) * 4 + at(item["y"])


def thirds(item):
    """Row and column third: 0, 1, 2 = top / left, middle, bottom / right."""
    third = lambda v: 0 if v < 0.4 else 2 if v > 0.6 else 1
    return third(item["y"]), third(item["x"])


def in_order(items):
    """Things in the order in which answers name them."""
    return sorted(items, key=lambda i: (cell(i), i["x"], i["y"]))


class Pool:
    """Sprites a sampler may draw from: parallel lists of class numbers, grouped by class."""

    def __init__(self, labels, slugs=None):
        self.labels = list(map(int, labels))
        self.slugs = slugs
        self.by_class = {}
        for i, c in enumerate(self.labels):
            self.by_class.setdefault(c, []).append(i)
        self.classes = sorted(c for c in self.by_class if c >= world.FIRST)

    def pick(self, rng, label):
        return rng.choice(self.by_class[label])


def sample(rng: random.Random, pool: Pool, counts=(0.02, 0.38, 0.33, 0.27), outside=0.07, twins=0.1,
           recolour=0.3):
    """One scene. counts: chances of 0, 1, 2... things; outside: chance that a thing is not of the world."""
    n = rng.choices(range(len(counts)), counts)[0]
    items = []
    if n:
        same = n > 1 and rng.random() < twins
        label = None
        for x, y, s in layout(rng, n):
            if label is None or not same or not world.countable(label):
                label = rng.choice(pool.classes)
                if outside and rng.random() < outside and world.OUTSIDE in pool.by_class:
                    label = world.OUTSIDE
            paint = rng.randrange(world.N_COLOURS) if rng.random() < recolour else -1
            items.append(dict(label=label, sprite=pool.pick(rng, label), x=x, y=y, size=s,
                              recolour=paint, colour=paint))
    bg = 9 if rng.random() < 0.2 else rng.randrange(world.N_COLOURS)
    return dict(bg=bg, items=items)


def clear_background(rng: random.Random, scene):
    """Change a background that would swallow a thing of the same colour."""
    used = {i["colour"] for i in scene["items"]}
    if scene["bg"] in used and rng.random() < 0.9:
        scene["bg"] = rng.choice([k for k in range(world.N_COLOURS) if k not in used])
