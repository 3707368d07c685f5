import { describe, expect, it, onTestFinished } from "vitest";
import { Client, type ClientOptions } from "mqtt-xs/v5";
import { Requester, Responder } from "mqtt-xs/request";
import { NodeClock, TcpTransport } from "../../hosts/node/index.js";
import { mosquittoAvailable, MosquittoBroker } from "../support/mosquitto-broker.js";
import { until } from "../support/waiting.js";

const COUNT = 50;

async function startBroker(): Promise<MosquittoBroker> {
  const broker = await MosquittoBroker.start();
  onTestFinished(() => broker.stop());
  return broker;
}

/** A client that connects when it is told to, and closes with the test. */
function clientOf({ host, port }: MosquittoBroker, options: Partial<ClientOptions> = {}): Client {
  const client = new Client({ transport: new TcpTransport({ host, port }), clock: new NodeClock(), reconnectPeriod: 50, ...options });
  onTestFinished(() => client.close());
  return client;
}

describe.skipIf(!mosquittoAvailable())("With mosquitto between them", () => {
  it.each([0, 1, 2] as const)("a requester gets from two responders that share the work, with QoS %i, what each was asked", async (qos) => {
    const broker = await startBroker();
    const answered = [0, 0];
    let subscribed = 0;
    answered.forEach((_, at) => {
      const client = clientOf(broker);
      const pending: (() => void)[] = [];
      const responder = new Responder({
        client,
        filter: "$share/workers/double/+",
        qos,
        requests: 4,
        onRequest: (request, message) => {
          answered[at]++;
          const number = Number(message.text());
          responder.keep(request);
          pending.unshift(() => responder.respond(request, String(2 * number), qos));
          if (pending.length === 1) setImmediate(() => pending.splice(0).forEach((respond) => respond()));
        },
      });
      client.subscribe({ filter: `ready/${at}` }, () => subscribed++); // is answered behind the other
      client.connect();
    });
    await until("both responders", () => subscribed === 2);

    const client = clientOf(broker, {
      inflight: 8,
      onConnect: () => ask(),
      onWritable: () => ask(),
      onDelivered: (identifier, reasonCode) => void requester.delivered(identifier, reasonCode),
    });
    const questions = new Map<number, number>();
    const results: [number, number][] = [];
    const lost: number[] = [];
    const requester = new Requester({
      client,
      clock: new NodeClock(),
      responseTopic: "to/requester",
      qos,
      onResponse: (request, message) => {
        results.push([questions.get(request) ?? NaN, Number(message.text())]);
        ask();
      },
      onTimeout: (request) => lost.push(request),
      onFailed: (request) => lost.push(request),
    });
    const ask = (): void => {
      while (questions.size < COUNT) {
        const number = questions.size;
        const request = requester.request("double/it", String(number), qos);
        if (request < 0) return;
        questions.set(request, number);
      }
    };
    client.connect();
    await until("all responses", () => results.length + lost.length >= COUNT);
    expect(lost).toEqual([]);
    expect(results.toSorted(([left], [right]) => left - right)).toEqual(Array.from({ length: COUNT }, (_, at) => [at, 2 * at]));
    expect(Math.min(...answered)).toBeGreaterThan(0);
    requester.close();
  });

  it("a request that nobody takes is told by 0x10, before its time is up", async () => {
    const broker = await startBroker();
    const told: [number, number][] = [];
    const client = clientOf(broker, {
      onDelivered: (identifier, reasonCode) => told.push([requester.delivered(identifier, reasonCode), reasonCode]),
    });
    const requester = new Requester({ client, clock: new NodeClock(), responseTopic: "to/requester", onResponse: () => undefined });
    const request = requester.request("double/it", "1", 1);
    client.connect();
    await until("PUBACK", () => told.length > 0);
    expect(told).toEqual([[request, 0x10]]);
    requester.close();
  });
});
