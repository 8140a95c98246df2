"""Active learning on arrays: numpy and scikit-learn in and out, no Django. Usable from a notebook."""
