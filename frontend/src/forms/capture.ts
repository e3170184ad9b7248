// Answers that the device takes: a picture or another file, and a position; each can also be given by hand.
import { button, el, write } from "./dom";
import { looks, type AnyNode, type RootNode } from "./engine";
import type { Answer } from "./question";
import { LARGEST } from "./person";
import { plainNumber } from "./text";
import { say, saySize } from "./words";

type Upload = Extract<AnyNode, { nodeType: "upload" }>;
/** Longest side of a picture that is made smaller, in pixels, where the form says nothing. */
const SIDE = 1600;
const LARGEST_FILE = LARGEST / 4;

/** The picture again, smaller: what the camera wrote beside it (place, time, device) stays behind. */
async function smaller(file: File, side: number): Promise<File> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = el("canvas", { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  return blob ? new File([blob], "picture.jpg", { type: "image/jpeg" }) : file;
}

export function uploadAnswer(node: Upload, id: string): Answer {
  const { accept, type } = node.nodeOptions.media;
  const picture = type === "image";
  const field = el("input", { id, type: "file", class: "visually-hidden", accept });
  const choose = el("label", { class: "btn btn-outline-primary form-file", for: id });
  if (picture && looks(node, "new")) field.setAttribute("capture", "environment");
  const reduce = el("input", { id: `${id}-smaller`, type: "checkbox", class: "form-check-input", checked: true });
  const reduceWords = el("span");
  const preview = el("div", { class: "form-preview" });
  const remove = button("", "btn-outline-primary btn-sm", () => {
    field.value = "";
    tooLarge = false;
    node.setValue(null);
  });
  let tooLarge = false;
  let shown: unknown = null;
  field.addEventListener("change", () => void take());
  async function take(): Promise<void> {
    const file = field.files?.[0];
    if (!file) return;
    const kept = picture && reduce.checked ? await smaller(file, node.maxPixels ?? SIDE).catch(() => file) : file;
    tooLarge = kept.size > LARGEST_FILE;
    node.setValue(tooLarge ? null : kept);
    preview.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const small = el("label", { class: "form-choice form-choice-quiet", for: `${id}-smaller` }, reduce, reduceWords);
  return {
    element: el("div", {}, field, choose, picture ? small : null, preview, remove),
    focus: field,
    unreadable: () => (tooLarge ? say("pictureTooLarge", { size: saySize(LARGEST_FILE) }) : ""),
    update: () => {
      const file = node.currentState.value;
      write(choose, say(picture ? "addPicture" : "addFile"));
      choose.classList.toggle("disabled", node.currentState.readonly);
      write(reduceWords, say("pictureSmaller"));
      write(remove, say("remove"));
      remove.hidden = !file || node.currentState.readonly;
      field.disabled = node.currentState.readonly;
      if (file === shown) return;
      shown = file;
      preview.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
      const image = file && file.type.startsWith("image/") ? el("img", { src: URL.createObjectURL(file), alt: "" }) : null;
      preview.replaceChildren(...(file ? [image ?? "", el("span", {}, saySize(file.size))] : []));
    },
  };
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number | null;
  readonly accuracy: number | null;
}
interface Placed {
  readonly currentState: { readonly value: Place | null; readonly readonly: boolean };
  setValue(value: Place | null): RootNode;
}

export function placeAnswer(node: AnyNode, id: string): Answer {
  const place = node as unknown as Placed;
  const coordinate = (which: "latitude" | "longitude"): { element: HTMLElement; field: HTMLInputElement; words: HTMLElement } => {
    const field = el("input", { id: `${id}-${which}`, type: "text", inputmode: "decimal", class: "form-control form-number", dir: "ltr", autocomplete: "off" });
    const words = el("span");
    return { field, words, element: el("label", { for: field.id }, words, field) };
  };
  const [latitude, longitude] = [coordinate("latitude"), coordinate("longitude")];
  const told = el("p", { class: "form-text", role: "status" });
  const byHand = el("p", { class: "form-text mb-1" });
  let unreadable = false;
  const typed = (): void => {
    const [north, east] = [latitude, longitude].map(({ field }) => plainNumber(field.value)) as [string, string];
    const empty = north === "" && east === "";
    const right = /^-?\d+(\.\d+)?$/.test(north) && /^-?\d+(\.\d+)?$/.test(east) && Math.abs(Number(north)) <= 90 && Math.abs(Number(east)) <= 180;
    unreadable = !empty && !right;
    place.setValue(right ? { latitude: Number(north), longitude: Number(east), altitude: null, accuracy: null } : null);
  };
  for (const { field } of [latitude, longitude]) field.addEventListener("input", typed);
  const locate = button("", "btn-outline-primary", () => {
    told.textContent = say("locating");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        unreadable = false;
        const { altitude, accuracy } = coords;
        place.setValue({ latitude: coords.latitude, longitude: coords.longitude, altitude, accuracy });
        told.textContent = say("located", { metres: Math.round(accuracy) });
        locate.dispatchEvent(new Event("change", { bubbles: true }));
      },
      () => {
        told.textContent = say("locateFailed");
        latitude.field.focus();
      },
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 0 },
    );
  });
  const fields = el("div", { class: "form-place" }, latitude.element, longitude.element);
  return {
    element: el("div", { id }, locate, told, byHand, fields),
    several: true,
    unreadable: () => (unreadable ? say("noPlace") : ""),
    update: () => {
      const { value, readonly } = place.currentState;
      write(locate, say("locate"));
      write(byHand, say("byHand"));
      write(latitude.words, say("latitude"));
      write(longitude.words, say("longitude"));
      locate.hidden = readonly || !("geolocation" in navigator);
      for (const [{ field }, number] of [[latitude, value?.latitude], [longitude, value?.longitude]] as const) {
        field.readOnly = readonly;
        if (!unreadable && !fields.contains(document.activeElement)) field.value = number === undefined ? "" : String(number);
      }
    },
  };
}
