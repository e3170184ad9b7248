// The exploring map: areas coloured by an indicator and a year, a list beside it that says the same, no tile server needed.
import { LngLatBounds, Map as Drawing, setWorkerUrl, type ExpressionSpecification, type MapMouseEvent } from "maplibre-gl";
import type { Feature, FeatureCollection, Polygon, MultiPolygon, Position } from "geojson";

interface Shown { state: string; class: number | null; text: string }
interface Layer { indicator: string; name: string; period: string; areas: Record<string, Shown>; legend: { swatch: string; text: string }[] }
interface Content { layers: Layer[]; shapes: FeatureCollection<Polygon | MultiPolygon, { code: string; name: string; url: string }> }

const RAMP = ["#eef1ec", "#cfe0d8", "#a3c7ba", "#6fa896", "#3c8673", "#0b6350"];
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function pick<T extends Element>(island: ParentNode, selector: string): T {
  const found = island.querySelector<T>(selector);
  if (!found) throw new Error(`the map has no ${selector}`);
  return found;
}

function positions(feature: Feature<Polygon | MultiPolygon>): Position[] {
  const shape = feature.geometry;
  return shape.type === "Polygon" ? shape.coordinates.flat() : shape.coordinates.flat(2);
}

function bounds(content: Content): LngLatBounds {
  const box = new LngLatBounds();
  for (const feature of content.shapes.features) {
    for (const [lon, lat] of positions(feature)) box.extend([lon ?? 0, lat ?? 0]);
  }
  return box;
}

/** A small picture to fill areas with: stripes for what nobody measured, dots for what is withheld, a stroke for not applicable. */
function pattern(kind: string): ImageData {
  const size = 12;
  const paper = document.createElement("canvas");
  paper.width = paper.height = size;
  const pen = paper.getContext("2d");
  if (!pen) throw new Error("no drawing surface");
  pen.fillStyle = kind === "missing" ? "#f3f0e7" : "#ffffff";
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = kind === "missing" ? "#b9b09a" : "#4c5b55";
  pen.lineWidth = 2.4;
  if (kind === "withheld") {
    for (const [x, y] of [[3, 3], [9, 9]] as const) {
      pen.beginPath();
      pen.arc(x, y, 1.4, 0, 7);
      pen.fill();
    }
  } else if (kind === "missing") {
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift - 1, size + 1);
      pen.lineTo(shift + size + 1, -1);
      pen.stroke();
    }
  } else {
    pen.lineWidth = 0.8;
    pen.strokeRect(0, 0, size, size);
  }
  return pen.getImageData(0, 0, size, size);
}

function colour(layer: Layer): ExpressionSpecification {
  const pairs = Object.entries(layer.areas).flatMap(([code, shown]) => [code, shown.class === null ? "#ffffff" : RAMP[shown.class] ?? "#ffffff"]);
  return ["match", ["get", "code"], ...pairs, "#ffffff"] as unknown as ExpressionSpecification;
}

function codesIn(layer: Layer, state: string): string[] {
  return Object.entries(layer.areas).filter(([, shown]) => shown.state === state).map(([code]) => code);
}

function style(tiles: string): ConstructorParameters<typeof Drawing>[0]["style"] {
  const background = { id: "paper", type: "background", paint: { "background-color": "#eef1f0" } } as const;
  if (!tiles) return { version: 8, sources: {}, layers: [background] };
  return {
    version: 8,
    sources: { tiles: { type: "raster", tiles: [tiles], tileSize: 256 } },
    layers: [background, { id: "tiles", type: "raster", source: "tiles", paint: { "raster-opacity": 0.5 } }],
  };
}

