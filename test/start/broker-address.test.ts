import { describe, expect, it } from "vitest";
import { describeAddress, parseBrokerAddress } from "../../hosts/start/broker-address.js";

describe("the address of a broker", () => {
  it.each([
    ["mqtt://example.org", { protocol: "mqtt", host: "example.org", port: 1883 }],
    ["mqtts://example.org/", { protocol: "mqtts", host: "example.org", port: 8883 }],
    ["mqtt://10.0.0.7:1884", { protocol: "mqtt", host: "10.0.0.7", port: 1884 }],
    ["mqtt://[::1]:1884", { protocol: "mqtt", host: "::1", port: 1884 }],
    ["mqtt://anna@host", { protocol: "mqtt", host: "host", port: 1883, username: "anna" }],
    ["mqtt://a%40b:p%3A%2F@host", { protocol: "mqtt", host: "host", port: 1883, username: "a@b", password: "p:/" }],
    ["ws://host", { protocol: "ws", host: "host", port: 80, path: "/" }],
    ["ws://[::1]:8080/mqtt", { protocol: "ws", host: "::1", port: 8080, path: "/mqtt" }],
    ["wss://anna:p@host/a/b", { protocol: "wss", host: "host", port: 443, path: "/a/b", username: "anna", password: "p" }],
  ])("%s", (text, expected) => expect(parseBrokerAddress(text)).toEqual(expected));

  it.each(["", "host", "host:1883", "http://host", "mqtt://", "mqtt://host:0x1", "mqtt://host:65536", "mqtt://host/path"])(
    "is not %j",
    (text) => expect(parseBrokerAddress(text)).toBeUndefined(),
  );

  it.each(["mqtt://host?a", "mqtt://host#a", "ws://host/a?b=c", "wss://host/#a", "ws://", "mqtt://:password@host", "mqtt://%zz@host"])("is not %j either", (text) => {
    expect(parseBrokerAddress(text)).toBeUndefined();
  });

  it("is shown without credentials", () => {
    expect(describeAddress({ protocol: "mqtts", host: "host", port: 1, username: "anna", password: "secret" })).toBe("mqtts://host:1");
    expect(describeAddress({ protocol: "mqtt", host: "::1", port: 1 })).toBe("mqtt://[::1]:1");
    const webSocket = { protocol: "wss", host: "host", port: 443, path: "/mqtt", username: "anna", password: "secret" } as const;
    expect(describeAddress(webSocket)).toBe("wss://host:443/mqtt");
  });
});
