import { describe, expect, it } from "vitest";
import { FAREWELL, mayStandIn } from "../../src/v5/reason-codes.js";
import { AUTH, CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL, SUBACK, UNSUBACK } from "../../src/wire/packet-type.js";
import { CLIENT_REASON_CODES } from "../support/v5/reason-codes.js";

/** Table 2-6 of the standard, copied line by line: what the sections on each packet say besides stands below. */
const TABLE: readonly (readonly [code: number, name: string, packets: string])[] = [
  [0x00, "Success", "CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK, AUTH"],
  [0x00, "Normal disconnection", "DISCONNECT"],
  [0x00, "Granted QoS 0", "SUBACK"],
  [0x01, "Granted QoS 1", "SUBACK"],
  [0x02, "Granted QoS 2", "SUBACK"],
  [0x04, "Disconnect with Will Message", "DISCONNECT"],
  [0x10, "No matching subscribers", "PUBACK, PUBREC"],
  [0x11, "No subscription existed", "UNSUBACK"],
  [0x18, "Continue authentication", "AUTH"],
  [0x19, "Re-authenticate", "AUTH"],
  [0x80, "Unspecified error", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"],
  [0x81, "Malformed Packet", "CONNACK, DISCONNECT"],
  [0x82, "Protocol Error", "CONNACK, DISCONNECT"],
  [0x83, "Implementation specific error", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"],
  [0x84, "Unsupported Protocol Version", "CONNACK"],
  [0x85, "Client Identifier not valid", "CONNACK"],
  [0x86, "Bad User Name or Password", "CONNACK"],
  [0x87, "Not authorized", "CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT"],
  [0x88, "Server unavailable", "CONNACK"],
  [0x89, "Server busy", "CONNACK, DISCONNECT"],
  [0x8a, "Banned", "CONNACK"],
  [0x8b, "Server shutting down", "DISCONNECT"],
  [0x8c, "Bad authentication method", "CONNACK, DISCONNECT"],
  [0x8d, "Keep Alive timeout", "DISCONNECT"],
  [0x8e, "Session taken over", "DISCONNECT"],
  [0x8f, "Topic Filter invalid", "SUBACK, UNSUBACK, DISCONNECT"],
  [0x90, "Topic Name invalid", "CONNACK, PUBACK, PUBREC, DISCONNECT"],
  [0x91, "Packet Identifier in use", "PUBACK, PUBREC, SUBACK, UNSUBACK"],
  [0x92, "Packet Identifier not found", "PUBREL, PUBCOMP"],
  [0x93, "Receive Maximum exceeded", "DISCONNECT"],
  [0x94, "Topic Alias invalid", "DISCONNECT"],
  [0x95, "Packet too large", "CONNACK, DISCONNECT"],
  [0x96, "Message rate too high", "DISCONNECT"],
  [0x97, "Quota exceeded", "CONNACK, PUBACK, PUBREC, SUBACK, DISCONNECT"],
  [0x98, "Administrative action", "DISCONNECT"],
  [0x99, "Payload format invalid", "CONNACK, PUBACK, PUBREC, DISCONNECT"],
  [0x9a, "Retain not supported", "CONNACK, DISCONNECT"],
  [0x9b, "QoS not supported", "CONNACK, DISCONNECT"],
  [0x9c, "Use another server", "CONNACK, DISCONNECT"],
  [0x9d, "Server moved", "CONNACK, DISCONNECT"],
  [0x9e, "Shared Subscriptions not supported", "SUBACK, DISCONNECT"],
  [0x9f, "Connection rate exceeded", "CONNACK, DISCONNECT"],
  [0xa0, "Maximum connect time", "DISCONNECT"],
  [0xa1, "Subscription Identifiers not supported", "SUBACK, DISCONNECT"],
  [0xa2, "Wildcard Subscriptions not supported", "SUBACK, DISCONNECT"],
];

/** What only a client sends: 3.14.2.1, 3.15.2.1. */
const NOT_FROM_SERVER: Readonly<Record<string, number>> = { DISCONNECT: 0x04, AUTH: 0x19 };

const PACKETS = { CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH };

describe("the reason codes that a server may send", () => {
  for (const [name, type] of Object.entries(PACKETS))
    it(`in ${name} are those of the table, and no other byte is one`, () => {
      const expected = TABLE.filter(([code, , packets]) => packets.split(", ").includes(name) && code !== NOT_FROM_SERVER[name]);
      const codes = [...Array(256).keys()].filter((code) => mayStandIn(type, code));
      expect(codes).toEqual(expected.map(([code]) => code));
    });

  it("are found in the table for every packet that has one", () => {
    expect(new Set(TABLE.flatMap(([, , packets]) => packets.split(", ")))).toEqual(new Set(Object.keys(PACKETS)));
  });
});

describe("the reason codes that a client may send", () => {
  it("in DISCONNECT are those of 3.14.2.1, and no other number is one", () => {
    const codes = [...Array(600).keys()].filter((code) => mayStandIn(FAREWELL, code));
    expect(codes).toEqual(CLIENT_REASON_CODES.DISCONNECT);
    for (const code of [-1, 0.5, 128.5, NaN, Infinity, 2 ** 32, 2 ** 32 + 0x80]) expect(mayStandIn(FAREWELL, code)).toBe(false);
  });
});
