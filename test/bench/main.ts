import { MosquittoBroker, mosquittoAvailable } from "../support/mosquitto-broker.js";
import { plainTable, type Rows } from "../size/table.js";
import { decoding, encoding } from "./codec.js";
import type { Comparison } from "./median.js";
import { throughput } from "./throughput.js";
import { type OnDevice, ours, u8Mqtt } from "./xs.js";

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

/** On XS: exact, and the same in every run. */
async function deviceRows(): Promise<Rows> {
  const [client, codec] = [await ours(), await u8Mqtt()];
  return [
    ["on XS, one message of QoS 0", "units", "slots", "bytes of chunks"],
    deviceRow("mqtt-xs, publish to the socket", client.publish),
    deviceRow("u8-mqtt-packet, encode only", codec.publish),
    deviceRow("mqtt-xs, receive from the socket, check, route", client.receive),
    deviceRow("u8-mqtt-packet, decode only", codec.receive),
  ];
}

function deviceRow(name: string, { units, slots, chunkBytes }: OnDevice): (string | number)[] {
  return [name, Math.round(units), slots, chunkBytes];
}

async function codecRows(): Promise<Rows> {
  return [
    ["on Node, messages per second", "mqtt-xs", "mqtt-packet", "ratio"],
    ratioRow("encode QoS 0", await encoding()),
    ratioRow("decode QoS 0", await decoding()),
  ];
}

async function throughputRows(): Promise<Rows> {
  const broker = await MosquittoBroker.start({ quiet: true });
  try {
    return [
      ["on Node, published to mosquitto per second", "mqtt-xs", "MQTT.js", "ratio"],
      ratioRow("QoS 0", await throughput(broker, 0, 20_000)),
      ratioRow("QoS 1, 20 at a time", await throughput(broker, 1, 5_000)),
    ];
  } finally {
    await broker.stop();
  }
}

function ratioRow(name: string, { ours, theirs }: Comparison): (string | number)[] {
  return [name, Math.round(ours), Math.round(theirs), `${(ours / theirs).toFixed(2)}×`];
}

print(`${plainTable(await deviceRows())}\n`);
print(`${plainTable(await codecRows())}\n`);
if (mosquittoAvailable()) print(plainTable(await throughputRows()));
else print("mosquitto is not installed: no throughput (apt-get install mosquitto)");
