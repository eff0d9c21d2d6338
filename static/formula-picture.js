/**
 * A formula as a picture that stands alone: its lines set as on the page, the typefaces inside, drawn
 * by the browser itself.
 */

import { html, render } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

import { texHtml } from "./typeset.js";

const FACE = /@font-face\{[^}]*font-family:(KaTeX_\w+)[^}]*url\(([^)]+)\)[^}]*\}/g;
const STYLE = new URL("./vendor/katex.css", import.meta.url).href;
/** Sharp on a wall, and in print. */
const SCALE = 3;

/**
 * The lines, one below the other, as a PNG.
 * @param {readonly string[]} lines TeX
 * @param {{ink: string, paper: string}} colours
 * @returns {Promise<Blob>}
 */
export async function pictureOf(lines, { ink, paper }) {
  const sheet = document.createElement("div");
  sheet.style.cssText = `position:absolute;left:-99999px;top:0;width:max-content;padding:16px 20px;font-size:22px;line-height:1.9;color:${ink};background:${paper}`;
  const rows = lines.map((tex) => html`<div>${unsafeHTML(texHtml(`\\displaystyle ${tex}`))}</div>`);
  render(rows, sheet);
  for (const spoken of sheet.querySelectorAll(".katex-mathml")) spoken.remove();
  document.body.append(sheet);
  const { width, height } = sheet.getBoundingClientRect();
  const used = familiesIn(sheet);
  sheet.remove();
  sheet.style.position = "static";
  const [wide, high] = [Math.ceil(width), Math.ceil(height)];
  const markup = new XMLSerializer().serializeToString(sheet);
  const style = `<style xmlns="http://www.w3.org/1999/xhtml">${await styleOf(used)}</style>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}"><foreignObject width="100%" height="100%"><div xmlns="http://www.w3.org/1999/xhtml">${style}${markup}</div></foreignObject></svg>`;
  return drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`, wide, high);
}

/**
 * The typefaces that are really used.
 * @param {Element} sheet in the document
 */
function familiesIn(sheet) {
  const found = [...sheet.querySelectorAll(".katex, .katex *")].map(
    (one) => getComputedStyle(one).fontFamily.split(",")[0]?.replaceAll(/["']/g, "").trim() ?? "",
  );
  return new Set(found);
}

/**
 * KaTeX's own style sheet, with the used typefaces inside and the others left out.
 * @param {ReadonlySet<string>} used
 */
async function styleOf(used) {
  const sheet = await (await fetch(STYLE)).text();
  const faces = await Promise.all(
    [...sheet.matchAll(FACE)]
      .filter(([, family = ""]) => used.has(family))
      .map(async ([face, , url = ""]) => {
        const font = await fetch(new URL(url.replaceAll(/["']/g, ""), STYLE));
        return face.replace(url, await dataUrl(await font.blob()));
      }),
  );
  return faces.join("") + sheet.replaceAll(FACE, "").replaceAll("<", "\\3c ").replaceAll("&", "");
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/**
 * @param {string} address of an SVG
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
async function drawn(address, width, height) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
  const pen = canvas.getContext("2d");
  pen?.scale(SCALE, SCALE);
  pen?.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}

/**
 * Put a picture on the clipboard; where that is not allowed, save it as a file.
 * @param {Promise<Blob>} picture
 * @param {string} name of the file
 * @returns {Promise<"copied" | "saved">}
 */
export async function handOut(picture, name) {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
    return "copied";
  } catch {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await picture);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    return "saved";
  }
}
