import { Client, type ClientOptions } from "mqtt-xs";
import { describe, expect, it } from "vitest";
import { connack, publish, puback, pubrec, suback } from "../support/packets.js";
import { ScriptedBroker } from "../support/scripted-broker.js";

/** A client of a session that outlives connections, which has asked for its first one. */
function connecting(options: Partial<ClientOptions> = {}): { broker: ScriptedBroker; client: Client } {
  const broker = new ScriptedBroker();
  const client = new Client({ transport: broker.transport, clock: broker.clock, clientId: "c", clean: false, random: () => 0.5, ...options });
  client.connect();
  return { broker, client };
}

function reconnect(broker: ScriptedBroker): void {
  broker.drop();
  broker.advance(500);
}

describe("What fuzzing has found", () => {
  it("a message before a violation is acknowledged, also when both come at once", () => {
    const { broker } = connecting();
    broker.acceptConnection();
    broker.sendTogether(publish({ topic: "a", qos: 1, identifier: 7 }), connack());
    broker.expect("PUBACK", { identifier: 7 });
    broker.expectClosed();
  });

  it("after close() in onMessage, resume() does not write to the closed transport", () => {
    const { broker, client } = connecting({ onMessage: () => client.close() });
    broker.acceptConnection();
    broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
    broker.expect("DISCONNECT");
    client.resume();
    broker.expectClosed();
  });

  it("nothing follows a DISCONNECT that waited for room", () => {
    const { broker, client } = connecting({ onMessage: () => client.close() });
    broker.acceptConnection();
    broker.transport.room = 0;
    broker.send(publish({ topic: "a", qos: 1, identifier: 7 }));
    broker.transport.makeRoom(100);
    broker.expect("DISCONNECT");
    broker.expectClosed();
  });

  /** The server takes message 1 over with its PUBREC, but not message 2, and then loses the session. */
  function loseSessionAfterPubrec(broker: ScriptedBroker, client: Client): void {
    broker.acceptConnection();
    client.publish("a", "1", 2);
    client.publish("a", "2", 2);
    broker.send(pubrec(1));
    broker.takePackets();
    reconnect(broker);
  }

  it("close() in onDelivered for what a lost session had taken over leaves the client closed", () => {
    const { broker, client } = connecting({ onDelivered: () => client.close() });
    loseSessionAfterPubrec(broker, client);
    broker.acceptConnection();
    broker.expectClosed();
    expect(client.connected).toBe(false);
    client.connect();
    broker.expectConnecting();
  });

  it("publish() in onDelivered for what a lost session had taken over sends nothing twice", () => {
    const { broker, client } = connecting({ onDelivered: () => client.publish("a", "3", 1) });
    loseSessionAfterPubrec(broker, client);
    broker.acceptConnection();
    broker.expect("PUBLISH", { payload: "2", dup: false });
    broker.expect("PUBLISH", { payload: "3", dup: false });
    broker.expectNothing();
  });

  // 3.1.1 cannot tell the client that the session which is present is another one than its own. To be on the safe side
  // it subscribes again whenever a CONNECT has gone unanswered.
  it("subscriptions come back when the CONNACK that told of a lost session was lost itself", () => {
    const { broker, client } = connecting();
    client.subscribe({ filter: "a", qos: 1 });
    broker.acceptConnection();
    broker.expect("SUBSCRIBE", { identifier: 1 });
    broker.send(suback(1, 1));
    client.publish("a", "", 1);
    broker.send(puback(2));
    broker.takePackets();
    reconnect(broker);
    broker.transport.accept(); // the server begins a new session here, but its CONNACK does not arrive
    broker.expect("CONNECT");
    broker.drop();
    broker.advance(1_000);
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("SUBSCRIBE");
  });
});
