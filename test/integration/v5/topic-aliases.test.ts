import { expect, it } from "vitest";
import { Properties, Topic } from "mqtt-xs/v5";
import { until } from "../../support/waiting.js";
import { describeWithMosquitto } from "../brokers.js";
import { startLink } from "../link.js";
import { connectedDevice } from "./device.js";
import { startPeer } from "./peer.js";
import { aliasing, publishedBy, sentByDevice } from "./traffic.js";

const NAME = "a/topic/with/a/rather/long/name";

/** What a PUBLISH has in the place of its topic. */
const headOf = (packet: ReturnType<typeof publishedBy>[number]): [topic: string, alias: number | undefined] => [
  packet.topic,
  packet.properties?.topicAlias,
];

describeWithMosquitto("Topic aliases", (kind) => {
  it.each([0, 1, 2] as const)("stand for the topics of messages of QoS %i from the second on", async (qos) => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("#");
    const link = await startLink(broker);
    const device = await connectedDevice(link);
    expect(device.client.server.topicAliasMaximum).toBe(10); // what mosquitto takes unless it is told otherwise
    const topics = [new Topic(NAME), new Topic("short")];
    for (let count = 0; count < 3; count++)
      for (const topic of topics) {
        device.client.publish(topic, `${count}`, qos, false, new Properties({ contentType: "text/plain" }));
        await device.allDelivered();
      }
    const messages = await peer.received(6);
    expect(messages.map(({ topic, payload }) => [topic, payload.toString()])).toEqual(
      ["0", "1", "2"].flatMap((payload) => [
        [NAME, payload],
        ["short", payload],
      ]),
    );
    expect(messages.map(({ properties }) => ({ ...properties }))).toEqual(new Array(6).fill({ contentType: "text/plain" }));
    const packets = publishedBy("device", link);
    expect(packets.map(headOf)).toEqual([[NAME, 1], ["short", 2], ["", 1], ["", 2], ["", 1], ["", 2]]);
    expect(packets[2].length).toBe((packets[0].length ?? 0) - NAME.length);
    sentByDevice(link);
  });

  it("are as many as the client is told to use, and other topics go without", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("#");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { topicAliases: 2 });
    const topics = ["a", "b", "c"].map((name) => new Topic(name));
    for (let count = 0; count < 2; count++) for (const topic of topics) await device.publish(topic, "", 1);
    expect((await peer.received(6)).map(({ topic }) => topic)).toEqual(["a", "b", "c", "a", "b", "c"]);
    expect(publishedBy("device", link).map(headOf)).toEqual([["a", 1], ["b", 2], ["c", undefined], ["", 1], ["", 2], ["c", undefined]]);
  });

  it("are no more than the broker takes, or none", async () => {
    const some = await kind.start({ configuration: ["max_topic_alias 1"] });
    const link = await startLink(some);
    const device = await connectedDevice(link);
    const topics = ["a", "b"].map((name) => new Topic(name));
    for (let count = 0; count < 2; count++) for (const topic of topics) await device.publish(topic, "", 1);
    expect(publishedBy("device", link).map(headOf)).toEqual([["a", 1], ["b", undefined], ["", 1], ["b", undefined]]);
    const none = await kind.start({ configuration: ["max_topic_alias 0"] });
    const other = await startLink(none);
    const plain = await connectedDevice(other);
    for (let count = 0; count < 2; count++) await plain.publish(new Topic("a"), "", 1);
    expect(publishedBy("device", other).map(headOf)).toEqual([["a", undefined], ["a", undefined]]);
  });

  it("are the application's own, if it says so, and may be given to another topic", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("#");
    const link = await startLink(broker);
    const device = await connectedDevice(link);
    const [one, other] = [new Topic("one", 7), new Topic("other", 7)];
    for (const topic of [one, one, other, other, one]) await device.publish(topic, "", 1);
    expect((await peer.received(5)).map(({ topic }) => topic)).toEqual(["one", "one", "other", "other", "one"]);
    expect(publishedBy("device", link).map(headOf)).toEqual([["one", 7], ["", 7], ["other", 7], ["", 7], ["one", 7]]);
  });

  it("are told anew in every connection", async () => {
    const broker = await kind.start();
    const peer = await startPeer(broker);
    await peer.subscribe("#");
    const link = await startLink(broker);
    const device = await connectedDevice(link, { clientId: "device", clean: false });
    const topic = new Topic(NAME);
    for (let count = 0; count < 2; count++) await device.publish(topic, "", 2);
    link.cut();
    await until("another connection", () => device.connections.length === 2);
    for (let count = 0; count < 2; count++) await device.publish(topic, "", 2);
    expect((await peer.received(4)).map((message) => message.topic)).toEqual(new Array(4).fill(NAME));
    expect(publishedBy("device", link).map(headOf)).toEqual([[NAME, 1], ["", 1]]);
  });

  it.each([0, 1, 2] as const)("of the broker are resolved, with QoS %i, and routed by", async (qos) => {
    const broker = await kind.start();
    const link = await startLink(broker, aliasing);
    const device = await connectedDevice(link, { topicAliasMaximum: 4 });
    const handled: string[] = [];
    const handler = (message: Parameters<typeof device.take>[0]): void => {
      handled.push(message.topic);
      device.take(message);
    };
    await device.subscribe([{ filter: "a/#", qos: 2, handler }, { filter: "b", qos: 2 }]);
    const peer = await startPeer(broker);
    for (let count = 0; count < 3; count++)
      for (const topic of [NAME, "b"]) await peer.publish(topic, `${count}`, qos, false, { contentType: "text/plain" });
    const messages = await device.received(6);
    expect(handled).toEqual([NAME, NAME, NAME]);
    expect(messages.map((message) => [message.topic, message.payload.toString()])).toEqual(
      ["0", "1", "2"].flatMap((payload) => [
        [NAME, payload],
        ["b", payload],
      ]),
    );
    expect(messages.every(({ properties }) => properties.contentType === "text/plain")).toBe(true);
    expect(publishedBy("broker", link).map(headOf)).toEqual([[NAME, 1], ["b", 2], ["", 1], ["", 2], ["", 1], ["", 2]]);
  });
});
