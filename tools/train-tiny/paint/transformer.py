"""Transformer2DModel: attention among the places of a level and from them to the text; names as in diffusers."""
import torch.nn as nn
import torch.nn.functional as F


def attention(q, k, v, mask=None):
    """(B, heads, N, d), (B, heads, L, d) twice -> (B, heads, N, d). Written out: torch's fused kernel is right too, but
    with its backward pass a training step on a CPU takes about a third more time."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(2, 3)
    return (scores if mask is None else scores + mask).softmax(-1).to(v.dtype) @ v


class Attention(nn.Module):
    """x (B, N, dim); context (B, L, context dim), or none for self-attention. No mask: padding is attended to."""

    def __init__(self, dim, heads, context=None):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(dim, dim, bias=False)
        self.to_k = nn.Linear(context or dim, dim, bias=False)
        self.to_v = nn.Linear(context or dim, dim, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(dim, dim)])

    def forward(self, x, context=None):
        context = x if context is None else context
        split = lambda t: t.unflatten(2, (self.heads, -1)).transpose(1, 2)
        o = attention(split(self.to_q(x)), split(self.to_k(context)), split(self.to_v(context)))
        return self.to_out[0](o.transpose(1, 2).flatten(2))


class GEGLU(nn.Module):
    def __init__(self, dim, inner):
        super().__init__()
        self.proj = nn.Linear(dim, 2 * inner)

    def forward(self, x):
        x, gate = self.proj(x).chunk(2, -1)
        return x * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.ModuleList([GEGLU(dim, 4 * dim), nn.Identity(), nn.Linear(4 * dim, dim)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class BasicTransformerBlock(nn.Module):
    def __init__(self, dim, heads, context):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(dim) for _ in range(3))
        self.attn1, self.attn2 = Attention(dim, heads), Attention(dim, heads, context)
        self.ff = FeedForward(dim)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class Transformer2DModel(nn.Module):
    """x (B, C, H, W), context (B, L, K) -> (B, C, H, W); linear projections around one block."""

    def __init__(self, channels, heads, context, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, 1e-6)
        self.proj_in = nn.Linear(channels, channels)
        self.transformer_blocks = nn.ModuleList([BasicTransformerBlock(channels, heads, context)])
        self.proj_out = nn.Linear(channels, channels)

    def forward(self, x, context):
        t = self.proj_in(self.norm(x).flatten(2).transpose(1, 2))
        t = self.proj_out(self.transformer_blocks[0](t, context))
        return x + t.transpose(1, 2).reshape(x.shape)
