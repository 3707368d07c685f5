import { Failure } from "./failure.js";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused; is a broker running there?",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "unknown host name",
  EAI_AGAIN: "the host name cannot be resolved at present",
  ETIMEDOUT: "no answer",
};

/** CONNACK's return codes (MQTT 3.1.1, table 3.1). */
const REFUSALS: Readonly<Record<number, string>> = {
  1: "does not speak MQTT 3.1.1",
  2: "refused the client identifier",
  3: "says that it is not available",
  4: "refused the user name or password",
  5: "refused the credentials: not authorized",
};

/** Why a connection to the broker could not be made, in one line. `place` is without credentials. */
export function connectFailure(place: string, error: unknown): Failure {
  const code = property(error, "code");
  if (typeof code === "number") return new Failure(describeRefusal(place, code));
  const reason = typeof code === "string" ? (REASONS[code] ?? `${messageOf(error)} (${code})`) : messageOf(error);
  return new Failure(`cannot connect to the broker ${place}: ${reason}`);
}

/** What the broker's refusal means. */
export function describeRefusal(place: string, returnCode: number): string {
  return `the broker ${place} ${REFUSALS[returnCode] ?? `refused the connection with code ${returnCode}`}`;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1).join("");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
