"""The picture tower: BEiT3 (two experts A = picture, B = queries; pre-LN with sub-LN; exact GELU).

Module names follow the upstream checkpoint (vpm.beit3...). Shapes: patches row-major after a cls
token, then the queries; full attention over both. Positions of both parts start at row 2.

fast=True runs the picture expert's attention as the nine-neighbour shifts it was initialised to
(see conv_init.py) instead of softmax: the same function at the start, about twice as fast; used
for the first part of training only.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Pair(nn.Module):
    """Two experts; A sees the first `split` tokens, B the rest."""

    def __init__(self, make):
        super().__init__()
        self.A, self.B = make(), make()

    def forward(self, x, split):
        if split >= x.shape[1]:
            return self.A(x)
        return torch.cat([self.A(x[:, :split]), self.B(x[:, split:])], 1)


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        lin = lambda: nn.Linear(dim, dim)
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (Pair(lin) for _ in range(4))
        self.inner_attn_ln = Pair(lambda: nn.LayerNorm(dim))
        self.shifts = None  # heads x (row, column), set by conv_init

    def _heads(self, x):
        b, t, d = x.shape
        return x.view(b, t, self.heads, d // self.heads).transpose(1, 2)

    def _shifted(self, v, grid):
        """v (B, heads, P, hd) of the patches -> each head's own neighbour, edges repeated."""
        b, h, p, c = v.shape
        if not hasattr(self, "_index") or self._index.shape[1] != p:
            r = torch.arange(grid)
            rows = [((r + dy).clamp(0, grid - 1)[:, None] * grid + (r + dx).clamp(0, grid - 1)[None])
                    for dy, dx in self.shifts]
            self._index = torch.stack(rows).view(h, p)
        return torch.stack([v[:, i].index_select(1, self._index[i]) for i in range(h)], 1)

    def forward(self, x, split, fast=False):
        b, t, d = x.shape
        if fast and split == t:  # no queries: the cls token is left alone too
            v = self._heads(self.v_proj.A(x))
            y = torch.cat([v[:, :, :1], self._shifted(v[:, :, 1:], round((split - 1) ** 0.5))], 2)
            return self.out_proj.A(self.inner_attn_ln.A(y.transpose(1, 2).reshape(b, t, d)))
        k, v = self.k_proj(x, split), self._heads(self.v_proj(x, split))
        if fast:
            grid = round((split - 1) ** 0.5)
            rest = torch.cat([x[:, :1], x[:, split:]], 1)
            q = self._heads(self.q_proj(rest, 1))
            w = (q @ self._heads(k).transpose(2, 3) * q.shape[-1] ** -0.5).softmax(-1)
            o = w.to(v.dtype) @ v
            patches = self._shifted(v[:, :, 1:split], grid)
            y = torch.cat([o[:, :, :1], patches, o[:, :, 1:]], 2)
        else:
            q = self._heads(self.q_proj(x, split))
            y = F.scaled_dot_product_attention(q, self._heads(k), v)
        y = y.transpose(1, 2).reshape(b, t, d)
        return self.out_proj(self.inner_attn_ln(y, split), split)


class FeedForward(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.ffn_layernorm = nn.LayerNorm(hidden)

    def forward(self, x):
        return self.fc2(self.ffn_layernorm(F.gelu(self.fc1(x))))


class Layer(nn.Module):
    def __init__(self, dim, heads, ratio):
        super().__init__()
        self.self_attn = Attention(dim, heads)
        self.self_attn_layer_norm = Pair(lambda: nn.LayerNorm(dim))
        self.ffn = Pair(lambda: FeedForward(dim, dim * ratio))
        self.final_layer_norm = Pair(lambda: nn.LayerNorm(dim))

    def forward(self, x, split, fast):
        x = x + self.self_attn(self.self_attn_layer_norm(x, split), split, fast)
        return x + self.ffn(self.final_layer_norm(x, split), split)


class _Table(nn.Module):
    def __init__(self, rows, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(rows, dim) * 0.02)


class _Positions(nn.Module):
    def __init__(self, a, b, dim):
        super().__init__()
        self.A, self.B = _Table(a, dim), _Table(b, dim)


class _VisionEmbed(nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.mask_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, pixels):
        """(B, 3, S, S) -> (B, 1 + patches, dim)."""
        p, c = self.proj.kernel_size[0], self.proj.weight.shape[0]
        b, _, s, _ = pixels.shape
        x = pixels.view(b, 3, s // p, p, s // p, p).permute(0, 2, 4, 1, 3, 5).reshape(b, -1, 3 * p * p)
        x = F.linear(x, self.proj.weight.view(c, -1), self.proj.bias)
        return torch.cat([self.cls_token.expand(b, -1, -1).to(x.dtype), x], 1)


class _Encoder(nn.Module):
    def __init__(self, c, patches):
        super().__init__()
        self.embed_positions = _Positions(patches + 3, c.get("query_positions", 1024), c["dim"])
        self.layers = nn.ModuleList(Layer(c["dim"], c["heads"], c["mlp_ratio"]) for _ in range(c["layers"]))
        self.layer_norm = Pair(lambda: nn.LayerNorm(c["dim"]))


class Beit3(nn.Module):
    def __init__(self, c):
        super().__init__()
        patches = (c["img_size"] // c["patch"]) ** 2
        self.text_embed = _Table(c["text_vocab"], c["dim"])
        self.vision_embed = _VisionEmbed(c["dim"], c["patch"])
        self.encoder = _Encoder(c, patches)

    def forward(self, pixels, query, fast=False):
        """pixels (B,3,S,S), query (Q,dim) or None -> all tokens (B, 1 + patches + Q, dim), normed."""
        x = self.vision_embed(pixels)
        split = x.shape[1]
        pos = self.encoder.embed_positions
        x = x + pos.A.weight[2:2 + split]
        if query is not None:
            q = query + pos.B.weight[2:2 + len(query)]
            x = torch.cat([x, q.expand(len(x), -1, -1).to(x.dtype)], 1)
        for layer in self.encoder.layers:
            x = layer(x, split, fast)
        return self.encoder.layer_norm(x, split)


class Vpm(nn.Module):
    """beit3 plus the masked-image head, which chat never uses but checkpoints carry."""

    def __init__(self, c):
        super().__init__()
        self.beit3 = Beit3(c)
        self.mim_head = nn.Linear(*c["mim_head"])
