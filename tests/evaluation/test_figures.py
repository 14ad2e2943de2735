"""Pictures of confusions and clicks: what is counted is what is painted."""

import numpy as np
import pytest

from evaluation import figures

NAMES = [f"type_{index}" for index in range(30)]


def changed(a, b):
    return (a.shape != b.shape) or bool((a != b).any())


def test_confusion_shows_the_commonest_choices_and_sums_the_others():
    counts = np.zeros((30, 30), np.int64)
    counts[3, 3], counts[3, 5], counts[7, 7] = 60, 40, 10
    picture = figures.confusion(counts, NAMES)
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
    # What is predicted instead is one column as long as it is not among the commonest.
    moved = counts.copy()
    moved[3, 5], moved[3, 9] = 0, 40
    assert not changed(picture, figures.confusion(moved, NAMES))
    moved[3, 9], moved[3, 7] = 0, 40
    assert changed(picture, figures.confusion(moved, NAMES))


def test_confusion_leaves_out_what_is_rare():
    counts = np.diag(np.arange(30, 0, -1))
    few = figures.confusion(counts, NAMES, num_commonest=4)
    counts[20, 20] += 1  # still not among the four
    assert not changed(few, figures.confusion(counts, NAMES, num_commonest=4))
    assert changed(few, figures.confusion(counts, NAMES, num_commonest=5))


def test_confusion_without_any_data_is_a_picture_too():
    assert figures.confusion(np.zeros((3, 3), int), NAMES[:3]).shape[2] == 3


def test_counts_of_other_choices_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 3\) of the 3 names, got \(2, 2\)"):
        figures.confusion(np.zeros((2, 2)), NAMES[:3])


def test_clicks_are_painted_where_they_are_on_one_scale():
    true, predicted = np.zeros((2, 8, 8), np.int64)
    true[1, 6], predicted[6, 1] = 100, 100
    picture = figures.clicks(true, predicted, "screen").astype(int).sum(axis=2)
    nothing = figures.clicks(true * 0, predicted * 0, "screen").astype(int).sum(axis=2)
    rows, columns = np.nonzero(picture - nothing)
    middle = picture.shape[1] // 2
    left, right = columns < middle, columns >= middle
    assert rows[left].mean() < picture.shape[0] / 2 < rows[right].mean()
    fewer = figures.clicks(true, predicted // 4, "screen").astype(int).sum(axis=2)
    assert fewer[:, middle:].max() <= picture[:, middle:].max()
    assert changed(fewer[:, middle:], picture[:, middle:])
    assert not changed(fewer[:, :middle], picture[:, :middle])


def test_maps_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match=r"Clicks on minimap: .*\(2, 3\) and \(3, 2\)"):
        figures.clicks(np.zeros((2, 3)), np.zeros((3, 2)), "minimap")
