"""What a lead can set about learning; added to annotation's settings when the app starts."""

from annotation.projectsettings import Setting
from annotation.words import Words as _

LEARNER_SETTINGS: dict[str, Setting] = {
    "batch_size": Setting(
        20, _("Batch size"), _("How many answers after which the model learns again."), low=1, high=10000
    ),
    "strategy": Setting(
        "boltzmann",
        _("Strategy"),
        _("How the next items are chosen: boltzmann (drawn by uncertainty), margin (most uncertain first) or random."),
        choices={"boltzmann": _("Boltzmann"), "margin": _("Margin"), "random": _("Random")},
    ),
    "estimator": Setting(
        "logistic",
        _("Estimator"),
        _(
            "What learns from the labels: logistic (a good start for text), svm (linear support vector machine), "
            "sgd (gradient descent), bayes (complement naive Bayes), committee (eight logistic regressions), "
            "or for records with many labels forest (random forest) or boosting (gradient-boosted trees)."
        ),
        choices={
            "logistic": _("Logistic regression"),
            "svm": _("Linear SVM"),
            "sgd": _("Gradient descent"),
            "bayes": _("Naive Bayes"),
            "committee": _("Committee"),
            "forest": _("Random forest"),
            "boosting": _("Gradient boosting"),
        },
    ),
    "beta": Setting(
        None,
        _("Beta"),
        _("Sharpness of the Boltzmann draw: 0 is random, large is plain margin. Empty: found for the effective pool."),
        low=0,
        high=1e6,
    ),
    "effective_pool": Setting(
        2.0,
        _("Effective pool"),
        _("With beta empty: how many batches' worth of items the draw effectively chooses from."),
        low=1,
        high=10000,
    ),
    "test_size": Setting(
        300,
        _("Test size"),
        _("Items frozen as the random test sample; at most a fifth of all items."),
        low=0,
        high=100000,
    ),
    "test_share": Setting(
        0.15, _("Test share"), _("Share of the handed-out items that come from the test sample."), low=0, high=0.9
    ),
    "random_share": Setting(
        0.1,
        _("Random share"),
        _("Share of the handed-out items drawn at random, as the control arm."),
        low=0,
        high=0.9,
    ),
}
