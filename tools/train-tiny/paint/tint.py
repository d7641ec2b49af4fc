"""Paint a drawing in one named colour, bright enough that small pictures keep their inner lines.

colours.recolour keeps the drawing's own light and dark, which turns orange things brown and yellow ones
olive; here light and dark are first evened out per drawing and then spread between two shades that both
still bear the colour's name.
"""
import torch

# per colour of world.COLOURS: darkest and lightest shade
SHADES = torch.tensor([
    ((164, 18, 26), (242, 60, 60)), ((206, 98, 12), (255, 164, 62)), ((214, 168, 24), (255, 232, 104)),
    ((30, 112, 44), (98, 204, 104)), ((24, 70, 168), (92, 158, 250)), ((88, 34, 132), (176, 112, 220)),
    ((222, 98, 152), (255, 184, 214)), ((78, 44, 22), (160, 104, 62)), ((10, 10, 12), (58, 58, 64)),
    ((226, 226, 230), (255, 255, 255)), ((92, 92, 96), (190, 190, 194))]) / 255.0


def evened(rgb, alpha):
    """rgb (N, 3, S, S), alpha (N, 1, S, S) -> light and dark (N, 1, S, S) in 0..1, half of it on average."""
    light = (rgb * torch.tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    weight = alpha / alpha.sum((1, 2, 3), keepdim=True).clamp_min(1e-6)
    mean = (light * weight).sum((1, 2, 3), keepdim=True)
    spread = ((light - mean).square() * weight).sum((1, 2, 3), keepdim=True).sqrt()
    return ((light - mean) / spread.clamp_min(0.08) * 0.28 + 0.5).clamp(0, 1)


def tint(light, colour):
    """light (..., 1, S, S) from evened, colour number -> rgb (..., 3, S, S)."""
    dark, bright = SHADES[colour].view(2, 3, 1, 1)
    return dark + (bright - dark) * light
