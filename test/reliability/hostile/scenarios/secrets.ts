import { inspect } from "node:util";
import { utf8 } from "../../../support/packets.js";

/** What must be nowhere to be read: unlike anything that a script holds. */
export const SECRET = "QzXjWv7";

const BYTES = [...utf8(SECRET)];
/** As text; in Base64, wherever it begins there; and as bytes, in the ways that consoles and JSON have. */
const FORMS: readonly RegExp[] = [
  new RegExp(SECRET, "i"),
  ...[0, 1, 2].map(
    (before) =>
      new RegExp(
        btoa("x".repeat(before) + SECRET)
          .slice(before === 0 ? 0 : 4, 8)
          .replace(/[+/]/g, "\\$&"),
      ),
  ),
  new RegExp(BYTES.map((byte) => byte.toString(16)).join(" ?"), "i"),
  new RegExp(BYTES.join(",\\s*")),
  new RegExp(BYTES.map((byte) => `"\\d+":\\s*${byte}`).join(",\\s*")),
];

/** Whether a text tells the secret. */
export function tells(text: string): boolean {
  return FORMS.some((form) => form.test(text));
}

/** All that a console, a debugger, a log or JSON makes of something. */
export function everythingOf(what: unknown): string {
  const printed = inspect(what, { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null });
  const error = what instanceof Error ? [what.message, what.stack, String(what.cause), String(what)] : [];
  return [...error, printed, safeJson(what)].join("\n");
}

function safeJson(what: unknown): string {
  try {
    return JSON.stringify(what);
  } catch {
    return ""; // in circles
  }
}
