import type { Journal } from "mqtt-xs/store";
import { resizableBytes } from "../../../src/session/resizable-bytes.js";

/** A record's content, as a store takes it. */
export function content(text: string): Uint8Array {
  const bytes = resizableBytes(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Puts text under a key. */
export function put(journal: Journal, key: number, text: string): boolean {
  return journal.put(key, content(text), text.length);
}

/** The text under a key. */
export function get(journal: Journal, key: number): string | undefined {
  const bytes = resizableBytes(4_096);
  const length = journal.read(key, bytes);
  return length < 0 ? undefined : String.fromCharCode(...bytes.slice(0, length));
}

/** All records, in their order. */
export function all(journal: Journal): [number, string | undefined][] {
  return Array.from({ length: journal.count }, (_, index) => [journal.keyAt(index), get(journal, journal.keyAt(index))]);
}
