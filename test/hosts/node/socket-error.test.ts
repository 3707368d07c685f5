import { describe, expect, it } from "vitest";
import { socketError, type Progress } from "../../../hosts/node/socket-error.js";
import type { ErrorCode } from "../../../src/errors.js";

/** An error as Node makes them. */
const failure = (code: string, more: { syscall?: string; reason?: string } = {}): Error =>
  Object.assign(new Error("it failed\nmore of it"), { code, ...more });

describe("what happened to a socket", () => {
  it.each<[code: ErrorCode, progress: Progress, error: Error | undefined]>([
    ["ERR_HOST_NOT_FOUND", "connecting", failure("ENOTFOUND", { syscall: "getaddrinfo" })],
    ["ERR_SOCKET", "connecting", failure("ECONNREFUSED")],
    ["ERR_SOCKET", "connecting", failure("ECONNRESET")],
    ["ERR_SOCKET", "open", failure("ETIMEDOUT")],
    ["ERR_TLS", "securing", failure("ECONNRESET")],
    ["ERR_TLS", "securing", undefined],
    ["ERR_TLS", "open", failure("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED")],
    ["ERR_TLS", "open", failure("EPROTO")],
    ["ERR_CERTIFICATE", "securing", failure("UNABLE_TO_VERIFY_LEAF_SIGNATURE")],
    ["ERR_CERTIFICATE", "securing", failure("SELF_SIGNED_CERT_IN_CHAIN")],
    ["ERR_CERTIFICATE", "securing", failure("DEPTH_ZERO_SELF_SIGNED_CERT")],
    ["ERR_CERTIFICATE", "securing", failure("ERR_TLS_CERT_ALTNAME_INVALID")],
    ["ERR_CERTIFICATE", "securing", failure("CERT_REVOKED")],
    ["ERR_CERTIFICATE_EXPIRED", "securing", failure("CERT_HAS_EXPIRED")],
    ["ERR_CERTIFICATE_EXPIRED", "securing", failure("CERT_NOT_YET_VALID")],
    ["ERR_CONNECTION_CLOSED", "upgrading", failure("ECONNRESET")],
    ["ERR_CONNECTION_CLOSED", "open", failure("EPIPE")],
    ["ERR_CONNECTION_CLOSED", "open", undefined],
  ])("is %s while %s", (code, progress, error) => {
    expect(socketError(error, progress, "a:1")).toMatchObject({ code, fault: "network", reasonCode: 0 });
  });

  it("is said in one line: what, where, and why", () => {
    expect(socketError(failure("ECONNREFUSED"), "connecting", "a:1").message).toBe("cannot connect to a:1: it failed (ECONNREFUSED)");
    expect(socketError(failure("EPROTO", { reason: "wrong version" }), "open", "a:1").message).toBe("lost the connection to a:1: wrong version (EPROTO)");
    expect(socketError(undefined, "open", "a:1").message).toBe("lost the connection to a:1: the server closed it");
  });
});
