"""The map in headless Chromium under Streamlit: drawn, clicked, moved, filtered, and attacked through names."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

NAMES = json.loads((Path(__file__).parent / "hostile_names.json").read_text("utf-8"))

VIEW = "[map.getCenter().lat, map.getCenter().lng, map.getZoom()]"
LESS_THAN_A_PIXEL = 4e-5  # degrees at zoom 14

COLOURS_ON_CANVASES = """() => {
    const seen = {};
    for (const canvas of document.querySelectorAll(".leaflet-tile-pane canvas")) {
        if (!canvas.width) continue;
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 0; i < data.length; i += 4) {
            const colour = [data[i], data[i + 1], data[i + 2]].join(",");
            seen[colour] = (seen[colour] || 0) + 1;
        }
    }
    return seen;
}"""


def rgb(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))


def as_shown(name: str) -> str:
    """A name as a screen shows it: line ends are spaces, and a NUL is seen to have been there."""
    return name.replace("\n", " ").replace("\x00", "\ufffd")


@pytest.mark.trust("C11", figure="0 requests elsewhere")
def test_the_map_is_drawn_from_vector_tiles_and_asks_no_other_host(look) -> None:
    from cs_geo.maps import style

    seen = look()
    frame = seen.map_frame()
    size = frame.evaluate("[map.getSize().x, map.getSize().y]")
    colours = frame.evaluate(COLOURS_ON_CANVASES)

    assert size[0] > 700
    assert size[1] == 900 - 290  # as tall as the window allows
    # Only tiles of the zoom that is shown: 13 for reports, and 12 for the basemap, which is drawn at twice the size.
    assert {url.split("/")[5] for url in seen.tiles("basemap")} == {"12"}
    assert {url.split("/")[5] for url in seen.tiles("reports")} == {"13"}
    assert colours[rgb(style.GROUND)] > 10_000
    assert colours[rgb(style.STREET)] > 1_000
    assert colours[rgb(style.STRENGTH)] > 100
    # 7 shapes: six areas and one spot; the reports themselves are never in the page.
    assert frame.locator("path[role=button]").count() == 7
    assert seen.elsewhere() == []
    assert seen.errors == []


def test_hexagons_stand_at_low_zoom_and_points_at_high_zoom_each_with_its_legend(look) -> None:
    seen = look()
    frame = seen.map_frame()
    legend = frame.locator(".cs-geo-legend")

    frame.evaluate("map.setZoom(12, {animate: false})")
    seen.settle()
    assert legend.get_by_text("50+").is_visible()
    assert not legend.get_by_text("Incident (larger").is_visible()
    frame.evaluate("map.setZoom(14, {animate: false})")
    seen.settle()
    assert legend.get_by_text("Incident (larger").is_visible()
    assert not legend.get_by_text("50+").is_visible()
    assert legend.get_by_text("Darker = more reports received, not more dangerous people.").is_visible()


def test_moving_and_zooming_does_not_run_the_page_again(look) -> None:
    seen = look()
    frame = seen.map_frame()
    before = seen.runs()
    box = seen.page.locator("iframe").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3

    for step in range(3):
        seen.page.mouse.move(x, y)
        seen.page.mouse.down()
        seen.page.mouse.move(x + 120, y + 40 * step, steps=4)
        seen.page.mouse.up()
        seen.page.mouse.wheel(0, -300)
        seen.settle()

    assert frame.evaluate("map.getZoom()") > 13
    assert seen.runs() == before
    assert seen.errors == []


def test_a_click_on_an_area_chooses_it_and_keeps_zoom_and_place(look) -> None:
    seen = look()
    frame = seen.map_frame()
    frame.evaluate("map.setZoom(14, {animate: false})")
    frame.evaluate("window.sameMap = true")
    seen.settle()
    where = frame.evaluate(VIEW)

    shape = frame.locator("path[role=button][aria-label^='Candle Lane']")
    box = shape.bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    seen.page.get_by_text("Chosen: hotspots 2").wait_for(timeout=15_000)
    seen.settle()

    assert frame.evaluate(VIEW) == pytest.approx(where, abs=LESS_THAN_A_PIXEL)
    assert frame.evaluate("window.sameMap")
    assert frame.locator("path[stroke='#1f5a6b']").count() == 1

    map_box = seen.page.locator("iframe").bounding_box()
    seen.page.mouse.click(map_box["x"] + map_box["width"] - 60, map_box["y"] + 90)
    seen.page.get_by_text("Chosen: open ground").wait_for(timeout=15_000)


def test_an_area_is_reached_and_chosen_by_keyboard(look) -> None:
    seen = look()
    frame = seen.map_frame()

    frame.locator("#map_div").focus()
    for _ in range(12):
        seen.page.keyboard.press("Tab")
        label = frame.evaluate("document.activeElement && document.activeElement.getAttribute('aria-label')")
        if label and label.startswith("Alder Street"):
            break
    seen.page.keyboard.press("Enter")

    seen.page.get_by_text("Chosen: hotspots 1").wait_for(timeout=15_000)


def test_a_filter_changes_what_is_drawn_and_keeps_zoom_and_place(look) -> None:
    from cs_geo.maps import style

    seen = look()
    frame = seen.map_frame()
    frame.evaluate("map.setView([map.getCenter().lat + 0.005, map.getCenter().lng], 14, {animate: false})")
    frame.evaluate("window.sameMap = true")
    seen.settle()
    where = frame.evaluate(VIEW)
    assert frame.evaluate(COLOURS_ON_CANVASES)[rgb(style.STRENGTH)] > 50
    basemap_tiles = seen.tiles("basemap")

    seen.page.get_by_text("More filters").click()
    seen.page.get_by_text("Strengths", exact=True).click()
    frame.locator(".cs-geo-legend", has_not_text="Strength").wait_for(timeout=15_000)
    seen.settle()

    assert frame.evaluate("window.sameMap")
    assert frame.evaluate(VIEW) == pytest.approx(where, abs=LESS_THAN_A_PIXEL)
    assert rgb(style.STRENGTH) not in frame.evaluate(COLOURS_ON_CANVASES)
    assert seen.tiles("basemap") == basemap_tiles


def test_a_map_left_open_too_long_says_so(look) -> None:
    seen = look("?expired=1")
    frame = seen.map_frame()
    assert frame.get_by_role("status").inner_text() == "Part of the map could not be drawn. Reload the page to go on."


@pytest.mark.trust("C1", figure="0 run, all shown as typed")
@pytest.mark.trust("C2", figure="0 run, 0 requests elsewhere")
def test_hostile_names_of_areas_are_shown_as_typed_and_nothing_runs(look) -> None:
    seen = look("?view=names")
    frame = seen.map_frame()

    shapes = frame.locator("path[role=button]")
    assert shapes.count() == len(NAMES)
    for number, name in enumerate(NAMES):
        shapes.nth(number).dispatch_event("mouseover")
        expected = f"{as_shown(name)}: 5 reports"
        assert frame.locator(".foliumtooltip").text_content().strip() == expected.strip()
        assert shapes.nth(number).get_attribute("aria-label") == expected
        shapes.nth(number).dispatch_event("mouseout")
    captions = seen.page.locator("[data-testid=stCaptionContainer]")
    assert captions.count() == len(NAMES)
    for number, name in enumerate(NAMES):
        if "_line_" not in name:  # an underscore is plain text on a map, and emphasis in Markdown
            assert as_shown(name) in captions.nth(number).text_content()

    assert frame.evaluate("window.hit") is None
    assert seen.page.evaluate("window.hit") is None
    assert seen.elsewhere() == []
    assert seen.errors == []


@pytest.mark.trust("C1", figure="0 run, all shown as typed")
def test_hostile_names_are_shown_as_typed_in_every_text_place_of_folium(look) -> None:
    seen = look("?view=sinks")
    frame = seen.map_frame()

    texts = frame.evaluate("""() => {
        const found = { popup: [], tooltip: [], icon: [], layer: [] };
        for (const layer of Object.values(map._layers)) {
            for (const kind of ["Popup", "Tooltip"]) {
                if (!layer[`get${kind}`] || !layer[`get${kind}`]() || layer.getLayers) continue;
                layer[`open${kind}`]();
                const shown = layer[`get${kind}`]().getElement();
                if (shown) {
                    const text = shown.querySelector(".leaflet-popup-content") || shown;
                    found[kind.toLowerCase()].push(text.textContent.trim());
                }
                layer[`close${kind}`]();
            }
        }
        found.icon = [...document.querySelectorAll(".name-icon")].map((icon) => icon.textContent);
        const labels = document.querySelectorAll(".leaflet-control-layers-overlays label");
        found.layer = [...labels].map((label) => label.textContent);
        return found;
    }""")
    for kind, shown in texts.items():
        wanted = [as_shown(name) for name in NAMES]
        assert len(shown) >= len(NAMES), kind
        assert {text.strip() for text in wanted} <= {text.strip() for text in shown}, kind
    features = frame.evaluate("""() => {
        const shown = [];
        for (const layer of Object.values(map._layers)) {
            if (!layer.getLayers || !layer.feature && !(layer.options && layer.options.onEachFeature)) continue;
            for (const point of layer.getLayers()) {
                for (const kind of ["Popup", "Tooltip"]) {
                    if (!layer[`get${kind}`]()) continue;
                    const content = layer[`get${kind}`]()._content;
                    const text = typeof content === "function" ? content(point).textContent : "";
                    shown.push(text.trim());
                }
            }
        }
        return shown;
    }""")
    assert {as_shown(name).strip() for name in NAMES} <= set(features)

    assert frame.evaluate("window.hit") is None
    assert seen.elsewhere() == []
    assert seen.errors == []


def test_the_map_has_no_serious_accessibility_fault(look) -> None:
    from axe_playwright_python.sync_playwright import Axe

    seen = look()
    seen.map_frame()
    faults = Axe().run(seen.page).response["violations"]
    # Streamlit gives component frames a title of its own; what is judged here is what stands in the map's frame.
    serious = [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]])
        for fault in faults
        if fault["impact"] in {"serious", "critical"} and any(len(node["target"]) > 1 for node in fault["nodes"])
    ]
    assert serious == []


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
def test_the_map_fits_a_projector_and_a_phone(look, width: int, height: int) -> None:
    seen = look(width=width, height=height)
    frame = seen.map_frame()
    across, tall = frame.evaluate("[map.getSize().x, map.getSize().y]")
    assert across <= width
    assert 380 <= tall <= height - 250
    assert not frame.evaluate("document.querySelector('.cs-geo-legend').open")
    assert seen.errors == []
