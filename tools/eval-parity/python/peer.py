"""What public packages say of random features, and of pictures by an InceptionV3 of random weights.

    pip install --no-deps pytorch-fid==0.3.0 clean-fid==0.1.35 torch-fidelity==0.4.0
    pip install numpy scipy pillow torch

Writes into a folder: features, statistics as pytorch-fid saves them, pictures, weights, and peer.json with every figure.
"""

import argparse
import json
import os

import numpy as np

import shims

blocks = shims.install()
import torch  # noqa: E402
from cleanfid import fid as clean  # noqa: E402
from cleanfid.resize import build_resizer  # noqa: E402
from PIL import Image  # noqa: E402
from pytorch_fid import fid_score, inception  # noqa: E402


def uniform(name, count):
    """Numbers from 0 to below 1 that a name decides: 32-bit mixing, so that other languages make the same."""
    with np.errstate(over="ignore"):
        seed = np.uint32(2166136261)
        for byte in name.encode():
            seed = np.uint32((seed ^ np.uint32(byte)) * np.uint32(16777619))
        a = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + seed
        a = (a ^ (a >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        a = (a ^ (a >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        a ^= a >> np.uint32(16)
    return a.astype(np.float64) / 2**32


def random_state(shapes):
    """Weights under which the values neither die out nor explode."""
    state = {}
    for key, shape in shapes.items():
        u = uniform(key, int(np.prod(shape)))
        if key.endswith("running_var") or key.endswith("bn.weight"):
            values = 0.5 + u
        elif key.endswith("conv.weight") or key == "fc.weight":
            values = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
        else:
            values = u - 0.5
        state[key] = torch.from_numpy(values.astype(np.float32).reshape(shape))
    return state


def picture(name, width, height):
    """Waves, edges and noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    noise = uniform(name, width * height * 3).reshape(height, width, 3)
    f = uniform(name + " waves", 6)
    waves = np.stack([127 + 90 * np.sin(x * f[c] + y * f[c + 3]) for c in range(3)], -1)
    waves[(x > width / 2) & (y > height / 3)] = (200, 30, 60)
    return np.clip(waves + 60 * (noise - 0.5), 0, 255).astype(np.uint8)


class Network:
    """pytorch-fid's InceptionV3 with random weights."""

    def __init__(self):
        shapes = {}

        def load(*_, **__):
            net = self.bare()
            shapes.update({k: tuple(v.shape) for k, v in net.state_dict().items() if "num_batches" not in k})
            self.state = random_state(shapes)
            tracked = {k: v for k, v in net.state_dict().items() if "num_batches" in k}
            return {**self.state, **tracked}

        inception.load_state_dict_from_url = load
        self.net = inception.InceptionV3([0, 1, 2, 3]).eval()

    @staticmethod
    def bare():
        kept, inception.load_state_dict_from_url = inception.load_state_dict_from_url, lambda *a, **k: None
        try:
            net = inception._inception_v3(num_classes=1008, aux_logits=False, weights=None)
        finally:
            inception.load_state_dict_from_url = kept
        return net

    @torch.no_grad()
    def of(self, images, mode):
        """-> {dim: [pictures, dim]}"""
        rows = []
        for image in images:
            if mode == "pytorch-fid":
                self.net.resize_input = self.net.normalize_input = True
                x = torch.from_numpy(image.transpose(2, 0, 1).astype(np.float32) / 255)
            else:
                self.net.resize_input = self.net.normalize_input = False
                resized = build_resizer("clean")(image).transpose(2, 0, 1)
                x = (torch.from_numpy(np.ascontiguousarray(resized)) - 128) / 128
            rows.append([torch.nn.functional.adaptive_avg_pool2d(b, 1)[0, :, 0, 0].numpy() for b in self.net(x[None])])
        return {int(col[0].shape[0]): np.stack(col) for col in zip(*rows)}


def frechet(a, b):
    return float(fid_score.calculate_frechet_distance(a.mean(0), np.cov(a, rowvar=False), b.mean(0), np.cov(b, rowvar=False)))


def features(name, rows, dim):
    """Positive and correlated, as a network's."""
    raw = uniform(name, rows * dim).reshape(rows, dim)
    mixing = uniform(name[0], dim * dim).reshape(dim, dim) ** 8
    return np.maximum(0, raw @ mixing / np.sqrt(dim) + 0.1 * raw).astype(np.float32)


CASES = {"64 features, 500 and 400": (500, 400, 64), "256 features, 1000 and 900": (1000, 900, 256),
         "256 features, 100 and 90: singular": (100, 90, 256), "192 features, 1000 and 50: one singular": (1000, 50, 192),
         "768 features, 1500 and 1200": (1500, 1200, 768), "2048 features, 3000 and 2500": (3000, 2500, 2048)}


def record(out, quick):
    cases = []
    for i, (name, (n, m, dim)) in enumerate(CASES.items()):
        if quick and dim > 256:
            continue
        a, b = features(f"a{i}", n, dim), features(f"b{i}", m, dim) * np.float32(1.1)
        np.save(os.path.join(out, f"{i}-a.npy"), a)
        np.save(os.path.join(out, f"{i}-b.npy"), np.asfortranarray(b))
        np.savez(os.path.join(out, f"{i}-b.npz"), mu=b.mean(0, dtype=np.float64), sigma=np.cov(b, rowvar=False))
        np.savez_compressed(os.path.join(out, f"{i}-a.npz"), mu=a.mean(0, dtype=np.float64), sigma=np.cov(a, rowvar=False))
        small = min(n, m, 400)
        cases.append({"name": name, "index": i, "dim": dim, "fid": frechet(a, b), "rows": small,
                      "kid": clean.kernel_distance(a[:small].astype(np.float64), b[:small].astype(np.float64), 1, small)})
        print(cases[-1], flush=True)
    network = Network()
    torch.save(network.state, os.path.join(out, "inception.pth"))
    sizes = [(299, 299), (64, 64), (512, 512), (640, 400), (97, 203), (256, 256)]
    images = [picture(f"picture {i}", *sizes[i % len(sizes)]) for i in range(4 if quick else 24)]
    for i, image in enumerate(images):
        Image.fromarray(image).save(os.path.join(out, f"picture-{i:02}.png"))
    modes = {}
    for mode in ("clean", "pytorch-fid"):
        found = network.of(images, mode)
        half = len(images) // 2
        modes[mode] = {"fid": frechet(found[2048][:half], found[2048][half:])}
        for dim, values in found.items():
            np.save(os.path.join(out, f"{mode}-{dim}.npy"), values)
        print(mode, modes[mode], flush=True)
    with open(os.path.join(out, "peer.json"), "w", encoding="utf-8") as file:
        json.dump({"blocks": blocks, "cases": cases, "pictures": len(images), "modes": modes}, file, indent=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help="folder")
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    record(args.out, args.quick)


if __name__ == "__main__":
    main()
