"""UNet2DConditionModel with what Stable Diffusion 2.1's configuration uses; names as in diffusers."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from .resnet import Downsample2D, ResnetBlock2D, Upsample2D
from .transformer import Transformer2DModel


def small(channels=(64, 128, 160, 128), layers=1, context=128):
    """The painter's configuration: heads 32 wide, attention to the text on every level but the coarsest, as in SD 2.1."""
    n = len(channels)
    return dict(in_channels=4, out_channels=4, sample_size=16, block_out_channels=list(channels), layers_per_block=layers,
                attention_head_dim=[c // 32 for c in channels], cross_attention_dim=context, norm_num_groups=16, norm_eps=1e-5,
                down_block_types=["CrossAttnDownBlock2D"] * (n - 1) + ["DownBlock2D"],
                up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * (n - 1),
                flip_sin_to_cos=True, freq_shift=0, use_linear_projection=True)


class TimestepEmbedding(nn.Module):
    def __init__(self, dim_in, dim):
        super().__init__()
        self.linear_1, self.linear_2 = nn.Linear(dim_in, dim), nn.Linear(dim, dim)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


def waves(t, dim, flip, shift):
    """t (B,) -> (B, dim): cosines then sines (flip) of t at frequencies from 1 down to 1/10000."""
    half = dim // 2
    freq = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32, device=t.device) / (half - shift))
    angle = t.float()[:, None] * freq
    return torch.cat([angle.cos(), angle.sin()] if flip else [angle.sin(), angle.cos()], 1)


class Down(nn.Module):
    """One level on the way down; gives the output and every state for the skip connections."""

    def __init__(self, kind, c_in, c_out, c, heads, time, last):
        super().__init__()
        g, eps = c["norm_num_groups"], c["norm_eps"]
        n = c["layers_per_block"]
        self.resnets = nn.ModuleList(ResnetBlock2D(c_in if k == 0 else c_out, c_out, g, eps, time) for k in range(n))
        self.cross = kind == "CrossAttnDownBlock2D"
        if self.cross:
            self.attentions = nn.ModuleList(Transformer2DModel(c_out, heads, c["cross_attention_dim"], g) for _ in range(n))
        self.last = last
        if not last:
            self.downsamplers = nn.ModuleList([Downsample2D(c_out)])

    def forward(self, x, time, context):
        states = []
        for k, r in enumerate(self.resnets):
            x = r(x, time)
            if self.cross:
                x = self.attentions[k](x, context)
            states.append(x)
        if not self.last:
            x = self.downsamplers[0](x)
            states.append(x)
        return x, states


class Middle(nn.Module):
    """UNetMidBlock2DCrossAttn."""

    def __init__(self, channels, c, heads, time):
        super().__init__()
        g, eps = c["norm_num_groups"], c["norm_eps"]
        self.attentions = nn.ModuleList([Transformer2DModel(channels, heads, c["cross_attention_dim"], g)])
        self.resnets = nn.ModuleList(ResnetBlock2D(channels, channels, g, eps, time) for _ in range(2))

    def forward(self, x, time, context):
        return self.resnets[1](self.attentions[0](self.resnets[0](x, time), context), time)


class Up(nn.Module):
    """One level on the way up. skips: list of states, used from its end."""

    def __init__(self, kind, c_before, c_out, c_skip, c, heads, time, last):
        super().__init__()
        g, eps = c["norm_num_groups"], c["norm_eps"]
        n = c["layers_per_block"] + 1
        self.resnets = nn.ModuleList(
            ResnetBlock2D((c_before if k == 0 else c_out) + (c_skip if k == n - 1 else c_out), c_out, g, eps, time) for k in range(n))
        self.cross = kind == "CrossAttnUpBlock2D"
        if self.cross:
            self.attentions = nn.ModuleList(Transformer2DModel(c_out, heads, c["cross_attention_dim"], g) for _ in range(n))
        self.last = last
        if not last:
            self.upsamplers = nn.ModuleList([Upsample2D(c_out)])

    def forward(self, x, skips, time, context):
        for k, r in enumerate(self.resnets):
            x = r(torch.cat([x, skips.pop()], 1), time)
            if self.cross:
                x = self.attentions[k](x, context)
        if not self.last:
            x = self.upsamplers[0](x, tuple(skips[-1].shape[2:]))  # odd sizes: that of the skip connection
        return x


class UNet2DConditionModel(nn.Module):
    """latents (B, 4, H, W), timestep (B,), context (B, L, cross_attention_dim) -> noise (B, 4, H, W)."""

    def __init__(self, config):
        super().__init__()
        c = self.config = config
        if not c.get("use_linear_projection"):
            raise ValueError("use_linear_projection: only true is supported")
        sizes, n = c["block_out_channels"], len(c["block_out_channels"])
        heads = c["attention_head_dim"]  # the NUMBER of heads: diffusers' name is a historical mistake
        time = 4 * sizes[0]
        self.conv_in = nn.Conv2d(c["in_channels"], sizes[0], 3, padding=1)
        self.time_embedding = TimestepEmbedding(sizes[0], time)
        self.down_blocks = nn.ModuleList(
            Down(kind, sizes[max(0, k - 1)], sizes[k], c, heads[k], time, k == n - 1) for k, kind in enumerate(c["down_block_types"]))
        self.mid_block = Middle(sizes[-1], c, heads[-1], time)
        back = sizes[::-1]
        self.up_blocks = nn.ModuleList(
            Up(kind, back[max(0, k - 1)], back[k], back[min(k + 1, n - 1)], c, heads[::-1][k], time, k == n - 1)
            for k, kind in enumerate(c["up_block_types"]))
        self.conv_norm_out = nn.GroupNorm(c["norm_num_groups"], sizes[0], c["norm_eps"])
        self.conv_out = nn.Conv2d(sizes[0], c["out_channels"], 3, padding=1)

    def forward(self, latents, timestep, context):
        c = self.config
        t = timestep.expand(len(latents)) if timestep.dim() else timestep[None].expand(len(latents))
        time = self.time_embedding(waves(t, c["block_out_channels"][0], c["flip_sin_to_cos"], c["freq_shift"]))
        x = self.conv_in(latents)
        skips = [x]
        for b in self.down_blocks:
            x, states = b(x, time, context)
            skips += states
        x = self.mid_block(x, time, context)
        for b in self.up_blocks:
            x = b(x, skips, time, context)
        return self.conv_out(F.silu(self.conv_norm_out(x))).float()

    @torch.no_grad()
    def quiet_start(self):
        """Every block begins as the identity and the output as zero: learning starts sooner."""
        ends = [self.conv_out]
        for m in self.modules():
            if isinstance(m, ResnetBlock2D):
                ends.append(m.conv2)
            elif isinstance(m, Transformer2DModel):
                ends.append(m.proj_out)
        for m in ends:
            m.weight.zero_()
            m.bias.zero_()
