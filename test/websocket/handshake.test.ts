import { describe, expect, it } from "vitest";
import { checkResponse, requestText } from "../../src/websocket/handshake.js";
import { agreement, type Headers } from "./handshake-peer.js";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const REQUEST = requestText({ path: "/mqtt", host: "broker.example:8080", headers: {}, key: KEY });

/** The answer without the empty line at its end, as `checkResponse` gets it. */
function answer(changes: Headers = {}): string {
  return agreement(REQUEST, changes).slice(0, -4);
}

describe("the request", () => {
  it("is that of RFC 6455 (4.1), with the subprotocol of MQTT", () => {
    expect(REQUEST.split("\r\n")).toEqual([
      "GET /mqtt HTTP/1.1",
      "Host: broker.example:8080",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${KEY}`,
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: mqtt",
      "",
      "",
    ]);
  });

  it("has the caller's headers behind, in their order", () => {
    const headers = { Authorization: "Bearer token", Origin: "http://device.example" };
    const text = requestText({ path: "/?a=b", host: "h", headers, key: KEY });
    expect(text).toMatch(/^GET \/\?a=b HTTP\/1\.1\r\nHost: h\r\n/);
    expect(text).toMatch(/\r\nAuthorization: Bearer token\r\nOrigin: http:\/\/device\.example\r\n\r\n$/);
  });
});

describe("an answer is all right", () => {
  it.each<[string, Headers]>([
    ["as RFC 6455 (1.3) has it", {}],
    ["with other letters in Upgrade and Connection", { Upgrade: "WebSocket", Connection: "upgrade" }],
    ["with more in Connection", { Connection: "keep-alive, Upgrade" }],
    ["with more headers, some of them without a value", { Server: "x", Date: "", "X:Y": "z" }],
    ["with white space around values", { Upgrade: "  websocket\t", "Sec-WebSocket-Protocol": " mqtt " }],
  ])("%s", (_what, changes) => {
    expect(checkResponse(answer(changes), KEY)).toBeUndefined();
  });

  it.each(["upgrade: websocket", "UPGRADE: websocket", "Upgrade:websocket"])("with %j", (header) => {
    expect(checkResponse(answer().replace("Upgrade: websocket", header), KEY)).toBeUndefined();
  });

  it("with Connection in two headers (RFC 9110, 5.3), in any order", () => {
    expect(checkResponse(`${answer()}\r\nConnection: keep-alive`, KEY)).toBeUndefined();
    expect(checkResponse(answer().replace("\r\n", "\r\nConnection: keep-alive\r\n"), KEY)).toBeUndefined();
  });

  it.each(["HTTP/1.1 101", "HTTP/1.1 101 ", "HTTP/1.1 101 Web Socket Protocol Handshake"])("with the first line %j", (line) => {
    expect(checkResponse(answer().replace(/^.*/, line), KEY)).toBeUndefined();
  });
});

describe("no WebSocket is made by", () => {
  it.each([
    ["HTTP/1.1 200 OK", 200],
    ["HTTP/1.1 301 Moved Permanently", 301],
    ["HTTP/1.1 401 Unauthorized", 401],
    ["HTTP/1.1 403 Forbidden", 403],
    ["HTTP/1.1 404 Not Found", 404],
    ["HTTP/1.1 426 Upgrade Required", 426],
    ["HTTP/1.1 500 Internal Server Error", 500],
    ["HTTP/1.1 1010 Nonsense", 0],
    ["HTTP/1.0 101 Switching Protocols", 0],
    ["SSH-2.0-OpenSSH_9.2", 0],
    ["", 0],
  ])("an answer that begins with %j: ERR_WEBSOCKET_UPGRADE with the reasonCode %i", (line, status) => {
    expect(checkResponse(answer().replace(/^.*/, line), KEY)).toMatchObject({
      code: "ERR_WEBSOCKET_UPGRADE",
      fault: "server",
      reasonCode: status,
      message: `no WebSocket: the server answered "${line}"`,
    });
  });

  it.each<[string, Headers, string]>([
    ["without Upgrade", { Upgrade: undefined }, "the answer has no Upgrade: websocket"],
    ["with another Upgrade", { Upgrade: "h2c" }, "the answer has no Upgrade: websocket"],
    ["without Connection", { Connection: undefined }, "the answer has no Connection: Upgrade"],
    ["with another Connection", { Connection: "close" }, "the answer has no Connection: Upgrade"],
    ["without Sec-WebSocket-Accept", { "Sec-WebSocket-Accept": undefined }, "the answer is not to this request"],
    ["with that of another key", { "Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }, "the answer is not to this request"],
    ["with the key itself", { "Sec-WebSocket-Accept": KEY }, "the answer is not to this request"],
    ["with two of them", { "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, "the answer is not to this request"],
    ["with extensions", { "Sec-WebSocket-Extensions": "permessage-deflate" }, "the answer has extensions that nobody asked for"],
  ])("an answer %s: ERR_WEBSOCKET_UPGRADE", (_what, changes, why) => {
    expect(checkResponse(answer(changes), KEY)).toMatchObject({
      code: "ERR_WEBSOCKET_UPGRADE",
      fault: "server",
      reasonCode: 101,
      message: `no WebSocket: ${why}`,
    });
  });

  it.each<[string, string | undefined, string]>([
    ["no subprotocol", undefined, "no subprotocol"],
    ["another subprotocol", "mqttv3.1", `the subprotocol "mqttv3.1"`],
    ["other letters", "MQTT", `the subprotocol "MQTT"`],
    ["two subprotocols", "mqtt, mqttv3.1", `the subprotocol "mqtt, mqttv3.1"`],
  ])("an answer with %s: ERR_WEBSOCKET_SUBPROTOCOL", (_what, protocol, chosen) => {
    expect(checkResponse(answer({ "Sec-WebSocket-Protocol": protocol }), KEY)).toMatchObject({
      code: "ERR_WEBSOCKET_SUBPROTOCOL",
      fault: "server",
      message: `the server chose ${chosen} instead of "mqtt"`,
    });
  });
});
