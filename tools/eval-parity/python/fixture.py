"""Records what the unit tests of packages/eval hold against: python3 fixture.py ../../../packages/eval/src/paint/fixtures/peer.json"""

import json
import sys

import numpy as np

from peer import Network, clean, frechet, uniform
from cleanfid.resize import build_resizer

CASES = [(40, 30, 8), (200, 150, 24), (10, 12, 32), (60, 5, 16)]


def plain(name, rows, dim):
    return uniform(name, rows * dim).reshape(rows, dim).astype(np.float32)


def noise(name, width, height):
    return np.floor(uniform(name, width * height * 3) * 256).astype(np.uint8).reshape(height, width, 3)


def kept(values):
    return [float(f"{v:.7g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def main():
    cases = []
    for n, m, dim in CASES:
        a, b = plain(f"a {n} {m} {dim}", n, dim), plain(f"b {n} {m} {dim}", m, dim) ** 2
        rows = min(n, m)
        kid = clean.kernel_distance(a[:rows].astype(np.float64), b[:rows].astype(np.float64), 1, rows)
        cases.append({"n": n, "m": m, "dim": dim, "fid": frechet(a, b), "kid": kid})
    images = [("first", 40, 56), ("second", 301, 20)]
    network = Network()
    pictures = []
    for name, width, height in images:
        image = noise(name, width, height)
        resized = build_resizer("clean")(image).transpose(2, 0, 1)
        modes = {mode: {str(dim): kept(values[0, :: dim // 16])
                        for dim, values in network.of([image], mode).items()} for mode in ("clean", "pytorch-fid")}
        pictures.append({"name": name, "width": width, "height": height, "resized": kept(resized[:, ::43, ::47]), **modes})
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump({"cases": cases, "pictures": pictures}, file)
        file.write("\n")


main()
