import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from "node:tls";
import { afterAll, afterEach } from "vitest";
import { tlsAvailable, type RunReport } from "../../../hosts/sim/runner.js";
import { listen } from "../../../hosts/start/listen.js";
import { type Certificates, makeCertificates, type Validity } from "../../support/certificates.js";
import { Reports, runSource } from "./program.js";

/** Whether there is nothing to test here, which must not be so in CI. */
export const withoutTls = !(await tlsAvailable()) && process.env["CI"] === undefined;

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** Certificates that are deleted after the tests of a file. */
export function useCertificates(validity?: Validity): Certificates {
  const certificates = makeCertificates(validity);
  afterAll(() => certificates.remove());
  return certificates;
}

/** Serves TLS with a certificate and its issuer's, as the SDK demands. Echoes unless told otherwise. */
export function serveTls({ cert, ca, key }: Certificates, options: TlsOptions = {}, onConnection = echo): Promise<number> {
  const server = createTlsServer({ cert: `${cert}${ca}`, key, ...options }, (socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.on("tlsClientError", () => {});
  return serve(server);
}

function echo(socket: TLSSocket): void {
  socket.on("data", (data: Buffer) => socket.write(data));
}

/** Serves TCP, for servers that are no good. */
export function serveTcp(onConnection: (socket: Socket) => void): Promise<number> {
  return serve(
    createTcpServer((socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    }),
  );
}

function serve(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return listen(server);
}

/** What goes into `secure`, and what a client is made of beside its callbacks. */
export interface Client {
  readonly port: number;
  /** The authority to trust, PEM. */
  readonly ca?: string | undefined;
  /** Certificates and a key in PEM, which are `der(1)` and so on in the program. */
  readonly files?: readonly string[];
  /** More of `secure`, as source text. */
  readonly secure?: string;
  /** Callbacks, as source text. `socket` is the TLS socket, `tcp` the one under it. */
  readonly callbacks?: string;
  /** What comes before, as source text. */
  readonly before?: string;
  /** The class of the TCP socket. Default: one that traces what is thrown at it, and closes. */
  readonly io?: string;
  readonly reports?: Reports;
}

const PRELUDE = `
  import TCP from "embedded:io/socket/tcp";
  import TLS from "embedded:io/socket/tcp/tls";
  import Timer from "timer";
  import sim from "sim";
  const der = (index) => {
    const digits = sim.argument(index), bytes = new Uint8Array(digits.length / 2);
    for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(digits.substr(2 * at, 2), 16);
    return bytes;
  };
  const text = (bytes) => String.fromCharCode(...bytes);
  const bytes = (string) => Uint8Array.from(string, (character) => character.charCodeAt(0));
  const attempt = (action) => { try { return action(); } catch (error) { return "throws " + error; } };
  let tcp;
  class Guarded extends TCP {
    constructor(options) {
      const guard = (call) => (count) => {
        try { call(count); } catch (error) { trace("thrown ", error); this.close(); }
      };
      super({ ...options, onReadable: guard(options.onReadable), onWritable: guard(options.onWritable), onError: guard(options.onError) });
      tcp = this;
    }
  }`;

/** Runs a program that has `TLS`, `TCP`, `Timer` and `sim`. */
export function runTls(source: string, files: readonly string[] = [], reports = new Reports()): Promise<RunReport> {
  return runSource(`${PRELUDE}\n${source}`, { arguments: files.map(hex), onReport: reports.take });
}

/** Runs a program with one TLS socket to `localhost`. */
export function runClient({ port, ca, files = [], secure = "", callbacks = "", before = "", ...rest }: Client): Promise<RunReport> {
  const { io = "Guarded", reports } = rest;
  const source = `
    ${before}
    const socket = new TLS({
      host: "localhost", address: "127.0.0.1", port: ${port},
      secure: { ${ca === undefined ? "" : "certificate: der(0),"} ${secure} },
      TCP: { io: ${io} },
      ${callbacks} });`;
  return runTls(source, [ca ?? "", ...files], reports);
}

/** A promise and what fulfils it, which Node 20 has no function for. */
export function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((fulfil) => (resolve = fulfil));
  return { promise, resolve };
}

/** PEM to DER, in hexadecimal digits. */
function hex(pem: string): string {
  return Buffer.from(pem.replace(/-----.*-----/g, ""), "base64").toString("hex");
}
