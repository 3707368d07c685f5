import { describe, expect, it } from "vitest";
import { type ErrorCode, type Fault, MqttError } from "../src/errors.js";

const FAULTS: Record<ErrorCode, Fault> = {
  ERR_ARGUMENT: "caller",
  ERR_TOPIC: "caller",
  ERR_TOPIC_FILTER: "caller",
  ERR_PACKET_SIZE: "caller",
  ERR_STATE: "caller",
  ERR_PAYLOAD_ABANDONED: "caller",
  ERR_MALFORMED_PACKET: "server",
  ERR_PROTOCOL: "server",
  ERR_CONNECTION_REFUSED: "server",
  ERR_SUBSCRIPTION_REFUSED: "server",
  ERR_SOCKET: "network",
  ERR_HOST_NOT_FOUND: "network",
  ERR_CONNECTION_CLOSED: "network",
  ERR_CONNECT_TIMEOUT: "network",
  ERR_KEEPALIVE_TIMEOUT: "network",
  ERR_TLS: "network",
  ERR_RECEIVE_MAXIMUM: "resources",
  ERR_RECEIVE_SIZE: "resources",
};

describe("MqttError", () => {
  it.each(Object.entries(FAULTS))("%s is the fault of the %s", (code, fault) => {
    expect(new MqttError(code as ErrorCode, "what").fault).toBe(fault);
  });

  it("is an Error that tells its code, reason and message", () => {
    const error = new MqttError("ERR_CONNECTION_REFUSED", "not authorized", 5);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("MqttError");
    expect(error.code).toBe("ERR_CONNECTION_REFUSED");
    expect(error.reasonCode).toBe(5);
    expect(String(error)).toBe("MqttError: not authorized");
  });

  it("has reason code 0 where the server gave none", () => {
    expect(new MqttError("ERR_SOCKET", "reset").reasonCode).toBe(0);
  });
});
