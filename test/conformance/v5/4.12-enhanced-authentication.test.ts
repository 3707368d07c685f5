import { describe, expect, it } from "vitest";
import { MqttError } from "mqtt-xs";
import type { Authenticator, ClientOptions } from "mqtt-xs/v5";
import type { ErrorCode } from "../../../src/errors.js";
import type { ScriptedBrokerOptions } from "../../support/scripted-broker.js";
import {
  auth,
  connack,
  disconnect,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  utf8,
  type Property,
} from "../../support/v5/packets.js";
import {
  authContinue,
  authenticated,
  authSuccess,
  credentials,
  reauthenticate,
  RecordingAuthenticator,
} from "../../v5/recording-authenticator.js";
import {
  awaitingConnack,
  connect,
  expectClosedBy,
  expectNotConnectedBy,
  expectRefused,
  PERSISTENT,
  start,
  type Fixture,
} from "./support.js";

interface AuthenticatingFixture extends Fixture {
  readonly authenticator: RecordingAuthenticator;
}

type Script = Partial<Omit<Authenticator, "method">>;

const failure = (): MqttError => new MqttError("ERR_AUTHENTICATION", "the server has not proved itself (by the test)", "server");

/** A client with an authenticator that does as `script` says; it has an identifier, so that the server need not assign one. */
function starting(script: Script = {}, options: Partial<ClientOptions> = {}): AuthenticatingFixture {
  const authenticator = new RecordingAuthenticator(script);
  return { ...start({ clientId: "c", authenticator, ...options }), authenticator };
}

/** The same, with its CONNECT taken and not answered. */
function authenticating(script: Script = {}, options: Partial<ClientOptions> = {}): AuthenticatingFixture {
  const fixture = starting(script, options);
  fixture.broker.transport.accept();
  fixture.broker.expect("CONNECT", { properties: { authenticationMethod: "M" } });
  return fixture;
}

/** The same, connected. What the authenticator was asked for until then is not among its calls. */
function established(
  script: Script = {},
  options: Partial<ClientOptions> = {},
  brokerOptions: ScriptedBrokerOptions = {},
  announced: readonly Property[] = [],
): AuthenticatingFixture {
  const authenticator = new RecordingAuthenticator(script);
  const properties: readonly Property[] = [["authenticationMethod", "M"], ...announced];
  const fixture = connect({ clientId: "c", authenticator, ...options }, brokerOptions, { properties });
  authenticator.calls.length = 0;
  return { ...fixture, authenticator };
}

/** The same, with a re-authentication under way. */
function reauthenticating(script: Script = {}, options: Partial<ClientOptions> = {}): AuthenticatingFixture {
  const fixture = established(script, options);
  fixture.client.reauthenticate();
  fixture.broker.expect("AUTH", { reasonCode: 0x19 });
  return fixture;
}

/** Nothing may happen on this connection any more; the client has reported this. */
function expectEnded({ broker, client, events }: Fixture, code: ErrorCode): void {
  broker.expectClosed();
  expect(events.filter((event) => event.startsWith("disconnected"))).toEqual([`disconnected ${code}`]);
  expect(client.connected).toBe(false);
  expect(events).not.toContain("connected");
}

/** Answers later than asked, when the test says so. */
const LATER: Script = { challenge: () => undefined };

