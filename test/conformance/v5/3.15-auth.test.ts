import { describe, expect, it } from "vitest";
import type { ClientOptions } from "mqtt-xs/v5";
import { auth, packet, type Property, type PropertyList } from "../../support/v5/packets.js";
import { namesOf, PROPERTY_NAMES } from "../../support/v5/property-table.js";
import {
  authContinue,
  authenticated,
  authSuccess,
  credentials,
  reauthenticate,
  RecordingAuthenticator,
} from "../../v5/recording-authenticator.js";
import { sampleProperty } from "../../v5/sample-property.js";
import { awaitingConnack, connect, expectClosedBy, expectNotConnectedBy, type Fixture } from "./support.js";

/** With an identifier, so that the server need not assign one. */
const withMethod = (authenticator = new RecordingAuthenticator()): Partial<ClientOptions> => ({ clientId: "c", authenticator });

/** A connected client that has asked for a re-authentication. */
function reauthenticating(options: Partial<ClientOptions> = {}): Fixture {
  const fixture = connect({ ...withMethod(), ...options }, {}, { properties: credentials() });
  fixture.client.reauthenticate();
  fixture.broker.expectBytes(reauthenticate("first"));
  return fixture;
}

/** The client must close the connection on `violation` by this DISCONNECT, before CONNACK and in a re-authentication alike. */
function expectRejected(
  violation: Uint8Array,
  code: "ERR_PROTOCOL" | "ERR_MALFORMED_PACKET" | "ERR_RECEIVE_SIZE",
  reasonCode: number,
  options: Partial<ClientOptions> = {},
): void {
  expectNotConnectedBy(violation, code, reasonCode, { ...withMethod(), ...options });
  for (const byteByByte of [false, true]) {
    const { broker, events, client } = reauthenticating({ ...options, reconnectPeriod: 0 });
    if (byteByByte) broker.sendByteByByte(violation);
    else broker.sendTogether(violation, authSuccess());
    broker.expectBytes(Uint8Array.of(0xe0, 1, reasonCode));
    broker.expectClosed();
    broker.advance(3_600_000);
    broker.expectClosed();
    expect(events).toEqual([`disconnected ${code}`]);
    expect(client.connected).toBe(false);
  }
}

