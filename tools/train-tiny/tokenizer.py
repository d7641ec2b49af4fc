"""Greedy longest-match tokenizer over bee.txt (CPM-Bee's), by code points."""
import pathlib


class Tokenizer:
    def __init__(self, path: pathlib.Path):
        names = path.read_text(encoding="utf-8").split("\n")
        self.size = len(names)
        alias = {"</n>": "\n", "</_>": " "}
        self.names = [alias.get(n, n) for n in names]
        self.ids = {n: i for i, n in enumerate(self.names)}
        self.longest = max(map(len, self.names))
        self.special = {n: i for n, i in self.ids.items() if n.startswith("<") and n.endswith(">")}
        self.bos, self.eos, self.unk = self.ids["<s>"], self.ids["</s>"], self.ids["<unk>"]

    def pieces(self, text):
        """-> list of (piece, kind), kind in "word", "unk", "special"; `<<` is a literal `<`."""
        out, i = [], 0
        chars = []  # (char, literal) and specials as whole strings
        while i < len(text):
            if text[i] != "<":
                chars.append(text[i])
                i += 1
            elif text[i:i + 2] == "<<":
                chars.append("<")
                i += 2
            else:
                end = text.find(">", i + 2)
                if end < 0:
                    raise ValueError(f"Unexpected end of text `{text}`")
                if "<" in text[i + 2:end]:
                    raise ValueError(f"Invalid special token at pos {text.index('<', i + 2)}")
                chars.append(text[i:end + 1])
                i = end + 1
        i = 0
        while i < len(chars):
            if len(chars[i]) > 1:
                out.append((chars[i], "special"))
                i += 1
                continue
            for n in range(min(self.longest, len(chars) - i), 0, -1):
                part = chars[i:i + n]
                word = "".join(part)
                if len(word) == n and word in self.ids and word not in self.special:
                    out.append((word, "word"))
                    i += n
                    break
            else:
                if out and out[-1][1] == "unk":
                    out[-1] = (out[-1][0] + chars[i], "unk")
                else:
                    out.append((chars[i], "unk"))
                i += 1
        return out

    def encode(self, text, table=None):
        """-> ids; unknown runs and unknown specials get ids from `size` up, kept in table {id: text}."""
        table = {} if table is None else table
        back = {v: k for k, v in table.items()}
        ids = []
        for piece, kind in self.pieces(text):
            if kind == "word" or (kind == "special" and piece in self.special):
                ids.append(self.ids[piece])
            else:
                if piece not in back:
                    back[piece] = self.size + len(table)
                    table[back[piece]] = piece
                ids.append(back[piece])
        return ids

    def decode(self, ids):
        return "".join(self.names[i] for i in ids)
