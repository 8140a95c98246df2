"""What projects may choose among: the title of each choice, and a sentence on what it is and when it helps. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotation.lazy_text import LazyText as _
from learner.engine.column_views import BOTH_VIEW, ENCODER_VIEW, PLAIN_VIEW


@dataclass(frozen=True)
class ChoiceDescription:
    """A choice of a setting as people read it."""

    title: str
    description: str


STRATEGY_DESCRIPTIONS = {
    "boltzmann_kmeans": ChoiceDescription(
        _("Boltzmann, then weighted k-means"),
        _("Draws unsure items by lot, clusters them and takes one of each cluster: unsure and mixed."),
    ),
    "boltzmann": ChoiceDescription(
        _("Boltzmann"),
        _("Draws by lot, unsure items more often, and keeps the chances, for the weighted accuracy."),
    ),
    "power": ChoiceDescription(
        _("Power"), _("Draws by lot as Boltzmann does, but more of the items that the model is sure of.")
    ),
    "softrank": ChoiceDescription(
        _("Soft rank"),
        _("Draws by lot by the order of doubt alone, for models whose probabilities are badly off."),
    ),
    "margin": ChoiceDescription(_("Margin"), _("Takes what the model is least sure of; for small batches.")),
    "least_confidence": ChoiceDescription(
        _("Least confidence (misleads with more than two classes)"),
        _("Takes the items whose likeliest label is least likely; with more than two classes often worse than random."),
    ),
    "entropy": ChoiceDescription(
        _("Entropy (misleads with more than two classes)"),
        _("Takes the items whose probabilities are most even; with more than two classes often worse than random."),
    ),
    "weighted_kmeans": ChoiceDescription(
        _("Weighted k-means"), _("Clusters the least sure items and takes one of each cluster; for large batches.")
    ),
    "cluster_margin": ChoiceDescription(
        _("Cluster-Margin"),
        _("Takes unsure items from clusters in turn, small clusters first; for batches of hundreds."),
    ),
    "density_weighted": ChoiceDescription(
        _("Density-weighted"), _("Takes unsure items that are like many others; for data with outliers and noise.")
    ),
    "badge": ChoiceDescription(
        _("BADGE"),
        _("Takes items that would pull the model far and in different directions; for large batches and many classes."),
    ),
    "bald": ChoiceDescription(
        _("BALD (committee, information gain)"),
        _("Takes what a committee disagrees about: what the model does not know, rather than what nobody can."),
    ),
    "power_bald": ChoiceDescription(
        _("Power-BALD"), _("Draws by lot what the committee of BALD disagrees about; for batches.")
    ),
    "vote_entropy": ChoiceDescription(
        _("Committee, vote entropy"), _("Takes what divides the votes of a committee most.")
    ),
    "model_change": ChoiceDescription(
        _("Expected model change"),
        _("Takes what would change the model most; for small batches, and it likes long texts and outliers."),
    ),
    "error_reduction": ChoiceDescription(
        _("Expected error reduction"),
        _("Takes what would leave the least error; for small batches and few labels, and it is the slowest."),
    ),
    "contrastive": ChoiceDescription(
        _("Contrastive (CAL)"), _("Takes items that the model judges unlike the labelled ones next to them.")
    ),
    "class_balanced": ChoiceDescription(
        _("Class-balanced"),
        _("Takes the least sure items of each predicted class in turn; for uneven classes that the model knows."),
    ),
    "rare_class": ChoiceDescription(
        _("Rare classes (anchors)"),
        _("Takes unsure items near labelled ones of every class; for classes of a few per cent in large data."),
    ),
    "relevance": ChoiceDescription(
        _("Relevance first"),
        _("Takes the items most likely to have the label to search for; to find all items of a rare class."),
    ),
    "screening": ChoiceDescription(
        _("Screening"),
        _("Takes what two models rank as most relevant, one of words and one of features; to find all of a label."),
    ),
    "core_set": ChoiceDescription(
        _("Core-set"), _("Takes what lies farthest from everything labelled: it covers the data, outliers too.")
    ),
    "discriminative": ChoiceDescription(
        _("Discriminative (DAL)"),
        _("Takes what can be told from the labelled items, so that these come to look like all the data."),
    ),
    "spread": ChoiceDescription(
        _("Cluster spread"), _("Takes the middle of each cluster that has no labels; no model is asked.")
    ),
    "typiclust": ChoiceDescription(
        _("TypiClust"),
        _("Takes the most typical item of each cluster; for the first batches with four classes or more."),
    ),
    "prob_cover": ChoiceDescription(
        _("ProbCover"),
        _("Takes the item around which most is not covered yet; for the first batches of data in clear groups."),
    ),
    "mixture": ChoiceDescription(
        _("Mixture of margin and cluster spread"),
        _("Takes a share by cluster spread, the rest by margin; where the labels may miss whole kinds of items."),
    ),
    "new_users": ChoiceDescription(
        _("New users first: popular and disputed things"),
        _("Asks who has rated little about things that many rated and few agree on, everybody else by doubt."),
    ),
    "random": ChoiceDescription(
        _("Random"), _("Takes items in random order; to compare, or where the labels are for another model.")
    ),
}

ESTIMATOR_DESCRIPTIONS = {
    "auto": ChoiceDescription(
        _("Automatic"), _("Logistic regression, until the labels of the random arm speak for another estimator.")
    ),
    "logistic": ChoiceDescription(_("Logistic regression"), _("Quick, and a good start for texts.")),
    "svm": ChoiceDescription(_("Linear SVM"), _("Divides the classes with as wide a gap as can be.")),
    "sgd": ChoiceDescription(
        _("Gradient descent"), _("A model like logistic regression, fitted step by step, one answer after the other.")
    ),
    "bayes": ChoiceDescription(
        _("Naive Bayes"), _("Counts which features go with which label (complement naive Bayes).")
    ),
    "committee": ChoiceDescription(
        _("Committee"), _("Eight logistic regressions, each of its own sample of the labels.")
    ),
    "forest": ChoiceDescription(_("Random forest"), _("Many decision trees; for records with many labels.")),
    "boosting": ChoiceDescription(
        _("Gradient boosting"),
        _("Decision trees, each of which mends what those before it got wrong; for records with many labels."),
    ),
    "relevance": ChoiceDescription(
        _("Each label by itself, doubt on average"),
        _("A logistic regression for each label; an item is as doubtful as its labels are on average."),
    ),
    "relevance_least": ChoiceDescription(
        _("Each label by itself, most doubtful label"),
        _("A logistic regression for each label; an item is as doubtful as its most doubtful label."),
    ),
    "crf": ChoiceDescription(
        _("Conditional random field, doubt on average"),
        _("Reads the words of a text in their order; a text is as doubtful as its words are on average."),
    ),
    "crf_total": ChoiceDescription(
        _("Conditional random field, doubt in total"),
        _("Reads the words of a text in their order; the doubt of all words adds up, which prefers long texts."),
    ),
    "factors": ChoiceDescription(
        _("Vectors of users and things"),
        _("Learns from the ratings what each user likes and what each thing has of it."),
    ),
    "detector": ChoiceDescription(
        _("Object detector"), _("Finds objects; it is trained on the images of this project alone.")
    ),
    "neural_detector": ChoiceDescription(
        _("Neural detector"),
        _("Finds objects by the image encoder of this server and a head trained on your images; slower, for photos."),
    ),
    "numbers": ChoiceDescription(
        _("Automatic"),
        _("Ridge regressions or regression trees, whichever are less off about labels that they had not seen."),
    ),
    "ridge": ChoiceDescription(
        _("Ridge regressions"),
        _("Weighs the columns and adds them up; several models, each of its own sample of the labels."),
    ),
    "number_trees": ChoiceDescription(
        _("Regression trees"),
        _("Divides the records by their columns, step by step; several trees, each of its own sample of the labels."),
    ),
}

FEATURE_SET_DESCRIPTIONS = {
    "auto": ChoiceDescription(
        _("Automatic"),
        _("Fits the data: texts by their script, images by colours and shapes, records column by column."),
    ),
    "static": ChoiceDescription(
        _("English embeddings"), _("What the English words of a text mean, averaged; ready soonest.")
    ),
    "lsa": ChoiceDescription(
        _("Words, condensed (LSA)"), _("Words and pairs of words, condensed; where there are many technical terms.")
    ),
    "ngrams": ChoiceDescription(
        _("Words and parts of words, condensed (LSA)"),
        _("For languages other than English that write Latin letters, and for misspellings."),
    ),
    "tfidf": ChoiceDescription(
        _("Words, each for itself (TF-IDF)"), _("Every word and pair of words counts for itself; for many labels.")
    ),
    "encoder": ChoiceDescription(
        _("Encoder (neural network)"),
        _("What a neural network reads or sees, where the operators have installed one; slow to make."),
    ),
}

# of the columns that a round read, where an encoder's stand beside those made here
VIEW_DESCRIPTIONS = {
    PLAIN_VIEW: _("Columns: the project's own; by the random labels, those of the encoder do not help."),
    ENCODER_VIEW: _("Columns: those of the encoder."),
    BOTH_VIEW: _("Columns: the project's own and those of the encoder, side by side."),
}


def titles_by_name(entries: Mapping[str, ChoiceDescription]) -> dict[str, str]:
    """Return {name: title}."""
    return {name: entry.title for name, entry in entries.items()}


def descriptions_by_name(entries: Mapping[str, ChoiceDescription]) -> dict[str, str]:
    """Return {name: sentence}."""
    return {name: entry.description for name, entry in entries.items()}
