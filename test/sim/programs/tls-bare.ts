import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import { utf8 } from "mqtt-xs";
import Sim from "sim";
import { TOPIC } from "./support/client.js";
import { bytesOf } from "./support/secure.js";
import { Steady } from "./support/steady.js";

// Reads and writes the same records as tls-receive.ts, through the TLS socket itself, without a client. Same arguments.

const CONNECT = [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 0];
const SUBSCRIBE = [0x82, 5 + TOPIC.length, 0, 1, 0, TOPIC.length, ...utf8(TOPIC), 1];
/** Where the identifier is in a PUBLISH. */
const IDENTIFIER = 4 + TOPIC.length;

const steady = new Steady();
const input = new Uint8Array(new ArrayBuffer(512, { maxByteLength: 512 }));
const puback = Uint8Array.of(0x40, 2, 0, 0);
let records = 0;
let isOpen = false;

function onReadable(count: number): void {
  input.buffer.resize(count);
  socket.read(input);
  records++;
  if (records === 1) socket.write(Uint8Array.from(SUBSCRIBE));
  else if (records === 2) Sim.report("ready");
  else acknowledge();
  input.buffer.resize(512);
}

function acknowledge(): void {
  puback[2] = input[IDENTIFIER];
  puback[3] = input[IDENTIFIER + 1];
  steady.count();
  if (steady.done) socket.close();
  else socket.write(puback);
}

function onWritable(): void {
  if (isOpen) return;
  isOpen = true;
  socket.write(Uint8Array.from(CONNECT));
}

const socket = new TLSSocket({
  host: "localhost",
  address: "127.0.0.1",
  port: Number(Sim.argument(0)),
  secure: { certificate: bytesOf(Sim.argument(1) ?? "") },
  TCP: { io: TCP },
  onReadable,
  onWritable,
});
