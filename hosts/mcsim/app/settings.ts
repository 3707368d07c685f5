import config from "mc/config";

/** What the manifest's `config` says, and the command line in its place: `mcconfig … host=192.168.1.10 port=1883`. */
export interface Settings {
  /** The broker's name or address. */
  readonly host: string;
  readonly port: number;
  /** Two simulators at one broker need two of these. */
  readonly clientId: string;
  readonly base: string;
  /** Milliseconds from one reading to the next. */
  readonly interval: number;
  readonly username?: string;
  readonly password?: string;
}

/** The command line gives everything as text. */
type Given = Record<keyof Settings, string | number> & { username?: string; password?: string };

export function readSettings(): Settings {
  const { host, port, clientId, base, interval, username, password } = config as unknown as Given;
  return {
    host: String(host),
    port: Number(port),
    clientId: String(clientId),
    base: String(base),
    interval: Number(interval),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  };
}
