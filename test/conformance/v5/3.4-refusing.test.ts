import { describe, expect, it } from "vitest";
import type { Message } from "mqtt-xs/v5";
import { puback, pubcomp, publish, pubrec, pubrel } from "../../support/v5/packets.js";
import { connect, expectRefused, type Fixture, messages, PERSISTENT, reconnect } from "./support.js";

/** What a client may refuse a message with (3.4.2.1, 3.5.2.1): 0x10 is sent only by the server. */
const REFUSALS = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const ANSWERS = { 1: puback, 2: pubrec } as const;
const QUALITIES = [1, 2] as const;

/** A client whose application refuses every message whose payload is "no" with `code`. */
function refusing(code: number, options: object = {}): Fixture {
  const fixture: Fixture = connect({
    onMessage: (message) => {
      fixture.events.push(`message ${message.text()}`);
      if (message.text() === "no") message.reasonCode = code;
    },
    ...options,
  });
  return fixture;
}

describe("3.4.2.1, 3.5.2.1 the application refuses a message", () => {
  for (const code of REFUSALS)
    for (const qos of QUALITIES)
      it(`MQTT-3.4.2-1, MQTT-3.5.2-1: code ${code} goes out for QoS ${qos}, and the identifier is a new message then`, () => {
        const { broker, events } = refusing(code);
        const answer = ANSWERS[qos];
        for (const [payload, dup] of [["no", false], ["no", true], ["yes", true], ["no", false], ["yes", false]] as const) {
          broker.sendByteByByte(publish({ topic: "t", payload, qos, dup, identifier: 0x1234 }));
          broker.expectBytes(answer(0x1234, payload === "no" ? code : 0));
          broker.expectNothing();
          if (qos === 2 && payload === "yes") {
            broker.send(pubrel(0x1234));
            broker.expectBytes(pubcomp(0x1234));
          }
        }
        expect(events).toEqual(["message no", "message no", "message yes", "message no", "message yes"]);
        broker.expectOpen();
      });

  it("MQTT-4.3.3-9: a PUBREL for a QoS 2 message that was refused finds nothing to release", () => {
    const { broker } = refusing(0x97);
    broker.send(publish({ topic: "t", payload: "no", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7, 0x97));
    broker.send(pubrel(7));
    broker.expectBytes(pubcomp(7, 0x92));
  });

  it("MQTT-4.3.3-9: a refused message that comes again after a reconnect is new", () => {
    const fixture = refusing(0x97, PERSISTENT);
    const { broker, events } = fixture;
    broker.send(publish({ topic: "t", payload: "no", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7, 0x97));
    reconnect(fixture, { sessionPresent: true });
    broker.expectNothing();
    broker.send(publish({ topic: "t", payload: "no", qos: 2, dup: true, identifier: 7 }));
    broker.expectBytes(pubrec(7, 0x97));
    expect(messages({ events })).toEqual(["message no", "message no"]);
  });

  it("MQTT-3.4.2-1: every other code throws, and the message is acknowledged as if nothing had been set", () => {
    const wrong = [-1, 0.5, NaN, Infinity, 256, 0x180, 0x1_0000_0080, undefined, null, true];
    for (let code = 1; code < 256; code++) if (!REFUSALS.includes(code)) wrong.push(code);
    for (const qos of QUALITIES) {
      let messages = 0;
      const { broker } = connect({
        onMessage: (message) => {
          messages++;
          for (const code of wrong) {
            expectRefused(() => (message.reasonCode = code as number), "ERR_ARGUMENT", "reasonCode");
            expect(message.reasonCode).toBe(0);
          }
        },
      });
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      broker.expectBytes(ANSWERS[qos](7));
      expect(messages).toBe(1);
    }
  });

  it("3.4.2.1: a wrong code does not undo a right one, 0 does, and the last one counts", () => {
    const { broker } = connect({
      onMessage: (message) => {
        message.reasonCode = 0x80;
        if (message.qos === 1) {
          message.reasonCode = 0x99;
          expect(() => (message.reasonCode = 0x10)).toThrow();
          expect(message.reasonCode).toBe(0x99);
        } else message.reasonCode = 0;
      },
    });
    broker.send(publish({ topic: "t", qos: 1, identifier: 7 }));
    broker.expectBytes(puback(7, 0x99));
    broker.send(publish({ topic: "t", qos: 2, identifier: 7 }));
    broker.expectBytes(pubrec(7));
  });

  it("3.4.2.1: a message begins with 0, whatever was set for those before, of QoS 0 too", () => {
    const seen: number[] = [];
    let kept: Message | undefined;
    const { broker } = connect({
      onMessage: (message) => {
        kept = message;
        seen.push(message.reasonCode);
        if (message.text() === "no") message.reasonCode = 0x87;
      },
    });
    broker.sendTogether(
      publish({ topic: "t", payload: "no", qos: 1, identifier: 1 }),
      publish({ topic: "t", payload: "yes", qos: 1, identifier: 2 }),
      publish({ topic: "t", payload: "no", qos: 0 }),
      publish({ topic: "t", payload: "yes", qos: 2, identifier: 3 }),
      publish({ topic: "t", payload: "no", qos: 2, identifier: 4 }),
      publish({ topic: "t", payload: "yes", qos: 1, identifier: 5 }),
    );
    for (const bytes of [puback(1, 0x87), puback(2), pubrec(3), pubrec(4, 0x87), puback(5)]) broker.expectBytes(bytes);
    broker.expectNothing();
    expect(seen.filter((code, at) => code !== 0 && at !== 3)).toEqual([]);
    expect(kept).toBeDefined();
  });

  it("3.4.2.1: what is set after the call, on a message that was kept, refuses none that is to come", () => {
    let kept: Message | undefined;
    const { broker } = connect({ onMessage: (message) => (kept ??= message) });
    for (const qos of QUALITIES) {
      if (kept) kept.reasonCode = 0x80;
      broker.send(publish({ topic: "t", qos, identifier: 7 }));
      broker.expectBytes(ANSWERS[qos](7));
      if (kept) kept.reasonCode = 0x80;
      broker.send(publish({ topic: "t", qos, dup: true, identifier: 7 })); // of QoS 2, a repetition
      broker.expectBytes(ANSWERS[qos](7));
    }
  });

  it("3.4.2.1: one of several handlers is enough", () => {
    for (const refuser of [0, 1, 2]) {
      const { broker, client, events } = connect();
      for (const [at, filter] of ["t", "#", "+"].entries())
        client.subscribe({
          filter,
          handler: (message) => {
            events.push(filter);
            if (at === refuser) message.reasonCode = 0x90;
          },
        });
      broker.transport.takeSent();
      broker.send(publish({ topic: "t", qos: 1, identifier: 7 }));
      broker.expectBytes(puback(7, 0x90));
      expect(events).toEqual(["t", "#", "+"]);
    }
  });

  for (const qos of QUALITIES) {
    for (const piece of [0, 1, -1])
      it(`3.4.2.1: a large message of QoS ${qos} may be refused at piece ${piece}, -1 being the last`, () => {
        const payload = new Uint8Array(200);
        let received = 0;
        let pieces = 0;
        const { broker } = connect({
          packetSize: 64,
          onMessage: (message) => {
            const isLast = message.offset + message.length === message.total;
            if (piece === -1 ? isLast : pieces === piece) message.reasonCode = 0x97;
            pieces++;
            received += message.length;
          },
        });
        for (let time = 1; time <= 2; time++) {
          pieces = 0;
          broker.send(publish({ topic: "t", payload, qos, identifier: 7 }));
          broker.expectBytes(ANSWERS[qos](7, 0x97));
          broker.expectNothing();
          expect(received).toBe(200 * time);
        }
      });

    it(`3.4.2.1: a large message of QoS ${qos} that was refused and broke off begins again with 0`, () => {
      const codes: number[] = [];
      let refuses = true;
      const fixture = connect({
        ...PERSISTENT,
        packetSize: 64,
        onMessage: (message) => {
          codes.push(message.reasonCode);
          if (refuses) message.reasonCode = 0x97;
        },
      });
      const bytes = publish({ topic: "t", payload: new Uint8Array(200), qos, identifier: 7 });
      fixture.broker.send(bytes.slice(0, 100));
      expect(codes).toEqual([0]);
      refuses = false;
      reconnect(fixture, { sessionPresent: true });
      fixture.broker.send(bytes);
      fixture.broker.expectBytes(ANSWERS[qos](7));
    });

    it(`3.4.2.1: a handler of a message of QoS ${qos} that refuses it and then throws has refused it`, () => {
      const { broker } = connect({
        onMessage: (message) => {
          message.reasonCode = 0x83;
          throw new Error("of the application");
        },
      });
      expect(() => {
        broker.send(publish({ topic: "t", qos, identifier: 7 }));
      }).toThrow("of the application");
      broker.advance(0);
      broker.expectBytes(ANSWERS[qos](7, 0x83));
      broker.expectNothing();
    });

    it(`3.4.2.1: a handler of a message of QoS ${qos} that refuses it and closes leaves nothing for the next connection`, () => {
      const { broker, client } = connect({
        ...PERSISTENT,
        onMessage: (message) => {
          if (message.text() !== "no") return;
          message.reasonCode = 0x83;
          client.close();
          client.connect();
        },
      });
      broker.send(publish({ topic: "t", payload: "no", qos, identifier: 7 }));
      broker.acceptConnection({ sessionPresent: true });
      broker.expectNothing();
      broker.send(publish({ topic: "t", payload: "yes", qos, dup: true, identifier: 7 }));
      broker.expectBytes(ANSWERS[qos](7));
      broker.expectNothing();
    });
  }

  it("MQTT-4.6.0-2, MQTT-4.6.0-3: refusals and others keep their order, however little the socket takes at a time", () => {
    for (const room of [1, 3, 4, 5, 7, 9, 32]) {
      const { broker } = refusing(0x99, { packetSize: 32, receiveMaximum: 100 });
      broker.transport.room = 0;
      const messages = Array.from({ length: 40 }, (_, at) => ({
        topic: "t",
        qos: at % 3 === 0 ? (1 as const) : (2 as const),
        identifier: 200 - at,
        payload: at % 4 === 1 ? "yes" : "no",
      }));
      broker.sendTogether(...messages.map((message) => publish(message)));
      for (let step = 0; step < 400; step++) broker.transport.makeRoom(room);
      for (const { qos, identifier, payload } of messages)
        broker.expectBytes(ANSWERS[qos](identifier, payload === "no" ? 0x99 : 0));
      broker.expectNothing();
      broker.expectOpen();
    }
  });

  it("3.3.4: a refused QoS 2 message does not count against receiveMaximum", () => {
    const { broker, events } = refusing(0x97, { receiveMaximum: 1 });
    for (let identifier = 1; identifier <= 5; identifier++) {
      broker.send(publish({ topic: "t", payload: "no", qos: 2, identifier }));
      broker.expectBytes(pubrec(identifier, 0x97));
    }
    broker.send(publish({ topic: "t", payload: "yes", qos: 2, identifier: 6 }));
    broker.expectBytes(pubrec(6));
    expect(events).toHaveLength(6);
    broker.expectOpen();
  });
});
