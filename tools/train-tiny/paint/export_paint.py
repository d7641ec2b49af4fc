"""Write the painter's folder in upstream's layout, fp16:

paint.safetensors (llm.*, unet.*, trans_block.*) · config.json · bee.txt · generation_config.json · unet/config.json ·
scheduler/scheduler_config.json · vae/ (diffusers, and preview_factors.json) · chinese-clip/ (transformers) · SHA256SUMS.
"""
import argparse
import hashlib
import json
import pathlib
import random
import shutil

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from . import clip, loop, style, subjects
from .diffusion import CONFIG as SCHEDULER
from .text import fingerprint, load_llm, vocabulary
from .train_clip import load_clip
from .train_vae import load_vae

LIMIT = 45e6
VERSION = "0.15.0"
NAME = "viscpm-tiny"
GUIDANCE = 4.0


def half(state):
    out = {k: v.detach().half().contiguous() for k, v in state.items()}
    bad = [k for k, v in out.items() if not torch.isfinite(v).all()]
    if bad:
        raise SystemExit(f"does not fit fp16: {bad}")
    return out


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_tensors(path, state):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(half(state), path, metadata={"format": "pt"})
    path.chmod(0o644)
    return path.stat().st_size


def unet_config(c):
    return {"_class_name": "UNet2DConditionModel", "_diffusers_version": VERSION, "act_fn": "silu", "center_input_sample": False,
            "downsample_padding": 1, "dual_cross_attention": False, "mid_block_scale_factor": 1, "only_cross_attention": False, **c}


def vae_config(c):
    n = len(c["block_out_channels"])
    return {"_class_name": "AutoencoderKL", "_diffusers_version": VERSION, "act_fn": "silu", "down_block_types": ["DownEncoderBlock2D"] * n,
            "up_block_types": ["UpDecoderBlock2D"] * n, "scaling_factor": 1.0, **c}


@torch.no_grad()
def preview_factors(vae, drawings, n=512):
    """The colours (-1..1) of a latent's pixels as a sum over its channels, by least squares: for previews while painting."""
    maker, rng = subjects.Subjects(drawings, subjects.held_out(drawings)), random.Random(5)
    pixels = drawings.pictures([maker.scene(rng) for _ in range(n)])
    latents = torch.cat([vae.encode(p)[0] for p in pixels.split(32)])
    seen = F.avg_pool2d(pixels, pixels.shape[3] // latents.shape[3]).permute(0, 2, 3, 1).reshape(-1, 3)
    known = F.pad(latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1]), (0, 1), value=1)
    rows = [[round(v, 4) for v in row] for row in torch.linalg.lstsq(known, seen).solution.tolist()]
    return dict(factors=rows[:-1], bias=rows[-1])


def write_clip(folder, net, vocab):
    size = net.vision_config["image_size"]
    write_json(folder / "config.json", {
        "architectures": ["ChineseCLIPModel"], "model_type": "chinese_clip", "torch_dtype": "float16", "languages": ["zh", "en"],
        "projection_dim": net.projection, "logit_scale_init_value": 2.6592,
        "text_config": {"model_type": "chinese_clip_text_model", "pad_token_id": 0, "position_embedding_type": "absolute", **net.text_config},
        "vision_config": {"model_type": "chinese_clip_vision_model", "projection_dim": net.projection, **net.vision_config}})
    write_json(folder / "preprocessor_config.json", {
        "image_processor_type": "ChineseCLIPImageProcessor", "do_convert_rgb": True, "do_resize": True, "size": {"height": size, "width": size},
        "resample": 3, "do_center_crop": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": list(clip.MEAN), "image_std": list(clip.STD)})
    write_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True, "cls_token": "[CLS]",
        "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]", "model_max_length": net.text_config["max_position_embeddings"]})
    shutil.copyfile(vocab, folder / "vocab.txt")
    return write_tensors(folder / "model.safetensors", net.state_dict())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=loop.HERE / ".work")
    ap.add_argument("--llm", type=pathlib.Path, required=True, help="the one train_unet was given")
    ap.add_argument("--vocab", type=pathlib.Path, help="bee.txt, when it is not beside --llm")
    ap.add_argument("--chat", type=pathlib.Path, required=True, help="exported chat model: counted, and compared for --without-llm")
    ap.add_argument("--out", type=pathlib.Path, required=True)
    ap.add_argument("--unet", default="unet")
    ap.add_argument("--vae", default="vae")
    ap.add_argument("--clip", default="clip")
    ap.add_argument("--without-llm", action="store_true", help="leave CPM-Bee out (only when it is the chat model's, unchanged)")
    a = ap.parse_args()
    c = loop.load(a.work / f"{a.unet}.pt")
    llm = load_llm(a.llm)
    if fingerprint(llm) != c["extra"]["llm"]:
        raise SystemExit(f"{a.unet}.pt was trained with another CPM-Bee ({c['extra']['llm']}) than {a.llm} ({fingerprint(llm)}): name that one, "
                         "or go on training with train_unet --start")
    if a.without_llm and fingerprint(llm) != fingerprint(load_llm(a.chat)):
        raise SystemExit(f"--without-llm: this painter's CPM-Bee is not that of {a.chat}")
    state = dict(c["ema"])
    if not a.without_llm:
        state.update({f"llm.{k}": v for k, v in llm.state_dict().items()})
    sizes = {"paint.safetensors": write_tensors(a.out / "paint.safetensors", state)}
    write_json(a.out / "config.json", {"model_type": "viscpm-paint", "name": NAME, "cpm_bee": c["extra"]["cpm_bee"]})
    shutil.copyfile(vocabulary(a.llm, a.vocab), a.out / "bee.txt")
    write_json(a.out / "unet" / "config.json", unet_config(c["extra"]["config"]))
    write_json(a.out / "scheduler" / "scheduler_config.json", {"_class_name": "DDPMScheduler", "_diffusers_version": VERSION, **SCHEDULER})
    vae = load_vae(a.work / f"{a.vae}.pt")
    write_json(a.out / "generation_config.json", {"guidance_scale": GUIDANCE})
    write_json(a.out / "vae" / "config.json", vae_config(vae.config))
    write_json(a.out / "vae" / "preview_factors.json", preview_factors(vae, style.Drawings(a.work)))
    sizes["vae"] = write_tensors(a.out / "vae" / "diffusion_pytorch_model.safetensors", vae.state_dict())
    sizes["chinese-clip"] = write_clip(a.out / "chinese-clip", load_clip(a.work / f"{a.clip}.pt"), a.work / f"{a.clip}-vocab.txt")
    files = sorted(f for f in a.out.rglob("*") if f.is_file() and f.name != "SHA256SUMS")
    (a.out / "SHA256SUMS").write_text("".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.relative_to(a.out)}\n" for f in files), encoding="utf-8")
    sizes["chat model"] = (a.chat / "model.safetensors").stat().st_size
    for part in ("llm", "unet", "trans_block"):
        print(f"{part}: {sum(v.numel() for k, v in state.items() if k.startswith(part + '.')) / 1e6:.2f} M values")
    for name, size in sizes.items():
        print(f"{name}: {size / 1e6:.2f} MB")
    total = sum(sizes.values())
    print(f"all weights of the embedded model: {total / 1e6:.2f} MB of {LIMIT / 1e6:g}")
    if total > LIMIT:
        raise SystemExit("too large: fewer --channels, or --without-llm")


if __name__ == "__main__":
    main()
