import { OWN as OWN3 } from "../../../fuzz/prepared-client.js";
import * as packets3 from "../../../support/packets.js";
import * as packets5 from "../../../support/v5/packets.js";
import { BINARY, CLOSE, closeFrame, CONTINUATION, frame, PING, PONG, TEXT } from "../../../websocket/frames.js";
import { agreement } from "../../../websocket/handshake-peer.js";
import { AUTHENTICATION_METHOD } from "../play/application5.js";
import { WEBSOCKET } from "../play/versions.js";
import type { VersionName } from "../play/version-name.js";

type Dictionary = readonly Uint8Array[];

const { awaitingPuback, awaitingPubcomp, awaitingPubrec, subscribe, unsubscribe } = OWN3;
const IDENTIFIERS = [awaitingPuback, awaitingPubcomp, awaitingPubrec, 6, 7, 300] as const;
const LONG = "x".repeat(200);

/** What a server of 3.1.1 may send, and some of what it may not. */
function dictionary3(): Dictionary {
  const { connack, packet, pingresp, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } = packets3;
  return [
    connack(),
    connack({ sessionPresent: true }),
    connack({ returnCode: 5 }),
    publish({ topic: "in/1", payload: "abc" }),
    publish({ topic: "in/1", payload: LONG, qos: 1, identifier: 9 }),
    publish({ topic: "a/b", payload: LONG, qos: 2, identifier: 10 }),
    publish({ topic: "温/度", payload: "", retain: true }),
    publish({ topic: "t".repeat(80), payload: "late" }),
    publish({ topic: "$SYS/a", qos: 2, identifier: 3, dup: true }),
    ...IDENTIFIERS.flatMap((identifier) => [puback(identifier), pubrec(identifier), pubrel(identifier), pubcomp(identifier)]),
    ...IDENTIFIERS.map((identifier) => publish({ topic: "in/2", payload: "2", qos: 2, identifier })),
    suback(subscribe, 2, 0),
    suback(subscribe, 0x80, 0x80),
    suback(7, 1),
    unsuback(unsubscribe),
    pingresp(),
    packet(0x10),
    packet(0xe0),
    packet(0xf0),
    Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 2, 0x61, 0x62), // 256 MB are announced
    Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01),
  ];
}

/** The same of 5.0, with properties of all kinds. */
function dictionary5(): Dictionary {
  const { auth, connack, disconnect, puback, pubcomp, publish, pubrec, pubrel, suback, unsuback } = packets5;
  const method = ["authenticationMethod", AUTHENTICATION_METHOD] as const;
  const data = ["authenticationData", packets5.utf8("data")] as const;
  const [reason, user] = [["reasonString", "why"] as const, ["userProperty", ["name", "value"]] as const];
  return [
    connack(),
    connack({ properties: [method, data] }),
    connack({ sessionPresent: true, properties: [method, ["receiveMaximum", 1], ["maximumQoS", 1], ["retainAvailable", 0]] }),
    connack({ properties: [method, ["maximumPacketSize", 20], ["topicAliasMaximum", 2], ["serverKeepAlive", 1]] }),
    connack({ properties: [method, ["wildcardSubscriptionAvailable", 0], ["subscriptionIdentifiersAvailable", 0]] }),
    connack({
      properties: [method, ["sharedSubscriptionAvailable", 0], ["responseInformation", "r"], ["sessionExpiryInterval", 1]],
    }),
    connack({ properties: [method, ["assignedClientIdentifier", "mine"], reason, user, user] }),
    connack({ reasonCode: 0x9d, properties: [["serverReference", "other"]] }),
    publish({ topic: "in/1", payload: "abc", properties: [["topicAlias", 1]] }),
    publish({ topic: "", payload: "abc", properties: [["topicAlias", 1]] }),
    publish({ topic: "in/1", payload: LONG, qos: 1, identifier: 9, properties: [["payloadFormatIndicator", 1], user] }),
    publish({
      topic: "a/b",
      payload: LONG,
      qos: 2,
      identifier: 10,
      properties: [
        ["messageExpiryInterval", 5],
        ["contentType", "a"],
      ],
    }),
    publish({
      topic: "b/c",
      payload: "b",
      properties: [
        ["subscriptionIdentifier", 7],
        ["subscriptionIdentifier", 300],
      ],
    }),
    publish({
      topic: "b/c",
      payload: "b",
      properties: [
        ["responseTopic", "r"],
        ["correlationData", Uint8Array.of(1, 2)],
      ],
    }),
    publish({ topic: "t".repeat(140), payload: "late" }),
    ...IDENTIFIERS.flatMap((identifier) => [puback(identifier), pubrec(identifier), pubrel(identifier), pubcomp(identifier)]),
    ...IDENTIFIERS.flatMap((identifier) => [
      puback(identifier, 0x97, [reason]),
      pubrec(identifier, 0x80),
      pubrel(identifier, 0x92),
    ]),
    ...IDENTIFIERS.map((identifier) => publish({ topic: "in/2", payload: "2", qos: 2, identifier })),
    suback(4, [2, 0]),
    suback(4, [0x80, 0x8f], [user]),
    suback(5, 1),
    unsuback(6, 0),
    unsuback(6, 0x11, [reason]),
    auth(0x18, [method, data]),
    auth(0, [method]),
    disconnect(),
    disconnect(0x8b, [reason, ["serverReference", "other"], user]),
    packets5.pingresp(),
    Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 2, 0x61, 0x62, 0),
    Uint8Array.of(0x26, 0, 1, 0x61, 0, 1, 0x62), // a User Property
  ];
}

/** Frames of RFC 6455 around what a server of 3.1.1 may send, and answers to the request. */
function dictionaryOfWebSocket(): Dictionary {
  const [first, second, ...others] = dictionary3().map((packet) => frame(BINARY, packet));
  const key = "Sec-WebSocket-Key: gICAgICAgICAgICAgICAgA==\r\n";
  return [
    WEBSOCKET.greeting,
    Buffer.from(agreement(key, { "Sec-WebSocket-Protocol": undefined })),
    Buffer.from(agreement(key, { "Sec-WebSocket-Accept": "no" })),
    Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    first,
    second,
    frame(PING, "ping"),
    frame(PING),
    frame(PONG, "pong"),
    frame(CLOSE),
    closeFrame(1001, "gone"),
    frame(TEXT, "text"),
    frame(BINARY, packets3.connack(), false),
    frame(CONTINUATION, packets3.pingresp(), false),
    frame(CONTINUATION, packets3.pingresp()),
    frame(BINARY, packets3.publish({ topic: "in/1", payload: LONG })),
    Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0, 0, 0, 2, 0xd0, 0),
    Uint8Array.of(0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    ...others,
  ];
}

/** What is put into scripts as it is, by version. */
export const DICTIONARIES: Readonly<Record<VersionName, Dictionary>> = {
  "3": dictionary3(),
  "5": dictionary5(),
  websocket: dictionaryOfWebSocket(),
};
