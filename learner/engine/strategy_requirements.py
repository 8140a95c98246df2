"""What query strategies need, by name: whoever only names them need not import them. Pure."""

# these need the probabilities of classes, so models without (several labels, spans, boxes, numbers) cannot use them;
# all others go by how uncertain a model is
NEEDS_PROBABILITIES = frozenset(
    {
        *("least_confidence", "entropy", "badge", "bald", "power_bald", "vote_entropy", "model_change"),
        *("error_reduction", "contrastive", "class_balanced", "rare_class", "relevance"),
    }
)
# these need answers that are one class each
NEEDS_CLASSES = NEEDS_PROBABILITIES | {"screening"}
# all others wait for a model
NEEDS_NO_MODEL = frozenset({"core_set", "discriminative", "prob_cover", "random", "screening", "spread", "typiclust"})
# these read the terms of texts too, where items are texts
READS_TERMS = frozenset({"screening"})