describe("3.15 AUTH", () => {
  it("MQTT-3.15.1-1: the client's AUTH has flags 0 and is, byte by byte, what the standard says", () => {
    const { broker } = awaitingConnack(withMethod());
    broker.send(authContinue("x"));
    broker.expectBytes("f0 0d 18 0b 15 00 01 4d 16 00 04 72 65 3a 78");
    broker.send(authContinue());
    broker.expectBytes("f0 0c 18 0a 15 00 01 4d 16 00 03 72 65 3a");
    broker.expectNothing();
  });

  it("MQTT-3.15.1-1: without data there is none in it, and the method always is", () => {
    const authenticator = new RecordingAuthenticator({ begin: () => undefined, challenge: (_data, answer) => answer() }, "é");
    const { broker } = awaitingConnack(withMethod(authenticator));
    broker.send(authContinue("x", "é"));
    broker.expectBytes("f0 07 18 05 15 00 02 c3 a9");
    broker.send(authenticated(undefined, "é"));
    broker.expectNothing();
    broker.expectOpen();
  });

  it("MQTT-3.15.1-1: data of no bytes is data", () => {
    const authenticator = new RecordingAuthenticator({ challenge: (_data, answer) => answer(new Uint8Array()) });
    const { broker } = awaitingConnack(withMethod(authenticator));
    broker.send(authContinue());
    broker.expectBytes("f0 09 18 07 15 00 01 4d 16 00 00");
    broker.expectNothing();
  });

  it("MQTT-3.15.1-1: closes on flags that are not 0 by 0x81, before and after CONNACK, asked for or not", () => {
    for (let flags = 1; flags < 16; flags++) {
      const bytes = authContinue("x");
      bytes[0] |= flags;
      expectRejected(bytes, "ERR_MALFORMED_PACKET", 0x81);
      expectClosedBy(bytes, "ERR_MALFORMED_PACKET", 0x81);
      expectNotConnectedBy(bytes, "ERR_MALFORMED_PACKET", 0x81);
    }
  });

  it("MQTT-3.15.2-1: the client sends 0x18 to go on and 0x19 to begin again", () => {
    const { broker, client } = awaitingConnack(withMethod());
    broker.send(authContinue("1"));
    broker.expect("AUTH", { reasonCode: 0x18, properties: { authenticationMethod: "M", authenticationData: "re:1" } });
    broker.send(authenticated());
    client.reauthenticate();
    broker.expectBytes("f0 0e 19 0c 15 00 01 4d 16 00 05 66 69 72 73 74");
    broker.send(authContinue("2"));
    broker.expect("AUTH", { reasonCode: 0x18, properties: { authenticationMethod: "M", authenticationData: "re:2" } });
    broker.send(authSuccess());
    broker.expectNothing();
    broker.expectOpen();
  });

  it("MQTT-3.15.2-1: closes on every code but 0x00 and 0x18 by 0x82, before CONNACK and in a re-authentication", () => {
    for (let code = 0; code < 256; code++) {
      if (code === 0x00 || code === 0x18) continue;
      expectRejected(auth(code, credentials("x")), "ERR_PROTOCOL", 0x82);
    }
  });

  it("MQTT-3.15.2-1: closes on every code, these too, where no authentication was asked for", () => {
    for (let code = 0; code < 256; code++) {
      expectClosedBy(auth(code, credentials("x")), "ERR_PROTOCOL", 0x82);
      expectNotConnectedBy(auth(code, credentials("x")), "ERR_PROTOCOL", 0x82);
    }
  });

  it("3.15.2.1: the shortest form is 0x00, in which the method is missing: closes by 0x82", () => {
    for (const bytes of [packet(0xf0), packet(0xf0, Uint8Array.of(0x00)), auth(0x00, [], "long"), auth(0x18)])
      expectRejected(bytes, "ERR_PROTOCOL", 0x82);
    expectClosedBy("f0 00", "ERR_PROTOCOL", 0x82);
    expectNotConnectedBy("f0 00", "ERR_PROTOCOL", 0x82);
  });

  it("3.15.2: closes by 0x81 where there is more or less than properties", () => {
    for (const rest of [
      [0, 0],
      [1],
      [4, 0x15, 0, 2, 0x4d],
      [3, 0x15, 0, 1],
      [4, 0x15, 0, 1, 0x4d, 0],
      [0x80],
      [0x80, 0x80, 0x80, 0x80, 0],
    ])
      expectRejected(packet(0xf0, Uint8Array.of(0x18, ...rest)), "ERR_MALFORMED_PACKET", 0x81);
  });
});

