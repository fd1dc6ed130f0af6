"""Text from a file is text in Markdown, as GitHub's own parser renders it.

GitHub looks for mentions, issues and commits in the text of what was rendered, and leaves code alone. So what
is not code must be signs and numbers.

Source: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from hypothesis import example, given
from hypothesis import strategies as st

from controller.cli.render.diff import cells

TABLE = ("table", "thead", "tbody", "tr", "th", "td")
MARKUP = st.lists(
    st.sampled_from(
        [
            *"\\`*_[]()~|<>!&#@$:.-+=\"'/ \t\n\x1b\u202e\u2066\x85",
            *("https://example.com", "www.example.com", "@ana", "#1", "GH-1", "ana@example.com", "&#64;"),
            *("<b>", "<!--", "-->", "[click](https://example.com)", "\\[", "word", "0a1b2c3d4e5f", "é"),
        ]
    ),
    max_size=12,
).map("".join)


class Reader(HTMLParser):
    """``tags`` besides those of the table; ``rows`` of cells, each a list of ``(is code, text)``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[list[tuple[bool, str]]]] = []
        self._in_code = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, _attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append([])
        elif tag not in TABLE:
            self.tags.append(tag)
        self._in_code = tag == "code"

    def handle_endtag(self, _tag):
        self._in_code = False

    def handle_comment(self, _data):
        self.tags.append("comment")

    def handle_data(self, data):
        if data.strip():
            self.rows[-1][-1].append((self._in_code, data))


def rendered(text: str) -> list[tuple[bool, str]]:
    """The parts of the cell that holds ``text``, each with whether it is code."""
    lines = ["| key | value |", "| --- | --- |", cells(("x", text)), cells(("y", "z"))]
    html = github_flavored_markdown_to_html("\n".join(lines), options=Options.CMARK_OPT_UNSAFE)
    read = Reader(html)
    assert set(read.tags) <= {"code"}
    assert [len(row) for row in read.rows] == [2, 2, 2], "the text makes a row or a cell of its own"
    return read.rows[1][1]


@given(MARKUP | st.text(max_size=40))
@example("\\[click\\](https://example.com)")
@example("\\|")
@example("`|`")
@example("``")
@example("https://example.com/?a|b@ana")
def test_whatever_stands_in_a_file_is_code_or_a_sign_or_a_number(text):
    plain = "".join(content for is_code, content in rendered(text) if not is_code)
    assert re.fullmatch(r"[|`]*|[+-]?[0-9]{0,3}(,[0-9]{3})*(\.[0-9]+)?", plain)


@given(MARKUP | st.text(max_size=40))
def test_what_can_be_printed_is_shown_as_it_stands(text):
    shown = "".join(content for _, content in rendered(text))
    printed = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    assert shown.split() == printed.split()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", ""),
        ("+", "+"),
        ("-", "-"),
        ("1,462.89", "1,462.89"),
        ("+0.00", "+0.00"),
        ("1234567", "`1234567`"),
        ("@ana", "`@ana`"),
        ("a|b", "`a`&#124;`b`"),
        ("a`b", "`a`&#96;`b`"),
        ("a\u202eb", "`a\N{REPLACEMENT CHARACTER}b`"),
    ],
)
def test_a_cell_is_code_unless_it_is_a_number_or_a_sign(text, cell):
    assert cells((text,)) == f"| {cell} |"
