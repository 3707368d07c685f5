import { MqttError } from "mqtt-xs";

type NetworkErrorCode =
  | "ERR_HOST_NOT_FOUND"
  | "ERR_CERTIFICATE"
  | "ERR_CERTIFICATE_EXPIRED"
  | "ERR_TLS"
  | "ERR_CONNECTION_CLOSED"
  | "ERR_SOCKET";

/** How far a connection had come when it failed. Only that of a WebSocket is ever "upgrading". */
export type Progress = "connecting" | "securing" | "upgrading" | "open";

/** What Node's errors of sockets may have on them. */
interface SocketFailure extends Error {
  readonly code?: string;
  readonly syscall?: string;
  /** OpenSSL's own words, in one line. */
  readonly reason?: string;
}

/** What `node:tls` says of a server's certificate that is of no use now, but may have been, or be one day. */
const EXPIRED: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** What `node:tls` says of any other that it refuses. The client's own is never meant: that is an alert from the server. */
const UNPROVEN: ReadonlySet<string> = new Set([
  "CERT_CHAIN_TOO_LONG",
  "CERT_REJECTED",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERROR_IN_CERT_NOT_AFTER_FIELD",
  "ERROR_IN_CERT_NOT_BEFORE_FIELD",
  "ERR_TLS_CERT_ALTNAME_FORMAT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNSPECIFIED", // OpenSSL has more reasons than Node has names
]);

/**
 * What happened to the connection to `place`, in one line and under one of the library's codes: the one rule for TCP, TLS
 * and what WebSockets are made of.
 *
 * - `ERR_HOST_NOT_FOUND`: the name could not be resolved.
 * - `ERR_CERTIFICATE_EXPIRED`: the server's certificate is not valid any more, or not yet.
 * - `ERR_CERTIFICATE`: it is for another name, from an unknown authority, or not to be trusted for another reason.
 * - `ERR_TLS`: anything else that went wrong before TLS was there; and later what TLS itself says, as when a server refuses
 *   the client's certificate, which with TLS 1.3 it does only when the connection is open.
 * - `ERR_CONNECTION_CLOSED`: the other end closed or reset it, once there was more than a TCP connection.
 * - `ERR_SOCKET`: all the rest.
 *
 * @param failure undefined when the other end closed the connection in order.
 */
export function socketError(failure: SocketFailure | undefined, progress: Progress, place: string): MqttError {
  const what = progress === "open" ? "lost the connection" : "cannot connect";
  return new MqttError(codeOf(failure, progress), `${what} to ${place}: ${reasonOf(failure)}`, "network");
}

function codeOf(failure: SocketFailure | undefined, progress: Progress): NetworkErrorCode {
  if (failure?.syscall === "getaddrinfo") return "ERR_HOST_NOT_FOUND";
  const code = failure?.code ?? "";
  if (EXPIRED.has(code)) return "ERR_CERTIFICATE_EXPIRED";
  if (UNPROVEN.has(code)) return "ERR_CERTIFICATE";
  if (progress === "securing" || /^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return "ERR_TLS";
  if (failure === undefined) return "ERR_CONNECTION_CLOSED";
  return progress !== "connecting" && isClosing(code) ? "ERR_CONNECTION_CLOSED" : "ERR_SOCKET";
}

function isClosing(code: string): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

function reasonOf(failure: SocketFailure | undefined): string {
  if (failure === undefined) return "the server closed it";
  const words = (failure.reason ?? failure.message).split("\n", 1)[0] ?? "";
  const code = failure.code ?? failure.name;
  if (words === "") return code;
  return words.includes(code) ? words : `${words} (${code})`;
}
