import { describe, it } from "vitest";
import { publish, pubrec } from "../support/packets.js";
import { expectClosedBy } from "./support.js";

describe("4.3.3 QoS 2", () => {
  it("MQTT-4.8.0-2: closes where the server has more QoS 2 messages under way than there is memory for", () => {
    expectClosedBy(publish({ topic: "t", qos: 2, identifier: 3 }), "ERR_RECEIVE_MAXIMUM", { receiveMaximum: 2 }, ({ broker }) => {
      for (const identifier of [1, 2]) {
        broker.send(publish({ topic: "t", qos: 2, identifier }));
        broker.expectBytes(pubrec(identifier));
      }
    });
  });
});
