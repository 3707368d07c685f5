import { MqttError } from "mqtt-xs";

type NetworkErrorCode = "ERR_HOST_NOT_FOUND" | "ERR_TLS" | "ERR_CONNECTION_CLOSED" | "ERR_SOCKET";

/** How far a connection had come when it failed. */
export type Progress = "connecting" | "securing" | "open";

/** What Node's errors of sockets may have on them. */
interface SocketFailure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  /** OpenSSL's own words, in one line. */
  readonly reason?: string;
}

/** What happened to the connection to `place`, in one line and under one of the library's codes. */
export function socketError(failure: SocketFailure | undefined, progress: Progress, place: string): MqttError {
  const what = progress === "open" ? "lost the connection" : "cannot connect";
  return new MqttError(codeOf(failure, progress), `${what} to ${place}: ${reasonOf(failure)}`, "network");
}

function codeOf(failure: SocketFailure | undefined, progress: Progress): NetworkErrorCode {
  if (failure?.syscall === "getaddrinfo") return "ERR_HOST_NOT_FOUND";
  // With TLS 1.3 a server refuses the client's certificate only when the connection is open.
  if (progress === "securing" || /^(ERR_SSL|ERR_TLS|EPROTO)/.test(failure?.code ?? "")) return "ERR_TLS";
  if (failure === undefined) return "ERR_CONNECTION_CLOSED";
  if (progress === "open" && (failure.code === "ECONNRESET" || failure.code === "EPIPE")) return "ERR_CONNECTION_CLOSED";
  return "ERR_SOCKET";
}

function reasonOf(failure: SocketFailure | undefined): string {
  if (failure === undefined) return "the server closed it";
  const words = (failure.reason ?? failure.message).split("\n", 1)[0] ?? "";
  const code = failure.code ?? failure.name;
  if (words === "") return code;
  return words.includes(code) ? words : `${words} (${code})`;
}
