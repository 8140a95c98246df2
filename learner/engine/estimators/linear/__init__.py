"""Linear models: logistic regression, SVM, SGD, naive Bayes, committees of them, one-vs-rest."""
