import TCP from "embedded:io/socket/tcp";
import Sim from "sim";
import MQTTClient from "../../../hosts/device/ecma419.js";
import { decodeUtf8, utf8 } from "../../../src/wire/utf8.js";

// What the SDK's example of the class does, on the device's class and socket. Ends when both messages are back.

const LARGE = 16 * 1024;
let remaining = 0;
let letter = 64;
let text = "";
let topic = "";
let returned = 0;

function take(bytes: ArrayBuffer | undefined): void {
  if (bytes && text.length < 10) text += decodeUtf8(new Uint8Array(bytes), 0, Math.min(bytes.byteLength, 10));
}

new MQTTClient({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  socket: { io: TCP },
  id: "ecma-419 mqtt test",
  keepAlive: 60_000,
  will: { topic: "foo/bar/will", message: utf8("born"), QoS: 0, retain: 0 },
  onControl(message) {
    trace(`operation ${message.operation}, id ${message.id ?? 0}, ${message.payload?.join() ?? "no"} payload`);
    if (message.operation !== MQTTClient.CONNACK) return;
    this.write(null, { operation: MQTTClient.SUBSCRIBE, id: 1, items: [{ topic: "foo/bar/+", QoS: 2 }, { topic: "bar/foo" }] });
    this.write(null, { operation: MQTTClient.UNSUBSCRIBE, id: 2, items: [{ topic: "frogs" }, { topic: "bar/foo" }] });
    this.write(utf8("SM"), { topic: "foo/bar/small", byteLength: 6, QoS: 2, id: 3 });
    this.write(utf8("ALL\n"));
    this.write(null, { operation: MQTTClient.PINGREQ });
    remaining = LARGE;
    this.write(utf8("XXL"), { topic: "foo/bar/xxl", byteLength: 3 + LARGE, QoS: 1, id: 1234 });
  },
  onWritable(count) {
    if (remaining === 0) return;
    const length = Math.min(count, remaining);
    remaining -= length;
    this.write(new Uint8Array(length).fill(++letter));
  },
  onReadable(count, options) {
    if (options.topic !== undefined) topic = options.topic;
    take(this.read(count));
    if (options.more) return;
    trace(`message to ${topic}: ${text.trim()}`);
    text = "";
    if (++returned === 2) this.write(null, { operation: MQTTClient.DISCONNECT });
  },
  onClose: () => trace("closed"),
  onError: (error) => trace(`error ${error.message}`),
});
