"""Check the painter's modules against recorded runs of diffusers, transformers and upstream: --goldens DIR."""
import argparse
import json
import pathlib

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from cpmbee import CpmBee
from tokenizer import Tokenizer

from .clip import MEAN, STD, ChineseCLIPModel
from .diffusion import SAMPLERS, Schedule
from .text import TransBlock, packed, states
from .unet import UNet2DConditionModel
from .vae import AutoencoderKL
from .wordpiece import WordPiece


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def part(state, prefix):
    return {k[len(prefix):]: v for k, v in state.items() if k.startswith(prefix)}


def worst(pairs):
    return max((a.float() - b.float()).abs().max().item() for a, b in pairs)


def check_unet(root):
    net = UNet2DConditionModel(read(root / "unet" / "model" / "config.json"))
    net.load_state_dict(load_file(root / "unet" / "model" / "diffusion_pytorch_model.safetensors"))
    g, index = load_file(root / "unet" / "cases.safetensors"), read(root / "unet" / "index.json")
    pairs = []
    for case in index["cases"]:
        i = part(g, case["name"] + "/")
        pairs.append((net(i["sample"], i["timestep"], i["encoder_hidden_states"]), i["out"]))
    print(f"unet: {len(pairs)} cases, worst difference {worst(pairs):.1e}")
    assert worst(pairs) < 5e-5


def check_vae(root):
    folder = root / "vae" / "model_new_keys"
    net = AutoencoderKL(read(folder / "config.json"))
    net.load_state_dict(load_file(folder / "diffusion_pytorch_model.safetensors"))
    g, pairs = load_file(root / "vae" / "cases.safetensors"), []
    for case in read(root / "vae" / "index.json")["cases"]:
        i = part(g, case["name"] + "/")
        if "pixels" in i:
            mean, logvar = net.encode(i["pixels"])
            pairs += [(mean, i["mean"]), (logvar, i["logvar"])]
            noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(case["sample_generator_seed"]))
            pairs.append((mean + (0.5 * logvar).exp() * noise, i["sample"]))
        pairs.append((net.decode(i["latents_scaled"] / 0.18215), i["decoded"]))
    print(f"vae: worst difference {worst(pairs):.1e}")
    assert worst(pairs) < 5e-5
    pixels = i["decoded"]  # standardise() must not change what a picture decodes to
    pixels = pixels[:, :, :32, :32]
    before, _ = net.encode(pixels)
    picture = net.decode(before)
    net.standardise(torch.tensor([0.3, -0.2, 0.1, 0.7]), torch.tensor([0.5, 2.0, 1.5, 0.8]))
    assert worst([(net.decode(net.encode(pixels)[0]), picture)]) < 1e-4


def check_clip(root):
    folder = root / "reranker" / "model"
    c = read(folder / "config.json")
    net = ChineseCLIPModel(c["text_config"], c["vision_config"], c["projection_dim"])
    net.load_state_dict(load_file(folder / "model.safetensors"))
    tok, same = WordPiece(folder / "vocab.txt"), 0
    for line in (root / "reranker" / "tokenizer.jsonl").read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        case = json.loads(line)
        assert tok.encode(case["text"]) == case["input_ids"], case["text"]
        same += 1
    g, pairs, logits = load_file(root / "reranker" / "cases.safetensors"), [], []
    unit = lambda x: x / x.norm(dim=-1, keepdim=True)
    for case in read(root / "reranker" / "index.json")["sets"]:
        i = part(g, f"set{case['index']:02d}/")
        pixels = torch.stack([picture(root / "reranker" / f) for f in case["images"]])
        images, texts = net.image_features(pixels), net.text_features(i["input_ids"], i["attention_mask"].bool())
        pairs += [(unit(images), i["image_embeds"]), (unit(texts), i["text_embeds"])]
        scores = net.scores(images, texts)
        logits.append((scores, i["logits_per_image"]))
        assert scores.diagonal().argmax().item() == case["chosen"]
    print(f"clip: {same} strings equal, features {worst(pairs):.1e}, scores {worst(logits):.1e}, choices equal")
    assert worst(pairs) < 1e-4 and worst(logits) < 5e-3


