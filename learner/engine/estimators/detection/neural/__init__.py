"""A detector by a neural network that the operators named: optional, slower, and never without its weights.

The network runs on an image once and is not trained; a small head over its feature maps predicts for each cell of a
grid what is there and how far its box reaches. Boxes about one object become one as with windows. `grid_targets` knows
the grid, `torch_network` alone knows torch, `training` makes a detector.

Zhou, Wang and Krähenbühl, Objects as points, 2019; Tian et al., FCOS, ICCV 2019.
"""
