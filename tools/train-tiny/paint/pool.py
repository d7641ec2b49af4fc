"""A big pool of pictures as latents, each with a few captions, refreshed little by little.

Rendering and encoding cost a fraction of a UNet step, and a picture serves many times: with new noise, at
another time, under another of its captions.
"""
import random

import torch

from . import captions, subjects

CHUNK = 32


class Pool:
    """read(prompts) -> hidden states (L, dim), one tensor a prompt."""

    def __init__(self, drawings, vae, read, size, seed, choices=4, pairs=subjects.PAIRS):
        self.drawings, self.vae, self.read, self.choices, self.pairs = drawings, vae, read, choices, pairs
        self.maker = subjects.Subjects(drawings, subjects.held_out(drawings))
        self.rng, self.gen = random.Random(seed), torch.Generator().manual_seed(seed)
        side = drawings.pictures([self.maker.scene(self.rng)])
        shape = vae.encode(side)[0].shape[1:]
        self.mean, self.std = torch.empty(size, *shape), torch.empty(size, *shape)
        self.texts = [None] * size
        self.at, self.queue = 0, []
        for k in range(0, size, CHUNK):
            self.refresh(min(CHUNK, size - k))

    @torch.no_grad()
    def refresh(self, n):
        """Replaces the n oldest pictures."""
        scenes = [self.maker.scene(self.rng, pairs=self.pairs) for _ in range(n)]
        pixels = self.drawings.pictures(scenes).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            mean, logvar = self.vae.encode(pixels)
        where = [(self.at + k) % len(self.texts) for k in range(n)]
        self.at = (self.at + n) % len(self.texts)
        self.mean[where], self.std[where] = mean, (0.5 * logvar).exp()
        prompts = [captions.caption(self.rng, s, ("en", "zh")[k % 2]) for s in scenes for k in range(self.choices)]
        texts = self.read(prompts)
        for j, w in enumerate(where):
            self.texts[w] = texts[j * self.choices:(j + 1) * self.choices]

    def batch(self, n):
        """-> latents (n, 4, h, w) and n texts of like length (so that little of a batch is padding)."""
        if not self.queue:
            picks = [(self.rng.randrange(len(self.texts)), self.rng.randrange(self.choices)) for _ in range(8 * n)]
            picks.sort(key=lambda p: len(self.texts[p[0]][p[1]]))
            self.queue = [picks[k:k + n] for k in range(0, len(picks), n)]
            self.rng.shuffle(self.queue)
        rows = self.queue.pop()
        where = [w for w, _ in rows]
        noise = torch.randn(self.mean[where].shape, generator=self.gen)
        return self.mean[where] + self.std[where] * noise, [self.texts[w][k] for w, k in rows]
