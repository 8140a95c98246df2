"""Arrays in pieces: chunks, sparse rows, batched scoring, BLAS threads, low priority."""
