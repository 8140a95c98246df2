"""Guidelines: Markdown as a lead writes it -> HTML that is safe to show."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MAX_READ_IMAGES = 500  # that are read, to be left out; the time for them grows with their square
MARKDOWN_WITHOUT_IMAGES = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("image")
TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


def render_guidelines(text: str) -> SafeString:
    """Return HTML without scripts, styles and pictures; the empty string for an empty text."""
    markdown = MARKDOWN if text.count("![") <= MAX_READ_IMAGES else MARKDOWN_WITHOUT_IMAGES
    html = nh3.clean(markdown.render(text), tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"})
    return mark_safe(html)  # noqa: S308  (nh3 has just cleaned it)