describe("3.15.2.2 AUTH Properties", () => {
  for (const name of PROPERTY_NAMES) {
    if (namesOf("server", "AUTH").includes(name)) continue;
    it(`closes on ${name}, which does not belong there`, () => {
      const list: PropertyList = [["authenticationMethod", "M"], sampleProperty(name)];
      expectRejected(auth(0x18, list), "ERR_MALFORMED_PACKET", 0x81);
    });
  }

  it("3.15.2.2.2, 3.15.2.2.3: closes on a second method, data or Reason String, but not on a second User Property", () => {
    const method: Property = ["authenticationMethod", "M"];
    for (const name of ["authenticationMethod", "authenticationData", "reasonString"] as const) {
      const twice = name === "authenticationMethod" ? [method, method] : [method, sampleProperty(name), sampleProperty(name)];
      expectRejected(auth(0x18, twice), "ERR_PROTOCOL", 0x82);
    }
    const { broker } = awaitingConnack(withMethod());
    broker.sendByteByByte(auth(0x18, [["userProperty", ["a", "b"]], method, ["userProperty", ["a", "b"]]]));
    broker.expect("AUTH");
    broker.expectOpen();
  });

  it("3.15.2.2.2: closes on a method that is no string, by 0x81", () => {
    for (const method of [Uint8Array.of(0xff), Uint8Array.of(0x4d, 0), Uint8Array.of(0xed, 0xa0, 0x80)])
      expectRejected(auth(0x18, [["authenticationMethod", method]]), "ERR_MALFORMED_PACKET", 0x81);
  });

  it("3.15.2.2.3: all 256 bytes may be in the data, which comes to the authenticator as it is, and as a copy", () => {
    const data = Uint8Array.from({ length: 256 }, (_, index) => index);
    const challenges: Uint8Array[] = [];
    const authenticator = new RecordingAuthenticator({
      challenge: (challenge, answer) => {
        challenges.push(challenge);
        answer(challenge);
      },
    });
    const { broker } = awaitingConnack(withMethod(authenticator));
    broker.sendByteByByte(authContinue(data));
    broker.expectBytes(authContinue(data));
    broker.send(authContinue("something else"));
    expect(challenges[0]).toEqual(data);
  });

  it("MQTT-3.15.2-2: the client's AUTH has no Reason String, though the server's has one", () => {
    const { broker, client } = awaitingConnack(withMethod());
    broker.send(auth(0x18, [["reasonString", "why"], ...(credentials("x") as Property[])]));
    broker.expectBytes(authContinue("re:x"));
    broker.send(authenticated());
    client.reauthenticate();
    broker.expectBytes(reauthenticate("first"));
    broker.expectNothing();
  });

  it("MQTT-3.15.2-3: the client's AUTH has no User Property, though the server's has one, and CONNECT too", () => {
    const { broker, client } = awaitingConnack({ ...withMethod(), userProperties: { a: "b" } });
    broker.send(auth(0x18, [["userProperty", ["c", "d"]], ...(credentials("x") as Property[])]));
    broker.expectBytes(authContinue("re:x"));
    broker.send(authenticated());
    client.reauthenticate();
    broker.expectBytes(reauthenticate("first"));
    broker.expectNothing();
  });

  for (const [name, overhead] of [["reasonString", 11], ["userProperty", 13]] as const) {
    const ofSize = (size: number): Uint8Array => {
      const text = "x".repeat(size - overhead);
      const bytes = auth(0x18, [["authenticationMethod", "M"], name === "reasonString" ? [name, text] : [name, ["", text]]]);
      expect(bytes).toHaveLength(size);
      return bytes;
    };

    it(`MQTT-3.15.2-2, MQTT-3.15.2-3: one that ${name} makes as large as allowed is taken, a larger one closes`, () => {
      const { broker } = awaitingConnack({ ...withMethod(), maximumPacketSize: 60 });
      broker.sendByteByByte(ofSize(60));
      broker.expectBytes(authContinue("re:"));
      for (const size of [61, 100]) expectRejected(ofSize(size), "ERR_PROTOCOL", 0x95, { maximumPacketSize: 60 });
    });

    it(`MQTT-3.15.2-2, MQTT-3.15.2-3: where none was announced, so does one that does not fit packetSize`, () => {
      const { broker } = awaitingConnack({ ...withMethod(), packetSize: 64 });
      broker.sendByteByByte(ofSize(64));
      broker.expectBytes(authContinue("re:"));
      expectRejected(ofSize(65), "ERR_RECEIVE_SIZE", 0x95, { packetSize: 64 });
    });

    it(`3.1.2.11.7: closes on ${name}, which is problem information, where that was declined`, () => {
      expectRejected(ofSize(30), "ERR_PROTOCOL", 0x82, { requestProblemInformation: false });
    });
  }
});
