"""Questions and true answers about a scene, in English and Chinese.

turn(rng, scene, lang, split) -> dict(type, lang, context, question, answer, fact). `fact` holds what
the answer must say, for the judge (judge.py). split: "train" or "test" phrasings.
"""
import json
import pathlib

import world
from scenes import in_order, thirds

HERE = pathlib.Path(__file__).parent
_P = json.loads((HERE / "phrases.json").read_text(encoding="utf-8"))
TYPES, FRAMES = _P["types"], _P["frames"]
NUM_EN = ["no", "one", "two", "three", "four"]
NUM_ZH = ["零", "一", "两", "三", "四"]
PLACE_EN = [["at the top left", "at the top", "at the top right"],
            ["on the left", "in the middle", "on the right"],
            ["at the bottom left", "at the bottom", "at the bottom right"]]
PLACE_ZH = [["左上角", "上边", "右上角"], ["左边", "中间", "右边"], ["左下角", "下边", "右下角"]]
REL_EN = {"left": "to the left of", "right": "to the right of", "above": "above", "below": "below"}
REL_ZH = {"left": "左边", "right": "右边", "above": "上边", "below": "下边"}
DONT_SEE = {"en": "I can't tell what this is.", "zh": "我看不出这是什么。"}
DONT_KNOW = {"en": "I don't know. I can only talk about the picture.", "zh": "我不知道，我只能聊图片里的内容。"}
TALK = {
    "greet": ("Hello! Ask me about the picture.", "你好！可以问我图片里的内容。"),
    "who": ("I am VisCPM tiny, a small model that talks about simple pictures.", "我是 VisCPM tiny，一个会聊简单图片的小模型。"),
    "thanks": ("You're welcome!", "不客气！"),
    "bye": ("Goodbye!", "再见！"),
}


def thing(i):
    return world.THINGS[i["label"] - world.FIRST] if i["label"] >= world.FIRST else None


def plural(en):
    odd = {"sheep": "sheep", "fish": "fish", "mouse": "mice", "knife": "knives", "dice": "dice",
           "computer mouse": "computer mice", "maple leaf": "maple leaves"}
    if en in odd:
        return odd[en]
    if en.endswith(("s", "x", "ch", "sh")):
        return en + "es"
    if en.endswith("y") and en[-2] not in "aeiou":
        return en[:-1] + "ies"
    return en + "s"


def relation(a, b):
    """Where a is, seen from b."""
    dx, dy = a["x"] - b["x"], a["y"] - b["y"]
    if abs(dx) > abs(dy):
        return "left" if dx < 0 else "right"
    return "above" if dy < 0 else "below"


def join(parts, lang):
    if len(parts) == 1:
        return parts[0]
    if lang == "en":
        return ", ".join(parts[:-1]) + " and " + parts[-1]
    return "、".join(parts[:-1]) + "和" + parts[-1]


def article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def grouped(items):
    """[(label, count)] from left to right."""
    out = {}
    for i in in_order(items):
        out[i["label"]] = out.get(i["label"], 0) + 1
    return list(out.items())


def noun(label, n, lang):
    if label == world.OUTSIDE:
        if lang == "zh":
            return f"{NUM_ZH[n]}个我不认识的东西"
        return "something I don't know" if n == 1 else f"{NUM_EN[n]} things I don't know"
    t = world.THINGS[label - world.FIRST]
    if lang == "zh":
        return f"{NUM_ZH[n]}{t['measure']}{t['zh']}"
    return t["np"] if n == 1 else f"{NUM_EN[n]} {plural(t['en'])}"


def say_what(scene, lang):
    items = scene["items"]
    if not items:
        return {"en": "There is nothing in the picture.", "zh": "图中什么也没有。"}[lang]
    if len(items) == 1:
        t = thing(items[0])
        if t is None:
            return DONT_SEE[lang]
        if lang == "zh":
            return f"这是一{t['measure']}{t['zh']}。"
        return ("These are " if t["np"].startswith("some") and t["plural"] else "It is ") + t["np"] + "."
    parts = [noun(k, n, lang) for k, n in grouped(items)]
    return f"There is {join(parts, lang)}." if lang == "en" and grouped(items)[0][1] == 1 else \
        f"There are {join(parts, lang)}." if lang == "en" else f"图中有{join(parts, lang)}。"


def say_describe(scene, lang):
    bg = scene["bg"]
    items = in_order(scene["items"])
    if scene.get("strange"):
        return DONT_SEE[lang]
    if not items:
        return f"There is only {article(world.COLOUR_EN[bg])} background." if lang == "en" else f"只有{world.COLOUR_ZH[bg]}的背景。"
    parts = []
    for i in items:
        t, (r, c) = thing(i), thirds(i)
        if lang == "en":
            np = t["np"] if t else "something I don't know"
            if t and i["colour"] >= 0 and np in ("a " + t["en"], "an " + t["en"]):
                np = article(f"{world.COLOUR_EN[i['colour']]} {t['en']}")
            parts.append(f"{np} {PLACE_EN[r][c]}")
        else:
            col = f"{world.COLOUR_ZH[i['colour']]}的" if t and i["colour"] >= 0 else ""
            what = f"一{t['measure']}{col}{t['zh']}" if t else "一个我不认识的东西"
            parts.append(f"{PLACE_ZH[r][c]}有{what}")
    if lang == "en":
        text = join(parts, lang)
        return f"{text[0].upper()}{text[1:]}, on a {world.COLOUR_EN[bg]} background.".replace("a orange b", "an orange b")
    return f"在{world.COLOUR_ZH[bg]}的背景上，" + "，".join(parts) + "。"


def dress(rng, q, lang, split):
    """Polite frames, lost punctuation, case."""
    if split == "test":
        return q
    f = rng.choice(FRAMES[lang]["train"])
    if f != "{q}":
        if lang == "zh" and f.endswith(("{q}请回答。", "{q}谢谢")) and q[-1] not in "。？！":
            f = "{q}"
        low = q if lang == "zh" or f.startswith("{q}") or rng.random() < 0.4 else q[0].lower() + q[1:]
        q = f.replace("{q}", low)
    u = rng.random()
    if u < 0.22:
        q = q.rstrip("？。?.！!")
    elif u < 0.3 and lang == "zh":
        q = q.replace("？", "?").replace("，", ",")
    if lang == "en" and rng.random() < 0.22:
        q = q.lower()
    return q


def phrase(rng, kind, lang, split, **slots):
    """A phrasing all of whose slots are given."""
    pool = TYPES[kind][lang][split]
    for _ in range(50):
        q = rng.choice(pool)
        if all("{%s}" % s not in q for s in ("x", "y", "xs", "ax", "c", "k", "ak", "m", "r", "p", "is") if s not in slots):
            break
    for k, v in slots.items():
        q = q.replace("{%s}" % k, v)
    return dress(rng, q, lang, split)


def name(rng, t, lang, synonyms=0.12):
    s = t["zh_syn"] if lang == "zh" else t["en_syn"]
    if s and rng.random() < synonyms:
        return rng.choice(s)
    return t["zh"] if lang == "zh" else t["en"]
