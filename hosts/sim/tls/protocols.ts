import { bytesOf } from "./bytes.js";
import type { Protocol } from "./options.js";

/** The protocols in ALPN's wire format: each behind a byte that says its length. */
export function encodeProtocols(protocols: Protocol | readonly Protocol[]): Uint8Array {
  const names = (Array.isArray(protocols) ? (protocols as readonly Protocol[]) : [protocols as Protocol]).map(encode);
  const list = new Uint8Array(names.reduce((length, name) => length + 1 + name.length, 0));
  let at = 0;
  for (const name of names) {
    list[at] = name.length;
    list.set(name, at + 1);
    at += 1 + name.length;
  }
  return list;
}

function encode(protocol: Protocol): Uint8Array {
  const bytes = typeof protocol === "string" ? Uint8Array.from(protocol, (character) => character.charCodeAt(0)) : bytesOf(protocol);
  if (bytes.length < 1 || bytes.length > 255) throw new Error("invalid protocol");
  return bytes;
}
