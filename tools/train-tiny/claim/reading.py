"""The text stage's exercises, packed as chat and painting pack theirs. No pictures: where chat has its picture, a text stands.

read     a text, a question about it, the answer; `mixed` of them asked in another language than the text's
retell   a text said over again: a translation where the model is to know two languages, else the same facts anew
caption  the same two on a prompt as painting packs it: {"caption": ..., "objects": ""}
With English alone, the same scenes, exercises and numbers of them, all in English.
"""
from . import asks, facts

RETELL = {"en": ("Say it in English.", "Tell it in English."), "zh": ("用中文说一遍。", "请用中文说。")}
CAPTIONS = 0.3  # share of exercises on prompts


class Packer:
    """-> ids, subs, segments, prompt length: rows for viscpm.answer_loss, without picture slots."""

    def __init__(self, tok):
        self.tok = tok

    def _rows(self, texts, answer):
        """texts: the root, then keys and values in turn. Unknown words become numbered <unk>, as packing.pack has it."""
        tok, ids, subs, seg, table = self.tok, [], [], [], {}

        def add(part, k):
            ids.extend(i if i < tok.size else tok.unk for i in part)
            subs.extend(max(0, i - tok.size) for i in part)
            seg.extend([k] * len(part))

        for k, t in enumerate(texts):
            add([tok.bos, *tok.encode(t, table), tok.eos], k)
        n = len(ids)
        add([tok.bos, *tok.encode(answer, table), tok.eos], len(texts))
        return ids, subs, seg, n

    def told(self, report, question, answer):
        """As chat, with a text in the picture's place."""
        return self._rows(["<root>", "image", report, "context", "", "question", question, "<ans>"], answer)

    def prompted(self, caption, question, answer):
        """As painting: the caption first. The question stands in the context's place, which painting leaves away, so a
        caption's own segments relate as they do in {"caption", "objects"}."""
        return self._rows(["<root>", "caption", caption, "objects", "", "question", question, "<ans>"], answer)


def exercise(rng, words, langs, settings):
    """-> (kind, text, question, answer). rng draws what is said, words how: arms of other languages draw the same facts."""
    scene = facts.scene(rng)
    on_caption, again = rng.random() < CAPTIONS, rng.random() < settings.parallel
    other = rng.random() < settings.mixed
    ask = asks.draw(rng, dict(scene, items=scene["items"][:1]), rng.choice(("what", "bg", "kind"))) if on_caption else asks.draw(rng, scene)
    first = words.choice(langs)
    second = next((l for l in langs if l != first), first) if again or other else first
    tell = facts.caption if on_caption else facts.report
    text = tell(words, scene, first)
    if again:
        question, answer = words.choice(RETELL[second]), tell(words, scene, second)
    else:
        shown = dict(scene, items=scene["items"][:1]) if on_caption else scene
        question, answer, _ = asks.render(words, shown, ask, second)
    if settings.shared_tokens and first == "zh" and words.random() < settings.shared_tokens:
        text = facts.switched(text)
    return ("prompted" if on_caption else "told"), text, question, answer


def rows(packer, rng, words, langs, settings, n):
    """n packed exercises."""
    out = []
    for _ in range(n):
        kind, *texts = exercise(rng, words, langs, settings)
        out.append(getattr(packer, kind)(*texts))
    return out
