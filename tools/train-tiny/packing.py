"""Pack a dialogue turn as CPM-Bee does: a tree of segments, each `<s> text </s>`.

Chat packs {"image": "<unk>" * queries, "context": ..., "question": ..., "<ans>": ""} in this order;
context grows by "User: q\\nAI: a\\n" a turn. The answer leaf comes last and has no `</s>`.
"""
import functools

import torch


def bucket(up, down, depth=8):
    """Segment relation: how far up and down the tree. 0 means the same segment."""
    return up * depth + down + 1 if (up or down) else 0


def tree(data):
    """-> segments [(text, depth, predicted)], relation matrix as a flat list, image segment numbers."""
    segments, images = [("<root>", 0, False)], []
    children = {0: []}

    def build(value, parent, depth, predict, image):
        if isinstance(value, dict):
            for k, v in value.items():
                i = len(segments)
                segments.append((k, depth, False))
                children[parent].append(i)
                children[i] = []
                build(v, i, depth + 1, predict or (depth == 1 and k == "<ans>"),
                      image or (depth == 1 and k == "image"))
        else:
            assert isinstance(value, str), f"Invalid data {value}"
            i = len(segments)
            segments.append((value, depth, predict))
            children[parent].append(i)
            children[i] = []
            if image:
                images.append(i)

    build(data, 0, 1, False, False)
    n = len(segments)
    rel = [0] * (n * n)

    def relate(node):
        d0 = segments[node][1]
        seen = [(node, d0)]
        for c in children[node]:
            sub = relate(c)
            for i, di in sub:
                for j, dj in seen:
                    up, down = min(di - d0, 7), min(dj - d0, 7)
                    rel[i * n + j] = bucket(up, down)
                    rel[j * n + i] = bucket(down, up)
            seen += sub
        return seen

    relate(0)
    return segments, rel, images


def pack(tok, data):
    """The prompt (without the answer slot) as upstream's collater makes it, answers numbered."""
    counter = [0]

    def number(value, inside, depth):
        if isinstance(value, dict):
            return {k: number(v, inside or (depth == 1 and k == "<ans>"), depth + 1) for k, v in value.items()}
        if inside and isinstance(value, str):
            counter[0] += 1
            return f"<ans_{counter[0]}>"
        return value

    segments, rel, images = tree(number(data, False, 1))
    table, subs_of, out, bounds, slots = {}, {}, [], [], []
    for s, (text, _, predicted) in enumerate(segments):
        ids = [(tok.bos, 0)]
        for i in tok.encode(text, table):
            if i < tok.size:
                ids.append((i, 0))
                continue
            t = table[i]
            name = "<" + t[1:-1].split("_", 1)[0] + ">" if t.startswith("<") and t.endswith(">") else "<unk>"
            known = subs_of.setdefault(name, {})
            sub = known.setdefault(i, len(known))
            if name not in tok.special:
                raise ValueError(f"Invalid token {t}")
            ids.append((tok.special[name], sub))
        if predicted:
            slots.append(s)
            continue
        if s in images:
            bounds.append([len(out) + 1, len(out) + len(ids)])
        out += [(i, b, s) for i, b in ids + [(tok.eos, 0)]]
    ids, subs, segs = zip(*out)
    return dict(ids=list(ids), subs=list(subs), segments=list(segs), rel=rel, n=len(segments),
                image_bound=bounds, slots=slots)


@functools.lru_cache(None)
def chat_relation():
    """The 9 x 9 relation every chat prompt shares."""
    _, rel, _ = tree({"image": "", "context": "", "question": "", "<ans>": ""})
    return torch.tensor(rel).view(9, 9)


class ChatPacker:
    """Fast packing for training: fixed pieces cached, segments 0..8 as in chat."""

    def __init__(self, tok, queries):
        self.tok = tok
        e = lambda t: [tok.bos, *tok.encode(t), tok.eos]
        head = e("<root>") + e("image") + [tok.bos] + [tok.unk] * queries + [tok.eos] + e("context")
        self.image_at = len(e("<root>") + e("image")) + 1
        self.head, self.q_key, self.a_key = head, e("question"), e("<ans>")
        self.head_seg = [0] * len(e("<root>")) + [1] * len(e("image")) + [2] * (queries + 2) + [3] * len(e("context"))
        self.text = functools.lru_cache(200000)(self._text)

    def _text(self, text):
        """Ids and sub ids; unknown runs become <unk> numbered in order of first use."""
        ids = self.tok.encode(text)
        return tuple(i if i < self.tok.size else -1 - (i - self.tok.size) for i in ids)

    def __call__(self, context, question, answer=None):
        """-> ids, subs, segments, prompt length. With an answer: its <s> text </s> appended."""
        c, q = self.text(context), self.text(question)
        ids = self.head + [self.tok.bos, *c, self.tok.eos] + self.q_key + [self.tok.bos, *q, self.tok.eos] + self.a_key
        seg = self.head_seg + [4] * (len(c) + 2) + [5] * len(self.q_key) + [6] * (len(q) + 2) + [7] * len(self.a_key)
        subs = [0] * len(ids)
        if any(i < 0 for i in c + q):  # unknown runs: numbered over context and question by text
            p = pack(self.tok, {"image": "<unk>" * 16, "context": context, "question": question, "<ans>": ""})
            ids, subs = p["ids"], p["subs"]
        n = len(ids)
        if answer is not None:
            a = [self.tok.bos, *self.text(answer), self.tok.eos]
            ids, subs, seg = ids + a, subs + [0] * len(a), seg + [8] * len(a)
        return ids, subs, seg, n
