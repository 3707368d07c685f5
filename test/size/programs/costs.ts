import { Client, type ClientOptions, Topic, TopicFilter } from "mqtt-xs";
import { Payload } from "mqtt-xs/payload";
import Sim from "sim";
import Timer from "timer";
import { DeviceClock, TcpTransport } from "../../../hosts/device/index.js";
import { makeClient, TOPIC } from "../../sim/programs/support/client.js";
import { cost } from "./cost.js";

// Slots and bytes of chunks that each thing takes for as long as it is there: the difference between before and after it
// was made, without garbage.

const transport = new TcpTransport({ address: "127.0.0.1" });
const clock = new DeviceClock();

const makeTransport = (): unknown => new TcpTransport({ address: "127.0.0.1" });
const makeClock = (): unknown => new DeviceClock();
const makeTopic = (): unknown => new Topic(TOPIC);
const makeFilter = (): unknown => new TopicFilter(TOPIC);
const makePayload = (): unknown => new Payload(64);
const makeOffline = (limits: Partial<ClientOptions>) => (): unknown => new Client({ transport, clock, ...limits });

cost("transport", makeTransport);
cost("clock", makeClock);
cost("topic", makeTopic);
cost("filter", makeFilter);
cost("payload", makePayload);
cost("client", makeOffline({}));
cost("packetSize.512", makeOffline({ packetSize: 512 }));
cost("packetSize.1512", makeOffline({ packetSize: 1_512 }));
cost("inflight.4", makeOffline({ inflight: 4 }));
cost("inflight.5", makeOffline({ inflight: 5 }));
cost("receiveMaximum.64", makeOffline({ receiveMaximum: 64 }));
cost("receiveMaximum.1064", makeOffline({ receiveMaximum: 1_064 }));

// What a subscription costs is known when the server has granted it and the request for it is gone.

const handler = (): void => undefined;
const filters = ["a", "b", "c"].map((filter) => new TopicFilter(filter));
let granted = 0;

function subscribe(): void {
  client.subscribe({ filter: filters[granted], handler }, () => void Timer.set(measure));
}

function measure(): void {
  granted++;
  Sim.collect();
  Sim.report(`subscribed.${granted}`, Sim.slotsInUse(), Sim.chunkBytesInUse());
  if (granted < filters.length) subscribe();
  else Sim.exit();
}

const client = makeClient({ onConnect: subscribe });
client.connect();
