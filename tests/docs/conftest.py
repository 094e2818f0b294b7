"""Prints how many code blocks were executed, how long they took, and why the other blocks were not executed."""

from collections import Counter

import pytest
from blocks import CODE, PAGES, blocks_of


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        if "test_a_block_is_executed" in report.nodeid or "test_a_notebook_runs" in report.nodeid
    ]
    if not reports:
        return
    seconds = sum(report.duration for report in reports)
    marked = [block for page in PAGES for block in blocks_of(page) if block.language in CODE and block.reason]
    terminalreporter.section("blocks of the documents")
    terminalreporter.line(f"{len(reports)} blocks and notebooks executed in {seconds:.0f} s; {len(marked)} are not:")
    for reason, number in Counter(block.reason for block in marked).items():
        terminalreporter.line(f"  {number} x {reason}")
