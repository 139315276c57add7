"""The optimal assignment of rows to columns, so that scoring need not load scipy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def assignment(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return pairs of row and column with the largest total gain, by shortest augmenting paths.

    Kuhn 1955, Munkres 1957.

    Args:
        gains: A row for each finding of one side, a column for each of the other; none negative.
    """
    # The algorithm wants no more rows than columns.
    turned = len(gains) > len(gains[0])
    matrix = [list(column) for column in zip(*gains, strict=True)] if turned else gains
    pairs = _assigned(matrix) if len(matrix) > 1 else [(0, matrix[0].index(max(matrix[0])))]
    return [(column, row) for row, column in pairs] if turned else pairs


def _assigned(matrix: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the pairs of a matrix that has no more rows than columns."""
    rows, columns = len(matrix), len(matrix[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        at = 0
        least, seen = [float("inf")] * (columns + 1), [False] * (columns + 1)
        while owner[at]:
            seen[at] = True
            current, delta, following = owner[at], float("inf"), 0
            for column in range(1, columns + 1):
                if seen[column]:
                    continue
                cost = -matrix[current - 1][column - 1] - row_price[current] - column_price[column]
                if cost < least[column]:
                    least[column], way[column] = cost, at
                if least[column] < delta:
                    delta, following = least[column], column
            for column in range(columns + 1):
                if seen[column]:
                    row_price[owner[column]] += delta
                    column_price[column] -= delta
                else:
                    least[column] -= delta
            at = following
        while at:
            owner[at] = owner[way[at]]
            at = way[at]
    return [(owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]]
