"""Chat's multimodal stage: a mapping from the tower's query outputs into CPM-Bee, learned from questions and answers about
pictures, in English alone or in both languages. CPM-Bee stays frozen, as in the original's pretraining, or is tuned too.
"""
import torch
import torch.nn as nn

from judge import judge
from packing import ChatPacker
from tokenizer import Tokenizer
from generate import greedy
from train_text import lm_optimizers
from train_vision import QUERIES
from viscpm import answer_loss

from . import asks, small
from .run import Run, adamw, load, write
from .settings import LANGUAGES
from .text_stage import load_llm
from .tower import DIM

PER = 4  # questions a picture
LIMIT = 40  # tokens of an answer
WIDTH = 256


class Chat(nn.Module):
    """What upstream calls the mapping, and CPM-Bee. Query outputs (B, 16, dim) -> answers."""

    def __init__(self, llm):
        super().__init__()
        self.llm = llm
        d = llm.config["dim_model"]
        self.norm = nn.LayerNorm(DIM)
        self.mapping = nn.Sequential(nn.Linear(DIM, WIDTH), nn.GELU(), nn.Linear(WIDTH, d))
        self.place = nn.Parameter(torch.zeros(QUERIES, d))

    def slots(self, queries):
        """(B, 16, dim) -> (B, 16, d) in CPM-Bee's embedding space."""
        return self.mapping(self.norm(queries.float())) + self.place


def lesson(gallery, seed, step, langs, n, words):
    """What a step teaches: picture numbers (the same in every arm), and per picture its asks; words chooses phrasings and languages."""
    dice = small.dice("lesson", seed, step)
    pictures = [dice.randrange(len(gallery["scenes"])) for _ in range(n)]
    rows = []
    for k in pictures:
        scene, left = gallery["scenes"][k], PER
        while left:
            ask = asks.draw(dice, scene)
            if ask:
                left -= 1
                rows.append(asks.render(words, scene, ask, words.choice(langs))[:2])
    return pictures, rows


def exam(gallery, seed):
    """One question a held-out picture, in both languages: [(picture, kind, {lang: (question, answer, fact)})], kinds in turn.
    Where the judge would not know the true answer, the next kind."""
    out = []
    for k, scene in enumerate(gallery["scenes"]):
        dice, turn, fair = small.dice("exam", seed, k), k, False
        while not fair:
            ask, turn = asks.draw(dice, scene, asks.KINDS[turn % len(asks.KINDS)]), turn + 1
            if ask:
                q = {l: asks.render(small.dice("exam", seed, k, l), scene, ask, l) for l in ("en", "zh")}
                fair = all(judge(answer, fact, l) for l, (_, answer, fact) in q.items())
        out.append((k, ask.kind, q))
    return out


@torch.no_grad()
def examine(chat, packer, gallery, questions, keep=0):
    """-> {lang: {"right": [0 or 1 a question], "other": right when read as the other language, "said": the first `keep` answers}}"""
    chat.eval()
    slots = chat.slots(gallery["queries"])
    out = {}
    for lang, other in (("en", "zh"), ("zh", "en")):
        turns = [("", q[lang][0]) for _, _, q in questions]
        texts = [packer.tok.decode(i) for i in greedy(chat, packer, slots[[k for k, _, _ in questions]], turns, LIMIT)]
        out[lang] = dict(right=[int(judge(t, q[lang][2], lang)) for t, (_, _, q) in zip(texts, questions)],
                         other=[int(judge(t, q[other][2], other)) for t, (_, _, q) in zip(texts, questions)],
                         said=[[q[lang][0], t, q[lang][1]] for t, (_, _, q) in zip(texts[:keep], questions)])
    chat.train()
    return out


def blind(questions, seed, draws=20):
    """What a speaker who does not look would score: the true answer to another question of the same kind, by chance. {lang: share}"""
    dice, kinds, right = small.dice("blind", seed), {}, {"en": 0, "zh": 0}
    for k, (_, kind, _) in enumerate(questions):
        kinds.setdefault(kind, []).append(k)
    asked = [k for k, (_, kind, _) in enumerate(questions) if len(kinds[kind]) > 1] * draws
    for k in asked:
        _, kind, q = questions[k]
        other = questions[dice.choice([j for j in kinds[kind] if j != k])][2]
        for lang in right:
            right[lang] += judge(other[lang][1], q[lang][2], lang)
    return {l: n / max(1, len(asked)) for l, n in right.items()}


def moments(steps, points):
    """Steps after which an arm is examined, the last among them: closer together at the start, where most is learned."""
    return sorted({max(1, round(steps * (k / points) ** 1.5)) for k in range(1, points + 1)})


def train(work, settings, seed, arm, text, stage, out, llm_path, gallery_path, stop_after=None):
    """Writes the mapping beside and, last, the arm's evaluation `out` (JSON)."""
    torch.manual_seed(seed)
    packer = ChatPacker(Tokenizer(work / "bee.txt"), QUERIES)
    chat = Chat(load_llm(llm_path))
    tuned = settings.llm == "tuned"
    chat.llm.requires_grad_(tuned)
    gallery = load(gallery_path)
    train_set, questions = gallery["train"], exam(gallery["test"], seed)
    opts = [adamw([*chat.mapping.parameters(), *chat.norm.parameters(), chat.place], settings.chat_rate)]
    if tuned:
        opts += lm_optimizers(chat.llm, lr=0.1)
    run = Run(out, chat, opts, settings.chat_steps, settings.stamp("chat"), stop_after=stop_after)
    when = moments(settings.chat_steps, settings.points)
    if not run.at:
        run.notes.append(dict(step=0, **examine(chat, packer, gallery["test"], questions)))
    n = settings.chat_batch // PER
    owner = [k // PER for k in range(n * PER)]
    for step in run:
        pictures, texts = lesson(train_set, seed, step, LANGUAGES[stage], n, small.dice("lesson words", seed, stage, step))
        rows = [packer("", q, a) for q, a in texts]
        loss, right = answer_loss(chat.llm, rows, chat.slots(train_set["queries"][pictures]), owner, packer.image_at, chunks=2)
        run.update(loss, right=right)
        if step + 1 in when:
            run.notes.append(dict(step=step + 1, **examine(chat, packer, gallery["test"], questions, 24 if step + 1 == settings.chat_steps else 0)))
            e = run.notes[-1]
            print(f"   step {step + 1}: right of {len(questions)}: en {sum(e['en']['right'])} zh {sum(e['zh']['right'])}", flush=True)
    if run.at == settings.chat_steps:
        own = {k: v for k, v in chat.state_dict().items() if tuned or not k.startswith("llm.")}
        write(out.with_suffix(".pt"), own)
        run.finish(out, dict(task="chat", arm=arm, text=text, stage=stage, seed=seed, kinds=[k for _, k, _ in questions],
                             chance=blind(questions, seed), curve=run.notes, figures=run.mean))
