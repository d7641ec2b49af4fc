"""Questions that mean the same in both languages: what is asked is drawn first, its words afterwards."""
import dataclasses

import questions
import world
from dialogue import NUM_EN, NUM_ZH, TYPES, grouped, say_what

from . import small

WEIGHTS = dict(what=3, colour=3, where=2, iscolour=2, isthis=2, kind=1.5, bg=1.5, count=1)
KINDS = tuple(WEIGHTS)
PHRASINGS = 8  # of each kind and language
NAMED = ("colour", "where", "iscolour", "kind")
TAKES = dict(isthis=("{ax}", "{x}"), iscolour=("{c}",))


@dataclasses.dataclass(frozen=True)
class Ask:
    kind: str
    item: int = -1  # which thing of the scene
    label: int = -1  # the thing a question names
    colour: int = -1  # the colour a question names
    yes: bool = False


def _usable(kind, lang):
    out = []
    for q in TYPES[kind][lang]["train"]:
        slots = {w for w in ("{x}", "{ax}", "{c}", "{m}", "{is}", "{k}", "{ak}") if w in q}
        if kind in NAMED and "{x}" not in slots or "{k}" in slots or "{ak}" in slots:
            continue
        out.append(q)
    return out[:PHRASINGS]


PHRASES = {(k, l): _usable(k, l) for k in KINDS for l in ("en", "zh")}


def draw(rng, scene, kind=None):
    """What is asked of a scene (its things all different, each with a colour or -1), or None when the kind does not apply."""
    kind = kind or rng.choices(KINDS, WEIGHTS.values())[0]
    items = scene["items"]
    if kind in ("what", "bg", "count"):
        return Ask(kind)
    k = rng.randrange(len(items))
    if kind == "isthis":
        yes = rng.random() < 0.5
        here = {i["label"] for i in items}
        other = rng.choice([c for c in small.LABELS if c not in here])
        return Ask(kind, k, items[k]["label"] if yes else other, yes=yes)
    if kind in ("colour", "iscolour") and items[k]["colour"] < 0:
        return None
    if kind == "iscolour":
        own, yes = items[k]["colour"], rng.random() < 0.5
        other = rng.choice([c for c in range(world.N_COLOURS) if c != own])
        return Ask(kind, k, items[k]["label"], own if yes else other, yes)
    return Ask(kind, k, items[k]["label"])


def _answer(scene, ask, lang):
    """-> the true answer and the fact it is judged by."""
    en = lang == "en"
    if ask.kind == "what":
        return say_what(scene, lang), dict(kind="list", labels=grouped(scene["items"]))
    if ask.kind == "bg":
        c = scene["bg"]
        return (f"The background is {world.COLOUR_EN[c]}." if en else f"背景是{world.COLOUR_ZH[c]}的。"), dict(kind="colour", colour=c)
    if ask.kind == "count":
        n = len(scene["items"])
        a = f"There {'is' if n == 1 else 'are'} {NUM_EN[n]} thing{'' if n == 1 else 's'}." if en else f"有{NUM_ZH[n]}样东西。"
        return a, dict(kind="count", n=n)
    t, i = small.thing(ask.label), scene["items"][ask.item]
    if ask.kind == "isthis":
        a = (f"Yes, there is {t['np']}." if ask.yes else f"No, there is no {t['en']}.") if en else \
            (f"有，图中有{t['zh']}。" if ask.yes else f"没有，图中没有{t['zh']}。")
        return a, dict(kind="yesno", yes=ask.yes)
    if ask.kind == "iscolour":
        said, own = ((world.COLOUR_EN if en else world.COLOUR_ZH)[c] for c in (ask.colour, i["colour"]))
        a = f"Is it {said}? It is {own}, so {'yes' if ask.yes else 'no'}." if en else \
            f"是{said}的吗？是{own}的，所以{'是的' if ask.yes else '不是'}。"
        return a, dict(kind="yesno", yes=ask.yes)
    make = dict(colour=questions.colour_answer, where=questions.where_answer, kind=questions.kind_answer)[ask.kind]
    return make(i, t, lang)


def render(rng, scene, ask, lang):
    """-> question, true answer, fact for judge.judge."""
    q = rng.choice(PHRASES[ask.kind, lang])
    if ask.label >= 0:
        t = small.thing(ask.label)
        c = (world.COLOUR_EN if lang == "en" else world.COLOUR_ZH)[ask.colour]
        for slot, word in {"x": t[lang], "ax": t["np"], "m": t["measure"], "is": "is", "c": c}.items():
            q = q.replace("{%s}" % slot, word)
    return q, *_answer(scene, ask, lang)
