import { type QoS, Topic, utf8, WOULD_BLOCK } from "mqtt-xs";
import { Client } from "mqtt-xs/v5";
import { Requester } from "mqtt-xs/request";
import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";
import { TOPIC } from "./support/client.js";
import { Steady } from "./support/steady.js";
import { makeTransport } from "./support/transport.js";

// Sends a request as soon as there is the response to the one before. Argument 1: the quality of service.

const qos = Number(Sim.argument(1)) as QoS;
const topic = new Topic(TOPIC);
const payload = utf8("a".repeat(32));
const steady = new Steady();
const clock = new DeviceClock();
let unlike = 0;

function ask(): void {
  while (!steady.done && requester.request(topic, payload, qos) !== WOULD_BLOCK);
}

const client = new Client({
  transport: makeTransport(),
  clock,
  onConnect: () => Sim.report("connected"),
  onMessage: ask,
  onWritable: ask,
  onDelivered: (identifier, reasonCode) => void requester.delivered(identifier, reasonCode),
});

Sim.collect();
const slots = Sim.slotsInUse();
const chunkBytes = Sim.chunkBytesInUse();
const requester = new Requester({
  client,
  clock,
  responseTopic: "to/me",
  qos: 1,
  requests: 4,
  onResponse: (_, message) => {
    if (message.length !== payload.length) unlike++;
    steady.count();
    if (!steady.done) ask();
    else if (client.connected) {
      Sim.report("unlike", unlike);
      requester.close();
      client.close();
    }
  },
  onTimeout: () => Sim.report("timeout"),
});
Sim.collect();
Sim.report("memory", Sim.slotsInUse() - slots, Sim.chunkBytesInUse() - chunkBytes);
client.connect();
