"""A letter as HTML: for every reader of mails, on paper, on a phone, in the dark, and read aloud.

It loads nothing from anywhere, says in which language it is, and stays readable where its styles are dropped. The
colours have a contrast of at least 7 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from domain.letter import Facts, Letter

_STYLE = """\
:root{color-scheme:light dark}
body{margin:0;padding:24px 12px;background:#f4f4f2;color:#1b1b19;\
font:16px/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.sheet{max-width:544px;margin:0 auto;padding:40px;background:#fff;border-radius:12px;overflow-wrap:anywhere}
p{margin:0 0 16px}
h1{margin:0 0 28px;font-size:26px;line-height:1.2;font-weight:600}
table{width:100%;margin:0 0 24px;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:9px 0;border-top:1px solid #e0e0dc;text-align:left;text-align:start;vertical-align:baseline}
th{padding:9px 16px 9px 0;padding-inline:0 16px;font-size:14px;font-weight:400;color:#52524e;overflow-wrap:normal}
.facts td{text-align:right;text-align:end}
.sum th,.sum td{padding:12px 0;border-top:2px solid #1b1b19;font-size:19px;font-weight:600;color:#1b1b19}
.sum td{white-space:nowrap}
.shop{margin:0 0 4px;font-weight:600;color:#52524e}
.next{font-weight:600}
.imprint{margin:32px 0 0;font-size:13px;color:#52524e}
@media(max-width:480px){body{padding:0;background:#fff;font-size:15px}.sheet{padding:24px 20px;border-radius:0}
th{font-size:13px}.sum th,.sum td{font-size:17px}}
@media(prefers-color-scheme:dark){body{background:#131312;color:#f2f2ef}.sheet{background:#1e1e1c}
th,.shop,.imprint{color:#b9b9b3}th,td{border-color:#3b3b38}.sum th,.sum td{border-color:#f2f2ef;color:#f2f2ef}}
@media(max-width:480px) and (prefers-color-scheme:dark){body{background:#1e1e1c}}
@media print{body,.sheet{padding:0;background:none}}
"""
_LINE, _TAB = "\n", "\t"
_NEXT_PARAGRAPH = "</p>\n<p>"
_END = "</td></tr>\n"
_ROW, _SUM = "<tr>", '<tr class="sum">'


def page_of(letter: Letter) -> str:
    """The letter's own words, in its order, as a page."""
    spoken = f'lang="{letter.language}" dir="{letter.direction}"'  # of words of ours
    shop = escape(letter.shop)
    account = f"<table>\n{_rows(letter.account)}</table>\n" if letter.account else ""
    questions = _paragraphs((letter.questions,)) if letter.questions else ""
    return (
        f'<!DOCTYPE html>\n<html {spoken}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(letter.subject)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body>\n<div class="sheet" {spoken}>\n'
        f'<p class="shop">{shop}</p>\n'
        f"<h1>{escape(letter.title)}</h1>\n"
        f"{_paragraphs((letter.greeting, *letter.opening))}"
        f'<table class="facts">\n{_rows(letter.facts)}{_rows((letter.sum,), _SUM)}</table>\n'
        f'<p class="next">{escape(letter.next)}</p>\n'
        f"{account}{questions}"
        f"<p>{escape(letter.regards)}<br>{shop}</p>\n"
        f'<p class="imprint">{escape(letter.imprint)}</p>\n'
        "</div>\n</body>\n</html>\n"
    )


# Every text is one line without tabs, so many can be escaped at once: line breaks and tabs between them are ours.


def _paragraphs(texts: Iterable[str]) -> str:
    return f"<p>{escape(_LINE.join(texts)).replace(_LINE, _NEXT_PARAGRAPH)}</p>\n"


def _rows(facts: Facts, row: str = _ROW) -> str:
    told = escape(_LINE.join(f"{label}{_TAB}{value}" for label, value in facts))
    begin = f'{row}<th scope="row">'
    return f"{begin}{told.replace(_TAB, '</th><td>').replace(_LINE, _END + begin)}{_END}"
