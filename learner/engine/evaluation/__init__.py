"""Pure measures beside the test sample's plain ones: one subject a file, arrays in, figures with n out."""
