import type * as Piu from "piu/MC";

/** Night blue, one accent, and colours that mean something. */
export const colour = {
  background: "#0c121b",
  surface: "#172130",
  raised: "#2a3950",
  text: "#eef3f9",
  dim: "#8796ab",
  accent: "#34d3c0",
  accentPressed: "#1f9d8f",
  accentShade: "#34d3c02c",
  onAccent: "#06231f",
  good: "#41d68a",
  waiting: "#f4b740",
  bad: "#ff6b6b",
  lit: "#ffd45e",
} as const;

// Pixels.
export const MARGIN = 12;
export const GAP = 6;
export const RADIUS = 8;

export const style = {
  figure: text("72px Open Sans", colour.text),
  smallFigure: text("semibold 28px Open Sans", colour.text),
  title: text("semibold 18px Open Sans", colour.text),
  value: text("semibold 16px Open Sans", colour.text, "right"),
  caption: text("16px Open Sans", colour.dim),
  captionRight: text("16px Open Sans", colour.dim, "right"),
  dial: text("18px Open Sans", colour.dim, "right"),
  button: text("semibold 16px Open Sans", colour.onAccent, "center"),
  /** By the label's state: nothing to say, something, something wrong. */
  notice: text("16px Open Sans", [colour.dim, colour.text, colour.bad]),
} as const;

function text(font: string, color: string | string[], horizontal = "left"): Piu.Style {
  return new Style({ font, color, horizontal, vertical: "middle" });
}
