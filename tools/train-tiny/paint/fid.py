"""Frechet distance between two sets of features (Heusel et al. 2017, arXiv 1706.08500)."""
import torch


def spread(x):
    """Mean and covariance of (N, C), in float64."""
    x = x.double()
    m = x.mean(0)
    d = x - m
    return m, d.T @ d / (len(x) - 1)


def root(s):
    """Square root of a symmetric matrix without negative eigenvalues."""
    w, v = torch.linalg.eigh(s)
    return (v * w.clamp_min(0).sqrt()) @ v.T


def frechet(x, y):
    """Features (N, C), (M, C) -> squared distance of their Gaussians."""
    (m, s), (n, t) = spread(x), spread(y)
    r = root(s)
    between = torch.linalg.eigvalsh(r @ t @ r).clamp_min(0).sqrt().sum()
    return ((m - n).square().sum() + s.trace() + t.trace() - 2 * between).item()
