"""Paint's multimodal stage: a UNet whose cross-attention reads the frozen CPM-Bee's states of a prompt through trans_block, as in
the original; captions in English alone or in both languages. Small enough to paint pixels themselves, without a codec.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

from paint.diffusion import Schedule, dpmpp_2m, guided, times
from paint.text import TransBlock, packed, pad_state, padded, states
from paint.unet import UNet2DConditionModel
from tokenizer import Tokenizer

from . import small
from .canvas import PLACINGS, WORDINGS, Canvas, prompts, wordings
from .chat_stage import moments
from .paint_judge import load_judge, verdicts
from .run import Run, adamw, write
from .settings import LANGUAGES
from .text_stage import load_llm

CHANNELS, CONTEXT, GROUPS = (48, 96), 96, 16
PATCH = 2  # the UNet works on pictures folded to half their sides, with the pixels of a patch as channels
EMPTY = 0.1  # share of empty prompts, for guidance
SAMPLING, SCALE, EMA = 12, 3.0, 0.995


def config(side):
    """Stable Diffusion 2.1's kind of UNet in small; only the coarse level reads the text."""
    return dict(in_channels=3 * PATCH * PATCH, out_channels=3 * PATCH * PATCH, sample_size=side // PATCH, block_out_channels=list(CHANNELS),
                layers_per_block=1, attention_head_dim=[max(1, c // 32) for c in CHANNELS], cross_attention_dim=CONTEXT,
                norm_num_groups=GROUPS, norm_eps=1e-5, down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"],
                up_block_types=["CrossAttnUpBlock2D", "UpBlock2D"], flip_sin_to_cos=True, freq_shift=0, use_linear_projection=True)


class Painter(nn.Module):
    """pixels (B, 3, side, side), times (B,), CPM-Bee's states (B, L, dim) -> noise."""

    def __init__(self, side, dim):
        super().__init__()
        self.unet = UNet2DConditionModel(config(side))
        self.unet.quiet_start()
        self.trans_block = TransBlock(dim, CONTEXT)

    def noise(self, x, t, context):
        return F.pixel_shuffle(self.unet(F.pixel_unshuffle(x, PATCH), t, context), PATCH)

    def forward(self, x, t, hidden):
        return self.noise(x, t, self.trans_block(hidden))


class Reader:
    """Prompts to the frozen CPM-Bee's states, one tensor (L, dim) each."""

    def __init__(self, llm, tok):
        self.llm, self.tok = llm, tok
        with torch.no_grad():
            self.pad = pad_state(llm)
        self.empty = self([""])[0]

    @torch.no_grad()
    def __call__(self, texts):
        packs = [packed(self.tok, t) for t in texts]
        out = []
        for k in range(0, len(packs), 64):
            part = packs[k:k + 64]
            out += [h[:len(p["ids"])] for h, p in zip(states(self.llm, part), part)]
        return out

    def hidden(self, rows):
        return padded(rows, self.pad)


def lesson(canvas, seed, step, stage, n):
    """What a step teaches: pair, placing, time's and noise's seed (the same in every arm), then language and wording."""
    dice, words = small.dice("painting", seed, step), small.dice("painting words", seed, stage, step)
    pairs = [(dice.randrange(len(canvas.seen)), dice.randrange(PLACINGS)) for _ in range(n)]
    empty = [dice.random() < EMPTY for _ in range(n)]
    return pairs, empty, dice.getrandbits(60), [(words.choice(LANGUAGES[stage]), words.randrange(WORDINGS)) for _ in range(n)]


def losses(painter, schedule, pixels, hidden, seed):
    gen = torch.Generator().manual_seed(seed)
    t, noise = times(gen, len(pixels), 0.5), torch.randn(pixels.shape, generator=gen)
    error = (painter(schedule.noised(pixels, noise, t), t, hidden) - noise).square().mean((1, 2, 3))
    return (error * schedule.snr_weight(t, 5.0, 1.0)).mean(), error.mean().item()


@torch.no_grad()
def paint(painter, reader, texts, side, seed, batch=60):
    """One picture a prompt; the k-th prompt's noise is the same in every arm and language."""
    out = []
    for k in range(0, len(texts), batch):
        part = texts[k:k + batch]
        rows = painter.trans_block(reader.hidden([*reader(part), reader.empty]))
        noise = torch.stack([torch.randn(3, side, side, generator=torch.Generator().manual_seed(1000 * seed + k + j)) for j in range(len(part))])
        predict = guided(painter.noise, rows[:-1], rows[-1:].expand(len(part), -1, -1), SCALE)
        out.append(dpmpp_2m(Schedule(), predict, noise, SAMPLING).clamp(-1, 1))
    return torch.cat(out)


def examine(painter, reader, judge, canvas, n, seed):
    """-> {lang: {"thing": [...], "ground": [...]}} and the pictures by language."""
    out, shown = {}, {}
    for lang in ("en", "zh"):
        asked = prompts(canvas, n, lang)
        shown[lang] = paint(painter, reader, [t for _, t in asked], canvas.side, seed)
        out[lang] = verdicts(judge, shown[lang], [p for p, _ in asked])
    return out, shown


def train(work, settings, seed, arm, text, stage, out, llm_path, judge_path, stop_after=None):
    """Writes the painter beside and, last, the arm's evaluation `out` (JSON)."""
    torch.manual_seed(seed)
    canvas, judge = Canvas(work, settings.paint_things, settings.paint_side), load_judge(judge_path)
    reader = Reader(load_llm(llm_path), Tokenizer(work / "bee.txt"))
    painter = Painter(settings.paint_side, reader.llm.config["dim_model"])
    pixels = canvas.placings(small.dice("placings", seed), canvas.seen)
    texts = {l: [reader(w) for w in wordings(canvas, canvas.seen, l, seed)] for l in LANGUAGES[stage]}
    both = nn.ModuleDict(dict(now=painter, mean=copy.deepcopy(painter).requires_grad_(False)))
    run = Run(out, both, [adamw(painter, settings.paint_rate)], settings.paint_steps, settings.stamp("paint"), warmup=100, stop_after=stop_after)
    schedule, when = Schedule(), moments(settings.paint_steps, settings.points)
    mine, shadow = list(painter.parameters()), list(both["mean"].parameters())
    shown = None
    for step in run:
        pairs, empty, dice, words = lesson(canvas, seed, step, stage, settings.paint_batch)
        hidden = reader.hidden([reader.empty if e else texts[l][p][w] for (p, _), e, (l, w) in zip(pairs, empty, words)])
        loss, error = losses(painter, schedule, torch.stack([pixels[p, k] for p, k in pairs]), hidden, dice)
        run.update(loss, error=error)
        with torch.no_grad():
            torch._foreach_lerp_(shadow, mine, 1 - min(EMA, (step + 1) / (step + 10)))
        if step + 1 in when:
            seen, shown = examine(both["mean"], reader, judge, canvas, settings.prompts, seed)
            run.notes.append(dict(step=step + 1, **seen))
            print(f"   step {step + 1}: of {settings.prompts}: " + " ".join(f"{l} {m} {sum(v)}" for l, s in seen.items() for m, v in s.items()), flush=True)
    if run.at == settings.paint_steps:
        if shown is None:  # interrupted between the last step and here
            _, shown = examine(both["mean"], reader, judge, canvas, settings.prompts, seed)
        write(out.with_suffix(".pt"), dict(painter=both["mean"].state_dict(), shown={l: (x[:32] * 127.5 + 127.5).round().byte() for l, x in shown.items()}))
        run.finish(out, dict(task="paint", arm=arm, text=text, stage=stage, seed=seed, curve=run.notes, figures=run.mean,
                             prompts={l: [t for _, t in prompts(canvas, settings.prompts, l)] for l in ("en", "zh")},
                             chance=dict(thing=1 / settings.paint_things, ground=1 / len(small.GROUNDS))))
