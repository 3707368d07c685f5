import { isIP } from "node:net";

/** MQTT over TCP, TLS, WebSockets, and WebSockets over TLS. */
export type Protocol = "mqtt" | "mqtts" | "ws" | "wss";

/** Where a broker is, and who we are to it. */
export interface BrokerAddress {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  /** With WebSockets only: begins with a slash. */
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
}

const DEFAULT_PORTS: Readonly<Record<Protocol, number>> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/**
 * What `text` says, a URL like `mqtts://user:password@host:8883` or `ws://host/path`; undefined when it is none. The path
 * of a WebSocket is `/` when there is none, as with MQTT.js.
 */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const url = parseUrl(text);
  const protocol = url?.protocol.slice(0, -1);
  if (url === null || url.hostname === "" || !isProtocol(protocol)) return undefined;
  const path = parsePath(url, protocol);
  const credentials = parseCredentials(url);
  if (path === undefined || credentials === undefined) return undefined;
  const port = url.port === "" ? DEFAULT_PORTS[protocol] : Number(url.port);
  return { protocol, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, ...path, ...credentials };
}

/** The address as a URL that may be shown to people: without credentials. */
export function describeAddress({ protocol, host, port, path = "" }: BrokerAddress): string {
  return `${protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${port}${path}`;
}

function isProtocol(name: string | undefined): name is Protocol {
  return name !== undefined && Object.hasOwn(DEFAULT_PORTS, name);
}

/** Undefined when there is one and must not be, or a query, which may hold credentials that would be shown. */
function parsePath(url: URL, protocol: Protocol): Pick<BrokerAddress, "path"> | undefined {
  if (url.search !== "" || url.hash !== "") return undefined;
  if (protocol.startsWith("ws")) return { path: url.pathname };
  return ["", "/"].includes(url.pathname) ? {} : undefined;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Undefined when they are not percent-encoded as they must be, or there is a password without a user name. */
function parseCredentials(url: URL): Pick<BrokerAddress, "username" | "password"> | undefined {
  if (url.username === "") return url.password === "" ? {} : undefined;
  try {
    const username = decodeURIComponent(url.username);
    return url.password === "" ? { username } : { username, password: decodeURIComponent(url.password) };
  } catch {
    return undefined;
  }
}
