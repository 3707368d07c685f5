import { decodeBase64 } from "../wire/base64.js";
import { encodeUtf8 } from "../wire/utf8.js";
import { refused } from "./refused.js";

/** Bytes of the longest message that is taken: usual ones have about a hundred. */
const LIMIT = 1_024;

/** The errors (RFC 5802, 7) that come without channel binding. Others are not shown: who knows what they would show. */
const ERRORS = " invalid-encoding extensions-not-supported invalid-proof unknown-user invalid-username-encoding no-resources ";

/** What the server answers to our first message. */
export interface ServerFirst {
  /** Ours, with its own behind it. */
  readonly nonce: string;
  /** In base64, and the bytes that it is of. */
  readonly salt: string;
  readonly bytes: Uint8Array;
  readonly iterations: number;
}

/** The text of a server's message. @throws MqttError `ERR_AUTHENTICATION` when it is none, or tells of an error. */
export function readMessage(data: Uint8Array): string {
  const text = decode(data);
  if (text === undefined) throw refused(`expected UTF-8 of up to ${LIMIT} bytes`);
  if (text.startsWith("m=")) throw refused("an unknown extension is demanded");
  if (!text.startsWith("e=")) return text;
  const error = text.slice(2);
  throw refused(`the server says ${ERRORS.includes(` ${error} `) ? error : "other-error"}`);
}

function decode(data: Uint8Array): string | undefined {
  if (data.length > LIMIT) return undefined;
  let text = "";
  for (let at = 0; at < data.length; at++) text += String.fromCharCode(data[at]);
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- one byte for each character, without code of our own
    text = decodeURIComponent(escape(text));
  } catch {
    return undefined;
  }
  return encodeUtf8(text)?.length === data.length ? text : undefined; // XS lets surrogates pass
}

// The expressions stand in functions, since they cannot be run when they are in flash. Behind what is known may come
// extensions, which are ignored, but not that of "m" (RFC 5802, 5.1).

/** server-first-message. @throws MqttError `ERR_AUTHENTICATION` when it is none. */
export function parseFirst(text: string): ServerFirst {
  const found = /^r=([!-+\--~]+),s=([^,]+),i=([1-9]\d*)(?:,[A-Za-ln-z]=[^\0,]+)*$/.exec(text);
  const bytes = found && decodeBase64(found[2]);
  if (!bytes) throw refused("expected r=<nonce>,s=<salt>,i=<iterations>");
  return { nonce: found[1], salt: found[2], bytes, iterations: Number(found[3]) };
}

/** The signature in server-final-message, in base64; undefined when it is none. */
export function verifierOf(text: string): string | undefined {
  return /^v=([^,]+)(?:,[A-Za-ln-z]=[^\0,]+)*$/.exec(text)?.[1];
}
