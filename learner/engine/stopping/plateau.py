"""Stop when the learning curve, continued, gains too little for the work."""

import numpy as np

from annotation.lazy_text import LazyText as _
from learner.engine.contracts.stopping import Advice, History
from learner.engine.stopping.power_law import MIN_POINTS, Forecast, forecast

HORIZON_LABELS = 200  # labels continued_curve
CONTINUATION_POINTS = 9  # points of the drawn continuation
MAX_POINTS = 60  # of the curve, the newest


def continued_curve(history: History) -> Forecast | None:
    """Continue the accuracy curve by HORIZON_LABELS labels, or by what is left; None where it is too short."""
    points = [
        (record.labels, record.accuracy.value) for record in history.rounds if record.accuracy and record.labels > 0
    ]
    newest = dict(points)  # one point a label count: the newest model's
    labels = np.array(sorted(newest), float)[-MAX_POINTS:]
    more = min(HORIZON_LABELS, history.unlabelled)
    if len(labels) < MIN_POINTS or more < 1:
        return None
    values = np.array([newest[int(count)] for count in labels])
    return forecast(labels, values, labels[-1] + np.linspace(0, more, CONTINUATION_POINTS))


def plateau(history: History, threshold: float) -> Advice:
    """Compare the upper end of what the next HORIZON_LABELS labels may gain with the threshold.

    A fitted power law (`power_law.forecast`); cost O(resamples * rates * points).
    """
    curve = continued_curve(history)
    if curve is None:
        if history.pool and not history.unlabelled:
            return Advice(stop=True, reason=_("Everything is labelled."), n=history.pool, value=0.0)
        reason = _("A curve takes %(needed)d models that the test sample has judged.", needed=MIN_POINTS)
        return Advice(None, reason, n=len(history.rounds))
    gain, low, high = curve.gain
    more = round(float(curve.at[-1] - curve.at[0]))
    words = {"gain": _points(gain), "low": _points(low), "high": _points(high), "more": more}
    seconds = history.seconds_per_label
    if seconds is None:
        reason = _("About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s).", **words)
    else:
        reason = _(
            "About %(gain)s points for the next %(more)d labels (%(low)s to %(high)s), %(time)s of work.",
            time=_time(more * seconds),
            **words,
        )
    numbers = {"gain": gain, "low": low, "high": high, "labels": float(more)}
    if seconds is not None:
        numbers["hours"] = more * seconds / 3600
    models = len([record for record in history.rounds if record.accuracy])
    return Advice(stop=high < threshold, reason=reason, n=models, value=high, numbers=numbers)


def _points(share: float) -> str:
    text = f"{100 * share:+.1f}"
    return "0.0" if float(text) == 0 else text


def _time(seconds: float) -> str:
    """Say how long that is, to about two digits.

    >>> _time(3300), _time(9000)
    ('about 55 min', 'about 2.5 h')
    """
    if seconds < 90 * 60:
        return _("about %(count)d min", count=max(1, round(seconds / 60)))
    hours = seconds / 3600
    return _("about %(count)s h", count=f"{hours:.1f}" if hours < 10 else str(round(hours)))
