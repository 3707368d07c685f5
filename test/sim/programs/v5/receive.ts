import { type Message, Properties } from "mqtt-xs/v5";
import Sim from "sim";
import { Steady } from "../support/steady.js";
import { makeClient } from "./support/client.js";

// Takes messages with a handler for each subscription, which have the identifiers 1, 2 and 3, and reads their properties in both
// ways. Argument 1: the aliases that the server may use; argument 2: how many messages it may have under way;
// argument 3, if there is one: the reason code that all are refused with. Any other message ends it.

const MESSAGE_EXPIRY_INTERVAL = 2;

const refusal = Number(Sim.argument(3) ?? 0);
const steady = new Steady();
const handled = [0, 0, 0];
let expiry = 0;
let count = 0;
let bytes = 0;

function read({ properties }: Message): void {
  expiry += properties.number(MESSAGE_EXPIRY_INTERVAL) ?? 0;
  properties.rewind();
  while (properties.next()) {
    count++;
    if (properties.identifier > 2) bytes += properties.end - properties.start;
  }
}

function finish(): void {
  Sim.report("handled", handled[0], handled[1], handled[2]);
  Sim.report("read", expiry, count, bytes);
  client.close();
}

function done(): void {
  if (++granted === 3) Sim.report("ready");
}

const client = makeClient({
  topicAliasMaximum: Number(Sim.argument(1)),
  topicAliasSize: 64,
  receiveMaximum: Number(Sim.argument(2)),
  onMessage: finish,
});
let granted = 0;
const identified = (identifier: number): Properties => new Properties({ subscriptionIdentifier: identifier });
client.subscribe({ filter: "greenhouse/+/temperature/+", qos: 2, handler: () => handled[0]++ }, done, identified(1));
client.subscribe({ filter: "greenhouse/1/#", qos: 2, handler: () => handled[1]++ }, done, identified(2));
client.subscribe(
  {
    filter: "greenhouse/#",
    qos: 2,
    handler: (message) => {
      handled[2]++;
      read(message);
      message.reasonCode = refusal;
      steady.count();
    },
  },
  done,
  identified(3),
);
client.connect();
