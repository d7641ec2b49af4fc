"""Render every icon once to a 96 px RGBA sprite and cache them as one .npz per artist.

sprites: uint8 (n, 96, 96, 4), straight alpha, cropped to the drawing and centred in a square.
"""
import io
import json
import pathlib

import numpy as np
from PIL import Image

import world
from fetch import ARTISTS

SIZE = 96
_cache = {}


def _icons(sets, artist):
    if artist not in _cache:
        _cache[artist] = json.loads((sets / artist / "icons.json").read_text(encoding="utf-8"))
    return _cache[artist]


def svg(sets: pathlib.Path, artist: str, slug: str):
    """The SVG text of an icon (aliases followed), or None."""
    d = _icons(sets, artist)
    while slug not in d["icons"]:
        alias = d.get("aliases", {}).get(slug)
        if alias is None:
            return None
        slug = alias["parent"]
    icon = d["icons"][slug]
    w = icon.get("width", d.get("width", 16))
    h = icon.get("height", d.get("height", 16))
    x, y = icon.get("left", d.get("left", 0)), icon.get("top", d.get("top", 0))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{x} {y} {w} {h}" width="{w}" height="{h}">{icon["body"]}</svg>')


def draw(svg_text: str, size: int) -> Image.Image:
    """RGBA picture of an SVG, cropped to its drawing, centred in size x size."""
    import resvg_py
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg_text, width=size, height=size))
    im = Image.open(io.BytesIO(png)).convert("RGBA")
    box = im.getchannel("A").point(lambda a: 255 if a > 8 else 0).getbbox()
    if box is None:
        return im
    im = im.crop(box)
    k = size / max(im.size)
    im = im.convert("RGBa").resize(
        (max(1, round(im.width * k)), max(1, round(im.height * k))), Image.LANCZOS).convert("RGBA")
    out = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    out.paste(im, ((size - im.width) // 2, (size - im.height) // 2))
    return out


def _wanted():
    rows = []  # slug, class number, 0 = every use / 1 = test only
    for k, t in enumerate(world.THINGS):
        rows += [(s, world.FIRST + k, 0) for s in t["icons"]]
    rows += [(s, world.OUTSIDE, 0) for s in world.OUTSIDE_TRAIN]
    rows += [(s, world.OUTSIDE, 1) for s in world.OUTSIDE_TEST]
    return rows


def render(sets: pathlib.Path, out: pathlib.Path):
    """Write out/<artist>.npz for every artist that is not there yet."""
    out.mkdir(parents=True, exist_ok=True)
    for artist in ARTISTS:
        path = out / f"{artist}.npz"
        if path.exists():
            continue
        pics, slugs, labels, tests, missing = [], [], [], [], []
        for slug, label, test in _wanted():
            text = svg(sets, artist, slug)
            if text is None:
                missing.append(slug)
                continue
            pics.append(np.asarray(draw(text, SIZE)))
            slugs.append(slug)
            labels.append(label)
            tests.append(test)
        np.savez(path, rgba=np.stack(pics), slug=np.array(slugs), label=np.array(labels, np.int32),
                 test=np.array(tests, np.int8))
        print(f"{artist}: {len(pics)} sprites, missing {missing}", flush=True)


def load(out: pathlib.Path, artist: str):
    with np.load(out / f"{artist}.npz") as z:
        return {k: z[k] for k in z.files}