export async function drawMap(island: HTMLElement): Promise<void> {
  const answer = await fetch(island.dataset["map"] ?? "");
  if (!answer.ok) return;
  const content = (await answer.json()) as Content;
  const indicatorChoice = pick<HTMLSelectElement>(island, "[data-map-indicator]");
  const periodChoice = pick<HTMLSelectElement>(island, "[data-map-period]");
  const reading = pick<HTMLElement>(island, "[data-map-reading]");
  const list = pick<HTMLUListElement>(island, "[data-map-list]");
  const legend = pick<HTMLUListElement>(island, "[data-map-legend]");
  const canvas = pick<HTMLElement>(island, "[data-map-canvas]");
  island.hidden = false;
  setWorkerUrl(new URL(/* @vite-ignore */ "./map-worker.js", import.meta.url).href);
  const box = bounds(content);
  const drawing = new Drawing({
    container: canvas, style: style(island.dataset["tiles"] ?? ""), bounds: box, fitBoundsOptions: { padding: 24 },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, cooperativeGestures: false, scrollZoom: false, fadeDuration: 0,
    locale: { "Map.Title": canvas.getAttribute("aria-label") ?? "" },
  });
  drawing.touchZoomRotate.disableRotation();

  const current = (): Layer | undefined =>
    content.layers.find((layer) => layer.indicator === indicatorChoice.value && layer.period === periodChoice.value)
    ?? content.layers.find((layer) => layer.indicator === indicatorChoice.value);

  const say = (code: string | null): void => {
    const layer = current();
    const feature = content.shapes.features.find((each) => each.properties.code === code);
    reading.textContent = layer && feature ? `${feature.properties.name}: ${layer.areas[feature.properties.code]?.text ?? ""}` : "";
    drawing.setFilter("chosen", ["==", ["get", "code"], code ?? ""]);
  };

  const fillList = (layer: Layer): void => {
    list.replaceChildren(...content.shapes.features.map((feature) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = feature.properties.url;
      link.textContent = feature.properties.name;
      link.addEventListener("focus", () => say(feature.properties.code));
      const value = document.createElement("bdi");
      value.textContent = layer.areas[feature.properties.code]?.text ?? "";
      item.append(link, " ", value);
      return item;
    }));
    legend.replaceChildren(...layer.legend.map((entry) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = `swatch swatch-${entry.swatch}`;
      const words = document.createElement("bdi");
      words.textContent = entry.text;
      item.append(swatch, words);
      return item;
    }));
  };

  const fillPeriods = (): void => {
    const kept = periodChoice.value;
    const periods = content.layers.filter((layer) => layer.indicator === indicatorChoice.value).map((layer) => layer.period);
    periodChoice.replaceChildren(...periods.map((period) => new Option(period, period)));
    periodChoice.value = periods.includes(kept) ? kept : periods.at(-1) ?? "";
  };

  const draw = (): void => {
    const layer = current();
    if (!layer) return;
    drawing.setPaintProperty("fill", "fill-color", colour(layer));
    for (const state of ["missing", "withheld", "not_applicable"]) {
      drawing.setFilter(`fill-${state}`, ["in", ["get", "code"], ["literal", codesIn(layer, state)]]);
    }
    fillList(layer);
    say(null);
  };

  indicatorChoice.addEventListener("change", () => { fillPeriods(); draw(); });
  periodChoice.addEventListener("change", draw);
  pick<HTMLButtonElement>(island, "[data-map-closer]").addEventListener("click", () => drawing.zoomIn({ animate: !still }));
  pick<HTMLButtonElement>(island, "[data-map-farther]").addEventListener("click", () => drawing.zoomOut({ animate: !still }));
  pick<HTMLButtonElement>(island, "[data-map-whole]").addEventListener("click", () => drawing.fitBounds(box, { padding: 24, animate: !still }));

  drawing.on("load", () => {
    drawing.addSource("areas", { type: "geojson", data: content.shapes });
    drawing.addLayer({ id: "fill", type: "fill", source: "areas", paint: { "fill-color": "#ffffff" } });
    for (const state of ["missing", "withheld", "not_applicable"]) {
      drawing.addImage(state, pattern(state), { pixelRatio: 1.5 });
      drawing.addLayer({ id: `fill-${state}`, type: "fill", source: "areas", paint: { "fill-pattern": state }, filter: ["in", ["get", "code"], ["literal", []]] });
    }
    drawing.addLayer({ id: "line", type: "line", source: "areas", paint: { "line-color": "#4c5b55", "line-width": 1.2 } });
    drawing.addLayer({ id: "chosen", type: "line", source: "areas", paint: { "line-color": "#1e4e8c", "line-width": 3.5 }, filter: ["==", ["get", "code"], ""] });
    const codeAt = (event: MapMouseEvent): string | null =>
      (drawing.queryRenderedFeatures(event.point, { layers: ["fill"] })[0]?.properties?.["code"] as string | undefined) ?? null;
    drawing.on("mousemove", (event) => {
      const code = codeAt(event);
      drawing.getCanvas().style.cursor = code ? "pointer" : "";
      say(code);
    });
    drawing.on("click", (event) => {
      const feature = content.shapes.features.find((each) => each.properties.code === codeAt(event));
      if (feature) window.location.assign(feature.properties.url);
    });
    fillPeriods();
    draw();
    island.setAttribute("data-map-ready", "");
  });
}
