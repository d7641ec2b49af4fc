"""Text stage: CPM-Bee learns to read, answer and retell, in two languages or in English alone. Without pictures.

In its last part (`aligned`) half of the exercises give way to translation ranking: which of the other captions says the same
(dual encoders on parallel sentences, Yang et al. 2019, arXiv 1902.08564)? Painting reads the states of a prompt, which answers
alone leave as far apart as the words are. With English alone the pairs are two wordings in English.
"""
import torch
import torch.nn.functional as F

from cpmbee import CpmBee
from paint.text import packed, states
from tokenizer import Tokenizer
from train_text import lm_optimizers
from viscpm import answer_loss

from . import facts, reading, small
from .run import Run, load
from .settings import LANGUAGES

HEAD = 32
SHARPNESS = 10.0  # of the ranking's softmax over cosines


def config(settings, vocab):
    return dict(dim_model=settings.dim, dim_ff=settings.ff, num_layers=settings.layers, num_heads=settings.dim // HEAD, dim_head=HEAD,
                dropout_p=0.0, position_bias_num_buckets=32, position_bias_num_segment_buckets=32, position_bias_max_distance=128,
                eps=1e-6, half=False, vocab_size=vocab)


def ranking(llm, tok, rng, words, langs, n):
    """n captions in one language against the same facts in the other -> symmetric cross-entropy of their mean states' cosines."""
    scenes = [facts.scene(rng) for _ in range(n)]
    first = words.choice(langs)
    second = next((l for l in langs if l != first), first)
    packs = [packed(tok, facts.caption(words, s, l)) for l in (first, second) for s in scenes]
    hidden = states(llm, packs)
    length = torch.tensor([len(p["ids"]) for p in packs])
    real = (torch.arange(hidden.shape[1])[None] < length[:, None]).unsqueeze(-1)
    mean = F.normalize((hidden * real).sum(1), dim=-1)
    likeness, same = SHARPNESS * mean[:n] @ mean[n:].T, torch.arange(n)
    return F.cross_entropy(likeness, same) + F.cross_entropy(likeness.T, same)


def train(work, settings, seed, text, out, stop_after=None):
    """text: "bi" or "en". The same facts and the same start for both."""
    torch.manual_seed(seed)
    tok = Tokenizer(work / "bee.txt")
    packer = reading.Packer(tok)
    llm = CpmBee(config(settings, tok.size))
    run = Run(out, llm, lm_optimizers(llm, lr=settings.text_rate), settings.text_steps, settings.stamp("text"), warmup=100, stop_after=stop_after)
    langs = LANGUAGES[text]
    for step in run:
        facts_dice, words = small.dice("facts", seed, step), small.dice("words", seed, text, step)
        n = settings.text_batch
        ranked = step >= settings.text_steps * (1 - settings.aligned)
        told = n // 2 if ranked else n
        rows = reading.rows(packer, facts_dice, words, langs, settings, told)
        loss, right = answer_loss(llm, rows, torch.zeros(told, 0, settings.dim), list(range(told)), 0, chunks=2)
        if ranked:
            loss = loss + ranking(llm, tok, facts_dice, words, langs, n // 2)
        run.update(loss, right=right)
    if run.at == settings.text_steps:
        run.finish(out, dict(llm=llm.state_dict(), config=llm.config, figures=run.mean))


def load_llm(path):
    c = load(path)
    llm = CpmBee(c["config"])
    llm.load_state_dict(c["llm"])
    return llm.eval().requires_grad_(False)
