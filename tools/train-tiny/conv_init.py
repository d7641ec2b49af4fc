"""Start the tower as a convolutional net without changing its architecture.

The first CODE dims of the residual stream carry a position code (sines and cosines of row and
column, written by embed_positions.A and touched by nothing else at the start). In the picture
expert, k_proj reads the code and q_proj reads it turned by the shift of its head, so that head h
looks, softmax nearly one-hot, at the neighbour (dy, dx)_h: each block is then a dilated 3 x 3
convolution of rank head_dim followed by a 1 x 1 MLP. The queries' q_proj reads their own code (the
centre of their cell in a 4 x 4 grid) with less gain, so each pools its neighbourhood. Everything
stays trainable. (Our own construction; cf. "On the relationship between self-attention and
convolutional layers", Cordonnier et al. 2020.)
"""
import torch
import torch.nn as nn

FREQ = (0.20, 0.50, 1.0, 1.9)  # per patch step; two axes, sine and cosine: 16 dims
CODE = 4 * len(FREQ)
DILATIONS = (1, 1, 2, 2, 3, 3)  # per layer
AMP = 2.0  # amplitude of the code in the residual stream
RING = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1)]


def code(y, x):
    """Positions (N,) -> (N, CODE)."""
    parts = []
    for p in (y, x):
        for f in FREQ:
            parts += [torch.sin(f * p), torch.cos(f * p)]
    return torch.stack(parts, -1)


def turn(dy, dx):
    """Matrix R with R code(p) = code(p + (dy, dx))."""
    r = torch.zeros(CODE, CODE)
    k = 0
    for d in (dy, dx):
        for f in FREQ:
            c, s = torch.cos(torch.tensor(f * d)), torch.sin(torch.tensor(f * d))
            r[k:k + 2, k:k + 2] = torch.tensor([[c, s], [-s, c]])
            k += 2
    return r


def shifts(layer, heads, dilations):
    d = dilations[layer % len(dilations)]
    ring = [s for s in RING if s != ((0, 0) if layer % 2 else (1, 1))] if heads == 8 else RING
    return [(dy * d, dx * d) for dy, dx in (ring * heads)[:heads]]


@torch.no_grad()
def init(beit3, query, config, dilations=DILATIONS, gain=9.0):
    dim, heads = config["dim"], config["heads"]
    hd = dim // heads
    assert hd >= CODE or hd == CODE, "a head must hold the position code"
    g = config["img_size"] // config["patch"]
    for m in beit3.modules():
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, std=m.in_features ** -0.5)
            nn.init.zeros_(m.bias)
    enc = beit3.encoder
    yy, xx = torch.meshgrid(torch.arange(g).float(), torch.arange(g).float(), indexing="ij")
    pos = enc.embed_positions.A.weight
    pos.zero_()
    pos[3:, :CODE] = AMP * code(yy.flatten(), xx.flatten())
    n = len(query)
    side = round(n ** 0.5)
    c = (torch.arange(side).float() + 0.5) * g / side - 0.5
    qx, qy = torch.meshgrid(c, c, indexing="ij")  # columns first, see scenes.cell
    enc.embed_positions.B.weight.normal_(std=0.02)
    enc.embed_positions.B.weight[2:2 + n, :CODE] = AMP * code(qy.flatten(), qx.flatten())
    query.normal_(std=0.1)
    query[:, :CODE] = 0
    proj = beit3.vision_embed.proj
    nn.init.normal_(proj.weight, std=1.2 * proj.weight[0].numel() ** -0.5)
    nn.init.zeros_(proj.bias)
    proj.weight[:CODE] = 0
    # a layer norm over (code + content) shrinks both by the same sigma; assume sigma of the code alone
    unit = (dim / CODE) ** 0.5 * 2 ** 0.5  # amplitude 1 code after the norm ~ unit / sqrt(2)
    for k, layer in enumerate(enc.layers):
        at = layer.self_attn
        at.shifts = shifts(k, heads, dilations)
        for e in ("A", "B"):
            kp, qp = getattr(at.k_proj, e), getattr(at.q_proj, e)
            kp.weight.mul_(0.1)
            qp.weight.mul_(0.1)
            for m in (getattr(at.out_proj, e), getattr(layer.ffn, e).fc2):
                m.weight.mul_(0.5)
                m.weight[:CODE] = 0
            getattr(at.v_proj, e).weight[:, :CODE] *= 0.2
            getattr(layer.ffn, e).fc1.weight[:, :CODE] *= 0.2
            for h in range(heads):
                rows = slice(h * hd, h * hd + CODE)
                s = (gain * hd ** 0.5) ** 0.5 / unit * 2 ** 0.5
                if e == "A":
                    kp.weight[h * hd:(h + 1) * hd] = 0
                    qp.weight[h * hd:(h + 1) * hd] = 0
                    kp.weight[rows, :CODE] = s * torch.eye(CODE)
                    qp.weight[rows, :CODE] = s * turn(*at.shifts[h])
                else:  # a query looks around its cell; heads differ in width
                    qp.weight[rows, :CODE] += s * (0.06 if h % 2 else 0.3) * torch.eye(CODE)


