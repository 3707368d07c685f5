import { encodeUtf8 } from "../wire/utf8.js";
import { base64 } from "../wire/base64.js";
import { sha1 } from "./sha1.js";

/** What RFC 6455 (1.3) has every server put behind the key. */
const SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a server answers to a `Sec-WebSocket-Key`, so that nothing but a WebSocket server answers it. */
export function acceptOf(key: string): string {
  return base64(sha1(encodeUtf8(key + SUFFIX) as Uint8Array)); // all of it is ASCII
}
