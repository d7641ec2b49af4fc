"""CPM-Bee learns to read prompts: a copy of the chat model's, which then stays as it is and conditions the UNet.

The chat model's own states name the words of a prompt, but not what belongs to what: a probe on them tells the
first of two things from the second no better than by guessing. Here questions (learned queries, one layer of
attention to trans_block-like rows, so that the states themselves must hold the answers) ask for both things,
their colours and the background. Any number of captions costs nothing to make, and a step is cheap.
"""
import pathlib
import random
import shutil

import torch
import torch.nn as nn
import torch.nn.functional as F

import twins
import world

from . import captions, loop, style, subjects
from .text import TransBlock, load_llm, load_tokenizer, packed, states, vocabulary
from .transformer import Attention

KINDS = dict(thing=len(world.THINGS) + 1, paint=world.N_COLOURS + 1, ground=style.DEFAULT + 1)  # 0: none; own colours
QUESTIONS = dict(thing="thing", paint="paint", other="thing", other_paint="paint", ground="ground")


class Trainee(nn.Module):
    def __init__(self, llm, width=128):
        super().__init__()
        self.llm = llm
        self.rows = TransBlock(llm.config["dim_model"], width)
        self.questions = nn.Parameter(torch.randn(len(QUESTIONS), width) * 0.5)
        self.look = Attention(width, 4, width)
        self.answers = nn.ModuleDict({k: nn.Linear(width, n) for k, n in KINDS.items()})

    def forward(self, packs):
        """-> {question: logits (B, n)}"""
        rows = self.rows(states(self.llm, packs))
        seen = self.look(self.questions.expand(len(packs), -1, -1), rows)
        return {q: self.answers[k](seen[:, j]).float() for j, (q, k) in enumerate(QUESTIONS.items())}


def truth(scenes):
    """Numbers of the right answers."""
    rows = []
    for s in scenes:
        a, b = s["items"][0], s["items"][1] if len(s["items"]) > 1 else None
        rows.append((a["label"] - world.FIRST + 1, a["paint"] + 1, b["label"] - world.FIRST + 1 if b else 0, b["paint"] + 1 if b else 0, s["bg"]))
    return dict(zip(QUESTIONS, torch.tensor(rows).unbind(1)))


def losses(trainee, tok, scenes, prompts):
    out, want = trainee([packed(tok, p) for p in prompts]), truth(scenes)
    loss = sum(F.cross_entropy(out[k], want[k]) for k in QUESTIONS)
    right = {k: out[k].argmax(1) == want[k] for k in QUESTIONS}
    return loss, dict({k: v.float().mean().item() for k, v in right.items()}, all=torch.stack([*right.values()]).all(0).float().mean().item())


def material(maker, rng, n, frames=captions.FRAMES):
    """Scenes and prompts, languages in turn."""
    scenes = [maker.scene(rng, pairs=0.6) for _ in range(n)]
    return scenes, [captions.caption(rng, s, ("en", "zh")[k % 2], frames) for k, s in enumerate(scenes)]


@torch.no_grad()
def report(trainee, tok, maker, n):
    """Shares right on new prompts, and with phrasings never trained on."""
    for name, frames in (("new prompts", captions.FRAMES), ("new phrasings", captions.NEW_FRAMES)):
        rng, total = random.Random(992), {}
        for _ in range(max(1, n // 64)):
            _, parts = losses(trainee, tok, *material(maker, rng, 64, frames))
            total = {k: total.get(k, 0) + v for k, v in parts.items()}
        print(name, {k: round(v / max(1, n // 64), 4) for k, v in total.items()}, flush=True)


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    drawings = style.Drawings(a.work)
    maker = subjects.Subjects(drawings, subjects.held_out(drawings))
    llm, tok = load_llm(a.llm).requires_grad_(True), load_tokenizer(a.llm, a.vocab)
    if rank == 0:
        shutil.copyfile(vocabulary(a.llm, a.vocab), a.work / f"{a.name}-bee.txt")
    run = loop.Run(Trainee(llm), a, rank, n, dict(cpm_bee=llm.config), (list(llm.parameters()), a.llm_rate))
    rng = random.Random(a.seed + 1000 * rank + 7 * run.steps)
    while run.going():
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(run.module, tok, *material(maker, rng, a.batch))
        run.step(loss, parts)
    if rank == 0:
        report(run.ema, tok, maker, a.measure)


def main():
    ap = loop.arguments("reader", minutes=20, batch=32, lr=1.5e-3)
    ap.add_argument("--llm", type=pathlib.Path, required=True, help="exported chat model folder, or a chat checkpoint")
    ap.add_argument("--vocab", type=pathlib.Path, help="bee.txt, when it is not beside --llm")
    ap.add_argument("--llm-rate", type=float, default=3.0, help="CPM-Bee's learning rate, times the others' (its weights are about N(0, 1))")
    ap.add_argument("--measure", type=int, default=1024)
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
