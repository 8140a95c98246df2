"""What fitting needs beside the estimator: hyper-parameters by cross-validation, class weights."""
