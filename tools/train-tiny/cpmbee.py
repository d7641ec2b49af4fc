"""The language model: CPM-Bee. Names follow the upstream checkpoint (llm....).

Every Linear divides by sqrt(fan_in), residuals by 1.05; RMS norms; gated GELU; bias of relative
positions inside a segment and of the segments' places in the tree between segments.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Linear(nn.Module):
    def __init__(self, dim_in, dim_out, gain=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(dim_out, dim_in) * gain)
        self.scale = dim_in ** -0.5

    def forward(self, x):
        return F.linear(x, self.weight) * self.scale


class Norm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class Holder(nn.Module):
    def __init__(self, **parts):
        super().__init__()
        for k, v in parts.items():
            setattr(self, k, v)


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, h, hd, ff = c["dim_model"], c["num_heads"], c["dim_head"], c["dim_ff"]
        self.heads = h
        self.self_att = Holder(
            layernorm_before_attention=Norm(d, c["eps"]),
            self_attention=Holder(project_q=Linear(d, h * hd), project_k=Linear(d, h * hd),
                                  project_v=Linear(d, h * hd), attention_out=Linear(h * hd, d)))
        self.ffn = Holder(layernorm_before_ffn=Norm(d, c["eps"]),
                          ffn=Holder(w_in=Holder(w_0=Linear(d, ff), w_1=Linear(d, ff)), w_out=Linear(ff, d)))

    def forward(self, x, bias, past=None, tail=None):
        """x (B, T, d); bias (B, heads, T, K), very negative where masked; past: list [k, v] grown in
        place; tail: give only the last so many tokens."""
        at = self.self_att.self_attention
        n = self.self_att.layernorm_before_attention(x)
        split = lambda t: t.view(*t.shape[:2], self.heads, -1).transpose(1, 2)
        k, v = split(at.project_k(n)), split(at.project_v(n))
        if tail is not None:
            x, n, bias = x[:, -tail:], n[:, -tail:], bias[:, :, -tail:]
        q = split(at.project_q(n))
        if past is not None:
            if past:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            past[:] = [k, v]
        o = ((q @ k.transpose(2, 3)) * q.shape[-1] ** -0.5 + bias).softmax(-1).to(v.dtype) @ v
        x = (x + at.attention_out(o.transpose(1, 2).flatten(2))) / 1.05
        f = self.ffn.ffn
        n = self.ffn.layernorm_before_ffn(x)
        return (x + f.w_out(F.gelu(f.w_in.w_0(n)) * f.w_in.w_1(n))) / 1.05


def distance_bucket(rel, buckets, longest):
    """T5-like bucket of key - query."""
    half = buckets // 2
    out = (rel > 0).long() * half
    rel = rel.abs()
    exact = half // 2
    big = exact + (torch.log(rel.float().clamp_min(1) / exact) / math.log(longest / exact) * (half - exact)).to(torch.int32)
    return out + torch.where(rel < exact, rel, big.clamp_max(half - 1).long())


class CpmBee(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        d = c["dim_model"]
        self.encoder = Holder(layers=nn.ModuleList(Layer(c) for _ in range(c["num_layers"])),
                              output_layernorm=Norm(d, c["eps"]))
        self.input_embedding = Holder(weight=nn.Parameter(torch.randn(c["vocab_size"], d)))
        self.position_bias = Holder(relative_attention_bias=nn.Parameter(torch.randn(
            c["position_bias_num_buckets"] + c["position_bias_num_segment_buckets"], c["num_heads"]) * 0.2))

    def embed(self, ids, subs):
        """(B, T) -> (B, T, d): table / sqrt(d), turned by 16 * sub over the whole width (half split)."""
        d = self.config["dim_model"]
        x = F.embedding(ids, self.input_embedding.weight) / math.sqrt(d)
        if not subs.any():
            return x
        inv = 10000.0 ** (-torch.arange(0, d, 2).float() / d)
        angle = subs.float().unsqueeze(-1) * 16 * inv
        cos, sin = (torch.cat([f(angle)] * 2, -1) for f in (torch.cos, torch.sin))
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([-b, a], -1) * sin

    def bias(self, q_pos, k_pos, segment_bucket, mask):
        """q_pos (B, T), k_pos (B, K), segment_bucket (B, T, K), mask bool -> (B, heads, T, K)."""
        c = self.config
        n = c["position_bias_num_buckets"]
        near = distance_bucket(k_pos[:, None, :] - q_pos[:, :, None], n, c["position_bias_max_distance"])
        row = torch.where(segment_bucket == 0, near, segment_bucket - 1 + n)
        b = F.embedding(row, self.position_bias.relative_attention_bias).permute(0, 3, 1, 2)
        return b.masked_fill(~mask[:, None], -1e9)

    def run(self, x, bias, pasts=None, tail=None):
        last = len(self.encoder.layers) - 1
        for k, layer in enumerate(self.encoder.layers):
            if k == last:
                self.before_last = x  # for the pointer loss
            x = layer(x, bias, None if pasts is None else pasts[k], tail if k == last else None)
        return self.encoder.output_layernorm(x)

    def logits(self, hidden):
        return F.linear(hidden / math.sqrt(self.config["dim_model"]), self.input_embedding.weight)
