"""The vocabulary, shared by all arms and seeds: of the embedded model's (vocab.build) the entries this small world uses."""
import os
import string

import vocab
from tokenizer import Tokenizer

from . import reading, small
from .settings import Settings

SAMPLE = 6000  # exercises a language looked through


def build(work):
    """Writes work/bee.txt; -> number of entries."""
    whole = work / "bee-whole.txt"
    vocab.build(work, whole)
    tok = Tokenizer(whole)
    used = set(tok.special.values()) | {tok.ids[c] for c in (*string.ascii_letters, *string.digits, *".,?!;:'，。？；：、", " ") if c in tok.ids}
    plain = Settings(mixed=0.0, parallel=0.3)
    for lang in ("en", "zh"):
        for k in range(SAMPLE):
            _, *texts = reading.exercise(small.dice("words", k), small.dice("words", lang, k), (lang,), plain)
            for t in texts:
                used.update(i for i in tok.encode(t) if i < tok.size)
    for retell in reading.RETELL.values():
        for t in retell:
            used.update(tok.encode(t))
    lines = whole.read_text(encoding="utf-8").split("\n")
    out = work / "bee.txt"
    tmp = out.with_suffix(".tmp")
    tmp.write_text("\n".join(n for k, n in enumerate(lines) if k in used), encoding="utf-8")
    os.replace(tmp, out)
    return len(used)
