"""Muon: momentum whose matrices are orthogonalised before the step (Jordan et al. 2024, public
algorithm; scaling 0.2 * sqrt(longer side) as in Liu et al. 2025, so Adam's learning rates fit).
Matrices of one shape are orthogonalised together.
"""
import torch


def orthogonal(g, steps=5):
    """g (N, r, c) with r <= c -> nearest semi-orthogonal matrices, by Newton-Schulz in bf16."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        m = x @ x.transpose(1, 2)
        x = a * x + (b * m + c * (m @ m)) @ x
    return x.float()


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.95, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(tuple(p.shape), []).append(p)
            for shape, ps in shapes.items():
                updates = []
                for p in ps:
                    buf = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buf.lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(buf, group["momentum"]))
                u = torch.stack(updates)
                flip = shape[0] > shape[1]
                u = orthogonal(u.transpose(1, 2) if flip else u)
                if flip:
                    u = u.transpose(1, 2)
                k = 0.2 * max(shape) ** 0.5
                for p, d in zip(ps, u):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(d, alpha=group["lr"] * k)
