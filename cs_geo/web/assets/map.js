/*
 * The map in the browser. Python decides what is drawn (cs_geo/maps); this file only draws it.
 *
 *   csGeo.frame(map, values)   once, when the map is made: first view, height, name for screen readers
 *   csGeo.show(map, values)    at each run of the page: tile sources, drawing rules, legend, what was chosen
 *   csGeo.reachable(feature, layer)   an area or a spot that can be reached and chosen from the keyboard
 *
 * Text from Python arrives escaped (cs_geo/words/escaping.py) and is set as text, never as HTML.
 */
(function () {
  "use strict";

  const P = window.protomapsL;

  /* ---------------------------------------------------------------- drawing rules */

  /** A number, or a list of [zoom, number] between which the number changes evenly. */
  function byZoom(value) {
    return Array.isArray(value) ? P.linear(value) : value;
  }

  function atZoom(value, zoom) {
    return typeof value === "function" ? value(zoom) : value;
  }

  function classOf(count, breaks) {
    let place = 0;
    while (place + 1 < breaks.length && count >= breaks[place + 1]) place += 1;
    return place;
  }

  /** The middle of a shape's box. */
  function middle(geometry) {
    const xs = geometry[0].map((point) => point.x);
    const ys = geometry[0].map((point) => point.y);
    const at = geometry[0][0].clone();
    at.x = (Math.min(...xs) + Math.max(...xs)) / 2;
    at.y = (Math.min(...ys) + Math.max(...ys)) / 2;
    return at;
  }

  function disc(context, at, radius) {
    context.beginPath();
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  }

  function diamond(context, at, radius) {
    const reach = radius * 1.35;
    context.beginPath();
    context.moveTo(at.x, at.y - reach);
    context.lineTo(at.x + reach, at.y);
    context.lineTo(at.x, at.y + reach);
    context.lineTo(at.x - reach, at.y);
    context.closePath();
  }

  function square(context, at, radius) {
    const side = radius * 1.8;
    context.beginPath();
    context.rect(at.x - side / 2, at.y - side / 2, side, side);
  }

  const SHAPES = { disc, diamond, square };

  /** One report or several at one point: larger with their number, never darker. */
  function dots(rule) {
    const radius = byZoom(rule.radius);
    const outline = SHAPES[rule.shape];
    return {
      draw(context, geometry, zoom, feature) {
        const count = Math.max(Number(feature.props[rule.count]) || 1, 1);
        context.globalAlpha = rule.opacity;
        context.fillStyle = rule.fill;
        for (const part of geometry) {
          outline(context, part[0], atZoom(radius, zoom) * Math.min(1 + 0.3 * Math.log2(count), 4));
          context.fill();
        }
      },
    };
  }

  /** A strength. A different shape from a report, so that neither rests on colour alone. */
  function rings(rule) {
    const radius = byZoom(rule.radius);
    return {
      draw(context, geometry, zoom) {
        context.globalAlpha = 1;
        context.lineWidth = rule.width;
        context.strokeStyle = rule.stroke;
        context.fillStyle = rule.fill;
        for (const part of geometry) {
          disc(context, part[0], atZoom(radius, zoom));
          context.fill();
          context.stroke();
        }
      },
    };
  }

  /** Shapes coloured by the class of a count; nothing where the count is 0. */
  function classes(rule) {
    return {
      draw(context, geometry, zoom, feature) {
        const count = Number(feature.props[rule.count]) || 0;
        if (count < 1) return;
        context.globalAlpha = rule.opacity;
        context.fillStyle = rule.fills[classOf(count, rule.breaks)];
        context.strokeStyle = rule.stroke;
        context.lineWidth = rule.width;
        context.beginPath();
        for (const ring of geometry) {
          ring.forEach((point, place) => (place ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
        }
        context.fill();
        if (rule.width > 0) context.stroke();
      },
    };
  }

  const PAINTERS = {
    area: (rule) =>
      new P.PolygonSymbolizer({
        fill: rule.fill,
        opacity: rule.opacity,
        stroke: rule.stroke,
        width: byZoom(rule.width),
      }),
    line: (rule) =>
      new P.LineSymbolizer({
        color: rule.color,
        width: byZoom(rule.width),
        opacity: rule.opacity,
        dash: rule.dash,
        lineCap: rule.dash ? "butt" : "round",
        lineJoin: "round",
      }),
    classes,
    dots,
    rings,
  };

  function textOf(rule) {
    return {
      labelProps: ["name"],
      fontFamily: rule.font,
      fontSize: rule.size,
      fontWeight: rule.weight,
      fill: rule.fill,
      stroke: rule.halo,
      width: 1.5,
      maxLineChars: 18,
      lineHeight: 1.4,
    };
  }

  /** A name in the middle of an area, once, although each tile holds only its part of the area. */
  function areaNames(rule) {
    const centred = new P.CenteredTextSymbolizer(textOf(rule));
    return {
      place(layout, geometry, feature) {
        const { minX, maxX, minY, maxY } = feature.bbox;
        if (maxX - minX < 40 || maxY - minY < 14) return undefined;
        const labels = centred.place(layout, [[middle(geometry)]], feature);
        for (const label of labels || []) {
          label.deduplicationKey = feature.props.name;
          label.deduplicationDistance = 400;
        }
        return labels;
      },
    };
  }

  const LABELLERS = {
    point: (rule) => new P.CenteredTextSymbolizer(textOf(rule)),
    area: areaNames,
    line: (rule) => new P.LineLabelSymbolizer({ ...textOf(rule), repeatDistance: 400 }),
    beside: (rule) => new P.OffsetTextSymbolizer({ ...textOf(rule), offsetX: 9, offsetY: 4 }),
  };

  function toRule(rule, makers, maker) {
    const kinds = rule.kinds && new Set(rule.kinds);
    const shape = { line: 2, area: 3 }[rule.geometry];
    return {
      dataSource: rule.source,
      dataLayer: rule.layer,
      minzoom: rule.minzoom,
      maxzoom: rule.maxzoom,
      symbolizer: makers[maker](rule),
      filter: (zoom, feature) =>
        (!kinds || kinds.has(feature.props.kind)) && (!shape || feature.geomType === shape),
      sort: (one, other) => (one.rank || 0) - (other.rank || 0),
    };
  }

  /* ---------------------------------------------------------------- tiles */

  /** Tiles from our own server. A refused or broken tile is said on the map, not only in the console. */
  class TileSource extends P.ZxySource {
    constructor(url, trouble) {
      super(url, true);
      this.trouble = trouble;
    }

    get(tile, size) {
      return super.get(tile, size).catch((error) => {
        if (error.name !== "AbortError") this.trouble();
        throw error;
      });
    }

    abandon() {
      this.zoomaborts.forEach((request) => request.controller.abort());
      this.zoomaborts = [];
    }
  }

  function viewOf(source, trouble) {
    const levelDiff = source.large ? 1 : 0;
    const cache = new P.TileCache(new TileSource(source.url, trouble), 256 << levelDiff);
    return new P.View(cache, source.maxzoom, levelDiff);
  }

  function makeTiles(map, tiles) {
    const layer = P.leafletLayer({
      sources: tiles.sources,
      attribution: tiles.attribution,
      backgroundColor: tiles.ground,
      lang: "en",
      noWrap: true,
      tasks: map.csGeoFont ? [map.csGeoFont] : [],
      maxZoom: 20,
    });
    layer.csGeoUrls = {};
    return layer;
  }

  /** Draw anew in place only what changed: a source whose address (token) is another, or the rules. */
  function showTiles(map, tiles) {
    const trouble = () => notice(map, "Part of the map could not be drawn. Reload the page to go on.");
    const layer = map.csGeoTiles || makeTiles(map, tiles);
    const rules = JSON.stringify([tiles.paint, tiles.labels]);
    let changed = layer.csGeoRules !== rules;
    for (const name of Object.keys(layer.csGeoUrls)) {
      if (!tiles.sources[name]) {
        layer.views.get(name).tileCache.source.abandon();
        layer.views.delete(name);
        delete layer.csGeoUrls[name];
        changed = true;
      }
    }
    for (const [name, source] of Object.entries(tiles.sources)) {
      if (layer.csGeoUrls[name] === source.url) continue;
      const before = layer.csGeoUrls[name] && layer.views.get(name);
      layer.views.set(name, viewOf(source, trouble));
      if (before) before.tileCache.source.abandon();
      layer.csGeoUrls[name] = source.url;
      changed = true;
    }
    layer.csGeoRules = rules;
    layer.paintRules = tiles.paint.map((rule) => toRule(rule, PAINTERS, rule.draw));
    layer.labelRules = tiles.labels.map((rule) => toRule(rule, LABELLERS, rule.place));
    if (!map.csGeoTiles) {
      map.csGeoTiles = layer;
      layer.clearLayout();
      layer.addTo(map);
    } else if (changed) {
      notice(map, "");
      layer.clearLayout();
      layer.rerenderTiles();
    }
    return layer;
  }

  /* ---------------------------------------------------------------- words on the map */

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = plain(text);
    return made;
  }

  /** The text that was escaped, for places that take plain text and no markup. */
  function plain(escaped) {
    return String(escaped).replace(/&#(\d+);/g, (all, code) => String.fromCodePoint(Number(code)));
  }

  function notice(map, text) {
    if (!map.csGeoNotice) {
      if (!text) return;
      map.csGeoNotice = element("div", "cs-geo-notice");
      map.csGeoNotice.setAttribute("role", "status");
      map.getContainer().appendChild(map.csGeoNotice);
    }
    map.csGeoNotice.textContent = text;
    map.csGeoNotice.hidden = !text;
  }

  function swatch(entry) {
    const shape = element("span", `cs-geo-swatch cs-geo-${entry.shape}`);
    if (entry.fill) shape.style.backgroundColor = entry.fill;
    if (entry.stroke) shape.style.borderColor = entry.stroke;
    shape.setAttribute("aria-hidden", "true");
    return shape;
  }

  /** Remember at which zooms a part of the legend stands on the map. */
  function atZooms(part, { minzoom, maxzoom }) {
    part.csGeoZooms = [minzoom || 0, maxzoom || 99];
    return part;
  }

  function legendAtZoom(map) {
    for (const part of map.csGeoLegend.getContainer().querySelectorAll("ul, li, .cs-geo-title")) {
      const [from, to] = part.csGeoZooms;
      part.hidden = map.getZoom() < from || map.getZoom() > to;
    }
  }

  function legendBox(legend) {
    const box = element("details", "cs-geo-legend");
    box.open = true;
    box.appendChild(element("summary", "", legend.title));
    for (const group of legend.groups) {
      if (group.title) box.appendChild(atZooms(element("p", "cs-geo-title", group.title), group));
      const list = atZooms(element("ul", group.row ? "cs-geo-row" : ""), group);
      for (const entry of group.entries) {
        const item = atZooms(element("li"), entry);
        item.appendChild(swatch(entry));
        item.appendChild(element("span", "", entry.text));
        list.appendChild(item);
      }
      box.appendChild(list);
    }
    for (const line of legend.notes) box.appendChild(element("p", "cs-geo-note", line));
    return box;
  }

  /** A map narrower than this is covered by its legend, which is then folded at first. */
  const SMALL_MAP_PX = 700;

  function showLegend(map, legend) {
    const said = JSON.stringify(legend);
    if (map.csGeoLegendSaid === said) return;
    if (!legend) {
      if (map.csGeoLegend) map.csGeoLegend.getContainer().replaceChildren();
      map.csGeoLegendSaid = said;
      return;
    }
    if (!map.csGeoLegend) {
      map.csGeoLegend = L.control({ position: "bottomleft" });
      map.csGeoLegend.onAdd = () => {
        const holder = element("div", "cs-geo-holder");
        L.DomEvent.disableClickPropagation(holder);
        L.DomEvent.disableScrollPropagation(holder);
        return holder;
      };
      map.csGeoLegend.addTo(map);
      map.on("zoomend", () => legendAtZoom(map));
    }
    const holder = map.csGeoLegend.getContainer();
    const before = holder.firstChild;
    const box = legendBox(legend);
    box.open = before ? before.open : map.getSize().x > SMALL_MAP_PX;
    holder.replaceChildren(box);
    legendAtZoom(map);
    map.csGeoLegendSaid = said;
  }

  /* ---------------------------------------------------------------- the frame */

  /** Under this width the page puts the panel below the map, and a map of the whole height would hide it. */
  const NARROW_PX = 640;
  const LEAST_ON_PHONE_PX = 280;

  function isNarrow(page) {
    return page.innerWidth < NARROW_PX;
  }

  /** Where the panel stands below the map, bring what was just chosen into sight. */
  function showPanel(map, panel) {
    const before = map.csGeoChosen || "";
    map.csGeoChosen = panel.chosen;
    if (!panel.chosen || panel.chosen === before || window.parent === window || !isNarrow(window.parent)) return;
    const below = window.parent.document.querySelector(`.st-key-${panel.key}`);
    if (below) below.scrollIntoView({ block: "start" });
  }

  /** As tall as the window allows: st_folium asks for one height, and this answers with the one that fits. */
  function fitHeight(map, fit) {
    const streamlit = window.Streamlit;
    const page = window.parent;
    if (!streamlit || page === window) return;
    const wanted = () =>
      Math.round(
        isNarrow(page)
          ? Math.max(page.innerHeight / 2, LEAST_ON_PHONE_PX)
          : Math.min(Math.max(page.innerHeight - fit.beside, fit.least), fit.most),
      );
    const ask = streamlit.setFrameHeight.bind(streamlit);
    streamlit.setFrameHeight = () => {
      map.getContainer().style.height = `${wanted()}px`;
      ask(wanted());
      map.invalidateSize({ pan: false });
    };
    streamlit.setFrameHeight();
    page.addEventListener("resize", streamlit.setFrameHeight);
    window.addEventListener("pagehide", () => page.removeEventListener("resize", streamlit.setFrameHeight));
  }

  /** The font of the page around the frame; names on the canvas wait for it. */
  function loadFont(address) {
    const face = new FontFace("Source Sans", `url("${address}")`, { weight: "200 900" });
    document.fonts.add(face);
    return face.load();
  }

  window.csGeo = {
    frame(map, values) {
      const container = map.getContainer();
      container.setAttribute("role", "application");
      container.setAttribute("aria-label", plain(values.label));
      map.attributionControl.setPrefix(false);
      L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
      if (values.font) map.csGeoFont = loadFont(values.font);
      if (values.fit) fitHeight(map, values.fit);
      // Without animation: during one, tiles of the zoom that is being left would be asked for and thrown away.
      map.fitBounds(values.bounds, { padding: [2, 2], maxZoom: values.closest, animate: false });
      return map;
    },

    show(map, values) {
      if (values.tiles) showTiles(map, values.tiles);
      if (values.legend) showLegend(map, values.legend);
      if (values.panel) showPanel(map, values.panel);
      return map;
    },

    reachable(feature, layer) {
      layer.on("add", () => {
        const shape = layer.getElement && layer.getElement();
        if (!shape) return;
        shape.setAttribute("tabindex", "0");
        shape.setAttribute("role", "button");
        shape.setAttribute("aria-label", plain(feature.properties.text));
        shape.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          const at = { latlng: layer.getCenter ? layer.getCenter() : layer.getLatLng() };
          const map = layer._map;
          layer.fire("click", at, true);
          map.fire("click", at);
        });
      });
    },
  };
})();
