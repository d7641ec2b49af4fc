"""Does an answer say the truth? Names (with listed synonyms) are searched longest first; anything
named that is not there makes the answer wrong. fact: see questions.py."""
import functools
import re

import world
from dialogue import PLACE_EN, PLACE_ZH, REL_EN, REL_ZH, plural

NUMBER = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "a": 1, "an": 1, "some": 1}
NUMBER_ZH = {"零": 0, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4}
ABSTAIN = {"en": ("can't tell", "don't know", "cannot tell", "not sure"), "zh": ("看不出", "不知道", "不认识", "不确定")}


def patterns(named, lang):
    """{text: label} -> [(pattern, label)], longest first. Compiled here: there are more than re keeps."""
    return [(re.compile(rf"\b{re.escape(n)}\b" if lang == "en" else re.escape(n)), named[n]) for n in sorted(named, key=len, reverse=True)]


@functools.lru_cache(None)
def names(lang):
    """[(pattern, label)], longest first."""
    out = {}
    for k, t in enumerate(world.THINGS):
        for n in t[f"{lang}_syn"]:
            out.setdefault(n.lower(), world.FIRST + k)
    for k, t in enumerate(world.THINGS):
        for n in [t[lang]] + ([t["np"].removeprefix("some "), plural(t["en"])] if lang == "en" else []):
            out[n.lower()] = world.FIRST + k
    return patterns(out, lang)


@functools.lru_cache(None)
def category_names(lang):
    """[(pattern, category)], longest first."""
    out = {}
    for k, c in world.CATEGORIES.items():
        for n in [c["en"], c["np"], plural(c["en"]), *c["en_syn"]] if lang == "en" else [c["zh"], *c["zh_syn"]]:
            out[n.lower()] = k
    return patterns(out, lang)


def mentions(low, named):
    """[(label, start)] of names in a lower-case text; what a longer name holds (交通工具, a vehicle, holds 工具, a tool) is its own."""
    used, out = [False] * len(low), []
    for pattern, label in named:
        for m in pattern.finditer(low):
            if not any(used[m.start():m.end()]):
                used[m.start():m.end()] = [True] * (m.end() - m.start())
                out.append((label, m.start()))
    return out


@functools.lru_cache(None)
def no_name(lang):
    """A pattern of words that are names elsewhere: orange before what has the colour, a measure word after its number (一面镜子)."""
    said = {t["en"] for t in world.THINGS} | {"background"}
    if lang == "en":
        return re.compile(rf"\borange(?= (?:{'|'.join(map(re.escape, sorted(said)))})\b)")
    return re.compile(f"(?<=[{''.join(NUMBER_ZH)}])(?:{'|'.join(sorted({t['measure'] for t in world.THINGS}))})")


def abstains(text, lang):
    return any(a in text for a in ABSTAIN[lang])


def find(text, lang):
    """-> [(label, count, position)] of things named."""
    low, out = text.lower(), []
    for label, start in mentions(no_name(lang).sub(lambda m: " " * len(m[0]), low), names(lang)):
        before = low[:start]
        if lang == "en":
            w = re.findall(r"[a-z]+", before)[-3:]
            count = next((NUMBER[x] for x in reversed(w) if x in NUMBER), 1)
        else:
            z = re.search(r"([零一两二三四])[^，。、和零一两二三四]{0,4}$", before)
            count = NUMBER_ZH[z.group(1)] if z else 1
        out.append((label, count, start))
    return sorted(out, key=lambda o: o[2])


def same_list(text, fact, lang):
    said = {}
    for label, count, _ in find(text, lang):
        said[label] = said.get(label, 0) + count
    want = {k: n for k, n in fact["labels"] if k >= world.FIRST}
    if fact.get("not_label") in said:
        said.pop(fact["not_label"])
    others = sum(n for k, n in fact["labels"] if k == world.OUTSIDE)
    if said != want or bool(others) != (abstains(text, lang) or "something" in text.lower()):
        return False
    if not fact["labels"]:
        return any(w in text.lower() for w in ("nothing", "only", "什么也没有", "只有"))
    return True


def colours_in(text, lang):
    low = text.lower()
    return {k for k, c in enumerate(world.COLOUR_EN if lang == "en" else world.COLOUR_ZH)
            if (re.search(rf"\b{c}\b", low) if lang == "en" else c in text)}


def places_in(text, lang):
    """Longest place phrase in the text -> (row, column) or None."""
    table = PLACE_EN if lang == "en" else PLACE_ZH
    hits = [(len(table[r][c]), r, c) for r in range(3) for c in range(3) if table[r][c] in text.lower()]
    return max(hits)[1:] if hits else None


def judge(text, fact, lang):
    """True when the answer is right."""
    kind, low = fact["kind"], text.lower()
    if kind == "abstain":
        return abstains(text, lang) and not find(text.replace("picture", ""), lang)
    if kind == "list":
        if not same_list(text, fact, lang):
            return False
        if "bg" in fact:
            tail = low[low.rfind(" on a"):] if lang == "en" else text[:text.find("背景")]
            return colours_in(tail, lang) == {fact["bg"]} or (not fact["labels"] and fact["bg"] in colours_in(text, lang))
        return True
    if abstains(text, lang):
        return False
    if kind == "colour":
        said = colours_in(re.sub(r"(?i)the orange", "", text) if lang == "en" else text, lang)
        return said == {fact["colour"]}
    if kind == "where":
        return places_in(text, lang) == tuple(fact["place"])
    if kind == "category":
        return {c for c, _ in mentions(low, category_names(lang))} == {fact["category"]}
    if kind == "count":
        if fact["n"] == 0:
            return any(w in low for w in ("nothing", " no ", "没有"))
        if lang == "en":
            said = [NUMBER[w] for w in re.findall(r"[a-z]+", low) if w in ("no", "one", "two", "three", "four")]
        else:
            said = [NUMBER_ZH[c] for c in re.findall(r"有([零一两二三四])", text)]
        return said == [fact["n"]]
    if kind == "relation":
        table = REL_EN if lang == "en" else REL_ZH
        end = re.split(r", so |，所以", low)[-1]  # what comes before are the two places
        return [r for r, w in table.items() if w in end] == [fact["relation"]]
    if kind == "yesno":
        if lang == "en":
            said = {low.startswith("yes") or None, False if low.startswith("no") else None}
            said |= {w == "yes" for w in re.findall(r", so (yes|no)\b", low)}
        else:
            said = {text.startswith(("是的", "有", "对")) or None, False if text.startswith(("不", "没")) else None}
            said |= {w == "是的" for w in re.findall(r"，所以(是的|不是)", text)}
        return said - {None} == {fact["yes"]}
    if kind == "absent":
        return "don't see" in low or bool(re.search(r"\bno\b", low)) if lang == "en" else "没有" in text
    if kind == "talk":
        want = dict(greet=("hello", "你好"), who=("viscpm", "viscpm"), thanks=("welcome", "不客气"), bye=("bye", "再见"))[fact["talk"]]
        return want[lang == "zh"] in low
    raise ValueError(kind)
