import { Topic } from "mqtt-xs";
import Sim from "sim";
import { makeClient, payload, TOPIC } from "./support/client.js";

// Publishes a message of QoS 1 and one of QoS 2 on the first connection, and ends when both are delivered.

const topic = new Topic(TOPIC);
const bytes = payload();
let connections = 0;

function onConnect(sessionPresent: boolean): void {
  Sim.report("connected", ++connections, Number(sessionPresent));
  if (connections > 1) return;
  client.publish(topic, bytes, 1);
  client.publish(topic, bytes, 2);
}

function onDelivered(): void {
  if (client.inflight === 0) client.close();
}

const client = makeClient({
  clientId: "greenhouse-1",
  clean: false,
  reconnectPeriod: 10,
  onConnect,
  onDelivered,
  onDisconnect: (error) => trace(`disconnected ${error?.code ?? "in order"}`),
});
client.connect();
