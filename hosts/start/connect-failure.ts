import { Failure } from "./failure.js";
import type { ProtocolVersion } from "./protocol-version.js";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused; is a broker running there?",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "unknown host name",
  EAI_AGAIN: "the host name cannot be resolved at present",
  ETIMEDOUT: "no answer",
};

/** CONNACK's return codes (MQTT 3.1.1, table 3.1) and reason codes (MQTT 5.0, table 3-1). */
const REFUSALS: Readonly<Record<number, string>> = {
  2: "refused the client identifier",
  3: "says that it is not available",
  4: "refused the user name or password",
  5: "refused the credentials: not authorized",
  0x85: "refused the client identifier",
  0x86: "refused the user name or password",
  0x87: "refused the credentials: not authorized",
  0x88: "says that it is not available",
  0x89: "says that it is busy",
  0x8a: "has banned this client",
  0x8c: "wants another method of authentication",
  0x97: "says that a quota is exceeded",
  0x9c: "says to use another server",
  0x9d: "says to use another server",
  0x9f: "says that there are too many connections in so short a time",
};

/** Those of brokers that do not speak the version, which may answer in the one that they speak; and what to try instead. */
const WRONG_VERSION: readonly number[] = [1, 0x84];
const OTHER: Readonly<Record<ProtocolVersion, string>> = { "3.1.1": "--protocol 5", "5.0": "--protocol 3.1.1" };

/** Why a connection to the broker could not be made, in one line. `place` is without credentials. */
export function connectFailure(place: string, error: unknown, protocol: ProtocolVersion): Failure {
  const code = property(error, "code");
  if (typeof code === "number") return new Failure(describeRefusal(place, code, protocol));
  const reason = typeof code === "string" ? (REASONS[code] ?? `${messageOf(error)} (${code})`) : messageOf(error);
  return new Failure(`cannot connect to the broker ${place}: ${reason}`);
}

/** What the broker's refusal means. */
export function describeRefusal(place: string, returnCode: number, protocol: ProtocolVersion): string {
  if (WRONG_VERSION.includes(returnCode)) return `the broker ${place} does not speak MQTT ${protocol}: try ${OTHER[protocol]}`;
  return `the broker ${place} ${REFUSALS[returnCode] ?? `refused the connection with code ${returnCode}`}`;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1).join("");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
