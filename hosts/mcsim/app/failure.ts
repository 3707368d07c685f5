import type { ErrorCode } from "mqtt-xs";

const WORDS: Partial<Record<ErrorCode, string>> = {
  ERR_SOCKET: "No broker there",
  ERR_HOST_NOT_FOUND: "No such host",
  ERR_CONNECTION_CLOSED: "Broker hung up",
  ERR_DISCONNECTED: "Broker hung up",
  ERR_CONNECTION_REFUSED: "Broker said no",
  ERR_CONNECT_TIMEOUT: "Broker is silent",
  ERR_KEEPALIVE_TIMEOUT: "Broker is silent",
};

/** Why there is no connection, in the few words that fit the screen. */
export function describeFailure(code: ErrorCode): string {
  return WORDS[code] ?? code;
}
