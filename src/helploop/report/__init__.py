"""Figures to files and text: report.json for machines, report.md and report.html for the people who decide."""

from __future__ import annotations

from helploop.report.files import read_baseline, render_json, write_baseline, write_report
from helploop.report.pages import render_html, render_markdown, render_text
from helploop.report.question_map import write_map
from helploop.report.wording import Content, make_content

__all__ = [
    "Content",
    "make_content",
    "read_baseline",
    "render_html",
    "render_json",
    "render_markdown",
    "render_text",
    "write_baseline",
    "write_map",
    "write_report",
]
