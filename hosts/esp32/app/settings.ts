import config from "mc/config";

/** What the manifest's `config` says, and the command line in its place: `mcconfig … ssid=home password=… host=…`. */
export interface Settings {
  readonly ssid: string;
  readonly password: string;
  /** The broker's name or address. */
  readonly host: string;
  readonly port: number;
  readonly base: string;
  /** Empty: one that is made from the board's MAC address. */
  readonly clientId: string;
  readonly mqttUsername: string;
  readonly mqttPassword: string;
}

/** Where the broker is, and as whom to connect. */
export type BrokerSettings = Pick<Settings, "host" | "port">;

/** The text of a setting, and "" where there is none. */
export function text(name: string): string {
  const value: unknown = config[name];
  return typeof value === "string" || typeof value === "number" ? `${value}` : "";
}

/** The number of a setting; the command line gives all as text. */
export function number(name: string, fallback: number): number {
  const value = text(name);
  return value === "" ? fallback : Number(value);
}

function required(name: string): string {
  const value = text(name);
  if (value === "") throw new Error(`${name} is missing: mcconfig … ssid=… password=… host=…`);
  return value;
}

/** @throws Error without `ssid` or `host`. */
export function readSettings(): Settings {
  return {
    ssid: required("ssid"),
    password: text("password"),
    host: required("host"),
    port: number("port", 1883),
    base: text("base"),
    clientId: text("clientId"),
    mqttUsername: text("mqttUsername"),
    mqttPassword: text("mqttPassword"),
  };
}