def protect(beit3):
    """While attention runs as fixed shifts, keep its description (position code, picture q and k)
    untouched: hooks that zero the gradients which would drift it. Returns the hooks' handles."""
    handles = []

    def rows(p):
        handles.append(p.register_hook(lambda g: torch.cat([torch.zeros_like(g[:CODE]), g[CODE:]])))

    def none(p):
        handles.append(p.register_hook(torch.zeros_like))

    def columns(p):
        handles.append(p.register_hook(lambda g: torch.cat([torch.zeros_like(g[..., :CODE]), g[..., CODE:]], -1)))

    columns(beit3.encoder.embed_positions.A.weight)
    columns(beit3.vision_embed.cls_token)
    rows(beit3.vision_embed.proj.weight)
    rows(beit3.vision_embed.proj.bias)
    for layer in beit3.encoder.layers:
        at = layer.self_attn
        for m in (at.k_proj.A, at.q_proj.A):
            none(m.weight)
            none(m.bias)
        for m in (at.out_proj.A, layer.ffn.A.fc2):
            rows(m.weight)
            rows(m.bias)
        rows(layer.self_attn_layer_norm.A.weight)
        rows(layer.self_attn_layer_norm.A.bias)
    return handles


@torch.no_grad()
def anchor(beit3, query, pixels, amp=60.0, gain=9.0, was=AMP, loosen=None):
    """Before switching to softmax: make the position code loud enough to rule each layer norm.

    By then the content has grown far beyond the code, by different amounts per token, and softmax
    would follow the quiet tokens instead of the neighbours. So the code's amplitude goes from `was`
    to `amp`; norms and readers are rescaled so that everything else sees, on average, what it saw;
    picture q and k get the wanted sharpness; the queries' q is rescaled to the new keys. A little
    training in shift mode afterwards heals the rest. loosen: factors q and k already carry."""
    layers = beit3.encoder.layers
    split = (pixels.shape[-1] // beit3.vision_embed.proj.kernel_size[0]) ** 2 + 1
    sigma = {}

    def watch(key):
        def hook(mod, args):
            sigma[key] = args[0][:, 1:split].float().var(-1, unbiased=False).add(1e-5).sqrt().mean().item()
        return hook

    def measure():
        hooks = []
        for k, layer in enumerate(layers):
            hooks.append(layer.self_attn_layer_norm.register_forward_pre_hook(watch((k, 0))))
            hooks.append(layer.final_layer_norm.register_forward_pre_hook(watch((k, 1))))
        hooks.append(beit3.encoder.layer_norm.register_forward_pre_hook(watch("end")))
        beit3(pixels, query, True)
        for h in hooks:
            h.remove()
        return dict(sigma)

    old = measure()
    extra = (amp ** 2 - was ** 2) * CODE / 2 / query.shape[1]
    new = {k: (v * v + extra) ** 0.5 for k, v in old.items()}
    beit3.encoder.embed_positions.A.weight[:, :CODE] *= amp / was

    def rescale(norm, readers, key):
        norm.weight[CODE:] *= new[key] / old[key]
        for w in readers:
            w[..., :CODE] *= was * new[key] / (amp * old[key])

    rescale(beit3.encoder.layer_norm.A, [beit3.encoder.layer_norm.A.weight], "end")
    for k, layer in enumerate(layers):
        at = layer.self_attn
        rescale(layer.self_attn_layer_norm.A, [at.v_proj.A.weight], (k, 0))
        rescale(layer.final_layer_norm.A, [layer.ffn.A.fc1.weight], (k, 1))
        hd = query.shape[1] // at.heads
        size = lambda w: w[:, :CODE].norm(dim=1).view(-1, hd)[:, :CODE].mean().item()
        before = size(at.k_proj.A.weight) / (loosen[k] if loosen else 1.0) * was / old[(k, 0)]
        want = gain ** 0.5 * hd ** 0.25 / (amp / new[(k, 0)])
        at.q_proj.A.weight.mul_(want / size(at.q_proj.A.weight))
        at.k_proj.A.weight.mul_(want / size(at.k_proj.A.weight))
        ratio = want * amp / new[(k, 0)] / before
        at.q_proj.B.weight.div_(ratio)
        at.q_proj.B.bias.div_(ratio)
    return {str(k): round(v, 1) for k, v in old.items()}


@torch.no_grad()
def whiten(beit3, pixels, floor=0.01, scale=0.9):
    """Start the patch embedding as a whitening of real patches, so that fine detail is as loud as the
    flat colour that dominates their variance (cf. the whitening first layer of Page 2019)."""
    proj = beit3.vision_embed.proj
    p = proj.kernel_size[0]
    b, _, s, _ = pixels.shape
    x = pixels.view(b, 3, s // p, p, s // p, p).permute(0, 2, 4, 1, 3, 5).reshape(-1, 3 * p * p)
    mean = x.mean(0)
    x = x - mean
    value, vector = torch.linalg.eigh(x.T @ x / len(x))
    w = (vector / (value.clamp_min(0) + floor).sqrt()).T.flip(0) * scale  # loudest first
    room = proj.weight.shape[0] - CODE
    if room > len(w):
        extra = torch.randn(room - len(w), len(w)) / len(w) ** 0.5
        w = torch.cat([w, extra @ w])
    w = w[:room]
    proj.weight[CODE:] = w.view(room, 3, p, p)
    proj.bias[CODE:] = -(w @ mean)
