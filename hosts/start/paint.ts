/** How text can be set off. */
export type Style = "bold" | "dim" | "good" | "bad";

/** Sets text off, where that is wanted; otherwise returns it as it is. */
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
};

/** Leaves text as it is. */
export const plainly: Paint = (_style, text) => text;

/** Sets text off with the escape codes that every terminal knows. */
export const inColour: Paint = (style, text) => {
  const [on, off] = CODES[style];
  return text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`;
};

/** Escape codes, or one character. */
const PIECE = /\x1b\[[\d;]*m|[^]/gu; // eslint-disable-line no-control-regex -- escape codes are what this is about

/** The first `columns` characters of a line, with all its escape codes, which take no place. */
export function cutLine(line: string, columns: number): string {
  let left = columns;
  return line.replace(PIECE, (piece) => (piece.length > 2 || left-- > 0 ? piece : ""));
}
