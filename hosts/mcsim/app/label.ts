import type * as Piu from "piu/MC";

/** One line of text. */
export function label(string: string, style: Piu.Style, coordinates: Piu.Coordinates & Piu.Size): Piu.Label {
  return new Label(null, { ...coordinates, string, style });
}

/** Changes a label's text; nothing is drawn anew where it is the same. */
export function setText(label: Piu.Label, string: string): void {
  if (label.string !== string) label.string = string;
}
