import { MqttError } from "../errors.js";
import { acceptOf } from "./accept.js";

/** The subprotocol that MQTT has (MQTT 3.1.1, 6). */
const SUBPROTOCOL = "mqtt";

const SWITCHING_PROTOCOLS = 101;

/** What a request is made of. */
export interface Request {
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** 16 random bytes in base64. */
  readonly key: string;
}

/** The request for a WebSocket (RFC 6455, 4.1). */
export function requestText({ path, host, headers, key }: Request): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n");
}

/** What is wrong with the server's answer, if anything. @param text its head, without the empty line at its end. */
export function checkResponse(text: string, key: string): MqttError | undefined {
  const [statusLine, ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})( |$)/.exec(statusLine)?.[1] ?? 0);
  if (status !== SWITCHING_PROTOCOLS) return refused(`the server answered "${statusLine}"`, status);
  const headers = readHeaders(lines);
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") return refused("the answer has no Upgrade: websocket", status);
  if (!tokens(headers.get("connection")).includes("upgrade")) return refused("the answer has no Connection: Upgrade", status);
  if (headers.get("sec-websocket-accept") !== acceptOf(key)) return refused("the answer is not to this request", status);
  if (headers.has("sec-websocket-extensions")) return refused("the answer has extensions that nobody asked for", status);
  const protocol = headers.get("sec-websocket-protocol");
  if (protocol === SUBPROTOCOL) return undefined;
  const what = protocol === undefined ? "no subprotocol" : `the subprotocol "${protocol}"`;
  return new MqttError("ERR_WEBSOCKET_SUBPROTOCOL", `the server chose ${what} instead of "${SUBPROTOCOL}"`, "server");
}

/** Headers by their name in small letters; of a name that comes again, all values, as in one list (RFC 9110, 5.3). */
function readHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)},${value}` : value);
  }
  return headers;
}

function tokens(list = ""): string[] {
  return list.split(",").map((token) => token.trim().toLowerCase());
}

/** No WebSocket, and why. */
export function refused(why: string, status: number): MqttError {
  return new MqttError("ERR_WEBSOCKET_UPGRADE", `no WebSocket: ${why}`, "server", status);
}
