"""What is painted: one thing of the first `paint_things` in its own colours on one of eight backgrounds, in few pixels.

A fifth of the pairs of thing and background is never painted in training: the prompts of the evaluation.
"""
import torch
import torch.nn.functional as F

from paint import captions, style, subjects

from . import small

PLACINGS = 4  # pictures of a pair
WORDINGS = 6  # captions of a pair and language
HELD_OUT = 5  # every so many-th pair


class Canvas:
    """Scenes by pair and their pictures (B, 3, side, side), -1..1."""

    def __init__(self, work, things, side):
        self.drawings, self.side = style.Drawings(work), side
        self.maker = subjects.Subjects(self.drawings, None)
        self.labels = small.LABELS[:things]
        own = {c: self.drawings.own_colour[c - small.world.FIRST] for c in self.labels}
        pairs = [(c, g) for c in self.labels for g in small.GROUNDS if g != own[c]]
        small.dice("pairs").shuffle(pairs)
        self.unseen, self.seen = pairs[::HELD_OUT], [p for k, p in enumerate(pairs) if k % HELD_OUT]

    def scene(self, dice, pair):
        return self.maker.scene(dice, [self.maker.item(dice, pair[0], -1)], pair[1])

    def pictures(self, scenes):
        x = self.drawings.pictures(scenes)
        return F.adaptive_avg_pool2d(x, self.side)

    def placings(self, dice, pairs):
        """-> (pairs, PLACINGS, 3, side, side)"""
        return torch.stack([self.pictures([self.scene(dice, p) for _ in range(PLACINGS)]) for p in pairs])


def wordings(canvas, pairs, lang, seed):
    """-> [[WORDINGS captions] a pair]"""
    return [[captions.caption(small.dice("wording", seed, lang, *p, k), canvas.scene(small.dice("any"), p), lang) for k in range(WORDINGS)]
            for p in pairs]


def prompts(canvas, n, lang):
    """The evaluation's: [(pair, prompt)], held-out pairs in turn, said plainly; equal in meaning in both languages."""
    pairs = [canvas.unseen[k % len(canvas.unseen)] for k in range(n)]
    return [(p, captions.plain(canvas.scene(small.dice("any"), p), lang)) for p in pairs]
