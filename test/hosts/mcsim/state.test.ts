import { describe, expect, it } from "vitest";
import type { Message } from "mqtt-xs";
import { Lamp } from "../../../hosts/mcsim/app/lamp.js";
import { State } from "../../../hosts/mcsim/app/state.js";
import { MqttError } from "../../../src/errors.js";

const state = (): State => new State(new Lamp());

/** As much of a message as a command needs. */
function message(text: string, offset = 0): Message {
  return { offset, text: () => text } as Message;
}

describe("the state that the screen shows", () => {
  it("follows the connection, and says why there is none", () => {
    const it = state();
    expect(it.connection).toBe("connecting");
    it.onConnect();
    expect(it.connection).toBe("connected");
    it.onDisconnect(new MqttError("ERR_CONNECTION_CLOSED", "", "network"));
    expect([it.connection, it.failure]).toEqual(["offline", "Broker hung up"]);
  });

  it("has failures that nobody has found words for by their code", () => {
    const it = state();
    it.onDisconnect(new MqttError("ERR_MALFORMED_PACKET", "", "server"));
    expect(it.failure).toBe("ERR_MALFORMED_PACKET");
  });

  it("says of a server that ends the connection in order what it says of one that just closes it", () => {
    const it = state();
    it.onDisconnect(new MqttError("ERR_DISCONNECTED", "", "server"));
    expect(it.failure).toBe("Broker hung up");
  });

  it("counts messages, and keeps the last readings and round trip", () => {
    const it = state();
    it.onReading(1, 20, 50, 4);
    it.onReading(2, 21, 51, 3.9);
    it.onPublished();
    it.onPublished();
    it.onDelivered(1, 12);
    expect(it).toMatchObject({ readings: 2, temperature: 21, humidity: 51, battery: 3.9, sent: 2, acknowledged: 1, roundTrip: 12 });
    expect([it.temperatures.at(0), it.temperatures.at(1)]).toEqual([20, 21]);
  });

  it("has another revision after each change", () => {
    const it = state();
    const changes = [() => it.onConnect(), () => it.onReading(1, 1, 1, 1), () => it.onPublished(), () => it.onInterval(10)];
    changes.forEach((change, index) => {
      change();
      expect(it.revision).toBe(index + 1);
    });
  });

  it("has the last command, and the lamp obeys it", () => {
    const it = state();
    it.onCommand("led", message("on"));
    expect([it.command, it.lamp.isLit]).toEqual(["led on", true]);
    it.onCommand("led", message("toggle"));
    it.onCommand("led", message("purple"));
    expect([it.command, it.lamp.isLit]).toEqual(["led purple", false]);
    it.onCommand("message", message("on"));
    expect([it.command, it.lamp.isLit]).toEqual(["on", false]);
    it.onInterval(500);
    expect(it.command).toBe("interval 500");
  });

  it("tells that the server has refused a reading, and why, as MQTT 5.0 has it", () => {
    const it = state();
    it.onRefused(7, 0x97);
    expect([it.command, it.acknowledged, it.revision]).toEqual(["refused: 0x97", 0, 1]);
  });

  it("has only the beginning of a command that is large", () => {
    const it = state();
    it.onCommand("message", message("x".repeat(400)));
    it.onCommand("message", message("on", 400));
    expect(it.command).toBe(`${"x".repeat(61)}...`);
  });
});
