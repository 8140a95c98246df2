"""What the annotation side announces, after commit; whoever wants to know listens.

Each signal is sent with `project_id`. Listeners must be quick and must not fail the sender.
"""

from django.dispatch import Signal

answers_committed = Signal()  # answers were given or taken back (also `count`: how many)
items_committed = Signal()  # items were added (also `done`: whether the import has ended)
labels_changed = Signal()  # the label set or the settings of a project changed