describe("4.12 Enhanced authentication during CONNECT", () => {
  it("4.12: CONNECT has the method, and the data to begin with, if any", () => {
    for (const [data, authenticationData] of [["first", "first"], ["", ""], [undefined, undefined]] as const) {
      const { broker } = starting({ begin: () => (data === undefined ? undefined : utf8(data)) });
      broker.transport.accept();
      broker.expect("CONNECT", { properties: { authenticationMethod: "M", authenticationData } });
      broker.expectNothing();
    }
  });

  it("4.12: the constructor begins nothing, connect() neither: only a connection does", () => {
    const { authenticator, broker } = starting();
    expect(authenticator.calls).toEqual([]);
    broker.transport.accept();
    expect(authenticator.calls).toEqual(["begin"]);
  });

  it("4.12: the example of SCRAM: CONNECT, AUTH, AUTH, CONNACK, each with its data", () => {
    const { authenticator, broker, events } = authenticating({ challenge: (_data, answer) => answer(utf8("client-final-data")) });
    broker.send(authContinue("server-first-data"));
    broker.expectBytes(authContinue("client-final-data"));
    expect(events).toEqual([]);
    broker.send(authenticated("server-final-data"));
    expect(authenticator.calls.map((call) => call.split(" ")[0])).toEqual(["begin", "challenge", "finish"]);
    expect(events).toEqual(["connected"]);
    broker.expectNothing();
  });

  it("4.12: the example of Kerberos, which has no data where the other side is only to go on", () => {
    const tokens: (Uint8Array | undefined)[] = [utf8("initial context token"), undefined];
    const { authenticator, broker, events } = authenticating({
      begin: () => undefined,
      challenge: (_data, answer) => answer(tokens.shift()),
    });
    broker.send(authContinue());
    broker.expectBytes(authContinue("initial context token"));
    broker.send(authContinue("reply"));
    broker.expectBytes(authContinue());
    broker.send(authenticated("outcome"));
    expect(authenticator.calls).toEqual(["begin", "challenge", "challenge 72 65 70 6c 79", "finish 6f 75 74 63 6f 6d 65"]);
    expect(events).toEqual(["connected"]);
  });

  for (const rounds of [0, 1, 2, 3, 20])
    for (const byteByByte of [false, true])
      it(`MQTT-4.12.0-2, MQTT-4.12.0-3: ${rounds} rounds of AUTH, ${byteByByte ? "byte by byte" : "whole"}, then CONNACK`, () => {
        const { authenticator, broker, events } = authenticating();
        for (let round = 0; round < rounds; round++) {
          const data = round % 2 === 0 ? String(round) : undefined;
          if (byteByByte) broker.sendByteByByte(authContinue(data));
          else broker.send(authContinue(data));
          broker.expectBytes(authContinue(`re:${data ?? ""}`));
          broker.expectNothing();
        }
        expect(events).toEqual([]);
        if (byteByByte) broker.sendByteByByte(authenticated());
        else broker.send(authenticated());
        expect(events).toEqual(["connected"]);
        expect(authenticator.calls).toHaveLength(rounds + 2);
        expect(authenticator.calls.at(-1)).toBe("finish");
        broker.expectNothing();
      });

  it("MQTT-4.12.0-2: closes on every other code before CONNACK by 0x82, 0x00 among them, and finishes nothing", () => {
    for (let code = 0; code < 256; code++) {
      if (code === 0x18) continue;
      for (const bytes of [auth(code, credentials()), auth(code, credentials("x"))]) {
        const authenticator = new RecordingAuthenticator();
        expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82, { clientId: "c", authenticator });
        expect(authenticator.calls).toEqual(["begin", "begin"]); // for whole and byte by byte
      }
    }
  });

  it("MQTT-4.12.0-2: so too after some rounds", () => {
    const fixture = authenticating();
    fixture.broker.send(authContinue("1"));
    fixture.broker.expect("AUTH");
    fixture.broker.send(authSuccess());
    fixture.broker.expectBytes("e0 01 82");
    expectEnded(fixture, "ERR_PROTOCOL");
  });

  it("4.12: nothing but AUTH goes out before CONNACK, whatever waits", () => {
    const { broker, client, events } = authenticating();
    client.publish("t", "1", 1);
    client.subscribe({ filter: "a" });
    client.unsubscribe("b");
    broker.send(authContinue("1"));
    broker.expectBytes(authContinue("re:1"));
    broker.expectNothing();
    broker.send(authenticated());
    expect(broker.takePackets().map(({ type }) => type).toSorted()).toEqual(["PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE"]);
    expect(events).toEqual(["connected"]);
  });

  it("4.12: an AUTH for which there is no room waits for it, and goes out once", () => {
    const { broker } = authenticating();
    broker.transport.room = 0;
    broker.send(authContinue("1"));
    broker.expectNothing();
    broker.transport.makeRoom(1_000);
    broker.expectBytes(authContinue("re:1"));
    broker.expectNothing();
  });

  it("4.12: AUTH and CONNACK in the same piece: both count", () => {
    const { authenticator, broker, events } = authenticating();
    broker.sendTogether(authContinue("1"), authContinue("2"), authenticated("3"));
    broker.expectBytes(authContinue("re:1"));
    broker.expectBytes(authContinue("re:2"));
    broker.expectNothing();
    expect(events).toEqual(["connected"]);
    expect(authenticator.calls.at(-1)).toBe("finish 33");
  });

  for (const code of [0x80, 0x87, 0x8c, 0x9c])
    it(`MQTT-4.13.2-1: a refusal 0x${code.toString(16)} ends it, with method and data or without, unanswered`, () => {
      for (const properties of [[], credentials(), credentials("x"), credentials(undefined, "other")])
        for (const rounds of [0, 1]) {
          const fixture = authenticating({}, { reconnectPeriod: 0 });
          for (let round = 0; round < rounds; round++) fixture.broker.send(authContinue("1"));
          fixture.broker.transport.takeSent();
          fixture.broker.send(connack({ reasonCode: code, properties }));
          expectEnded(fixture, "ERR_CONNECTION_REFUSED");
          expect(fixture.authenticator.calls.filter((call) => call.startsWith("finish"))).toEqual([]);
        }
    });

  it("4.12: a server that never comes to an end is given up after connectTimeout, counted from CONNECT", () => {
    const fixture = authenticating({}, { connectTimeout: 10_000, reconnectPeriod: 0 });
    for (let second = 0; second < 9; second++) {
      fixture.broker.advance(1_000);
      fixture.broker.send(authContinue("1"));
      fixture.broker.expect("AUTH");
    }
    fixture.broker.advance(1_000);
    expectEnded(fixture, "ERR_CONNECT_TIMEOUT");
  });
});

