"""Screening: find all items of one label. Rank what is unread, bound the recall, measure replays. Pure."""
