"""The question types: each takes a scene and gives (phrasing slots, answer, fact) or None."""
import world
from dialogue import (DONT_KNOW, DONT_SEE, NUM_EN, NUM_ZH, PLACE_EN, PLACE_ZH, REL_EN, REL_ZH, TALK,
                      grouped, join, name, noun, phrase, plural, relation, say_describe, say_what, thing)
from scenes import thirds


def _slots(rng, t, lang):
    return {"x": name(rng, t, lang), "is": "are" if t["plural"] else "is", "m": t["measure"]}


def _unique(scene):
    """Things of the world present once."""
    labels = [i["label"] for i in scene["items"]]
    return [i for i in scene["items"] if i["label"] >= world.FIRST and labels.count(i["label"]) == 1]


def _subject(rng, scene, lang, split, kind, make):
    """Questions about one thing: by name, or "it" when alone. make(item) -> (answer, fact)."""
    alone = len(scene["items"]) == 1
    items = _unique(scene) or (scene["items"] if alone else [])
    if not items:
        return None
    i = rng.choice(items)
    t = thing(i)
    made = make(i, t)
    if made is None:
        return None
    for _ in range(40):
        q = phrase(rng, kind, lang, split, **(_slots(rng, t, lang) if t else {}),
                   **(made[2] if len(made) > 2 else {}))
        if "{" in q:
            continue
        if alone or (t and (t["en"] in q.lower() or t["zh"] in q or any(s.lower() in q.lower() for s in t["en_syn"] + t["zh_syn"]))):
            return q, made[0], made[1], i
    return None


def _subj_name(t, lang):
    if t is None:
        return "It" if lang == "en" else "它"
    return "The " + t["en"] if lang == "en" else t["zh"]


def _be(t):
    return "are" if t and t["plural"] else "is"


def colour_answer(i, t, lang, pron=False):
    if pron:
        t = None
    if i["colour"] < 0:
        a = f"{_subj_name(t, lang)} {'have' if _be(t) == 'are' else 'has'} several colours." if lang == "en" else f"{_subj_name(t, lang)}有好几种颜色。"
    else:
        a = (f"{_subj_name(t, lang)} {_be(t)} {world.COLOUR_EN[i['colour']]}." if lang == "en"
             else f"{_subj_name(t, lang)}是{world.COLOUR_ZH[i['colour']]}的。")
    return a, dict(kind="colour", colour=i["colour"])


def where_answer(i, t, lang):
    r, c = thirds(i)
    a = f"{_subj_name(t, lang)} {_be(t)} {PLACE_EN[r][c]}." if lang == "en" else f"{_subj_name(t, lang)}在{PLACE_ZH[r][c]}。"
    return a, dict(kind="where", place=[r, c], x=i["x"], y=i["y"])


def kind_answer(i, t, lang):
    if t is None:
        return DONT_SEE[lang], dict(kind="abstain")
    c = world.CATEGORIES[t["category"]]
    return (f"It is {c['np']}." if lang == "en" else f"这是{c['zh']}。"), dict(kind="category", category=t["category"])


def q_what(rng, s, lang, split):
    fact = dict(kind="list", labels=grouped(s["items"]))
    if [i["label"] for i in s["items"]] == [world.OUTSIDE]:
        fact = dict(kind="abstain")
    return phrase(rng, "what", lang, split), say_what(s, lang), fact


def q_kind(rng, s, lang, split):
    return _subject(rng, s, lang, split, "kind", lambda i, t: kind_answer(i, t, lang))


def q_colour(rng, s, lang, split):
    if s.get("strange"):
        return None
    return _subject(rng, s, lang, split, "colour", lambda i, t: colour_answer(i, t, lang))


def q_where(rng, s, lang, split):
    if s.get("strange"):
        return None
    return _subject(rng, s, lang, split, "where", lambda i, t: where_answer(i, t, lang))


def q_bg(rng, s, lang, split):
    if s.get("strange"):
        return None
    c = s["bg"]
    a = f"The background is {world.COLOUR_EN[c]}." if lang == "en" else f"背景是{world.COLOUR_ZH[c]}的。"
    return phrase(rng, "bg", lang, split), a, dict(kind="colour", colour=c)


def q_count(rng, s, lang, split):
    if s.get("strange"):
        return None
    n = len(s["items"])
    if lang == "en":
        a = "There is nothing." if n == 0 else f"There {'is' if n == 1 else 'are'} {NUM_EN[n]} thing{'' if n == 1 else 's'}."
    else:
        a = "什么也没有。" if n == 0 else f"有{NUM_ZH[n]}样东西。"
    return phrase(rng, "count", lang, split), a, dict(kind="count", n=n)


