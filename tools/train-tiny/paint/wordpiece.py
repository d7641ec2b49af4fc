"""BERT's tokenizer: lower-cased words and single ideographs, cut into the longest known pieces.

Rules as in the original BERT (Apache-2.0) with transformers' order: special tokens in the text first, then
control characters dropped, ideographs set apart, accents removed, punctuation split off.
"""
import pathlib
import re
import unicodedata

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
IDEOGRAPHS = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF),
              (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]


def _ideograph(c):
    return any(a <= ord(c) <= b for a, b in IDEOGRAPHS)


def _punctuation(c):
    n = ord(c)
    return 33 <= n <= 47 or 58 <= n <= 64 or 91 <= n <= 96 or 123 <= n <= 126 or unicodedata.category(c).startswith("P")


def _dropped(c):
    return c not in "\t\n\r" and (ord(c) in (0, 0xFFFD) or unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs"))


def _space(c):
    return c in "\t\n\r" or unicodedata.category(c) == "Zs"


def words(text):
    """Text without special tokens -> words."""
    out = []
    for c in text:
        if _dropped(c):
            continue
        out.append(" " if _space(c) else f" {c} " if _ideograph(c) else c)
    text = "".join(c for c in unicodedata.normalize("NFD", "".join(out)) if unicodedata.category(c) != "Mn").lower()
    return "".join(f" {c} " if _punctuation(c) else c for c in text).split()


class WordPiece:
    def __init__(self, path: pathlib.Path):
        self.tokens = path.read_text(encoding="utf-8").split("\n")
        if self.tokens[-1] == "":
            self.tokens.pop()
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        self.pad, self.unk, self.cls, self.sep, self.mask = (self.ids[t] for t in SPECIAL)

    def pieces(self, word):
        if len(word) > 100:
            return [self.unk]
        out, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = ("##" if at else "") + word[at:end]
                if piece in self.ids:
                    out.append(self.ids[piece])
                    break
            else:
                return [self.unk]
            at = end
        return out

    def encode(self, text):
        """-> ids with [CLS] and [SEP] around."""
        ids = [self.cls]
        for part in re.split("(" + "|".join(map(re.escape, SPECIAL)) + ")", text):
            ids += [self.ids[part]] if part in SPECIAL else [i for w in words(part) for i in self.pieces(w)]
        return ids + [self.sep]
