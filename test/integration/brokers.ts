import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AedesOptions } from "aedes";
import { describe, onTestFinished } from "vitest";
import { AedesBroker } from "../support/aedes-broker.js";
import type { Certificates } from "../support/certificates.js";
import { mosquittoAvailable, MosquittoBroker } from "../support/mosquitto-broker.js";
import type { Place } from "./device.js";

/** What a test may want of a broker. */
export interface BrokerOptions {
  /** The only user who may connect. */
  readonly user?: { readonly name: string; readonly password: string };
  /** A filter that nobody may subscribe to. */
  readonly forbidden?: string;
  /** With them the broker speaks TLS only. */
  readonly certificates?: Certificates;
  /** Whether it speaks WebSockets only, at `/mqtt`. */
  readonly webSocket?: boolean;
  /** Whether sessions and messages outlive `restart`; with mosquitto only. */
  readonly persistence?: boolean;
  /** More lines for mosquitto.conf; with mosquitto only. */
  readonly configuration?: readonly string[];
  /** The lines of an access control list, as mosquitto's `acl_file` has them; with mosquitto only. */
  readonly accessList?: readonly string[];
}

/** A broker that runs. */
export interface Broker extends Place {
  /** Ends, with all connections, and starts again on the same port. */
  restart(): Promise<void>;
}

/** One of the two brokers that every test is done with. */
export interface BrokerKind {
  readonly name: string;
  /** Starts a broker, which ends with the test. */
  start(options?: BrokerOptions): Promise<Broker>;
}

const aedes: BrokerKind = {
  name: "Aedes",
  async start(options = {}) {
    const { certificates: tls, webSocket } = options;
    const settings = { aedes: aedesOptions(options), ...(tls && { tls }), ...(webSocket && { webSocketPath: "/mqtt" }) };
    let running = await AedesBroker.start(settings);
    const { host, port } = running;
    onTestFinished(() => running.stop());
    return {
      host,
      port,
      async restart() {
        await running.stop();
        running = await AedesBroker.start({ ...settings, port });
      },
    };
  },
};

function aedesOptions({ user, forbidden }: BrokerOptions): AedesOptions {
  return {
    concurrency: 0, // no limit: beyond one, its queue overflows the stack when thousands of messages wait
    authenticate: (_client, name, password, done) => {
      done(null, user === undefined || (name === user.name && password?.toString() === user.password));
    },
    authorizeSubscribe: (_client, subscription, done) => {
      done(null, subscription.topic === forbidden ? null : subscription);
    },
  };
}

const mosquitto: BrokerKind = {
  name: "mosquitto",
  async start({ user, forbidden, certificates, webSocket = false, persistence = false, configuration = [], accessList } = {}) {
    const broker = await MosquittoBroker.start({
      persistence,
      webSocket,
      configuration: ["max_queued_messages 0", ...(forbidden === undefined ? [] : accessControl(forbidden)), ...configuration],
      ...(accessList && { accessList }),
      ...(user && { users: { [user.name]: user.password } }),
      ...(certificates && { certificates }),
    });
    onTestFinished(() => broker.stop());
    return broker;
  },
};

/** Mosquitto refuses a subscription only through its plugin for access control, which comes with it. */
function accessControl(forbidden: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-access-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "access.json");
  const acls = [{ acltype: "subscribeLiteral", topic: forbidden, allow: false, priority: 1 }];
  const configuration = {
    defaultACLAccess: { publishClientSend: true, publishClientReceive: true, subscribe: true, unsubscribe: true },
    clients: [],
    groups: [{ groupname: "anonymous", roles: [{ rolename: "restricted" }], clients: [] }],
    roles: [{ rolename: "restricted", acls }],
    anonymousGroup: "anonymous",
  };
  writeFileSync(file, JSON.stringify(configuration));
  return [`plugin ${accessControlPlugin()}`, `plugin_opt_config_file ${file}`];
}

function accessControlPlugin(): string {
  const libraries = ["/usr/lib", "/usr/local/lib", "/opt/homebrew/lib"].filter((folder) => existsSync(folder));
  const folders = libraries.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  const found = folders.map((folder) => join(folder, "mosquitto_dynamic_security.so")).find((path) => existsSync(path));
  if (found === undefined) throw new Error("mosquitto_dynamic_security.so, which comes with mosquitto, was not found");
  return found;
}

/**
 * The same tests with each broker. Where mosquitto is not installed its tests are skipped, which is said on standard
 * error and in the title; not where `CI` is set, which fails.
 */
export function describeWithEachBroker(title: string, tests: (kind: BrokerKind) => void): void {
  describe(`${title}, with ${aedes.name}`, () => {
    tests(aedes);
  });
  describeWithMosquitto(title, tests);
}

/** Tests of what Aedes cannot do: keep sessions over a restart, QoS 2 messages without fail. */
export function describeWithMosquitto(title: string, tests: (kind: BrokerKind) => void): void {
  const isAvailable = mosquittoAvailable();
  if (!isAvailable) process.stderr.write(`\n${title}: mosquitto is not installed, so its tests are skipped\n`);
  const suffix = isAvailable ? "" : " (skipped: it is not installed)";
  describe.skipIf(!isAvailable)(`${title}, with ${mosquitto.name}${suffix}`, () => {
    tests(mosquitto);
  });
}
