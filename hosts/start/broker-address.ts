import { isIP } from "node:net";

/** Where a broker is, and who we are to it. */
export interface BrokerAddress {
  readonly protocol: "mqtt" | "mqtts";
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883 };

/** What `text` says, a URL like `mqtts://user:password@host:8883`; undefined when it is none. */
export function parseBrokerAddress(text: string): BrokerAddress | undefined {
  const url = parseUrl(text);
  const protocol = url?.protocol.slice(0, -1);
  if (url === null || url.hostname === "" || (protocol !== "mqtt" && protocol !== "mqtts")) return undefined;
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") return undefined;
  const credentials = parseCredentials(url);
  if (credentials === undefined) return undefined;
  const port = url.port === "" ? DEFAULT_PORTS[protocol] : Number(url.port);
  return { protocol, host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, ...credentials };
}

/** The address as shown to people: without credentials. */
export function describeAddress({ protocol, host, port }: BrokerAddress): string {
  return `${protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
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
