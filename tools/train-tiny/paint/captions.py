"""Prompts for a scene, in English and Chinese, as people would ask for it.

A colour other than a thing's own and a background other than the default are always said; a thing's own
colour sometimes. Of two things the first said stands on the left unless the words say otherwise.
"""
import world
from dialogue import article

from . import style

FRAMES = {
    "en": ["{p}"] * 8 + ["draw {p}", "paint {p}", "please draw {p}", "Please paint {p}", "draw me {p}", "a picture of {p}", "a drawing of {p}",
                         "an image of {p}", "Can you draw {p}?", "I want a picture of {p}"],
    "zh": ["{p}"] * 8 + ["画{p}", "请画{p}", "帮我画{p}", "请帮我画{p}", "给我画{p}", "画一张图：{p}", "画一幅画：{p}", "我想要{p}", "请画出{p}", "我想看{p}"],
}
NEW_FRAMES = {"en": ["could you make {p} for me", "sketch {p}, please"], "zh": ["能不能画出{p}？", "来一张{p}的画"]}  # never trained on
GROUND = {
    "en": ["{p} on a {c} background", "{p} on {a}", "{p} with a {c} background", "{p}, {c} background", "{p} against a {c} background"],
    "zh": ["{c}背景上的{p}", "{p}，{c}背景", "{c}背景，{p}", "{p}，背景是{c}的", "在{c}的背景上，{p}"],
}
TWO = {
    "en": ["{x} and {y}", "{x} and {y}", "{x} next to {y}", "{x} and {y} side by side", "{x} on the left and {y} on the right",
           "{x} to the left of {y}", "{y} to the right of {x}", "{x} on the left, {y} on the right"],
    "zh": ["{x}和{y}", "{x}和{y}", "{x}和{y}并排", "左边是{x}，右边是{y}", "左边{x}，右边{y}", "{x}在{y}的左边", "{y}在{x}的右边", "{x}在左边，{y}在右边"],
}
SHARED = {l: {s for s in (x for t in world.THINGS for x in (t[l], *t[l + "_syn"]))
              if sum(s in (t[l], *t[l + "_syn"]) for t in world.THINGS) > 1} for l in ("en", "zh")}


def english(thing, colour, rng=None, bare=False):
    """Noun phrase: "a red cat", "some red grapes", "a pair of red glasses"."""
    np, name = thing["np"], thing["en"]
    words = [s for s in thing["en_syn"] if s not in SHARED["en"]]
    if rng and words and rng.random() < 0.2:
        name = rng.choice(words)
        np = article(name)
        if name.endswith("s") and thing["np"].startswith(("some ", "a pair of ")):
            np = thing["np"][:thing["np"].rindex(" ", 0, len(thing["np"]) - len(thing["en"]))] + " " + name
    if bare:
        return f"{world.COLOUR_EN[colour]} {name}" if colour >= 0 else name
    if colour < 0:
        return np
    word = world.COLOUR_EN[colour]
    for head in ("some ", "a pair of "):
        if np.startswith(head):
            return f"{head}{word} {np[len(head):]}"
    return article(f"{word} {np.split(' ', 1)[1]}")


def chinese(thing, colour, rng=None, bare=False):
    """Noun phrase: 一只红色的猫."""
    name = thing["zh"]
    words = [s for s in thing["zh_syn"] if s not in SHARED["zh"]]
    if rng and words and rng.random() < 0.2:
        name = rng.choice(words)
    word = ""
    if colour >= 0:
        word = world.COLOUR_ZH[colour]
        word = word[:-1] if rng and rng.random() < 0.15 else word + "的"
    return f"{word}{name}" if bare else f"一{thing['measure']}{word}{name}"


def noun(item, lang, rng=None, bare=False):
    """An item's words; its own colour is said sometimes, by chance (rng) only."""
    colour = item["paint"]
    if colour < 0 and rng and rng.random() < 0.15:
        colour = item["colour"]
    return (english if lang == "en" else chinese)(world.THINGS[item["label"] - world.FIRST], colour, rng, bare)


def plain(scene, lang):
    """The usual prompt for a scene, always the same."""
    return _whole(scene, lang, None)


def caption(rng, scene, lang, frames=FRAMES):
    """A prompt by chance."""
    text = _whole(scene, lang, rng)
    frame = rng.choice(frames[lang])
    text = frame.replace("{p}", text)
    if lang == "en" and rng.random() < 0.2:
        text = text[0].upper() + text[1:]
    if text[-1] not in ".?？。" and rng.random() < 0.1:
        text += "." if lang == "en" else "。"
    return text


def _whole(scene, lang, rng):
    items = scene["items"]
    bare = bool(rng) and rng.random() < 0.12
    names = [noun(i, lang, rng, bare) for i in items]
    pick = rng.choice if rng else (lambda options: options[0])
    text = names[0] if len(names) == 1 else pick(TWO[lang]).replace("{x}", names[0]).replace("{y}", names[1])
    if scene["bg"] == style.DEFAULT:
        return text
    colour = (world.COLOUR_EN if lang == "en" else world.COLOUR_ZH)[scene["bg"]]
    text = pick(GROUND[lang]).replace("{p}", text).replace("{c}", colour).replace("{a}", colour)
    return text.replace("a orange b", "an orange b")
