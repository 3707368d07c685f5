import { describe, expect, it } from "vitest";
import type { MqttError } from "../../src/errors.js";
import { WebSocketTransport, type WebSocketTransportOptions } from "../../src/websocket.js";
import { checkOptions } from "../../src/websocket/options.js";
import { MemoryTransport } from "../support/memory-transport.js";

const SECRET = "correct horse battery staple";

/** Options with some that are wrong, as a caller without types could give them. */
function options(changes: Record<string, unknown> = {}): WebSocketTransportOptions {
  return Object.assign({ transport: new MemoryTransport(), host: "broker.example" }, changes);
}

function refusal(wrong: Record<string, unknown>): MqttError {
  try {
    new WebSocketTransport(options(wrong));
  } catch (error) {
    return error as MqttError;
  }
  return expect.fail("no option was refused");
}

describe("the options of a WebSocket", () => {
  it("have defaults", () => {
    expect(checkOptions(options())).toMatchObject({ path: "/mqtt", headers: {}, packetSize: 512, random: Math.random });
  });

  it.each<[string, Record<string, unknown>]>([
    ["transport", { transport: undefined }],
    ["transport", { transport: {} }],
    ["transport", { transport: "tcp" }],
    ["host", { host: undefined }],
    ["host", { host: "" }],
    ["host", { host: 1 }],
    ["host", { host: "broker example" }],
    ["host", { host: "broker\r\nCookie: x" }],
    ["host", { host: "brökér" }],
    ["path", { path: "" }],
    ["path", { path: 1 }],
    ["path", { path: "mqtt" }],
    ["path", { path: "/a b" }],
    ["path", { path: "/a\r\nCookie: x" }],
    ["path", { path: "/ü" }],
    ["packetSize", { packetSize: 31 }],
    ["packetSize", { packetSize: 65_536 }],
    ["packetSize", { packetSize: 100.5 }],
    ["packetSize", { packetSize: "512" }],
  ])("are refused with ERR_ARGUMENT that names %s: %o", (name, wrong) => {
    const error = refusal(wrong);
    expect(error).toMatchObject({ code: "ERR_ARGUMENT", fault: "caller" });
    expect(error.message).toMatch(new RegExp(`^${name}: expected `));
  });

  it.each(["", "A B", "A:", "A\r\nB", "Ä"])("are refused with a header named %j", (name) => {
    expect(refusal({ headers: { [name]: "x" } })).toMatchObject({ code: "ERR_ARGUMENT" });
  });

  it.each(["\r\nCookie: x", "\n", "\r", "\0", "\x7f", "\xe4", "\u0100"])("are refused with a value that holds %j, which is not told", (end) => {
    const error = refusal({ headers: { Authorization: `${SECRET}${end}` } });
    expect(error).toMatchObject({ code: "ERR_ARGUMENT", message: "headers.Authorization: expected a name and a value on one line" });
    expect(`${String(error)} ${error.stack ?? ""} ${JSON.stringify(error)}`).not.toContain(SECRET);
  });

  it.each([
    { host: "192.168.1.10:8080" },
    { host: "[fe80::1]:8080" },
    { path: "/" },
    { path: "/mqtt?token=a%20b" },
    { headers: { Authorization: "Basic YTpi", "X-Empty": "", "X-Tab": "a\tb" } },
    { packetSize: 32 },
    { packetSize: 65_535 },
    { random: () => 0.5 },
  ])("may be %o", (right) => {
    expect(checkOptions(options(right))).toMatchObject(right);
  });
});

describe("the largest write", () => {
  it("is a packet", () => {
    expect(new WebSocketTransport(options({ packetSize: 100 })).writeLimit).toBe(100);
    expect(new WebSocketTransport(options()).writeLimit).toBe(512);
  });

  it("is less where the transport beneath has no room for the frame around it", () => {
    const transport = new MemoryTransport({ writeLimit: 500 });
    expect(new WebSocketTransport(options({ transport })).writeLimit).toBe(492);
  });
});
