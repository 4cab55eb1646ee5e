"""HTML of mails and help desks to plain text, without the mails quoted in it."""

from __future__ import annotations

import html
import re

_TAG = re.compile(
    r"</(?:p|div|span|a|b|i|u|em|strong|ul|ol|li|table|tr|td|h[1-6]|font|blockquote|body|html|pre|code)\s*>"
    r"|<br\s*/?>|<(?:p|div|html|body|table|blockquote)(?:\s[^<>]{0,500})?>|<!doctype html",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
# What redaction puts in, here or in the system that the text comes from: no tags.
_PLACEHOLDER = re.compile(
    r"<((?:email|phone|name|agent|user|customer-id|url|url-with-token|ip|mac|card|iban|bank-account|id-number|birth-date|secret"
    r"|crypto-address|order-number)(?:-\d{1,4})?)>"
)
_INDENT = re.compile(r"\n[ \u00a0]{1,8}(?=[^\s*])")  # spaces that stood between two tags
# What chats and help desks write: paragraphs, line breaks, bold, italic and links, nothing that could be a quote.
_SIMPLE = re.compile(
    r"(?:[^<&]++|&(?:amp|lt|gt|quot|nbsp|#39);"
    r'|<(?:/?(?:p|b|i|em|strong)|br ?/?|p class="no-margin"|/a|a(?: [a-z]{1,20}="[^"<>]{0,2000}"){1,5})>)*+'
)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BREAK = re.compile(r" ?<br ?/?> ?")
_PARAGRAPHS = re.compile(r"(?: ?</?p(?: [^<>]*)?>)+ ?")
_ANY_TAG = re.compile(r"<[^<>]*>")
_LINE_START = re.compile(r"\n[ \u00a0]+")
_HTML_CAP = 200_000  # characters of HTML looked at: newsletters carry ten of markup for one of text
_QUOTES = (
    "//blockquote",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote ')]",
    "//*[contains(@class, 'moz-cite-prefix') or contains(@class, 'yahoo_quoted')]",
    "//*[contains(@class, 'protonmail_quote')]",
    "//*[@id='appendonsend' or @id='divRplyFwdMsg' or @id='OLK_SRC_BODY_SECTION']",
    "//*[@id='divRplyFwdMsg']/following-sibling::*",
)
_OUTLOOK_LINES = (
    "//p[starts-with(@class, 'Mso') or starts-with(@class, 'xMso') or starts-with(@class, 'x_Mso')]"  # margin 0
)


def looks_like_html(text: str) -> bool:
    """Whether the text holds real markup: a lone "<" or a typed "<email>" is none."""
    return ("<" in text and _TAG.search(text) is not None) or ("&" in text and _ENTITY.search(text) is not None)


def html_to_text(text: str) -> str:
    """The text a browser would show, quoted mails left out when anything else is left."""
    simple = _simple_to_text(text[:_HTML_CAP])
    return _page_to_text(text) if simple is None else simple or text


def _simple_to_text(text: str) -> str | None:
    """The text of markup that holds paragraphs and little else, ten times as fast; None for any other."""
    if "<p" not in text or not _SIMPLE.fullmatch(text):
        return None
    flat = _PARAGRAPHS.sub("\n\n", _BREAK.sub("\n", _SPACES.sub(" ", text)))
    return _LINE_START.sub("\n", html.unescape(_ANY_TAG.sub("", flat))).strip()


def _page_to_text(text: str) -> str:
    import inscriptis  # noqa: PLC0415  these four cost 0.1 s, only mails and a few help desks need them
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415
    from lxml.html import document_fromstring  # noqa: PLC0415

    source = _PLACEHOLDER.sub(r"&lt;\1&gt;", text[:_HTML_CAP])
    if not _TAG.search(source):
        source = source.replace("\n", "<br>")
    source = re.sub(r"\A\s{0,100}<\?xml[^<>]{0,200}\?>", "", source)
    try:
        page = document_fromstring(source)
    except (etree.ParserError, ValueError):
        return text
    for paragraph in page.xpath(_OUTLOOK_LINES):
        paragraph.tag = "div" if paragraph.text_content().strip() else "br"
    config = ParserConfig(display_links=False, display_images=False)
    whole = inscriptis.Inscriptis(page, config).get_text().strip()
    quotes = [found for path in _QUOTES for found in page.xpath(path)]
    for quote in quotes:
        if quote.getparent() is not None:
            quote.drop_tree()
    new = inscriptis.Inscriptis(page, config).get_text().strip() if quotes else whole
    return _INDENT.sub("\n", str(new or whole or text))
