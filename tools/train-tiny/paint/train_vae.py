"""The picture codec: 64 x 64 pictures to 4 x 16 x 16 latents and back.

Loss: absolute and squared error, that of areas of 8 x 8 (hues), errors of the edges at three sizes (cheap, and what flat drawings live
from), and a little KL that keeps the latents smooth. At the end every latent channel is shifted and scaled
to mean 0 and deviation 1 (folded into the 1 x 1 convolutions), so scaling_factor is 1.
"""
import random

import torch
import torch.nn.functional as F

import twins

from . import loop, style, subjects
from .sheet import save_sheet
from .vae import CONFIG, AutoencoderKL


def edges(x, y, sizes=3):
    """Mean absolute error of the differences between neighbours, at full, half and quarter size."""
    total = 0
    for k in range(sizes):
        d = x - y
        total = total + (d[:, :, 1:] - d[:, :, :-1]).abs().mean() + (d[:, :, :, 1:] - d[:, :, :, :-1]).abs().mean()
        if k < sizes - 1:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return total


def losses(vae, pixels, kl):
    mean, logvar = vae.encode(pixels)
    out = vae.decode(mean + (0.5 * logvar).exp() * torch.randn_like(mean)).float()
    d = out - pixels
    error, edge = d.abs().mean() + 0.5 * d.square().mean() + F.avg_pool2d(d, 8).abs().mean(), edges(out, pixels)
    spread = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
    psnr = 10 * torch.log10(4 / d.detach().square().mean())
    return error + 0.5 * edge + kl * spread, dict(error=error.item(), edge=edge.item(), kl=spread.item(), psnr=psnr.item())


def load_vae(path):
    """The finished codec of a checkpoint."""
    c = loop.load(path)
    if "final" not in c:
        raise SystemExit(f"{path} is not finished: run train_vae until its minutes are up")
    vae = AutoencoderKL(c["extra"]["config"])
    vae.load_state_dict(c["final"])
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def finish(run, draw, n=1024):
    """Standardises a copy of the average, measures it, keeps it as `final` and writes pictures before | after."""
    vae = run.ema
    rows = [vae.encode(draw(64)) for _ in range(n // 64)]
    mean, var = torch.cat([m for m, _ in rows]), torch.cat([v for _, v in rows]).exp()
    flat = mean.transpose(0, 1).flatten(1)
    shift, scale = flat.mean(1), (flat.var(1) + var.mean((0, 2, 3))).sqrt()
    vae.standardise(shift, scale)
    pixels = draw(64)
    mean, logvar = vae.encode(pixels)
    out = vae.decode(mean + (0.5 * logvar).exp() * torch.randn_like(mean)).clamp(-1, 1)
    psnr = 10 * torch.log10(4 / (out - pixels).square().mean((1, 2, 3)))
    print(f"channels' mean {shift.tolist()} and deviation {scale.tolist()} folded in; deviation of the posterior "
          f"{(0.5 * logvar).exp().mean():.3f}; new pictures {psnr.mean():.2f} dB (worst {psnr.min():.2f})", flush=True)
    save_sheet(torch.stack([pixels[:32], out[:32]], 1).flatten(0, 1), run.path.with_suffix(".png"), columns=16)
    final = {k: v.clone() for k, v in vae.state_dict().items()}
    vae.load_state_dict(loop.load(run.path)["ema"])
    run.save(final=final)


def worker(rank, n, a):
    torch.manual_seed(a.seed)  # the same weights in every process
    drawings = style.Drawings(a.work)
    maker = subjects.Subjects(drawings, subjects.held_out(drawings))
    rng = random.Random()
    draw = lambda k: drawings.pictures([maker.scene(rng, pairs=0.35) for _ in range(k)]).contiguous(memory_format=torch.channels_last)
    config = dict(CONFIG, block_out_channels=[int(v) for v in a.channels.split(",")])
    run = loop.Run(AutoencoderKL(config).to(memory_format=torch.channels_last), a, rank, n, dict(config=config))
    seed = a.seed + 1000 * rank + 7 * run.steps
    rng.seed(seed)
    torch.manual_seed(seed)
    while run.going():
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(run.module, draw(a.batch), a.kl)
        run.step(loss, parts)
    if rank == 0:
        finish(run, draw, a.measure)


def main():
    ap = loop.arguments("vae", minutes=20, batch=16, lr=1.5e-3)
    ap.add_argument("--kl", type=float, default=1e-3)
    ap.add_argument("--channels", default="32,64,96")
    ap.add_argument("--measure", type=int, default=1024, help="pictures the latents' spread is measured on")
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
