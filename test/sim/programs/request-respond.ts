import type { QoS } from "mqtt-xs";
import { Client, type Message } from "mqtt-xs/v5";
import { Responder } from "mqtt-xs/request";
import { Payload } from "mqtt-xs/payload";
import Sim from "sim";
import { DeviceClock } from "../../../hosts/device/index.js";
import { Steady } from "./support/steady.js";
import { makeTransport } from "./support/transport.js";

// Answers requests with what came in; every second one, which is kept, only with the next. Argument 1: the quality of
// service. A message of any other topic ends it.

const qos = Number(Sim.argument(1)) as QoS;
const answer = new Payload(64);
const steady = new Steady();
let kept = 0;
let refused = 0;

function echo(request: number, message: Message): void {
  answer.clear();
  answer.number(message.length);
  if (responder.respond(request, answer, qos) < 0) Sim.report("blocked");
  steady.count();
}

function take(request: number, message: Message): void {
  if (kept === 0) responder.keep((kept = request));
  else {
    echo(kept, message);
    kept = 0;
    echo(request, message);
  }
}

function finish(): void {
  Sim.report("refused", refused);
  responder.close();
  client.close();
}

const client = new Client({
  transport: makeTransport(),
  clock: new DeviceClock(),
  inflight: 8,
  onConnect: () => Sim.report("ready"),
  onMessage: finish,
});

Sim.collect();
const slots = Sim.slotsInUse();
const chunkBytes = Sim.chunkBytesInUse();
const responder = new Responder({ client, filter: "service/+", qos: 1, requests: 2, onRequest: take, onRefused: () => refused++ });
Sim.collect();
Sim.report("memory", Sim.slotsInUse() - slots, Sim.chunkBytesInUse() - chunkBytes);
client.connect();
