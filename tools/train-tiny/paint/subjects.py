"""What is painted: one thing in the middle, or two side by side; own colours or painted; a background.

A scene: bg (0..10 named, style.DEFAULT when none is asked for) and items from left to right, each with
label (class number), paint (colour number it is painted in, -1 = its own colours), colour (its name's
number: paint, or the own colour when it clearly has one, else -1), width, left, top (pixels).
"""
import random

import world

from . import style

CHOSEN = {"banana": "blue"}  # held out by hand
NEVER = {("cat", "red")}  # never held out: the first example people try
PAIRS, PAINTED, GROUND = 0.25, 0.6, 0.45


def held_out(drawings, seed=11):
    """For every thing one colour never shown to any part of the painter: {label: colour}. Not its own colour."""
    rng = random.Random(seed)
    out = {}
    for k, thing in enumerate(world.THINGS):
        colours = [c for c in range(world.N_COLOURS) if c != drawings.own_colour[k] and drawings.paintable[k][c]
                   and (thing["en"], world.COLOUR_EN[c]) not in NEVER]
        pick = rng.choice(colours)
        if thing["en"] in CHOSEN:
            pick = world.COLOUR_EN.index(CHOSEN[thing["en"]])
        out[world.FIRST + k] = pick
    return out


class Subjects:
    """Draws scenes at random. hidden: colours kept away per label (held_out), or None to show everything."""

    def __init__(self, drawings, hidden):
        self.drawings, self.hidden = drawings, hidden or {}
        self.labels = [world.FIRST + k for k in range(len(world.THINGS))]
        self.paints = {label: [c for c in range(world.N_COLOURS) if drawings.paintable[k][c]
                               and c != drawings.own_colour[k] and c != self.hidden.get(label)]
                       for k, label in enumerate(self.labels)}

    def item(self, rng, label=None, paint=None):
        """paint: None = by chance, -1 = own colours."""
        label = rng.choice(self.labels) if label is None else label
        if paint is None:
            paint = rng.choice(self.paints[label]) if rng.random() < PAINTED else -1
        return dict(label=label, paint=paint,
                    colour=paint if paint >= 0 else self.drawings.own_colour[label - world.FIRST])

    def place(self, rng, items):
        """Sets sizes and places, in order from left to right."""
        side = style.SIDE
        for k, item in enumerate(items):
            if len(items) == 1:
                w = rng.choice(style.ALONE)
                room = min(2, (side - w) // 2)
                middle = (side - w) // 2
                item.update(width=w, left=middle + rng.randint(-room, room), top=middle + rng.randint(-room, room))
            else:
                w = rng.choice(style.PAIRED)
                item.update(width=w, left=(side // 4) * (1 + 2 * k) - w // 2 + (rng.randint(-1, 1) if w < 30 else 0),
                            top=(side - w) // 2 + rng.randint(-3, 3))

    def scene(self, rng, items=None, bg=None, pairs=PAIRS):
        """items: from item(), or None = by chance; bg: None = by chance."""
        if items is None:
            items = [self.item(rng) for _ in range(2 if rng.random() < pairs else 1)]
        if bg is None:
            bg = style.DEFAULT
            if rng.random() < GROUND:
                bg = rng.choice([c for c in range(world.N_COLOURS) if c not in {i["colour"] for i in items}])
        self.place(rng, items)
        return dict(bg=bg, items=items)


def same(scene):
    """What a caption can say of a scene: equal for scenes that no caption tells apart."""
    return scene["bg"], tuple((i["label"], i["paint"]) for i in scene["items"])
