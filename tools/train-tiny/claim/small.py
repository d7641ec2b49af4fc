"""The part of the world the experiment plays in: 32 countable things that differ in kind and shape; painting takes the
first of them. Class numbers, names and drawings are the world's own."""
import random

import world

NAMES = ("apple", "banana", "car", "fish", "star", "tree", "house", "balloon", "umbrella", "carrot", "frog", "guitar", "rocket", "key",
         "cactus", "penguin", "strawberry", "crown", "airplane", "butterfly",
         "dog", "cat", "rabbit", "elephant", "owl", "snail", "mushroom", "pizza", "rose", "train", "castle", "book")
SIZES = {1: (0.55, 0.95), 2: (0.42, 0.5)}  # of things, by how many there are; 1 is the picture's side
_BY_NAME = {t["en"]: world.FIRST + k for k, t in enumerate(world.THINGS)}
LABELS = [_BY_NAME[n] for n in NAMES]
ARTISTS = ("twemoji", "fluent-emoji-flat")  # a few looks a thing
GROUNDS = [world.COLOUR_EN.index(c) for c in ("red", "orange", "yellow", "green", "blue", "purple", "black", "white")]  # of paintings


def dice(*what):
    """A generator of its own for every step of every stage: resuming needs no generator's state, and arms share pictures."""
    return random.Random(" ".join(map(str, what)))


def layout(dice, n):
    """n places (x, y, size) that do not overlap: as scenes.layout, with larger things, which so small a tower learns sooner."""
    low, high = SIZES[n]
    while True:
        boxes = []
        for _ in range(n):
            s = dice.uniform(low, high)
            boxes.append((dice.uniform(s / 2, 1 - s / 2), dice.uniform(s / 2, 1 - s / 2), s))
        if n == 1 or max(abs(boxes[0][0] - boxes[1][0]), abs(boxes[0][1] - boxes[1][1])) > (boxes[0][2] + boxes[1][2]) / 2:
            return boxes


def thing(label):
    return world.THINGS[label - world.FIRST]
