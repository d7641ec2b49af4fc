"""Scenes told in words, for the text stage: nothing is drawn, so nothing is seen."""
import world
from dialogue import PLACE_EN, PLACE_ZH, article, say_describe
from paint import captions
from scenes import in_order, layout, thirds

from . import small


def scene(rng):
    """One or two different things, each in one colour, somewhere on a background."""
    n = 1 if rng.random() < 0.5 else 2
    labels = rng.sample(small.LABELS, n)
    bg = rng.randrange(world.N_COLOURS)
    items = [dict(label=c, x=x, y=y, size=s, colour=rng.choice([k for k in range(world.N_COLOURS) if k != bg]))
             for c, (x, y, s) in zip(labels, layout(rng, n))]
    return dict(bg=bg, items=items)


def _notes(rng, s, lang):
    """Facts one by one, in any order."""
    en, parts = lang == "en", []
    for i in in_order(s["items"]):
        t, (r, c) = small.thing(i["label"]), thirds(i)
        if en:
            parts.append(f"There is {article(world.COLOUR_EN[i['colour']] + ' ' + t['en'])} {PLACE_EN[r][c]}.")
        else:
            parts.append(f"{PLACE_ZH[r][c]}有一{t['measure']}{world.COLOUR_ZH[i['colour']]}的{t['zh']}。")
    ground = f"The background is {world.COLOUR_EN[s['bg']]}." if en else f"背景是{world.COLOUR_ZH[s['bg']]}的。"
    parts.insert(0 if rng.random() < 0.5 else len(parts), ground)
    return (" " if en else "").join(parts)


def _keywords(rng, s, lang):
    """The same as a list of words."""
    en, parts = lang == "en", []
    for i in in_order(s["items"]):
        t, (r, c) = small.thing(i["label"]), thirds(i)
        words = [t[lang], (world.COLOUR_EN if en else world.COLOUR_ZH)[i["colour"]], (PLACE_EN if en else PLACE_ZH)[r][c]]
        rng.shuffle(words)
        parts.append((" " + " ".join(words)) if en else "，".join(words))
    ground = f" {world.COLOUR_EN[s['bg']]} background" if en else f"{world.COLOUR_ZH[s['bg']]}背景"
    parts.insert(0 if rng.random() < 0.5 else len(parts), ground)
    return (";" if en else "；").join(parts)


def report(rng, s, lang):
    """A scene told, in one of three manners."""
    u = rng.random()
    return say_describe(s, lang) if u < 0.3 else _notes(rng, s, lang) if u < 0.65 else _keywords(rng, s, lang)


def caption(rng, s, lang):
    """A prompt for the scene's first thing on the scene's background, as painting uses them: the thing's colour is not said."""
    return captions.caption(rng, dict(bg=s["bg"], items=[dict(label=s["items"][0]["label"], paint=-1, colour=-1)]), lang)


def switched(text):
    """A Chinese sentence that calls things by their English names."""
    for label in sorted(small.LABELS, key=lambda c: -len(small.thing(c)["zh"])):
        t = small.thing(label)
        text = text.replace(t["zh"], " " + t["en"])
    return text
