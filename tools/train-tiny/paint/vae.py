"""AutoencoderKL: pictures to latents and back; names, order and options as in diffusers."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from .resnet import Downsample2D, ResnetBlock2D, Upsample2D
from .transformer import attention

CONFIG = dict(in_channels=3, out_channels=3, latent_channels=4, block_out_channels=[32, 64, 96], layers_per_block=1,
              norm_num_groups=8, sample_size=64)
EPS = 1e-6


class Attention(nn.Module):
    """Single-headed self-attention over all places."""

    def __init__(self, channels, groups):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, EPS)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        t = self.group_norm(x).flatten(2).transpose(1, 2)
        t = attention(self.to_q(t)[:, None], self.to_k(t)[:, None], self.to_v(t)[:, None])[:, 0]
        return x + self.to_out[0](t).transpose(1, 2).reshape(x.shape)


class Middle(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.attentions = nn.ModuleList([Attention(channels, groups)])
        self.resnets = nn.ModuleList(ResnetBlock2D(channels, channels, groups, EPS) for _ in range(2))

    def forward(self, x):
        return self.resnets[1](self.attentions[0](self.resnets[0](x)))


class Level(nn.Module):
    """Residual blocks of one size, then the change of size."""

    def __init__(self, c_in, c_out, groups, layers, change, name):
        super().__init__()
        self.resnets = nn.ModuleList(ResnetBlock2D(c_in if k == 0 else c_out, c_out, groups, EPS) for k in range(layers))
        if change:
            setattr(self, name, nn.ModuleList([change]))
        self.change = name if change else None

    def forward(self, x):
        for r in self.resnets:
            x = r(x)
        return getattr(self, self.change)[0](x) if self.change else x


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        sizes, g = c["block_out_channels"], c["norm_num_groups"]
        self.conv_in = nn.Conv2d(c["in_channels"], sizes[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(
            Level(sizes[max(0, k - 1)], s, g, c["layers_per_block"], Downsample2D(s, lopsided=True) if k < len(sizes) - 1 else None, "downsamplers")
            for k, s in enumerate(sizes))
        self.mid_block = Middle(sizes[-1], g)
        self.conv_norm_out = nn.GroupNorm(g, sizes[-1], EPS)
        self.conv_out = nn.Conv2d(sizes[-1], 2 * c["latent_channels"], 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for b in self.down_blocks:
            x = b(x)
        return self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        sizes, g = c["block_out_channels"][::-1], c["norm_num_groups"]
        self.conv_in = nn.Conv2d(c["latent_channels"], sizes[0], 3, padding=1)
        self.mid_block = Middle(sizes[0], g)
        self.up_blocks = nn.ModuleList(
            Level(sizes[max(0, k - 1)], s, g, c["layers_per_block"] + 1, Upsample2D(s) if k < len(sizes) - 1 else None, "upsamplers")
            for k, s in enumerate(sizes))
        self.conv_norm_out = nn.GroupNorm(g, sizes[-1], EPS)
        self.conv_out = nn.Conv2d(sizes[-1], c["out_channels"], 3, padding=1)

    def forward(self, z):
        x = self.mid_block(self.conv_in(z))
        for b in self.up_blocks:
            x = b(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class AutoencoderKL(nn.Module):
    """pixels (B, 3, H, W) in -1..1; latents (B, 4, H/f, W/f), f = 2 ** (levels - 1)."""

    def __init__(self, config=CONFIG):
        super().__init__()
        self.config, k = config, config["latent_channels"]
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.quant_conv, self.post_quant_conv = nn.Conv2d(2 * k, 2 * k, 1), nn.Conv2d(k, k, 1)

    def encode(self, pixels):
        """-> mean, log of the variance."""
        mean, logvar = self.quant_conv(self.encoder(pixels)).float().chunk(2, 1)
        return mean, logvar.clamp(-30, 20)

    def decode(self, latents):
        return self.decoder(self.post_quant_conv(latents))

    @torch.no_grad()
    def standardise(self, mean, std):
        """Folds a shift and a scale per latent channel into the 1 x 1 convolutions: afterwards latents that
        had this mean and deviation have 0 and 1, and decode to the same pictures."""
        k = len(mean)
        q, p = self.quant_conv, self.post_quant_conv
        q.weight[:k] /= std.view(-1, 1, 1, 1)
        q.bias[:k] = (q.bias[:k] - mean) / std
        q.bias[k:] -= 2 * std.log()
        p.bias += p.weight[:, :, 0, 0] @ mean
        p.weight *= std.view(1, -1, 1, 1)