def q_countx(rng, s, lang, split):
    here = [k for k, _ in grouped(s["items"]) if world.countable(k)]
    if rng.random() < 0.7 and here:
        label = rng.choice(here)
    else:
        label = world.FIRST + rng.randrange(len(world.THINGS))
    if not world.countable(label):
        return None
    n = sum(i["label"] == label for i in s["items"])
    t = world.THINGS[label - world.FIRST]
    if lang == "en":
        q = phrase(rng, "countx", lang, split, xs=plural(t["en"]))
        a = f"There is {t['np']}." if n == 1 else f"There are {NUM_EN[n]} {plural(t['en'])}."
        a = a.replace(f"There is {t['np']}", f"There is one {t['en']}")
    else:
        q = phrase(rng, "countx", lang, split, x=t["zh"], m=t["measure"])
        a = f"有{NUM_ZH[n]}{t['measure']}{t['zh']}。" if n else f"图中没有{t['zh']}。"
    return q, a, dict(kind="count", n=n)


def q_rel(rng, s, lang, split):
    items = _unique(s)
    if len(items) < 2:
        return None
    a, b = rng.sample(items, 2)
    r = relation(a, b)
    ta, tb = thing(a), thing(b)
    q = phrase(rng, "rel", lang, split, **_slots(rng, ta, lang), y=name(rng, tb, lang))
    if lang == "en":
        pa, pb = (PLACE_EN[y][x] for y, x in map(thirds, (a, b)))
        ans = f"The {ta['en']} {_be(ta)} {pa}, the {tb['en']} {pb}, so the {ta['en']} {_be(ta)} {REL_EN[r]} the {tb['en']}."
    else:
        pa, pb = (PLACE_ZH[y][x] for y, x in map(thirds, (a, b)))
        ans = f"{ta['zh']}在{pa}，{tb['zh']}在{pb}，所以{ta['zh']}在{tb['zh']}的{REL_ZH[r]}。"
    return q, ans, dict(kind="relation", relation=r, dx=a["x"] - b["x"], dy=a["y"] - b["y"])


def q_relwhat(rng, s, lang, split):
    if len(s["items"]) != 2 or len(_unique(s)) < 2:
        return None
    a, b = rng.sample(s["items"], 2)
    r = relation(a, b)
    ta, tb = thing(a), thing(b)
    asked = r if rng.random() < 0.75 else {"left": "right", "right": "left", "above": "below", "below": "above"}[r]
    q = phrase(rng, "relwhat", lang, split, y=name(rng, tb, lang), r=(REL_EN if lang == "en" else REL_ZH)[asked])
    fact = dict(kind="list", labels=[(a["label"], 1)] if asked == r else [], dx=a["x"] - b["x"], dy=a["y"] - b["y"],
                not_label=b["label"])
    if asked != r:
        ans = f"There is nothing {REL_EN[asked]} the {tb['en']}." if lang == "en" else f"{tb['zh']}的{REL_ZH[asked]}什么也没有。"
    else:
        ans = (f"There is {ta['np']} {REL_EN[r]} the {tb['en']}." if lang == "en"
               else f"{tb['zh']}的{REL_ZH[r]}是一{ta['measure']}{ta['zh']}。")
    return q, ans, fact


def q_side(rng, s, lang, split):
    if s.get("strange"):
        return None
    axis, k, en, zh = rng.choice([(1, 0, "on the left", "左边"), (1, 2, "on the right", "右边"), (0, 0, "at the top", "上边"),
                                  (0, 2, "at the bottom", "下边")])
    there = [i for i in s["items"] if thirds(i)[axis] == k]
    if not there and rng.random() < 0.7:
        return None
    q = phrase(rng, "side", lang, split, p=en if lang == "en" else zh)
    if not there:
        a = f"There is nothing {en}." if lang == "en" else f"{zh}什么也没有。"
    else:
        g = grouped(there)
        parts = [noun(l, n, lang) for l, n in g]
        a = (f"There {'is' if g[0][1] == 1 else 'are'} {join(parts, lang)} {en}." if lang == "en" else f"{zh}有{join(parts, lang)}。")
    return q, a, dict(kind="list", labels=grouped(there), at=[i["y" if axis == 0 else "x"] for i in s["items"]])


