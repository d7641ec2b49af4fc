"""The embedded painter: how it is trained, measured and exported. Run modules from the folder above:
python3 -m paint.train_vae --work DIR
"""
