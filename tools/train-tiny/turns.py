"""Whole turns: a question with, sometimes, earlier turns as context, and follow-ups that need them."""
import world
from dialogue import phrase, say_what, thing
from questions import MAKERS, colour_answer, kind_answer, q_what, where_answer

WEIGHTS = dict(what=5, kind=3, colour=6, bg=0.7, count=1, countx=4, where=2, rel=9, relwhat=4, side=3, isthis=3.5,
               iscolour=9, iskind=7, describe=4, absent=2, oow=1.2, greet=0.3, who=0.4, thanks=0.4, bye=0.3, follow=3)
KINDS = list(WEIGHTS)
FOLLOW = {"fcolour": colour_answer, "fwhere": where_answer, "fkind": kind_answer}


def line(q, a):
    return f"User: {q}\nAI: {a}\n"


def follow(rng, scene, lang, split, first="train"):
    """A turn that names one thing, then a question that only says "it"."""
    items = [i for i in scene["items"] if i["label"] >= world.FIRST]
    labels = [i["label"] for i in scene["items"]]
    items = [i for i in items if labels.count(i["label"]) == 1]
    if not items:
        return None
    kind = rng.choice(list(FOLLOW))
    if len(scene["items"]) == 1:
        i = scene["items"][0]
        q0, a0, _ = q_what(rng, scene, lang, first)
    else:
        i = rng.choice(items)
        t = thing(i)
        slots = {"x": t["zh"] if lang == "zh" else t["en"], "is": "are" if t["plural"] else "is", "m": t["measure"]}
        u = rng.random()
        if u < 0.35:
            q0 = phrase(rng, "isthis", lang, first, x=t["zh"], ax=t["np"], m=t["measure"])
            a0 = f"Yes, there is {t['np']}." if lang == "en" else f"有，图中有{t['zh']}。"
        else:
            make = where_answer if kind != "fwhere" else colour_answer
            for _ in range(30):
                q0 = phrase(rng, "where" if kind != "fwhere" else "colour", lang, first, **slots)
                if slots["x"].lower() in q0.lower():
                    break
            else:
                return None
            a0 = make(i, t, lang)[0]
    t = thing(i)
    q = phrase(rng, kind, lang, split)
    a, fact = FOLLOW[kind](i, t, lang)[:2]
    return line(q0, a0), q, a, fact, i


def turn(rng, scene, lang, split="train", kind=None, context=0.1):
    """-> dict(type, lang, context, question, answer, fact[, item]) or None when it does not apply."""
    kind = kind or rng.choices(KINDS, WEIGHTS.values())[0]
    if kind == "follow":
        out = follow(rng, scene, lang, split)
        if out is None:
            return None
        c, q, a, fact, item = out
        return dict(type=kind, lang=lang, context=c, question=q, answer=a, fact=fact, item=item)
    out = MAKERS[kind](rng, scene, lang, split)
    if out is None:
        return None
    q, a, fact = out[:3]
    before = ""
    if context and rng.random() < context:
        for _ in range(rng.choice([1, 1, 1, 2])):
            k = rng.choices(KINDS[:-1], list(WEIGHTS.values())[:-1])[0]
            o = MAKERS[k](rng, scene, lang if rng.random() < 0.9 else ("zh" if lang == "en" else "en"), "train")
            if o:
                before += line(o[0], o[1])
    return dict(type=kind, lang=lang, context=before, question=q, answer=a, fact=fact, item=out[3] if len(out) > 3 else None)
