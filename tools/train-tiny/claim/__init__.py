"""The claim at toy size: does a multimodal stage in English alone give Chinese ability, because the language model
knew both languages? Run from the folder above: python3 -m claim --work DIR. See README.md."""
