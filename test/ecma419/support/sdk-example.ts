import { NodeClock } from "../../../hosts/node/index.js";
import MQTTClient, { type ControlMessage } from "../../../src/ecma419.js";
import type { Place } from "../../integration/device.js";
import { buffer } from "../support.js";
import { until } from "../../support/waiting.js";
import { network } from "./node-network.js";

const { SUBSCRIBE, UNSUBSCRIBE, PINGREQ } = MQTTClient;
const LARGE = 16 * 1024;

/** What the example was told last of each operation, and the text that it has written as there was room. */
class Told extends Map<number, ControlMessage> {
  text = "";
}

interface Outcome {
  readonly client: MQTTClient;
  readonly controls: Told;
  readonly messages: { readonly topic: string; readonly payload: string }[];
}

/**
 * Does what `examples/io/tcp/mqttclient` of the SDK does, in its order: all that CONNACK's callback writes at once, and the
 * rest of a large message whenever there is room, as many bytes as that says. Resolves when all of it has come back.
 */
export async function runExample({ host, port }: Place): Promise<Outcome> {
  const controls = new Told();
  const messages: Outcome["messages"] = [];
  let [topic, payload] = ["", ""];
  let remaining = 0;
  let letter = 64;
  const client = new MQTTClient(
    {
      ...network,
      host,
      port,
      id: "ecma-419 mqtt test",
      keepalive: 60_000,
      will: { topic: "foo/bar/will", message: buffer("born"), QoS: 0, retain: 0 },
      onControl(message) {
        controls.set(message.operation, message);
        if (message.operation !== MQTTClient.CONNACK) return;
        this.write(null, { operation: SUBSCRIBE, items: [{ topic: "foo/bar/+", QoS: 2 }, { topic: "bar/foo" }] });
        this.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "frogs" }, { topic: "bar/foo" }] });
        this.write(buffer("SM"), { topic: "foo/bar/small", byteLength: 6, QoS: 2 });
        this.write(buffer("ALL\n"));
        this.write(null, { operation: PINGREQ });
        remaining = LARGE;
        this.write(buffer("XXL"), { topic: "foo/bar/xxl", byteLength: 3 + LARGE, QoS: 1, id: 1234 });
      },
      onReadable(count, options) {
        topic = options.topic ?? topic;
        payload += Buffer.from(this.read(count) ?? new ArrayBuffer(0)).toString();
        if (!options.more) messages.push({ topic, payload });
        if (!options.more) payload = "";
      },
      onWritable(count) {
        if (remaining === 0) return;
        const piece = String.fromCharCode(++letter).repeat(Math.min(count, remaining));
        remaining -= piece.length;
        controls.text += piece;
        this.write(buffer(piece));
      },
    },
    new NodeClock(),
  );
  await until("both messages are back", () => messages.length === 2 && controls.has(MQTTClient.PUBACK) && controls.has(MQTTClient.PUBCOMP));
  return { client, controls, messages };
}
