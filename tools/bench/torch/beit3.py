"""VisCPM's vision part (BEiT-3 tower, learned queries, mapping) in plain PyTorch, for timing."""

import math

import torch
import torch.nn.functional as F

FIRST_POSITION = 2


class Vision:
    def __init__(self, config, weights):
        self.config = config
        self.weights = weights

    def linear(self, key, x):
        return F.linear(x, self.weights[key + ".weight"], self.weights[key + ".bias"])

    def norm(self, key, x):
        return F.layer_norm(x, x.shape[-1:], self.weights[key + ".weight"], self.weights[key + ".bias"], 1e-5)

    def by_expert(self, layer, x, pictures, key, suffix=""):
        """`layer` with expert A's weights on the first rows (picture tokens) and B's on the rest (queries)."""
        parts = x.split([pictures, x.shape[1] - pictures], dim=1)
        return torch.cat([layer(f"{key}.{expert}{suffix}", part) for expert, part in zip("AB", parts)], dim=1)

    def feed_forward(self, key, x):
        hidden = self.norm(key + ".ffn_layernorm", F.gelu(self.linear(key + ".fc1", x)))
        return self.linear(key + ".fc2", hidden)

    def attention(self, key, x, pictures):
        batch, length, dim = x.shape
        heads, dim_head = self.config["heads"], dim // self.config["heads"]
        split = lambda y: y.view(batch, length, heads, dim_head).transpose(1, 2)
        q, k, v = (split(self.by_expert(self.linear, x, pictures, f"{key}.{n}_proj")) for n in "qkv")
        scores = torch.softmax((q / math.sqrt(dim_head)) @ k.transpose(-1, -2), dim=-1)
        merged = (scores @ v).transpose(1, 2).reshape(batch, length, dim)
        normed = self.by_expert(self.norm, merged, pictures, key + ".inner_attn_ln")
        return self.by_expert(self.linear, normed, pictures, key + ".out_proj")

    def encode(self, pixels):
        """pixels [batch, 3, side, side] -> [batch, queries, dimModel]."""
        w, at = self.weights, "vpm.beit3.encoder."
        patch = w["vpm.beit3.vision_embed.proj.weight"]
        batch, stride = pixels.shape[0], patch.shape[-1]
        patches = F.conv2d(pixels, patch, w["vpm.beit3.vision_embed.proj.bias"], stride=stride).flatten(2).transpose(1, 2)
        picture = torch.cat([w["vpm.beit3.vision_embed.cls_token"].expand(batch, -1, -1), patches], dim=1)
        query = w["query"][None].expand(batch, -1, -1)
        pictures, queries = picture.shape[1], query.shape[1]
        positions = lambda expert, rows: w[f"{at}embed_positions.{expert}.weight"][FIRST_POSITION : FIRST_POSITION + rows]
        x = torch.cat([picture + positions("A", pictures), query + positions("B", queries)], dim=1)
        for i in range(self.config["layers"]):
            key = f"{at}layers.{i}."
            normed = self.by_expert(self.norm, x, pictures, key + "self_attn_layer_norm")
            x = x + self.attention(key + "self_attn", normed, pictures)
            normed = self.by_expert(self.norm, x, pictures, key + "final_layer_norm")
            x = x + self.by_expert(self.feed_forward, normed, pictures, key + "ffn")
        x = self.by_expert(self.norm, x, pictures, at + "layer_norm")[:, pictures:]
        return self.linear("mapping.2", F.gelu(self.linear("mapping.0", x)))
