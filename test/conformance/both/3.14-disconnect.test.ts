import { describe, expect, it } from "vitest";
import { PERSISTENT } from "../support.js";
import { VERSIONS } from "./versions.js";

describe.each(VERSIONS)("$name, 3.14 DISCONNECT", ({ connect, named, suback }) => {
  it(named(["MQTT-3.14.4-1", "MQTT-3.14.4-2"], "a connection that breaks while DISCONNECT waits ends in the same way"), () => {
    const { broker, client, events } = connect();
    broker.transport.room = 0;
    client.close();
    broker.drop();
    expect(events).toEqual(["disconnected"]);
    expect(broker.clock.armed).toBe(0);
  });

  it("what is not delivered stays for the next connect()", () => {
    const { broker, client } = connect(PERSISTENT);
    client.publish("t", "1", 1);
    client.subscribe({ filter: "a" });
    broker.transport.takeSent();
    client.close();
    broker.expect("DISCONNECT");
    client.publish("t", "2", 1);
    client.connect();
    broker.acceptConnection({ sessionPresent: true });
    broker.expect("SUBSCRIBE");
    broker.expect("PUBLISH", { payload: "1", dup: true });
    broker.expect("PUBLISH", { payload: "2", dup: false });
    broker.send(suback(2, 0));
    broker.expectOpen();
  });
});