describe("4.12 the method", () => {
  const OTHERS = ["m", "MM", "", "N", "M ", "SCRAM-SHA-1", "\ufeffM"];

  for (const method of OTHERS)
    it(`MQTT-4.12.0-5: closes by 0x82 on the method ${JSON.stringify(method)} instead of "M", in AUTH and in CONNACK`, () => {
      const options = (): Partial<ClientOptions> => ({ clientId: "c", authenticator: new RecordingAuthenticator() });
      expectNotConnectedBy(authContinue("x", method), "ERR_PROTOCOL", 0x82, options());
      expectNotConnectedBy(authenticated("x", method), "ERR_PROTOCOL", 0x82, options());
      for (const bytes of [authContinue("x", method), authSuccess("x", method)]) {
        const fixture = reauthenticating({}, { reconnectPeriod: 0 });
        fixture.broker.send(bytes);
        fixture.broker.expectBytes("e0 01 82");
        expectEnded(fixture, "ERR_PROTOCOL");
        expect(fixture.authenticator.calls).toEqual(["begin"]);
      }
    });

  it("MQTT-4.12.0-5: closes by 0x82 where the method is missing, in AUTH and in CONNACK, with data or without", () => {
    for (const properties of [[], [["authenticationData", "x"]]] as const) {
      const options = (): Partial<ClientOptions> => ({ clientId: "c", authenticator: new RecordingAuthenticator() });
      expectNotConnectedBy(auth(0x18, properties), "ERR_PROTOCOL", 0x82, options());
      expectNotConnectedBy(connack({ properties }), "ERR_PROTOCOL", 0x82, options());
      for (const code of [0x00, 0x18]) {
        const fixture = reauthenticating({}, { reconnectPeriod: 0 });
        fixture.broker.send(auth(code, properties));
        fixture.broker.expectBytes("e0 01 82");
        expectEnded(fixture, "ERR_PROTOCOL");
      }
    }
  });

  it("MQTT-4.12.0-5: every AUTH of the client repeats the method of CONNECT", () => {
    for (const method of ["M", "é", "SCRAM-SHA-256", "x".repeat(200), ""]) {
      const authenticator = new RecordingAuthenticator({}, method);
      const { broker, client } = start({ clientId: "c", authenticator });
      broker.transport.accept();
      broker.expect("CONNECT", { properties: { authenticationMethod: method } });
      broker.send(authContinue("1", method));
      broker.expectBytes(authContinue("re:1", method));
      broker.send(authenticated("2", method));
      client.reauthenticate();
      broker.expectBytes(reauthenticate("first", method));
      broker.send(authContinue("3", method));
      broker.expectBytes(authContinue("re:3", method));
      broker.expectOpen();
    }
  });

  it("MQTT-4.12.0-6: without a method of the client's, closes by 0x82 on AUTH, and on a CONNACK that names one", () => {
    for (const data of [undefined, "", "x"]) {
      for (const bytes of [authContinue(data), authSuccess(data), reauthenticate(data)]) {
        expectNotConnectedBy(bytes, "ERR_PROTOCOL", 0x82);
        expectClosedBy(bytes, "ERR_PROTOCOL", 0x82);
      }
      expectNotConnectedBy(authenticated(data), "ERR_PROTOCOL", 0x82, { clientId: "c" });
      expectNotConnectedBy(authenticated(data, ""), "ERR_PROTOCOL", 0x82, { clientId: "c" });
    }
    expectNotConnectedBy(connack({ properties: [["authenticationData", "x"]] }), "ERR_PROTOCOL", 0x82, { clientId: "c" });
    expectNotConnectedBy(connack({ properties: [["authenticationData", ""]] }), "ERR_PROTOCOL", 0x82, { clientId: "c" });
  });

  it("MQTT-4.12.0-7: without a method the client never sends AUTH, and refuses to re-authenticate", () => {
    const { broker, client, events } = awaitingConnack({ clientId: "c" });
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    broker.send(connack());
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    client.publish("t", "", 2);
    client.subscribe({ filter: "a" });
    broker.sendTogether(pubrec(1), suback(2, 0), pubcomp(1));
    client.close();
    expect(broker.takePackets().map(({ type }) => type)).not.toContain("AUTH");
    broker.expectClosed();
    expect(events).toEqual(["connected", "delivered 1", "disconnected"]);
  });

  it("MQTT-4.12.0-7: nor where a user name and a password are all there is", () => {
    const { broker, client } = connect({ username: "u", password: "p" });
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    broker.expectNothing();
    broker.expectOpen();
  });
});

