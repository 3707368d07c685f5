import type { Transport } from "../client/transport.js";
import { MqttError } from "../errors.js";

/** Options of a `WebSocketTransport`. */
export interface WebSocketTransportOptions {
  /** What carries it: TCP for `ws://`, TLS for `wss://`. Used by nobody else. */
  transport: Transport;
  /** The server's name as the request has it, with the port unless it is 80 or 443: `"broker.example:8080"`. */
  host: string;
  /** What is requested. Default "/mqtt". */
  path?: string;
  /** More headers of the request, such as `Authorization`. Default none. */
  headers?: Readonly<Record<string, string>>;
  /** Bytes of the largest packet, 32 to 65,535: no less than the client's `packetSize`. Costs as many bytes. Default 512. */
  packetSize?: number;
  /** Uniform in [0, 1), for the keys that frames are masked with. Default `Math.random`. */
  random?: () => number;
}

/** The options with their defaults. @throws MqttError `ERR_ARGUMENT` that names what is wrong, without a header's value. */
export function checkOptions(options: WebSocketTransportOptions): Required<WebSocketTransportOptions> {
  const { transport, host, path = "/mqtt", headers = {}, packetSize = 512, random = Math.random } = options;
  if (typeof (transport as Partial<Transport> | undefined)?.open !== "function") throw wrong("transport", "one of TCP or TLS");
  if (!isVisible(host)) throw wrong("host", `the server's name, as in "broker.example:8080"`);
  if (!isVisible(path) || !path.startsWith("/")) throw wrong("path", `one that begins with "/"`);
  for (const [name, value] of Object.entries(headers))
    if (!isToken(name) || !isLine(value)) throw wrong(`headers.${name}`, "a name and a value on one line");
  if (!Number.isInteger(packetSize) || packetSize < 32 || packetSize > 0xffff) throw wrong("packetSize", "an integer from 32 to 65535");
  return { transport, host, path, headers, packetSize, random };
}

// The expressions stand in functions, since they cannot be run when they are in flash.

/** Printable, without a space: what may stand in a request's first line. */
function isVisible(text: unknown): boolean {
  return typeof text === "string" && /^[\x21-\x7e]+$/.test(text);
}

/** Without line breaks: what may stand in a header. */
function isLine(text: unknown): boolean {
  return typeof text === "string" && /^[\t\x20-\x7e]*$/.test(text);
}

function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

// Not the one of errors.ts: in the build this module takes from the library only what that exports.
function wrong(name: string, expected: string): MqttError {
  return new MqttError("ERR_ARGUMENT", `${name}: expected ${expected}`, "caller");
}
