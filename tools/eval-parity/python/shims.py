"""Lets pytorch-fid, clean-fid and torch-fidelity be imported where torchvision has no build.

pytorch-fid derives its blocks from torchvision's. Without torchvision those of torch-fidelity, which are the same modules
under the same names, stand in for them; everything that pytorch-fid itself writes runs as it is.
"""

import sys
import types


class Anything(types.ModuleType):
    """A module in which every name is there, for imports that are never used."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda self, *a, **k: None})


def stand_in(*names):
    for name in names:
        module = Anything(name)
        module.__path__ = []
        sys.modules[name] = module
        if "." in name:
            parent, child = name.rsplit(".", 1)
            setattr(sys.modules[parent], child, module)


def install():
    """Returns what the blocks are: 'torchvision', or 'torch-fidelity' where it stands in."""
    try:
        import requests  # noqa: F401
    except ImportError:
        stand_in("requests")
    try:
        import tqdm  # noqa: F401
    except ImportError:
        stand_in("tqdm", "tqdm.auto")
    try:
        import torchvision  # noqa: F401
        return "torchvision"
    except ImportError:
        pass
    stand_in("torchvision", "torchvision.models", "torchvision.models.inception", "torchvision.transforms",
             "torchvision.transforms.functional", "torchvision.datasets", "torchvision.models.vgg")
    sys.modules["torchvision"].__version__ = "0.0.0"
    from torch_fidelity import feature_extractor_inceptionv3 as peer

    inception = sys.modules["torchvision.models.inception"]
    inception.InceptionA, inception.InceptionC, inception.InceptionE = peer.InceptionA, peer.InceptionC, peer.InceptionE_1

    sys.modules["torchvision.models"].inception_v3 = lambda **_: bare_network(peer)
    return "torch-fidelity"


def bare_network(peer):
    """torch-fidelity's network before it loads any weights."""
    import torch

    class Loaded(Exception):
        pass

    kept = torch.load
    made = {}

    class Net(peer.FeatureExtractorInceptionV3):
        def load_state_dict(self, *args, **kwargs):
            if not made:
                made["net"] = self
                raise Loaded
            return super().load_state_dict(*args, **kwargs)

    try:
        torch.load = lambda *a, **k: {}
        Net("net", ["2048"], feature_extractor_weights_path="random")
    except Loaded:
        pass
    finally:
        torch.load = kept
    return made["net"]
