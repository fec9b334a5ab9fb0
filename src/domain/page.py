"""A letter as HTML: for every reader of mails, on paper, on a phone, in the dark, and read aloud.

It loads nothing from anywhere, says in which language it is, and stays readable where its styles are dropped. The
colours have a contrast of at least 7 to 1.
"""

from __future__ import annotations

from html import escape

from domain.letter import Facts, Letter

_STYLE = """\
:root{color-scheme:light dark}
body{margin:0;padding:24px 12px;background:#f4f4f2;color:#1b1b19;\
font:16px/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.sheet{max-width:544px;margin:0 auto;padding:40px;background:#fff;border-radius:12px}
p{margin:0 0 16px}
h1{margin:0 0 28px;font-size:26px;line-height:1.2;font-weight:600;overflow-wrap:anywhere}
table{width:100%;margin:0 0 24px;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:9px 0;border-top:1px solid #e0e0dc;text-align:start;vertical-align:top}
th{padding-inline-end:16px;font-weight:400;color:#52524e}
td{overflow-wrap:anywhere}
.facts td{text-align:end}
.sum th,.sum td{padding:12px 0;border-top:2px solid #1b1b19;font-size:19px;font-weight:600;color:#1b1b19}
.sum td{white-space:nowrap}
.shop{margin:0 0 4px;font-weight:600;color:#52524e}
.next{font-weight:600}
.imprint{margin:32px 0 0;font-size:13px;color:#52524e}
@media(max-width:480px){body{padding:0;background:#fff}.sheet{padding:24px 20px;border-radius:0}}
@media(prefers-color-scheme:dark){body{background:#131312;color:#f2f2ef}.sheet{background:#1e1e1c}
th,.shop,.imprint{color:#b9b9b3}th,td{border-color:#3b3b38}.sum th,.sum td{border-color:#f2f2ef;color:#f2f2ef}}
@media(max-width:480px) and (prefers-color-scheme:dark){body{background:#1e1e1c}}
@media print{body,.sheet{padding:0;background:none}}
"""


def page_of(letter: Letter) -> str:
    """The letter's own words, in its order, as a page."""
    spoken = f'lang="{escape(letter.language)}" dir="{escape(letter.direction)}"'
    return (
        f'<!DOCTYPE html>\n<html {spoken}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(letter.subject)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body>\n<div class="sheet" {spoken}>\n'
        f"{_paragraph(letter.shop, 'shop')}"
        f"<h1>{escape(letter.title)}</h1>\n"
        f"{''.join(_paragraph(words) for words in (letter.greeting, *letter.opening))}"
        f'<table class="facts">\n{_rows(letter.facts)}{_rows((letter.sum,), "sum")}</table>\n'
        f"{_paragraph(letter.next, 'next')}"
        f"{f'<table>{chr(10)}{_rows(letter.account)}</table>{chr(10)}' if letter.account else ''}"
        f"{_paragraph(letter.questions)}"
        f"<p>{escape(letter.regards)}<br>{escape(letter.shop)}</p>\n"
        f"{_paragraph(letter.imprint, 'imprint')}"
        "</div>\n</body>\n</html>\n"
    )


def _paragraph(words: str, kind: str = "") -> str:
    return f"<p{_class(kind)}>{escape(words)}</p>\n" if words else ""


def _rows(facts: Facts, kind: str = "") -> str:
    row = f'<tr{_class(kind)}><th scope="row">'
    return "".join(f"{row}{escape(label)}</th><td>{escape(value)}</td></tr>\n" for label, value in facts)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
