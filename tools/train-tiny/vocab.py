"""Build bee.txt: specials, ASCII, Chinese characters, and word pieces for what the model talks about.

English words come with a leading space (" dog"), and bare at the start of a sentence ("Dog"). The
tokenizer takes the longest match and knows no word borders, so common other words are included,
from the names of the Unicode annotations (cldr-annotations-full), lest " category" be " cat" + ...
"""
import collections
import json
import pathlib
import re

import dialogue
import world

SPECIALS = ["<pad>", "<unk>", "<mask>", "<sep>", "</n>", "</_>", "<s>", "</s>", "<root>", "<ans>", "<option>"]
EXTRA_ZH = "的一是了不在有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"


def english_words():
    words = collections.Counter()

    def take(text, weight):
        for w in re.findall(r"[A-Za-z]+", text):
            words[w.lower()] += weight

    for kind in dialogue.TYPES.values():
        for q in kind["en"]["train"]:
            take(q.replace("{", " {").replace("}", "} "), 100)
    for f in dialogue.FRAMES["en"]["train"]:
        take(f, 100)
    for t in world.THINGS:
        for n in [t["en"], t["np"], dialogue.plural(t["en"]), *t["en_syn"]]:
            take(n, 100)
    for c in world.CATEGORIES.values():
        take(" ".join([c["en"], c["np"], *c["en_syn"]]), 100)
    for c in world.COLOUR_EN:
        take(c, 100)
    take("The coloured User AI nothing something know see can't tell several colours only talk about picture "
         "VisCPM tiny small model that talks simple pictures welcome Goodbye Hello ask Yes No one two three four "
         "things don t can you re it is left right middle above below top bottom", 100)
    return words


def build(work: pathlib.Path, out: pathlib.Path, limit_words=900, limit_chars=1500):
    root = work / "npm" / "node_modules" / "cldr-annotations-full" / "annotations"
    own = english_words()
    common, chars = collections.Counter(), collections.Counter()
    for lang, bag in (("en", common), ("zh", chars)):
        path = root / lang / "annotations.json"
        for a in json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"].values():
            for text in a.get("default", []) + a.get("tts", []):
                if lang == "en":
                    common.update(w for w in re.findall(r"[a-z]{3,}", text.lower()))
                else:
                    chars.update(c for c in text if "\u4e00" <= c <= "\u9fff")
    words = [w for w in own if w not in ("n", "m", "x", "y", "xs", "ax", "ak", "c", "k", "r", "p")]
    more = [w for w, n in common.most_common() if n >= 2 and w not in own][:limit_words]
    zh_words = collections.Counter()
    for t in world.THINGS:
        zh_words.update([t["zh"], *t["zh_syn"]])
    for c in world.CATEGORIES.values():
        zh_words.update([c["zh"], *c["zh_syn"]])
    zh_words.update(world.COLOUR_ZH + [x for r in dialogue.PLACE_ZH for x in r] + list(dialogue.REL_ZH.values()))
    zh_words.update("什么 颜色 图片 图中 图里 背景 这是 它是 多少 哪里 哪儿 位置 东西 类别 描述 一下 请问 告诉 知道 看到 没有 是的 不是 你好 "
                    "谢谢 再见 怎么 内容 哪边 哪一边 方向 照片 画面 一共 我不认识的东西 什么也没有 看不出 只能 好几种 有几 几个 能看到 说说".split())
    text = "".join(q for k in dialogue.TYPES.values() for q in k["zh"]["train"])
    text += "".join(dialogue.FRAMES["zh"]["train"]) + "".join(zh_words) + "".join(t["measure"] for t in world.THINGS)
    text += "".join(a for p in dialogue.TALK.values() for a in p) + dialogue.DONT_KNOW["zh"] + "在的背景上有和"
    own_chars = list(dict.fromkeys(c for c in text if ord(c) > 127))
    extra = [c for c, n in chars.most_common() if n >= 2][:limit_chars]
    tokens = list(SPECIALS)
    tokens += [chr(c) for c in range(33, 127)]
    tokens += list("。，？！、：；“”‘’（）《》…—·￥") + ["=？"]
    starts = set()
    for kind in dialogue.TYPES.values():
        for q in kind["en"]["train"]:
            starts.update(re.findall(r"(?:^|[.!] )([A-Z][a-z]*)", q))
    starts |= {w.capitalize() for w in "yes no the it there these hello goodbye i a an something please hey okay so tell excuse look user".split()}
    tokens += sorted(starts) + sorted(s.lower() for s in starts) + ["User: ", "\nAI: ".replace("\n", ""), "VisCPM", "'s", "'t", "'re", "n't", "ing", "tion", "er", "ed", "ly", "es"]
    tokens += sorted({" " + w for w in words} | {" " + w for w in more})
    tokens += [" I", " AI", " VisCPM", " Paris", " London", " Monday", " Friday", " Sunday"]
    tokens += sorted(own_chars) + sorted(set(extra) - set(own_chars)) + [c for c in EXTRA_ZH]
    tokens += sorted(w for w in zh_words if len(w) > 1)
    seen = dict.fromkeys(t for t in tokens if t and "\n" not in t and t not in ("\n", " "))
    out.write_text("\n".join(seen), encoding="utf-8")
    return len(seen)


if __name__ == "__main__":
    import sys
    print(build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