describe("4.12 answers that come late", () => {
  it("an answer may come at any time later, and is sent at once", () => {
    const { authenticator, broker, events } = authenticating(LATER);
    broker.send(authContinue("1"));
    broker.expectNothing();
    broker.advance(5_000);
    authenticator.answers[0](utf8("late"));
    broker.expectBytes(authContinue("late"));
    broker.send(authenticated());
    expect(events).toEqual(["connected"]);
  });

  it("a second answer to the same challenge is none", () => {
    const { authenticator, broker } = authenticating(LATER);
    broker.send(authContinue("1"));
    authenticator.answers[0](utf8("once"));
    authenticator.answers[0](utf8("twice"));
    authenticator.answers[0]();
    broker.expectBytes(authContinue("once"));
    broker.expectNothing();
  });

  it("a second answer within the call is none either", () => {
    const { broker } = authenticating({
      challenge: (_data, answer) => {
        answer(utf8("once"));
        answer(utf8("twice"));
      },
    });
    broker.send(authContinue("1"));
    broker.expectBytes(authContinue("once"));
    broker.expectNothing();
  });

  it("an answer to an earlier challenge is none, once another one has come", () => {
    const { authenticator, broker } = authenticating(LATER);
    broker.sendTogether(authContinue("1"), authContinue("2"));
    authenticator.answers[0](utf8("to the first"));
    broker.expectNothing();
    authenticator.answers[1](utf8("to the second"));
    broker.expectBytes(authContinue("to the second"));
    broker.expectNothing();
  });

  it("an answer is none once the connection has been lost, during the wait, the next attempt and the next connection", () => {
    const { authenticator, broker, events } = authenticating(LATER, { reconnectPeriod: 1_000, random: () => 0.5 });
    broker.send(authContinue("1"));
    const [answer] = authenticator.answers;
    broker.drop();
    answer(utf8("late"));
    broker.advance(1_000);
    answer(utf8("later"));
    broker.transport.accept();
    broker.expect("CONNECT");
    answer(utf8("too late"));
    broker.expectNothing();
    broker.send(authContinue("2"));
    answer(utf8("far too late"));
    broker.expectNothing();
    authenticator.answers[1](utf8("right"));
    broker.expectBytes(authContinue("right"));
    broker.send(authenticated());
    answer();
    broker.expectNothing();
    expect(events).toEqual(["disconnected ERR_CONNECTION_CLOSED", "connected"]);
  });

  it("an answer is none after close(), before and after CONNACK", () => {
    for (const fixture of [authenticating(LATER), reauthenticating(LATER)]) {
      const { authenticator, broker, client, events } = fixture;
      broker.send(authContinue("1"));
      client.close();
      broker.transport.takeSent();
      authenticator.answers[0](utf8("late"));
      broker.expectClosed();
      expect(events).toEqual(["disconnected"]);
    }
  });

  it("MQTT-3.14.4-1: an answer that comes while DISCONNECT waits for room does not follow it", () => {
    const { authenticator, broker, client } = reauthenticating(LATER);
    broker.send(authContinue("1"));
    broker.transport.room = 0;
    client.close();
    authenticator.answers[0](utf8("late"));
    broker.transport.makeRoom(1_000);
    const packets = broker.takePackets().map(({ type }) => type);
    expect(packets.at(-1)).toBe("DISCONNECT");
    expect(packets).toEqual(["DISCONNECT"]);
    broker.expectClosed();
  });

  it("MQTT-3.14.4-1: nor one that comes in a callback which has closed", () => {
    const { broker, client, events } = reauthenticating({
      challenge: (_data, answer) => {
        client.close();
        answer(utf8("late"));
      },
    });
    broker.send(authContinue("1"));
    broker.expectBytes("e0 00");
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("4.12.1: an answer is none once the server has accepted without it: by CONNACK", () => {
    const { authenticator, broker, events } = authenticating(LATER);
    broker.sendTogether(authContinue("1"), authenticated());
    expect(events).toEqual(["connected"]);
    authenticator.answers[0](utf8("late"));
    broker.expectNothing();
  });

  it("4.12.1: nor once it has done so by AUTH 0x00", () => {
    const { authenticator, broker, events } = reauthenticating(LATER);
    broker.sendTogether(authContinue("1"), authSuccess());
    expect(events).toEqual(["authenticated"]);
    authenticator.answers[0](utf8("late"));
    broker.expectNothing();
  });

  it("4.12.1: no other re-authentication begins while one is under way: ERR_STATE, and the first goes on", () => {
    const { authenticator, broker, client, events } = reauthenticating(LATER);
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    broker.send(authContinue("1"));
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    broker.expectNothing();
    authenticator.answers[0](utf8("x"));
    broker.expectBytes(authContinue("x"));
    expectRefused(() => client.reauthenticate(), "ERR_STATE");
    broker.send(authSuccess());
    expect(authenticator.calls).toEqual(["begin", "challenge 31", "finish"]);
    expect(events).toEqual(["authenticated"]);
    client.reauthenticate();
    broker.expectBytes(reauthenticate("first"));
    broker.expectNothing();
  });
});

/** What an authenticator may throw, and what the application is told then. */
const THROWN: readonly (readonly [what: string, make: () => Error, code: ErrorCode, escapes: boolean])[] = [
  ["an MqttError", failure, "ERR_AUTHENTICATION", false],
  ["an MqttError with another code", () => new MqttError("ERR_ARGUMENT", "by the test", "caller"), "ERR_ARGUMENT", false],
  ["another error", () => new TypeError("by the test"), "ERR_AUTHENTICATION", true],
];

describe("4.12 an authenticator that throws", () => {
  /** Does so, and takes what is thrown where that is for the host to report. */
  function doing(act: () => void, escapes: boolean): void {
    if (escapes) expect(act).toThrow("by the test");
    else act();
  }

  for (const [what, make, code, escapes] of THROWN) {
    const giveUp = (): never => {
      throw make();
    };

    it(`${what}, when it is to begin: not a byte is sent, the application is told, and the next attempt begins anew`, () => {
      let throws = true;
      const fixture = starting({ begin: () => (throws ? giveUp() : utf8("first")) });
      const { authenticator, broker, events } = fixture;
      doing(() => broker.transport.accept(), escapes);
      expectEnded(fixture, code);
      throws = false;
      broker.advance(0);
      broker.transport.accept();
      broker.expect("CONNECT", { properties: { authenticationData: "first" } });
      broker.send(authenticated());
      expect(authenticator.calls).toEqual(["begin", "begin", "finish"]);
      expect(events.slice(1)).toEqual(["connected"]);
    });

    it(`${what}, at a challenge before CONNACK: closes by 0x80`, () => {
      const fixture = authenticating({ challenge: giveUp }, { reconnectPeriod: 0 });
      doing(() => fixture.broker.sendTogether(authContinue("1"), authenticated()), escapes);
      fixture.broker.expectBytes("e0 01 80");
      fixture.broker.advance(3_600_000);
      expectEnded(fixture, code);
      expect(fixture.authenticator.calls).toEqual(["begin", "challenge 31"]);
    });

    it(`${what}, at CONNACK: closes by 0x80, and was never connected`, () => {
      const fixture = authenticating({ finish: giveUp }, { reconnectPeriod: 0, ...PERSISTENT });
      fixture.client.publish("t", "", 1);
      doing(() => fixture.broker.sendTogether(authenticated("x"), publish({ topic: "a", qos: 1 })), escapes);
      fixture.broker.expectBytes("e0 01 80");
      fixture.broker.advance(3_600_000);
      expectEnded(fixture, code);
    });

    it(`MQTT-4.12.1-2: ${what}, at a challenge of a re-authentication: closes by 0x80`, () => {
      const fixture = reauthenticating({ challenge: giveUp }, { reconnectPeriod: 0 });
      doing(() => fixture.broker.sendTogether(authContinue("1"), publish({ topic: "a", qos: 1 })), escapes);
      fixture.broker.expectBytes("e0 01 80");
      fixture.broker.advance(3_600_000);
      expectEnded(fixture, code);
      expect(fixture.events).not.toContain("authenticated");
    });

    it(`MQTT-4.12.1-2: ${what}, at the AUTH 0x00 of a re-authentication: closes by 0x80`, () => {
      let throws = false;
      const finish = (): void => {
        if (throws) giveUp();
      };
      const fixture = reauthenticating({ finish }, { reconnectPeriod: 0 });
      throws = true;
      doing(() => fixture.broker.sendTogether(authSuccess("x"), publish({ topic: "a", qos: 1 })), escapes);
      fixture.broker.expectBytes("e0 01 80");
      fixture.broker.advance(3_600_000);
      expectEnded(fixture, code);
      expect(fixture.events).not.toContain("authenticated");
    });

    it(`${what}, when it is to begin a re-authentication: no AUTH is sent, and one from the server is out of order`, () => {
      let throws = false;
      const { broker, client } = established({ begin: () => (throws ? giveUp() : undefined) }, { reconnectPeriod: 0 });
      throws = true;
      try {
        client.reauthenticate();
      } catch (error) {
        expect(error).toMatchObject({ message: make().message });
      }
      expect(broker.takePackets().filter(({ type }) => type !== "DISCONNECT")).toEqual([]);
      if (!broker.transport.isOpen) return; // it may have given up at once
      broker.send(authContinue("1"));
      broker.expectBytes("e0 01 82");
      broker.expectClosed();
    });
  }

  it("MQTT-3.14.2-1: whatever reason code its error has, the DISCONNECT has one that a client may send", () => {
    for (const reasonCode of [0x01, 0x10, 0x18, 0x80, 0x86, 0x87, 0x8c, 0x9f, 0xff, 0x100, 0x180, -1]) {
      const challenge = (): never => {
        throw new MqttError("ERR_AUTHENTICATION", "by the test", "server", reasonCode);
      };
      const fixture = authenticating({ challenge }, { reconnectPeriod: 0 });
      fixture.broker.send(authContinue("1"));
      const sent = fixture.broker.expect("DISCONNECT"); // which has the reason code checked
      expect(sent.reasonCode).toBeGreaterThanOrEqual(0x80);
      expectEnded(fixture, "ERR_AUTHENTICATION");
    }
  });

  it("an error at a challenge after it has been answered closes all the same", () => {
    const fixture = authenticating(
      {
        challenge: (_data, answer) => {
          answer(utf8("x"));
          throw failure();
        },
      },
      { reconnectPeriod: 0 },
    );
    fixture.broker.send(authContinue("1"));
    fixture.broker.expectBytes(authContinue("x"));
    fixture.broker.expectBytes("e0 01 80");
    expectEnded(fixture, "ERR_AUTHENTICATION");
  });
});

describe("4.12 data that is too large", () => {
  const large = new Uint8Array(100).fill(0x78);
  const small = { packetSize: 64 };

  it("for CONNECT: nothing is sent, the application is told ERR_PACKET_SIZE, and the next attempt begins anew", () => {
    let data = large;
    const fixture = starting({ begin: () => data }, small);
    const { broker, events } = fixture;
    broker.transport.accept();
    expectEnded(fixture, "ERR_PACKET_SIZE");
    data = utf8("first") as typeof large;
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT", { properties: { authenticationData: "first" } });
    broker.send(authenticated());
    expect(events.slice(1)).toEqual(["connected"]);
  });

  it("for an AUTH, answered at once: closes by 0x80 and says so", () => {
    for (const begin of [authenticating, reauthenticating]) {
      const fixture = begin({ challenge: (_data, answer) => answer(large) }, { ...small, reconnectPeriod: 0 });
      fixture.broker.send(authContinue("1"));
      fixture.broker.expectBytes("e0 01 80");
      expectEnded(fixture, "ERR_PACKET_SIZE");
    }
  });

  it("for an AUTH, answered later: the answer is refused, and nothing of it is sent", () => {
    for (const begin of [authenticating, reauthenticating]) {
      const { authenticator, broker } = begin(LATER, small);
      broker.send(authContinue("1"));
      expectRefused(() => authenticator.answers[0](large), "ERR_PACKET_SIZE");
      broker.expectNothing();
    }
  });

  it("for a re-authentication: the call is refused, nothing is sent, and an AUTH from the server is out of order", () => {
    let data: Uint8Array = utf8("first");
    const { broker, client } = established({ begin: () => data }, { ...small, reconnectPeriod: 0 });
    data = large;
    expectRefused(() => client.reauthenticate(), "ERR_PACKET_SIZE");
    broker.expectNothing();
    broker.expectOpen();
    broker.send(authContinue("1"));
    broker.expectBytes("e0 01 82");
    broker.expectClosed();
  });

  it("3.2.2.3.6: no AUTH is larger than the server's Maximum Packet Size, to the byte", () => {
    for (let length = 0; length < 60; length++) {
      let data: Uint8Array = utf8("first");
      const { broker, client } = established({ begin: () => data }, {}, {}, [["maximumPacketSize", 40]]);
      data = new Uint8Array(length);
      const size = reauthenticate(data).length;
      if (size > 40) expectRefused(() => client.reauthenticate(), "ERR_PACKET_SIZE");
      else {
        client.reauthenticate();
        broker.expectBytes(reauthenticate(data));
      }
      broker.expectNothing();
      broker.expectOpen();
    }
  });

  it("the largest that fits packetSize is sent", () => {
    for (let length = 40; length < 64; length++) {
      const data = new Uint8Array(length);
      const { authenticator, broker } = authenticating(LATER, small);
      broker.send(authContinue("1"));
      if (authContinue(data).length > 64) expectRefused(() => authenticator.answers[0](data), "ERR_PACKET_SIZE");
      else {
        authenticator.answers[0](data);
        broker.expectBytes(authContinue(data));
      }
      broker.expectNothing();
    }
  });
});

describe("4.12 after a failure", () => {
  it("a reconnect begins from the start: with the first data again, and not with what was left over", () => {
    const { authenticator, broker, events } = authenticating();
    broker.send(authContinue("1"));
    broker.expect("AUTH");
    broker.send(connack({ reasonCode: 0x87 }));
    broker.expectClosed();
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT", { properties: { authenticationMethod: "M", authenticationData: "first" } });
    broker.expectNothing();
    broker.send(authContinue("2"));
    broker.expectBytes(authContinue("re:2"));
    broker.send(authenticated());
    expect(authenticator.calls).toEqual(["begin", "challenge 31", "begin", "challenge 32", "finish"]);
    expect(events).toEqual(["disconnected ERR_CONNECTION_REFUSED", "connected"]);
  });

  it("an AUTH that had no room is not sent on the next connection, nor one that waited behind it", () => {
    const { broker } = authenticating();
    broker.transport.room = 0;
    broker.sendTogether(authContinue("1"), authContinue("2"));
    broker.drop();
    broker.transport.room = Infinity;
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.expectNothing();
    broker.send(authenticated());
    broker.expectNothing();
  });

  it("nor is one that waited for the pieces of a message", () => {
    const { broker, client } = established({}, { packetSize: 64 });
    broker.transport.room = 200;
    client.publish("t", new Uint8Array(1_000));
    client.reauthenticate();
    broker.drop();
    broker.transport.room = Infinity;
    broker.advance(0);
    broker.acceptConnection({ properties: credentials() });
    broker.expectNothing();
    client.publish("t", "", 1);
    broker.expect("PUBLISH");
    broker.expectNothing();
  });

  it("every reconnect of an established connection authenticates again, with or without its session", () => {
    for (const sessionPresent of [false, true]) {
      const { authenticator, broker, events } = established({}, PERSISTENT);
      broker.drop();
      broker.advance(0);
      broker.acceptConnection({ sessionPresent, properties: credentials() });
      expect(authenticator.calls).toEqual(["begin", "finish"]);
      expect(events.at(-1)).toMatch(/^connected/);
    }
  });
});

describe("4.12.1 Re-authentication", () => {
  it("MQTT-4.12.1-1: AUTH 0x19 repeats the method of CONNECT, with the data to begin with, if any", () => {
    for (const data of ["first", "", undefined]) {
      const { broker, client } = established({ begin: () => (data === undefined ? undefined : utf8(data)) });
      client.reauthenticate();
      broker.expectBytes(reauthenticate(data));
      broker.expectNothing();
    }
  });

  it("MQTT-4.12.1-1: so it does the second and the third time, and after a reconnect", () => {
    const { authenticator, broker, client, events } = established();
    for (let time = 0; time < 3; time++) {
      client.reauthenticate();
      broker.expectBytes(reauthenticate("first"));
      broker.sendByteByByte(authContinue(String(time)));
      broker.expectBytes(authContinue(`re:${time}`));
      broker.sendByteByByte(authSuccess("proof"));
      broker.expectNothing();
    }
    expect(events).toEqual(["authenticated", "authenticated", "authenticated"]);
    broker.drop();
    broker.advance(0);
    broker.acceptConnection({ properties: credentials() });
    authenticator.calls.length = 0;
    client.reauthenticate();
    broker.expectBytes(reauthenticate("first"));
    broker.send(authSuccess());
    expect(authenticator.calls).toEqual(["begin", "finish"]);
  });

  for (const rounds of [0, 1, 2, 10])
    it(`4.12.1: ${rounds} rounds, then AUTH 0x00: onAuthenticated comes once, after the server has proved itself`, () => {
      const order: string[] = [];
      const fixture = reauthenticating(
        { finish: (data) => order.push(`finish ${data.length}`) },
        { onAuthenticated: () => order.push("onAuthenticated") },
      );
      order.length = 0;
      for (let round = 0; round < rounds; round++) {
        fixture.broker.send(authContinue());
        fixture.broker.expectBytes(authContinue("re:"));
      }
      expect(order).toEqual([]);
      fixture.broker.send(authSuccess("proof"));
      expect(order).toEqual(["finish 5", "onAuthenticated"]);
      fixture.broker.expectNothing();
      expect(fixture.client.connected).toBe(true);
    });

  it("4.12.1: there is none before CONNACK, nor when closed, closing, or waiting: ERR_STATE, and nothing is begun", () => {
    const { authenticator, broker, client } = starting();
    const refused = (): void => {
      const { length } = authenticator.calls;
      expectRefused(() => client.reauthenticate(), "ERR_STATE");
      expect(authenticator.calls).toHaveLength(length);
    };
    refused();
    broker.transport.accept();
    refused();
    broker.expect("CONNECT");
    broker.send(authenticated());
    broker.drop();
    refused();
    broker.advance(0);
    broker.acceptConnection({ properties: credentials() });
    broker.transport.room = 0;
    client.close();
    refused();
    broker.transport.makeRoom(100);
    broker.expectBytes("e0 00");
    refused();
    broker.expectClosed();
  });

  it("4.12.1: closes by 0x82 on an AUTH from the server that no re-authentication of the client's has asked for", () => {
    for (const bytes of [authContinue(), authContinue("x"), authSuccess(), authSuccess("x")]) {
      const fixture = established({}, { reconnectPeriod: 0 });
      fixture.broker.sendTogether(bytes, publish({ topic: "a", qos: 1 }));
      fixture.broker.expectBytes("e0 01 82");
      expectEnded(fixture, "ERR_PROTOCOL");
      expect(fixture.authenticator.calls).toEqual([]);
    }
  });

  it("4.12.1: so too once the re-authentication is over, and on the next connection where one was cut off", () => {
    const fixture = reauthenticating({}, { reconnectPeriod: 0 });
    fixture.broker.sendTogether(authSuccess(), authSuccess());
    fixture.broker.expectBytes("e0 01 82");
    expectEnded(fixture, "ERR_PROTOCOL");
    expect(fixture.events).toEqual(["authenticated", "disconnected ERR_PROTOCOL"]);

    const { broker, events } = reauthenticating();
    broker.drop();
    broker.advance(0);
    broker.acceptConnection({ properties: credentials() });
    broker.send(authContinue("x"));
    broker.expectBytes("e0 01 82");
    expect(events.at(-1)).toBe("disconnected ERR_PROTOCOL");
  });

  it("MQTT-4.12.1-2: the server's DISCONNECT amid it closes the connection, and the next one begins from the start", () => {
    const { authenticator, broker, events } = reauthenticating();
    broker.send(authContinue("1"));
    broker.expect("AUTH");
    broker.send(disconnect(0x87, [["reasonString", "who are you"]]));
    broker.expectClosed();
    expect(events).toEqual(["disconnected ERR_DISCONNECTED"]);
    broker.advance(0);
    broker.transport.accept();
    broker.expect("CONNECT", { properties: { authenticationData: "first" } });
    expect(authenticator.calls).toEqual(["begin", "challenge 31", "begin"]);
  });

  it("MQTT-4.12.1-2: a failure closes the connection even if the socket takes nothing", () => {
    const fixture = reauthenticating(
      {
        challenge: () => {
          throw failure();
        },
      },
      { reconnectPeriod: 0 },
    );
    fixture.broker.transport.room = 0;
    fixture.broker.send(authContinue("1"));
    expectEnded(fixture, "ERR_AUTHENTICATION");
  });

  it("MQTT-4.12.1-2: nothing that was under way is lost by it", () => {
    const { broker, client } = reauthenticating(
      {
        challenge: () => {
          throw failure();
        },
      },
      PERSISTENT,
    );
    client.publish("t", "1", 1);
    broker.expect("PUBLISH");
    broker.send(authContinue("1"));
    broker.expectBytes("e0 01 80");
    broker.advance(0);
    broker.acceptConnection({ sessionPresent: true, properties: credentials() });
    broker.expect("PUBLISH", { payload: "1", dup: true });
  });
});

describe("4.12.1 other packets meanwhile", () => {
  it("messages of every QoS flow in both directions, and requests", () => {
    const { authenticator, broker, client, events } = reauthenticating(LATER);
    client.publish("t", "0");
    client.publish("t", "1", 1);
    broker.expect("PUBLISH", { qos: 0 });
    broker.expect("PUBLISH", { qos: 1, identifier: 1 });
    broker.sendTogether(puback(1), authContinue("1"), publish({ topic: "a", qos: 1, identifier: 7 }));
    broker.expectBytes(puback(7));
    client.publish("t", "2", 2);
    broker.expect("PUBLISH", { qos: 2, identifier: 2 });
    broker.sendTogether(pubrec(2), publish({ topic: "b", qos: 2, identifier: 8 }));
    broker.expectBytes(pubrel(2));
    broker.expectBytes(pubrec(8));
    authenticator.answers[0](utf8("x"));
    broker.expectBytes(authContinue("x"));
    client.subscribe({ filter: "c" });
    broker.expect("SUBSCRIBE", { identifier: 3 });
    broker.sendTogether(pubcomp(2), pubrel(8), suback(3, 0), authSuccess());
    broker.expectBytes(pubcomp(8));
    broker.expectNothing();
    expect(events).toEqual(["delivered 1", "message a: ", "message b: ", "delivered 2", "authenticated"]);
  });

  for (const qos of [0, 1, 2] as const)
    it(`AUTH waits while the pieces of a message of QoS ${qos} leave, and goes out behind the last`, () => {
      const payload = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
      const { authenticator, broker, client, events } = established({}, { packetSize: 64 });
      broker.transport.room = 200;
      client.publish("t", payload, qos);
      client.reauthenticate();
      broker.transport.makeRoom(300);
      broker.transport.makeRoom(10_000);
      broker.expect("PUBLISH", { payload, qos });
      broker.expectBytes(reauthenticate("first"));
      broker.expectNothing();
      expect(authenticator.calls).toEqual(["begin"]);
      broker.send(authSuccess());
      expect(events).toEqual(["authenticated"]);
    });

  it("a challenge that comes while pieces leave is answered behind the last; AUTH 0x00 counts at once", () => {
    const payload = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
    const { authenticator, broker, client, events } = reauthenticating({}, { packetSize: 64 });
    broker.transport.room = 200;
    client.publish("t", payload, 1);
    broker.send(authContinue("1"));
    expect(authenticator.calls).toEqual(["begin", "challenge 31"]);
    broker.transport.makeRoom(10_000);
    broker.expect("PUBLISH", { payload, qos: 1 });
    broker.expectBytes(authContinue("re:1"));
    broker.expectNothing();
    broker.transport.room = 200;
    broker.send(puback(1));
    client.publish("t", payload, 1);
    broker.send(authSuccess());
    expect(events).toEqual(["delivered 1", "authenticated"]);
    broker.transport.makeRoom(10_000);
    broker.expect("PUBLISH", { payload, qos: 1 });
    broker.expectNothing();
  });

  it("a source that has nothing ready holds AUTH up; once it goes on, AUTH follows", () => {
    let ready = 0;
    const source = {
      length: 100,
      read: (target: Uint8Array, start: number, end: number, position: number): number => {
        const count = Math.min(end - start, Math.max(0, ready - position));
        target.fill(0x61, start, start + count);
        return count;
      },
    };
    const { broker, client } = established({}, { packetSize: 64 });
    client.publish("t", source);
    client.reauthenticate();
    const before = broker.transport.takeSent();
    ready = 100;
    client.resume();
    const after = broker.transport.takeSent();
    const sent = Uint8Array.of(...before, ...after);
    expect(sent.slice(-reauthenticate("first").length)).toEqual(reauthenticate("first"));
    expect(sent).toHaveLength(2 + 3 + 1 + 100 + reauthenticate("first").length);
  });

  it("a failure while pieces leave closes without DISCONNECT, which cannot stand in the midst of a message", () => {
    const fixture = reauthenticating(
      {
        challenge: () => {
          throw failure();
        },
      },
      { packetSize: 64, reconnectPeriod: 0 },
    );
    fixture.broker.transport.room = 200;
    fixture.client.publish("t", new Uint8Array(1_000), 1);
    fixture.broker.transport.takeSent();
    fixture.broker.transport.room = Infinity;
    fixture.broker.send(authContinue("1"));
    expectEnded(fixture, "ERR_AUTHENTICATION");
  });

  it("AUTH needs no quota: it goes out when the server's Receive Maximum is reached", () => {
    const { broker, client } = established({}, {}, {}, [["receiveMaximum", 1]]);
    client.publish("t", "", 1);
    client.publish("t", "", 1);
    broker.expect("PUBLISH", { identifier: 1 });
    client.reauthenticate();
    broker.expectBytes(reauthenticate("first"));
    broker.expectNothing();
  });

  it("callbacks may publish, subscribe, re-authenticate and close", () => {
    const options: Partial<ClientOptions> = { onAuthenticated: () => act() };
    let act = (): void => undefined;
    const { broker, client } = reauthenticating(
      {
        challenge: (_data, answer) => {
          client.publish("t", "in a challenge", 1);
          answer(utf8("x"));
        },
      },
      options,
    );
    broker.send(authContinue("1"));
    broker.expect("PUBLISH", { payload: "in a challenge" });
    broker.expectBytes(authContinue("x"));
    act = () => {
      client.subscribe({ filter: "a" });
      client.reauthenticate();
    };
    broker.send(authSuccess());
    const sent = broker.takePackets().map(({ type }) => type);
    expect(sent.toSorted()).toEqual(["AUTH", "SUBSCRIBE"]);
    act = () => client.close();
    broker.sendTogether(authSuccess(), publish({ topic: "a", qos: 1 }));
    broker.expectBytes("e0 00");
    broker.expectClosed();
  });

  it("a re-authentication may begin as soon as onConnect is called", () => {
    const authenticator = new RecordingAuthenticator();
    const { broker, client } = start({ clientId: "c", authenticator, onConnect: () => client.reauthenticate() });
    broker.transport.accept();
    broker.expect("CONNECT");
    broker.send(authenticated());
    broker.expectBytes(reauthenticate("first"));
    broker.expectNothing();
    broker.expectOpen();
  });

  it("close() at a challenge before CONNACK ends it without another byte", () => {
    const { broker, client, events } = authenticating({
      challenge: (_data, answer) => {
        client.close();
        answer(utf8("x"));
      },
    });
    broker.sendTogether(authContinue("1"), authenticated());
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });

  it("close() while the server is to prove itself at CONNACK ends it: there is no onConnect", () => {
    const { broker, client, events } = authenticating({ finish: () => client.close() });
    broker.send(authenticated());
    expect(broker.takePackets().filter(({ type }) => type !== "DISCONNECT")).toEqual([]);
    broker.expectClosed();
    expect(events).toEqual(["disconnected"]);
  });
});
