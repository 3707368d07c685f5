import { createHash } from "node:crypto";

// The server's part of the handshake (RFC 6455, 4.2), with nothing from src.

/** Headers of the answer by name; `undefined` leaves one out. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** The value of a header in a request. */
export function headerOf(request: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?)\r$`, "im").exec(request)?.[1];
}

/** What belongs to a `Sec-WebSocket-Key`. */
export function acceptFor(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** The answer to a request that agrees to it, but for `changes` in its headers. */
export function agreement(request: string, changes: Headers = {}): string {
  const headers: Headers = {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": acceptFor(headerOf(request, "Sec-WebSocket-Key") ?? ""),
    "Sec-WebSocket-Protocol": "mqtt",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`;
}
