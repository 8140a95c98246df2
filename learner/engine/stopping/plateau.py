"""Stop when the learning curve, continued, gains too little for the work."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History
from learner.engine.stopping.power_law import MIN_POINTS, Forecast, forecast_curve

HORIZON_LABELS = 200  # labels continued_curve
CONTINUATION_POINTS = 9  # points of the drawn continuation
MAX_POINTS = 60  # of the curve, the newest


def extrapolated_curve(history: History) -> Forecast | None:
    """Continue the accuracy curve by HORIZON_LABELS labels, or by what is left; None where it is too short."""
    points = [
        (record.labels, record.accuracy.value) for record in history.rounds if record.accuracy and record.labels > 0
    ]
    newest = dict(points)  # one point a label count: the newest model's
    labels = np.array(sorted(newest), float)[-MAX_POINTS:]
    more_labels = min(HORIZON_LABELS, history.unlabelled)
    if len(labels) < MIN_POINTS or more_labels < 1:
        return None
    values = np.array([newest[int(count)] for count in labels])
    return forecast_curve(labels, values, labels[-1] + np.linspace(0, more_labels, CONTINUATION_POINTS))


def plateau(history: History, threshold: float) -> Advice:
    """Compare the upper end of what the next HORIZON_LABELS labels may gain with the threshold.

    A fitted power law (`power_law.forecast_curve`); cost O(resamples * rates * points).
    """
    curve = extrapolated_curve(history)
    if curve is None:
        if history.pool and not history.unlabelled:
            return Advice(stop=True, reason=_("Everything is labelled."), n=history.pool, value=0.0)
        reason = _("A curve takes %(needed)d models that the test sample has judged.", needed=MIN_POINTS)
        return Advice(None, reason, n=len(history.rounds))
    gain, low, high = curve.gain
    more_labels = round(float(curve.label_counts[-1] - curve.label_counts[0]))
    values = {
        "gain": _percentage_points(gain),
        "low": _percentage_points(low),
        "high": _percentage_points(high),
        "more": more_labels,
    }
    seconds = history.seconds_per_label
    if seconds is None:
        reason = _("About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s).", **values)
    else:
        reason = _(
            "About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s), %(time)s of work.",
            time=_duration_text(more_labels * seconds),
            **values,
        )
    numbers = {"gain": gain, "low": low, "high": high, "labels": float(more_labels)}
    if seconds is not None:
        numbers["hours"] = more_labels * seconds / 3600
    models = len([record for record in history.rounds if record.accuracy])
    return Advice(stop=high < threshold, reason=reason, n=models, value=high, details=numbers)


def _percentage_points(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return "0.0" if float(text) == 0 else text


def _duration_text(seconds: float) -> str:
    """Say how long that is, to about two digits.

    >>> _duration_text(3300), _duration_text(9000)
    ('about 55 min', 'about 2.5 h')
    """
    if seconds < 90 * 60:
        return _("about %(count)d min", count=max(1, round(seconds / 60)))
    hours = seconds / 3600
    return _("about %(count)s h", count=f"{hours:.1f}" if hours < 10 else str(round(hours)))