def picture(path):
    x = np.asarray(Image.open(path).convert("RGB").resize((224, 224), Image.BICUBIC), np.float32) / 255
    return torch.from_numpy((x - np.float32(MEAN)) / np.float32(STD)).permute(2, 0, 1)


def check_paint(root):
    """Packing, CPM-Bee's states with padding, trans_block and the first guided step."""
    root = root / "paint"
    state = torch.load(root / "viscpm_paint_tiny.pt", weights_only=True)
    llm = CpmBee(read(next((root / "config").glob("*.json"))))
    llm.load_state_dict(part(state, "llm."))
    unet = UNet2DConditionModel(read(root / "unet" / "config.json"))
    unet.load_state_dict(part(state, "unet."))
    trans = TransBlock(64, 32)
    trans.load_state_dict(part(state, "trans_block."))
    tok = Tokenizer(root / "tokenizer" / "vocabs" / "bee.txt")
    hidden, context, noise, n = [], [], [], 0
    for case in read(root / "index.json")["cases"]:
        path = root / f"{case['name']}.safetensors"
        if not path.exists() or case.get("scheduler") or "checkpoint" in case["name"]:
            continue
        g = load_file(path)
        if "cond/input_ids" not in g:
            continue
        packs = [packed(tok, case.get("negative_prompt", "")), packed(tok, case["prompt"])]
        for p, side in zip(packs, ("uncond", "cond")):
            assert p["ids"] == g[f"{side}/input_ids"][0, :len(p["ids"])].tolist(), case["name"]
        h = states(llm, packs)
        hidden += [(h[:1], g["uncond_text_hidden_states"]), (h[1:], g["text_hidden_states"])]
        c = trans(h)
        context += [(c[0], g["encoder_hidden_states"][0]), (c[1], g["encoder_hidden_states"][-1])]
        before = g["initial_latents"]
        raw = unet(torch.cat([before, before]), torch.tensor(case["timesteps"][0]), c.repeat_interleave(len(before), 0))
        u, t = raw.chunk(2)
        want = g["step00/noise_pred"]
        noise.append(((u + case["guidance_scale"] * (t - u)) / want.abs().max(), want / want.abs().max()))
        n += 1
    print(f"paint: {n} cases, hidden states {worst(hidden):.1e}, context {worst(context):.1e}, noise {worst(noise):.1e}")
    assert n > 5 and worst(hidden) < 1e-4 and worst(context) < 1e-4 and worst(noise) < 5e-4


def check_samplers(root):
    """Whole trajectories' ends on the recorded synthetic model."""
    g = load_file(root / "schedulers" / "schedulers_0.15.0.safetensors")
    x, bump = g["common/x_init"], g["common/B"]
    model = lambda x, t: 0.3 * x + 0.25 * torch.sin(torch.tensor(0.01 * t, dtype=torch.float32)) * bump
    for name, steps in (("ddim_eta0", 20), ("dpmpp_2m", 4), ("dpmpp_2m", 20)):
        want = g[f"{name}/{steps}/traj"]
        got = SAMPLERS[name.replace("_eta0", "")](Schedule(), model, x, steps)
        error = (got - want[-1]).abs().max().item() / want.abs().max().item()
        print(f"{name}, {steps} steps: relative difference {error:.1e}")
        assert error < 1e-3


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--goldens", type=pathlib.Path, required=True)
    goldens = ap.parse_args().goldens
    torch.set_num_threads(1)
    with torch.no_grad():
        check_unet(goldens)
        check_vae(goldens)
        check_clip(goldens)
        check_paint(goldens)
        check_samplers(goldens)
