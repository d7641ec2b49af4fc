"""ChineseCLIPModel: BERT reads the prompt, a ViT the picture; names as in transformers."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from .transformer import attention

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
TEXT = dict(vocab_size=0, hidden_size=128, num_hidden_layers=3, num_attention_heads=4, intermediate_size=384,
            max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, hidden_act="gelu")
VISION = dict(hidden_size=160, num_hidden_layers=5, num_attention_heads=5, intermediate_size=480, patch_size=8, image_size=64,
              num_channels=3, layer_norm_eps=1e-5, hidden_act="quick_gelu")
PROJECTION = 128


class Holder(nn.Module):
    """A node of transformers' tree of names."""

    def __init__(self, **parts):
        super().__init__()
        for k, v in parts.items():
            setattr(self, k, v)


def attend(q, k, v, heads, mask=None):
    """mask: what is added to the scores."""
    split = lambda t: t.unflatten(2, (heads, -1)).transpose(1, 2)
    return attention(split(q), split(k), split(v), mask).transpose(1, 2).flatten(2)


class TextLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, inner, eps = c["hidden_size"], c["intermediate_size"], c["layer_norm_eps"]
        self.heads = c["num_attention_heads"]
        self.attention = Holder(output=Holder(LayerNorm=nn.LayerNorm(d, eps), dense=nn.Linear(d, d)))
        self.attention.add_module("self", Holder(query=nn.Linear(d, d), key=nn.Linear(d, d), value=nn.Linear(d, d)))
        self.intermediate = Holder(dense=nn.Linear(d, inner))
        self.output = Holder(LayerNorm=nn.LayerNorm(d, eps), dense=nn.Linear(inner, d))

    def forward(self, x, mask):
        a = self.attention._modules["self"]
        o = attend(a.query(x), a.key(x), a.value(x), self.heads, mask)
        x = self.attention.output.LayerNorm(x + self.attention.output.dense(o))
        return self.output.LayerNorm(x + self.output.dense(F.gelu(self.intermediate.dense(x))))


class TextModel(nn.Module):
    """ids (B, L), mask bool (B, L) -> states (B, L, d)."""

    def __init__(self, c):
        super().__init__()
        d = c["hidden_size"]
        self.embeddings = Holder(word_embeddings=nn.Embedding(c["vocab_size"], d), position_embeddings=nn.Embedding(c["max_position_embeddings"], d),
                                 token_type_embeddings=nn.Embedding(c["type_vocab_size"], d), LayerNorm=nn.LayerNorm(d, c["layer_norm_eps"]))
        for m in (self.embeddings.word_embeddings, self.embeddings.position_embeddings, self.embeddings.token_type_embeddings):
            nn.init.normal_(m.weight, std=0.02)
        self.encoder = Holder(layer=nn.ModuleList(TextLayer(c) for _ in range(c["num_hidden_layers"])))

    def forward(self, ids, mask):
        e = self.embeddings
        x = e.LayerNorm(e.word_embeddings(ids) + e.position_embeddings.weight[:ids.shape[1]] + e.token_type_embeddings.weight[0])
        hide = torch.where(mask, 0.0, -1e4)[:, None, None, :]
        for layer in self.encoder.layer:
            x = layer(x, hide)
        return x


class VisionLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d, inner, eps = c["hidden_size"], c["intermediate_size"], c["layer_norm_eps"]
        self.heads = c["num_attention_heads"]
        self.self_attn = Holder(q_proj=nn.Linear(d, d), k_proj=nn.Linear(d, d), v_proj=nn.Linear(d, d), out_proj=nn.Linear(d, d))
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(d, eps), nn.LayerNorm(d, eps)
        self.mlp = Holder(fc1=nn.Linear(d, inner), fc2=nn.Linear(inner, d))

    def forward(self, x):
        a, h = self.self_attn, self.layer_norm1(x)
        x = x + a.out_proj(attend(a.q_proj(h), a.k_proj(h), a.v_proj(h), self.heads))
        h = self.mlp.fc1(self.layer_norm2(x))
        return x + self.mlp.fc2(h * torch.sigmoid(1.702 * h))


class VisionModel(nn.Module):
    """pixels (B, 3, S, S), normalised -> states of the class token and the patches (B, 1 + P, d), before post_layernorm."""

    def __init__(self, c):
        super().__init__()
        d, n = c["hidden_size"], (c["image_size"] // c["patch_size"]) ** 2
        self.embeddings = Holder(patch_embedding=nn.Conv2d(3, d, c["patch_size"], c["patch_size"], bias=False),
                                 position_embedding=nn.Embedding(n + 1, d))
        self.embeddings.class_embedding = nn.Parameter(torch.randn(d) * 0.02)
        nn.init.normal_(self.embeddings.position_embedding.weight, std=0.02)
        self.pre_layrnorm, self.post_layernorm = (nn.LayerNorm(d, c["layer_norm_eps"]) for _ in range(2))
        self.encoder = Holder(layers=nn.ModuleList(VisionLayer(c) for _ in range(c["num_hidden_layers"])))

    def forward(self, pixels):
        e = self.embeddings
        x = e.patch_embedding(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([e.class_embedding.expand(len(x), 1, -1).to(x.dtype), x], 1) + e.position_embedding.weight
        x = self.pre_layrnorm(x)
        for layer in self.encoder.layers:
            x = layer(x)
        return x


class ChineseCLIPModel(nn.Module):
    def __init__(self, text, vision=VISION, projection=PROJECTION):
        super().__init__()
        self.text_config, self.vision_config, self.projection = text, vision, projection
        self.text_model, self.vision_model = TextModel(text), VisionModel(vision)
        self.text_projection = nn.Linear(text["hidden_size"], projection, bias=False)
        self.visual_projection = nn.Linear(vision["hidden_size"], projection, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(2.6592))

    def text_features(self, ids, mask):
        return self.text_projection(self.text_model(ids, mask)[:, 0])

    def pooled(self, pixels):
        return self.vision_model.post_layernorm(self.vision_model(pixels)[:, 0])

    def image_features(self, pixels):
        return self.visual_projection(self.pooled(pixels))

    def scores(self, images, texts):
        """Features (N, P), (M, P) -> logits per image (N, M)."""
        return self.logit_scale.exp() * F.normalize(images.float(), dim=-1) @ F.normalize(texts.float(), dim=-1).T


def tokens(tokenizer, prompts):
    """-> ids (B, L) and mask (B, L), padded to the longest."""
    rows = [tokenizer.encode(p) for p in prompts]
    L = max(map(len, rows))
    ids = torch.tensor([r + [tokenizer.pad] * (L - len(r)) for r in rows])
    return ids, torch.tensor([[k < len(r) for k in range(L)] for r in rows])


def normalised(pixels):
    """Pixels in -1..1 -> as preprocessor_config.json says."""
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((pixels + 1) / 2 - mean) / std
