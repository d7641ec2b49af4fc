"""Contact sheets."""
import pathlib

from PIL import Image, ImageDraw, ImageFont


def to_image(pixels):
    """(3, S, S) in -1..1 -> picture."""
    return Image.fromarray(((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).contiguous().numpy())


def save_sheet(pixels, path: pathlib.Path, columns=8, captions=None, zoom=1):
    """pixels (N, 3, S, S); captions: ASCII lines, one a picture."""
    side, gap, text = pixels.shape[-1] * zoom, 4, 24 if captions else 0
    rows = -(-len(pixels) // columns)
    out = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + gap + text) + gap), "white")
    pen = ImageDraw.Draw(out)
    font = ImageFont.load_default(10) if captions else None
    for k, x in enumerate(pixels):
        left, top = gap + (k % columns) * (side + gap), gap + (k // columns) * (side + gap + text)
        out.paste(to_image(x).resize((side, side), Image.NEAREST), (left, top))
        if captions:
            fit = max(8, side // 5)
            words = captions[k]
            pen.multiline_text((left, top + side), words[:fit] + ("\n" + words[fit:2 * fit] if len(words) > fit else ""), "black", font, spacing=0)
    out.save(path)
