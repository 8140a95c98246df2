"""A detector by a neural network that the operators named: optional, slower, and never without its weights.

The network looks at a picture once and is not trained; a small head over what it sees says of each cell of a grid what
is there and how far its box reaches. What cells say of one object becomes one box as with windows. `cells` knows the
grid, `network` alone knows torch, `training` makes a detector.

Zhou, Wang and Krähenbühl, Objects as points, 2019; Tian et al., FCOS, ICCV 2019.
"""
