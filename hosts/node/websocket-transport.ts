import { validateHeaderName, validateHeaderValue } from "node:http";
import { MqttError } from "mqtt-xs";
import { checkText } from "../device/check.js";
import { SocketTransport, type NodeStream } from "./socket-transport.js";
import { tlsSettings, type TlsOptions } from "./tls-options.js";
import { WebSocketStream } from "./websocket-stream.js";

/** Options of a `WebSocketTransport`. Those of TLS are for `wss://` only. */
export interface WebSocketTransportOptions extends TlsOptions {
  /**
   * `ws://host:port/path`, or `wss://host:port/path` for TLS. Without a port: 80 and 443. A user name and password in it
   * are for HTTP (Basic authentication), not for MQTT.
   */
  url: string;
  /** More headers of the HTTP request, such as `{ Authorization: "Bearer …" }`. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * A WebSocket through the package `ws` (8.13 or later), which is to be installed beside this one. MQTT goes in binary
 * frames and in the subprotocol `mqtt` (MQTT 3.1.1, chapter 6), without compression; nothing is redirected. A frame is
 * kept until it is complete.
 *
 * Nothing throws but the constructor: `ERR_ARGUMENT`, with the name of the option. `onClose` gets `ERR_WEBSOCKET_UPGRADE`
 * when the server did not answer the handshake as it must, with its HTTP status as the `reasonCode`;
 * `ERR_WEBSOCKET_SUBPROTOCOL` when it did not agree to `mqtt`; `ERR_WEBSOCKET` for a frame of text, or a broken one; and
 * apart from that the same as with a `TcpTransport` or, for `wss://`, a `TlsTransport`. When the server closed with a code
 * of its own, `ERR_CONNECTION_CLOSED` has that as the `reasonCode`. No message ever holds what of the URL or the headers
 * may be secret.
 */
export class WebSocketTransport extends SocketTransport {
  protected readonly openEvent = "open";
  readonly #start: () => NodeStream;

  constructor(options: WebSocketTransportOptions) {
    const url = checkUrl(options.url);
    const place = `${url.protocol}//${url.host}${url.pathname}`;
    super(place);
    const settings = {
      headers: { ...authorization(url), ...checkHeaders(options.headers ?? {}) },
      ...(url.protocol === "wss:" ? tlsSettings(options, url.hostname.replace(/[[\]]/g, "")) : {}),
    };
    this.#start = () => new WebSocketStream(url, settings, place);
  }

  protected connect(): NodeStream {
    return this.#start();
  }
}

/** The message does not quote the URL, which may have a password in it. */
function checkUrl(text: string): URL {
  const url = URL.canParse(checkText("url", text)) ? new URL(text) : undefined;
  if (url === undefined || !["ws:", "wss:"].includes(url.protocol) || url.hash !== "")
    throw new MqttError("ERR_ARGUMENT", "url must be ws://host:port/path or wss://host:port/path, with no # in it", "caller");
  return url;
}

/** Takes the user name and password out of the URL: not all versions of `ws` decode them. */
function authorization(url: URL): Record<string, string> {
  const { username, password } = url;
  if (username === "" && password === "") return {};
  url.username = "";
  url.password = "";
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  } catch {
    throw new MqttError("ERR_ARGUMENT", "url must have its user name and password percent-encoded", "caller");
  }
}

/** A copy of them, which may go into a request as they are. */
function checkHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch {
    throw new MqttError("ERR_ARGUMENT", "headers must be names and values that HTTP allows", "caller");
  }
  return { ...headers };
}
