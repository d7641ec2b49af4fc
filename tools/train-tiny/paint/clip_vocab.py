"""vocab.txt of the ranker: BERT's special tokens, single characters and the words of our world."""
import string

import world
from dialogue import article

from .captions import FRAMES, GROUND, NEW_FRAMES, TWO
from .wordpiece import SPECIAL, words


def build():
    """-> tokens in order. Whole English words; Chinese by character; any other word from pieces of Latin letters and digits."""
    text = []
    for lang in ("en", "zh"):
        for t in world.THINGS:
            text += [t[lang], *t[lang + "_syn"]]
        for c in world.CATEGORIES.values():
            text += [c[lang], *c[lang + "_syn"]]
        for table in (FRAMES, NEW_FRAMES, GROUND, TWO):
            text += [x.replace("{", " ").replace("}", " ") for x in table[lang]]
    text += [t["np"] for t in world.THINGS] + [t["measure"] for t in world.THINGS] + world.COLOUR_EN + world.COLOUR_ZH
    text += [article(c) for c in world.COLOUR_EN] + ["一二两三四五六七八九十个只的了在是和有与上下左右前后里外大小新老好看很不请我你他她它们这那什么图片画幅张"]
    own = sorted({w for x in text for w in words(x)})
    single = [c for c in map(chr, range(33, 127)) if not c.isupper()] + list("。，？！、：；“”‘’（）《》…—·￥")
    pieces = ["##" + c for c in string.ascii_lowercase + string.digits] + ["##" + p for p in ("s", "es", "ing", "ed", "er", "ly")]
    return list(dict.fromkeys([*SPECIAL, *single, *pieces, *own]))
