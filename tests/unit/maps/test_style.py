import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.maps import style

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear sRGB.
COLOUR_BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (to_xyz @ np.clip(rgb, 0, 1)) / np.array([0.9505, 1.0, 1.089])
    fx, fy, fz = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def lightness(colour: str) -> float:
    return float(lab(linear(colour))[0])


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    darker, lighter = sorted((float(linear(one) @ weights), float(linear(other) @ weights)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("sequence", [style.REPORTS, style.PUBLISHED])
def test_a_sequence_has_five_classes_at_most_and_darkens_evenly_in_greyscale(sequence: tuple[str, ...]) -> None:
    steps = -np.diff([lightness(colour) for colour in sequence])
    assert len(sequence) <= 5
    assert steps.min() > 7


@pytest.mark.parametrize("blindness", COLOUR_BLINDNESS)
def test_classes_and_strengths_stay_apart_for_colour_blind_readers(blindness: str) -> None:
    seen = [lab(np.array(COLOUR_BLINDNESS[blindness]) @ linear(colour)) for colour in (*style.REPORTS, style.STRENGTH)]
    apart = [np.linalg.norm(one - other) for i, one in enumerate(seen) for other in seen[:i]]
    assert min(apart) > 12  # CIE76; about 2.3 is a just noticeable difference


@pytest.mark.parametrize(
    "shape", [*(colour for _, colour in style.POINTS.values()), style.OUTLINE, style.STRENGTH, style.ACTION]
)
def test_shapes_have_three_to_one_against_the_ground(shape: str) -> None:
    assert contrast(shape, style.GROUND) >= 3


def test_labels_have_four_and_a_half_to_one_against_every_pale_surface() -> None:
    for surface in (style.GROUND, style.STREET, style.LABEL_HALO, style.LAND_USE):
        assert contrast(style.LABEL, surface) >= 4.5


def test_the_basemap_is_paler_than_the_data() -> None:
    pale = [style.GROUND, style.PARK, style.WATER, style.BUILDING, style.STREET, style.STREET_EDGE, style.PATH]
    assert min(lightness(colour) for colour in pale) > 80 > max(lightness(colour) for colour in style.REPORTS[1:])


def test_nothing_on_the_map_is_traffic_light_red_or_green() -> None:
    for colour in (
        *style.REPORTS,
        *(colour for _, colour in style.POINTS.values()),
        style.OUTLINE,
        style.STRENGTH,
        style.ACTION,
    ):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (red > 2 * green and red > 2 * blue and green < 60)
        assert not (green > 1.3 * red and green > 1.3 * blue)


def test_breaks_are_round_numbers_that_grow_by_a_factor() -> None:
    assert style.class_breaks(63) == (1, 2, 5, 10, 20)
    assert style.class_breaks(3000) == (1, 5, 20, 100, 500)


def test_few_reports_make_few_classes() -> None:
    assert style.class_breaks(0) == style.class_breaks(1) == (1,)
    assert style.class_breaks(10) == (1, 2, 5)


@given(st.integers(min_value=1, max_value=10_000_000))
def test_every_count_up_to_the_largest_has_a_class_and_every_class_a_label(largest: int) -> None:
    breaks = style.class_breaks(largest)
    assert breaks[0] == 1
    assert list(breaks) == sorted(set(breaks))
    assert len(breaks) <= style.MOST_CLASSES
    assert breaks[-1] <= largest
    assert len(style.class_labels(breaks)) == len(style.class_colours(breaks)) == len(breaks)


def test_the_legend_says_where_each_class_begins_and_ends() -> None:
    assert style.class_labels((1, 2, 5, 10, 20)) == ("1", "2 to 4", "5 to 9", "10 to 19", "20 or more")
    assert style.class_labels((1,)) == ("1 or more",)


def test_few_classes_still_use_the_whole_sequence() -> None:
    assert style.class_colours((1, 2, 5)) == (style.REPORTS[0], style.REPORTS[2], style.REPORTS[4])
    assert style.class_colours((1,)) == (style.REPORTS[2],)
