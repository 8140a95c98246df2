"""Every word that people see stands in Simplified Chinese: read from sources and catalogues, without gettext tools."""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from django.template import Engine, Template
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.utils.translation import override

from annotation.i18n import translate
from annotation.lazy_text import LazyText
from annotation.models import Project, User

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUES = ROOT / "annotation" / "locale" / "zh_Hans" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdr%]|<[^>]*>")
PLAIN, PLURAL, IN_CONTEXT = (
    {"_", "gettext", "gettext_lazy", "gettext_noop"},
    {"ngettext", "ngettext_lazy"},
    {"pgettext"},
)
LITERAL = r'"(?:[^"\\]|\\.)*"'
SCRIPT_CALL = re.compile(rf"\b([np]?gettext)\(\s*({LITERAL})(?:\s*,\s*({LITERAL}))?")
HOW = "run `make messages` and translate what is new in annotation/locale/"


class Marked(NamedTuple):
    """What a source asks to be translated."""

    text: str
    plural: str = ""
    context: str | None = None


def catalogue(domain: str) -> polib.POFile:
    return polib.pofile(str(CATALOGUES / f"{domain}.po"))


def known(domain: str) -> set[Marked]:
    return {Marked(entry.msgid, entry.msgid_plural, entry.msgctxt) for entry in catalogue(domain)}


# What the sources ask for


def in_python() -> Iterator[Marked]:
    for app in ("annotation", "learner", "alproject"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from _marked(node.func.id, [a.value for a in node.args if isinstance(a, ast.Constant)])


def _marked(function: str, given: list[object]) -> Iterator[Marked]:
    texts = [text for text in given if isinstance(text, str)]
    if function in PLAIN and texts:
        yield Marked(texts[0])
    elif function in PLURAL:
        yield Marked(texts[0], texts[1])
    elif function in IN_CONTEXT:
        yield Marked(texts[1], context=texts[0])


def in_templates() -> Iterator[Marked]:
    engine = Engine.get_default()
    for path in (path for kind in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{kind}")):
        yield from in_template(Template(path.read_text(encoding="utf-8"), engine=engine))


def in_template(template: Template) -> Iterator[Marked]:
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        text = node.filter_expression.var.literal  # None where a variable is translated
        if text is not None:
            yield Marked(_escaped(text), context=_context(node))
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        singular, _ = node.render_token_list(node.singular)
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Marked(singular, plural, _context(node))


def _escaped(text: str) -> str:
    return str(text).replace("%", "%%")


def _context(node: Node) -> str | None:
    context = getattr(node, "message_context", None)
    return None if context is None else str(context.var)


def in_scripts() -> Iterator[Marked]:
    for path in (ROOT / "static" / "js").rglob("*.js"):
        source = path.read_text(encoding="utf-8")
        calls = SCRIPT_CALL.findall(source)
        assert len(calls) == len(re.findall(r"\b[np]?gettext\(", source)), f"{path}: a call without a literal"
        for function, first, second in calls:
            yield from _marked(function, [json.loads(text) for text in (first, second) if text])


SOURCES: dict[Callable[[], Iterator[Marked]], str] = {
    in_python: "django",
    in_templates: "django",
    in_scripts: "djangojs",
}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_everything_that_is_marked_stands_in_the_catalogue(source: Callable[[], Iterator[Marked]]) -> None:
    asked = set(source())
    assert len(asked) > 100
    missing = sorted(marked.text for marked in asked - known(SOURCES[source]))
    assert not missing, HOW


def test_what_is_marked_is_found() -> None:
    source = (
        '{% load i18n %}{% if a %}{% translate "Half: 50 %" %}{% translate b %}{% endif %}'
        '{% translate "Next" context "item" %}'
        "{% blocktranslate count n=n trimmed %} one {{ n }} {% plural %} {{ n }} {% endblocktranslate %}"
    )
    template = Template(source, engine=Engine.get_default())
    found = {Marked("Half: 50 %%"), Marked("Next", context="item"), Marked("one %(n)s", "%(n)s")}
    assert set(in_template(template)) == found
    assert list(_marked("pgettext", ["button", "Label"])) == [Marked("Label", context="button")]
    assert [call[1:] for call in SCRIPT_CALL.findall('x(ngettext("a \\"b\\"", "c", n))')] == [('"a \\"b\\""', '"c"')]


# The catalogues


@pytest.mark.parametrize("domain", DOMAINS)
def test_nothing_is_left_untranslated_or_fuzzy(domain: str) -> None:
    entries = catalogue(domain)
    assert not [entry.msgid for entry in entries if entry.obsolete or entry.fuzzy or not entry.translated()]


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_and_tags_are_those_of_the_original(domain: str) -> None:
    def parts(text: str) -> Counter[str]:
        return Counter(PLACEHOLDER.findall(text))

    entries = catalogue(domain)
    for entry in entries:
        for said in entry.msgstr_plural.values() or [entry.msgstr]:
            assert parts(said) == parts(entry.msgid_plural or entry.msgid), entry.msgid
            assert said.strip() == said, entry.msgid


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_compiled_catalogue_is_the_written_one(domain: str) -> None:
    def content(entries: polib.POFile | polib.MOFile) -> dict[Marked, object]:
        return {Marked(e.msgid, e.msgid_plural, e.msgctxt): e.msgstr_plural or e.msgstr for e in entries}

    assert content(polib.mofile(str(CATALOGUES / f"{domain}.mo"))) == content(catalogue(domain)), HOW


# What people get

CHINESE = [{"HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9,en;q=0.8"}, {"HTTP_COOKIE": "django_language=zh-hans"}]


@pytest.mark.parametrize("asks", CHINESE, ids=["browser", "cookie"])
@pytest.mark.django_db
def test_the_sign_in_page_comes_in_chinese(asks: dict[str, str]) -> None:
    page = Client().get("/sign-in/", **asks).content.decode()
    assert '<html lang="zh-hans"' in page
    assert "用户名" in page
    assert "User name" not in page


def catalog_of(page: str) -> str:
    found = re.search(r'src="(/jsi18n/[^"]+)"', page)
    assert found
    return found[1]


def test_pages_and_scripts_come_in_the_language_that_was_chosen(project: Project, lead: User) -> None:
    client = Client()
    client.force_login(lead)
    assert "<h1>Projects</h1>" in client.get("/").content.decode()
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    page = client.get("/").content.decode()
    assert "<h1>项目</h1>" in page
    assert "负责人" in page
    assert json.dumps("已跳过") in client.get(catalog_of(page)).content.decode()


def test_errors_come_in_chinese(project: Project, lead: User, stranger: User) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(stranger)
    assert "无权查看" in client.get(f"/projects/{project.pk}/annotate/").content.decode()
    client.force_login(lead)
    answer = client.patch(f"/api/v1/projects/{project.pk}/", {"settings": {"overlap": 0}}, "application/json")
    assert answer.json()["error"]["message"] == "“每条标注人数”必须在 1 到 10 之间。"


def test_words_remember_how_to_be_said_again() -> None:
    inner = LazyText("“%(name)s” must be a number.", name=LazyText("Step"))
    outer = LazyText("None of the first rows can be read. Row %(row)d: %(reason)s", row=3, reason=inner)
    assert outer == "None of the first rows can be read. Row 3: “Step” must be a number."
    with override("zh-hans"):
        assert translate(outer) == "前几行都无法读取。第 3 行：“步长”必须是数字。"
        assert translate("Nobody ever wrote this.") == "Nobody ever wrote this."
        assert translate("") == ""