def q_isthis(rng, s, lang, split):
    here = [k for k, _ in grouped(s["items"]) if k >= world.FIRST]
    yes = bool(here) and rng.random() < 0.5
    if yes:
        label = rng.choice(here)
    else:
        label = world.FIRST + rng.randrange(len(world.THINGS))
        if here and rng.random() < 0.3:  # near misses: another of the same category
            cat = world.THINGS[here[0] - world.FIRST]["category"]
            label = world.FIRST + rng.choice([k for k, t in enumerate(world.THINGS) if t["category"] == cat])
        if label in here:
            return None
    t = world.THINGS[label - world.FIRST]
    n = name(rng, t, lang)
    if lang == "en":
        ax = t["np"] if n == t["en"] else article_for(n)
        q = phrase(rng, "isthis", lang, split, ax=ax)
    else:
        q = phrase(rng, "isthis", lang, split, x=n, m=t["measure"])
    alone = len(s["items"]) == 1 and here
    if alone:
        u = thing(s["items"][0])
        if lang == "en":
            a = f"{'Yes' if yes else 'No'}, it is {u['np']}."
        else:
            a = f"{'是的' if yes else '不是'}，这是一{u['measure']}{u['zh']}。"
    elif lang == "en":
        a = f"Yes, there is {t['np']}." if yes else f"No, there {'are' if t['plural'] else 'is'} no {t['en']}."
    else:
        a = f"有，图中有{t['zh']}。" if yes else f"没有，图中没有{t['zh']}。"
    return q, a, dict(kind="yesno", yes=yes)


def article_for(n):
    return n if n.endswith("s") and not n.endswith("ss") and n not in ("bus", "cactus") else ("an " if n[0] in "aeiou" else "a ") + n


def q_iscolour(rng, s, lang, split):
    def make(i, t):
        if i["colour"] < 0:
            return None
        yes = rng.random() < 0.5
        c = i["colour"] if yes else rng.choice([k for k in range(world.N_COLOURS) if k != i["colour"]])
        if lang == "en":
            a = f"Is it {world.COLOUR_EN[c]}? It is {world.COLOUR_EN[i['colour']]}, so {'yes' if yes else 'no'}."
        else:
            a = f"是{world.COLOUR_ZH[c]}的吗？是{world.COLOUR_ZH[i['colour']]}的，所以{'是的' if yes else '不是'}。"
        return a, dict(kind="yesno", yes=yes), dict(c=(world.COLOUR_EN if lang == "en" else world.COLOUR_ZH)[c])
    return _subject(rng, s, lang, split, "iscolour", make)


def q_iskind(rng, s, lang, split):
    if len(s["items"]) != 1 or thing(s["items"][0]) is None:
        return None
    t = thing(s["items"][0])
    yes = rng.random() < 0.5
    k = t["category"] if yes else rng.choice([c for c in world.CATEGORIES if c != t["category"]])
    c, own = world.CATEGORIES[k], world.CATEGORIES[t["category"]]
    q = phrase(rng, "iskind", lang, split, k=c["en"] if lang == "en" else c["zh"], ak=c["np"], **_slots(rng, t, lang))
    if lang == "en":
        a = f"Is it {c['np']}? It is {own['np']}, so {'yes' if yes else 'no'}."
    else:
        a = f"是{c['zh']}吗？是{own['zh']}，所以{'是的' if yes else '不是'}。"
    return q, a, dict(kind="yesno", yes=yes)


def q_describe(rng, s, lang, split):
    fact = dict(kind="abstain") if s.get("strange") else dict(kind="list", labels=grouped(s["items"]), bg=s["bg"])
    return phrase(rng, "describe", lang, split), say_describe(s, lang), fact


def q_absent(rng, s, lang, split):
    """A colour or place asked of something that is not there."""
    label = world.FIRST + rng.randrange(len(world.THINGS))
    if any(i["label"] == label for i in s["items"]):
        return None
    t = world.THINGS[label - world.FIRST]
    kind = rng.choice(["colour", "where"])
    for _ in range(30):
        n = name(rng, t, lang)
        q = phrase(rng, kind, lang, split, x=n, m=t["measure"], **{"is": "are" if t["plural"] else "is"})
        if n.lower() in q.lower():
            return q, (f"I don't see {t['np']}." if lang == "en" else f"图中没有{t['zh']}。"), dict(kind="absent")
    return None


def talk(kind):
    def make(rng, s, lang, split):
        return phrase(rng, kind, lang, split), TALK[kind][lang == "zh"], dict(kind="talk", talk=kind)
    return make


def q_oow(rng, s, lang, split):
    q = phrase(rng, "oow", lang, split)
    q = q.replace("{n}", str(rng.randrange(2, 2030))).replace("{m}", str(rng.randrange(2, 99)))
    return q, DONT_KNOW[lang], dict(kind="abstain")


MAKERS = dict(what=q_what, kind=q_kind, colour=q_colour, bg=q_bg, count=q_count, countx=q_countx, where=q_where,
              rel=q_rel, relwhat=q_relwhat, side=q_side, isthis=q_isthis, iscolour=q_iscolour, iskind=q_iskind,
              describe=q_describe, absent=q_absent, oow=q_oow,
              **{k: talk(k) for k in TALK})
