"""diffusers' UNet, VAE decoder and DPM-Solver++ with the weights that both sides read, as its pipelines run them."""

import os

import numpy
import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNet2DConditionModel

from weights import read_safetensors


def built(make, weights, prefix, without=()):
    """A model around `weights`, which stay the only copy; parts in `without` are left out."""
    with torch.device("meta"):
        model = make()
    for name in without:
        setattr(model, name, None)
    own = {key[len(prefix) :]: value for key, value in weights.items() if key.startswith(prefix)}
    model.load_state_dict(own, strict=True, assign=True)
    return model.eval().requires_grad_(False)


class Painter:
    def __init__(self, folder, config, weights, dtype=None):
        self.dtype = getattr(torch, dtype or "float32")
        if dtype:  # half: channels last is what suits PyTorch's convolutions then
            for key in weights:
                weights[key] = weights[key].to(self.dtype)
        self.unet = built(lambda: UNet2DConditionModel.from_config(config["unet"]), weights, "unet.")
        if dtype:
            self.unet = self.unet.to(memory_format=torch.channels_last)
        self.vae = None
        if "vae" in config:
            make = lambda: AutoencoderKL.from_config(config["vae"])
            self.vae = built(make, weights, "vae.", without=("encoder", "quant_conv"))
        self.inputs = read_safetensors(os.path.join(folder, "inputs.safetensors"))

    def rows(self, latents):
        """Latents and contexts as guidance takes them, the unconditional half first."""
        count = latents.shape[0]
        contexts = [self.inputs[name].expand(count, -1, -1) for name in ("negative", "context")]
        return torch.cat([latents, latents]), torch.cat(contexts)

    def predict(self, timer, rows, timestep, side=None):
        latents, context = self.rows(self.inputs["latents"][: rows // 2, :, :side, :side])
        latents, context = latents.to(self.dtype), context.to(self.dtype)
        with timer:
            out = self.unet(latents, timestep, encoder_hidden_states=context, return_dict=False)[0].float()
        return out.contiguous()

    def decode(self, timer):
        latents = self.inputs["latents"][:1]
        with timer:
            return self.vae.decode(latents, return_dict=False)[0]

    def paint(self, timer, candidates, steps, guidance_scale, scheduler):
        """The loop of StableDiffusionPipeline, pictures decoded one at a time (its vae slicing). @returns latents, uint8"""
        latents = self.inputs["latents"][:candidates]
        context = self.rows(latents)[1]
        with timer:
            scheduler = DPMSolverMultistepScheduler.from_config(scheduler)
            scheduler.set_timesteps(steps)
            latents = latents * scheduler.init_noise_sigma
            for t in scheduler.timesteps:
                both = scheduler.scale_model_input(torch.cat([latents] * 2), t)
                noise = self.unet(both, t, encoder_hidden_states=context, return_dict=False)[0]
                negative, positive = noise.chunk(2)
                noise = negative + guidance_scale * (positive - negative)
                latents = scheduler.step(noise, t, latents, return_dict=False)[0]
            factor = self.vae.config.scaling_factor
            pictures = [self.vae.decode(one / factor, return_dict=False)[0] for one in latents.split(1)]
            pixels = (torch.cat(pictures) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
            return latents, (pixels * 255).round().astype(numpy.uint8)
