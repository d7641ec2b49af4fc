"""The noise schedule (Stable Diffusion's) and two fast samplers, numbered as diffusers 0.15.0 does.

DDIM: Song et al. 2020 (arXiv 2010.02502), deterministic. DPM-Solver++ 2M: Lu et al. 2022 (arXiv 2211.01095).
"""
import torch

CONFIG = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="epsilon",
              clip_sample=False, set_alpha_to_one=False, steps_offset=1, trained_betas=None)
TRAIN_STEPS = CONFIG["num_train_timesteps"]


class Schedule:
    def __init__(self):
        c = CONFIG
        betas = torch.linspace(c["beta_start"] ** 0.5, c["beta_end"] ** 0.5, TRAIN_STEPS, dtype=torch.float32) ** 2
        self.alphas = torch.cumprod(1 - betas, 0)

    def noised(self, latents, noise, t):
        """t (B,) -> latents at that time."""
        a = self.alphas[t].view(-1, 1, 1, 1)
        return a.sqrt() * latents + (1 - a).sqrt() * noise

    def snr_weight(self, t, gamma, floor=0.0):
        """Min-SNR (Hang et al. 2023, arXiv 2303.09556) for predicting the noise; 1 everywhere when gamma is 0. The error of the
        clean picture then weighs min(SNR, gamma) + floor: with a floor above 0 what the text says counts where noise hides all else."""
        snr = self.alphas[t] / (1 - self.alphas[t])
        return (snr.clamp_max(gamma) + floor) / snr if gamma else torch.ones_like(snr)


def times(generator, n, slope=0.0):
    """n training times, one from each n-th part of their distribution: the loss varies less than with independent ones.
    slope 0..1: their density goes from 1 - slope without noise to 1 + slope at the most."""
    u = (torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)) / n
    if slope:
        u = (((1 - slope) ** 2 + 4 * slope * u).sqrt() - (1 - slope)) / (2 * slope)
    return (u * TRAIN_STEPS).long().clamp_max(TRAIN_STEPS - 1)


def ddim(schedule, predict, x, steps):
    """predict(latents, t) -> noise; x: latents of pure noise -> latents."""
    ratio = TRAIN_STEPS // steps
    for k in reversed(range(steps)):
        t = k * ratio + CONFIG["steps_offset"]
        a, before = schedule.alphas[t], schedule.alphas[max(0, t - ratio)]
        noise = predict(x, t)
        clean = (x - (1 - a).sqrt() * noise) / a.sqrt()
        x = before.sqrt() * clean + (1 - before).sqrt() * noise
    return x


def dpmpp_2m(schedule, predict, x, steps):
    """As ddim, second order: about half the steps do."""
    ts = torch.linspace(0, TRAIN_STEPS - 1, steps + 1).round().long().flip(0).tolist()
    alpha, sigma = schedule.alphas.sqrt(), (1 - schedule.alphas).sqrt()
    lam = alpha.log() - sigma.log()
    last = None
    for k in range(steps):
        t, to = ts[k], ts[k + 1]
        clean = (x - sigma[t] * predict(x, t)) / alpha[t]
        h = lam[to] - lam[t]
        use = clean
        if last is not None and not (k == steps - 1 and steps < 15):
            r = (lam[t] - lam[ts[k - 1]]) / h
            use = clean + (clean - last) / (2 * r)
        x = sigma[to] / sigma[t] * x - alpha[to] * torch.expm1(-h) * use
        last = clean
    return x


SAMPLERS = {"ddim": ddim, "dpmpp_2m": dpmpp_2m}


def guided(unet, context, uncond, scale):
    """predict() for n pictures: one batch of 2n, unconditional half first. context, uncond (n, L, C), padded alike."""
    both = torch.cat([uncond, context])

    def predict(x, t):
        u, c = unet(torch.cat([x, x]), torch.tensor(t), both).chunk(2)
        return u + scale * (c - u)

    return predict
