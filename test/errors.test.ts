import { describe, expect, it } from "vitest";
import { type ErrorCode, type FaultOf, malformed, MqttError, violation, wrong } from "../src/errors.js";

// Typed, so that no code can go with another fault.
const FAULTS: { [Code in ErrorCode]: FaultOf[Code] } = {
  ERR_ARGUMENT: "caller",
  ERR_TOPIC: "caller",
  ERR_TOPIC_FILTER: "caller",
  ERR_PACKET_SIZE: "caller",
  ERR_STATE: "caller",
  ERR_WOULD_BLOCK: "caller",
  ERR_NOT_SUPPORTED: "caller",
  ERR_PAYLOAD_ABANDONED: "caller",
  ERR_MALFORMED_PACKET: "server",
  ERR_PROTOCOL: "server",
  ERR_CONNECTION_REFUSED: "server",
  ERR_AUTHENTICATION: "server",
  ERR_DISCONNECTED: "server",
  ERR_SUBSCRIPTION_REFUSED: "server",
  ERR_WEBSOCKET_UPGRADE: "server",
  ERR_WEBSOCKET_SUBPROTOCOL: "server",
  ERR_WEBSOCKET: "server",
  ERR_SOCKET: "network",
  ERR_HOST_NOT_FOUND: "network",
  ERR_CONNECTION_CLOSED: "network",
  ERR_CONNECT_TIMEOUT: "network",
  ERR_KEEPALIVE_TIMEOUT: "network",
  ERR_TLS: "network",
  ERR_CERTIFICATE: "network",
  ERR_CERTIFICATE_EXPIRED: "network",
  ERR_RECEIVE_MAXIMUM: "resources",
  ERR_STORE: "resources",
  ERR_RECEIVE_SIZE: "resources",
};

describe("MqttError", () => {
  it.each(Object.entries(FAULTS))("%s is the fault of the %s", (code, fault) => {
    const error = Reflect.construct(MqttError, [code, "what", fault]) as MqttError;
    expect(error).toMatchObject({ code, fault });
  });

  it("takes no other fault for a code", () => {
    // @ts-expect-error -- ERR_SOCKET is the network's
    expect(new MqttError("ERR_SOCKET", "reset", "caller")).toBeInstanceOf(MqttError);
  });

  it("is an Error that tells its code, reason and message", () => {
    const error = new MqttError("ERR_CONNECTION_REFUSED", "not authorized", "server", 5);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("MqttError");
    expect(error.code).toBe("ERR_CONNECTION_REFUSED");
    expect(error.reasonCode).toBe(5);
    expect(String(error)).toBe("MqttError: not authorized");
  });

  it("has reason code 0 where the server gave none", () => {
    expect(new MqttError("ERR_SOCKET", "reset", "network").reasonCode).toBe(0);
  });
});

it("wrong names what is wrong and what is right, the caller's fault", () => {
  expect(wrong("qos", "0, 1 or 2")).toMatchObject({ code: "ERR_ARGUMENT", fault: "caller", message: "qos: expected 0, 1 or 2" });
});

it("malformed and violation are both the fault of the server, and say what was wrong", () => {
  expect(malformed("flags")).toMatchObject({ code: "ERR_MALFORMED_PACKET", fault: "server", message: "malformed packet: flags" });
  expect(violation("twice")).toMatchObject({ code: "ERR_PROTOCOL", fault: "server", message: "protocol violation: twice" });
});
