"""The painter as trained (UNet and trans_block) and as used (with CPM-Bee, codec and ranker)."""
import json
import pathlib

import torch
import torch.nn as nn
from safetensors.torch import load_file

from cpmbee import CpmBee
from tokenizer import Tokenizer

from . import clip, text
from .diffusion import SAMPLERS, Schedule, guided
from .unet import UNet2DConditionModel
from .vae import AutoencoderKL
from .wordpiece import WordPiece


class Trainee(nn.Module):
    """What learns; state names are upstream's: unet.*, trans_block.*."""

    def __init__(self, config, dim):
        super().__init__()
        self.unet = UNet2DConditionModel(config)
        self.trans_block = text.TransBlock(dim, config["cross_attention_dim"])

    def forward(self, latents, t, hidden):
        return self.unet(latents, t, self.trans_block(hidden))


class Painter:
    """prompts -> pictures, as upstream does it: one prompt's conditional and empty texts padded to the longer."""

    def __init__(self, llm, tok, trainee, vae, scaling=1.0):
        self.llm, self.tok, self.trainee, self.vae, self.scaling = llm, tok, trainee, vae, scaling
        self.schedule = Schedule()
        self.ranker = None

    @torch.no_grad()
    def paint(self, prompts, seeds, steps=20, scale=4.0, sampler="dpmpp_2m", batch=32):
        """One picture a prompt, its noise from its own seed -> (N, 3, 64, 64) in -1..1, on the 8-bit grid."""
        packs = {p: text.packed(self.tok, p) for p in {*prompts, ""}}
        order = sorted(range(len(prompts)), key=lambda k: (len(packs[prompts[k]]["ids"]), prompts[k]))
        out = [None] * len(prompts)
        side = self.trainee.unet.config["sample_size"]
        while order:
            length = len(packs[prompts[order[0]]]["ids"])
            part = [k for k in order[:batch] if len(packs[prompts[k]]["ids"]) == length]
            order = order[len(part):]
            names = list(dict.fromkeys([*[prompts[k] for k in part], ""]))
            rows = self.trainee.trans_block(text.states(self.llm, [packs[p] for p in names]))
            context = rows[[names.index(prompts[k]) for k in part]]
            noise = torch.stack([torch.randn(4, side, side, generator=torch.Generator().manual_seed(seeds[k])) for k in part])
            predict = guided(self.trainee.unet, context, rows[names.index("")].expand_as(context), scale)
            pixels = self.vae.decode(SAMPLERS[sampler](self.schedule, predict, noise, steps) / self.scaling).float()
            for k, x in zip(part, ((pixels.clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1):
                out[k] = x
        return torch.stack(out)

    @torch.no_grad()
    def rank(self, prompt, pictures):
        """-> scores (N,), higher is better."""
        net, words = self.ranker
        ids, mask = clip.tokens(words, [prompt])
        return net.scores(net.image_features(clip.normalised(pictures)), net.text_features(ids, mask))[:, 0]


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def load_painter(folder: pathlib.Path, chat=None):
    """An exported folder. chat: the chat model's folder, when the painter was exported without CPM-Bee."""
    part = lambda state, prefix: {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}
    state = {k: v.float() for k, v in load_file(folder / "paint.safetensors").items()}
    if any(k.startswith("llm.") for k in state):
        llm = CpmBee(read_json(folder / "config.json")["cpm_bee"])
        llm.load_state_dict(part(state, "llm."))
    elif chat:
        llm = text.load_llm(chat)
    else:
        raise SystemExit(f"{folder} holds no llm.* weights: name the chat model's folder with --chat")
    llm.requires_grad_(False)
    trainee = Trainee(read_json(folder / "unet" / "config.json"), llm.config["dim_model"])
    trainee.load_state_dict({k: v for k, v in state.items() if not k.startswith("llm.")})
    config = read_json(folder / "vae" / "config.json")
    vae = AutoencoderKL(config)
    vae.load_state_dict({k: v.float() for k, v in load_file(folder / "vae" / "diffusion_pytorch_model.safetensors").items()})
    painter = Painter(llm.eval(), Tokenizer(folder / "bee.txt"), trainee.eval().requires_grad_(False), vae.eval(), config["scaling_factor"])
    ranker = folder / "chinese-clip"
    c = read_json(ranker / "config.json")
    net = clip.ChineseCLIPModel(c["text_config"], c["vision_config"], c["projection_dim"])
    net.load_state_dict({k: v.float() for k, v in load_file(ranker / "model.safetensors").items()})
    painter.ranker = net.eval().requires_grad_(False), WordPiece(ranker / "vocab.txt")
    return painter
