import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Certificates } from "./certificates.js";
import { freePort, untilAccepting } from "./free-port.js";

/** Options of a `MosquittoBroker`. */
export interface MosquittoBrokerOptions {
  /** Names and passwords; without them anyone may connect. */
  readonly users?: Readonly<Record<string, string>>;
  /** With them the broker speaks TLS only. */
  readonly certificates?: Certificates;
  /** Whether it speaks WebSockets only, at any path. Default false. */
  readonly webSocket?: boolean;
  /** Whether sessions survive `restart`. Default false. */
  readonly persistence?: boolean;
  /** Whether it writes no log, which takes time. Default false. */
  readonly quiet?: boolean;
  /** The lines of its access control list; without them everyone may do everything. */
  readonly accessList?: readonly string[];
  /** More lines for mosquitto.conf. */
  readonly configuration?: readonly string[];
}

/**
 * Configuration of a broker that drops no message, however many wait, and that has as many under way to a client as there
 * ever are. At its default of 20, mosquitto 2.0.11 now and then breaks 4.3.3 and 4.6, whatever client there is: restarted, it
 * sends a message again whose PUBREL it has sent before; and what it has kept back it writes ahead of what it has numbered
 * before ("PUBLISH 127", then "PUBLISH 119" to "PUBLISH 126").
 */
export const LOSING_NOTHING = ["max_queued_messages 0", "max_inflight_messages 1000"] as const;

const START_TIMEOUT = 5000;
const START_ATTEMPTS = 3;

/** Where Debian puts daemons is not in everyone's PATH. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Whether the mosquitto binary is installed. Where it is not, tests may be skipped with a notice, but not where the
 * environment variable `CI` is set: there this throws.
 */
export function mosquittoAvailable(): boolean {
  if (findProgram("mosquitto") !== undefined) return true;
  if (process.env["CI"]) throw new Error("mosquitto is not installed, and CI may not skip its tests");
  return false;
}

/** A mosquitto of its own, on a free port of 127.0.0.1, with its files in a temporary folder. */
export class MosquittoBroker {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #folder: string;
  readonly #quiet: boolean;
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(port: number, folder: string, quiet: boolean) {
    this.port = port;
    this.#folder = folder;
    this.#quiet = quiet;
  }

  /** Resolves when the broker accepts connections. */
  static async start(options: MosquittoBrokerOptions = {}): Promise<MosquittoBroker> {
    for (let attempt = 1; ; attempt++) {
      const folder = mkdtempSync(join(tmpdir(), "mqtt-xs-mosquitto-"));
      const broker = new MosquittoBroker(await freePort(), folder, options.quiet ?? false);
      try {
        writeFiles(folder, broker.port, options);
        await broker.#launch();
        return broker;
      } catch (error) {
        await broker.stop();
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }

  /** What mosquitto has printed: all that happens, or where it is quiet only what goes wrong. */
  get log(): string {
    return this.#log;
  }

  /** Stops and starts it on the same port, as a server that is updated. */
  async restart(): Promise<void> {
    await this.pause();
    await this.resume();
  }

  /** Stops it, but keeps its files and its port for `resume`. */
  async pause(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    await ended;
  }

  /** Starts it again after `pause`. */
  async resume(): Promise<void> {
    await this.#launch();
  }

  /** Stops it and deletes its files. */
  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #launch(): Promise<void> {
    const program = findProgram("mosquitto");
    if (program === undefined) throw new Error("mosquitto is not installed");
    const args = [...(this.#quiet ? [] : ["-v"]), "-c", join(this.#folder, "mosquitto.conf")];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const keep = (piece: Buffer): void => {
      this.#log += piece.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => {
        reject(new Error(`mosquitto ended with code ${code}:\n${this.#log}`));
      });
    });
    await Promise.race([untilAccepting(this.port, START_TIMEOUT), failed]);
  }
}

function writeFiles(folder: string, port: number, options: MosquittoBrokerOptions): void {
  const lines = [
    `listener ${port} 127.0.0.1`,
    // As root, mosquitto would become another user, who may not read this folder.
    ...(process.getuid?.() === 0 ? ["user root"] : []),
    ...(options.quiet ? ["log_type error"] : []),
    `persistence ${options.persistence ?? false}`,
    `persistence_location ${folder}/`,
    ...userLines(folder, options.users),
    ...certificateLines(options.certificates),
    ...accessLines(folder, options.accessList),
    ...(options.webSocket ? webSocketLines(folder) : []),
    ...(options.configuration ?? []),
  ];
  writeFileSync(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
}

/** Without `socket_domain` it would listen everywhere, and without another listener it takes itself for having none. */
function webSocketLines(folder: string): string[] {
  return ["protocol websockets", "socket_domain ipv4", `listener 0 ${join(folder, "socket")}`];
}

function userLines(folder: string, users: Readonly<Record<string, string>> | undefined): string[] {
  if (users === undefined) return ["allow_anonymous true"];
  const program = findProgram("mosquitto_passwd");
  if (program === undefined) throw new Error("mosquitto_passwd is not installed");
  const file = join(folder, "passwords");
  writeFileSync(file, "", { mode: 0o600 });
  for (const [name, password] of Object.entries(users)) execFileSync(program, ["-b", file, name, password], { stdio: "pipe" });
  return ["allow_anonymous false", `password_file ${file}`];
}

function accessLines(folder: string, accessList: readonly string[] | undefined): string[] {
  if (accessList === undefined) return [];
  const file = join(folder, "access");
  writeFileSync(file, `${accessList.join("\n")}\n`, { mode: 0o600 });
  return [`acl_file ${file}`];
}

function certificateLines(certificates: Certificates | undefined): string[] {
  if (certificates === undefined) return [];
  const file = (name: string): string => join(certificates.directory, name);
  return [`cafile ${file("ca.pem")}`, `certfile ${file("server.pem")}`, `keyfile ${file("server.key")}`];
}
