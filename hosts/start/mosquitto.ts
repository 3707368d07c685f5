import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.js";
import { listen } from "./listen.js";
import type { Broker } from "./broker.js";

/** The folders of commands, and where Debian and Homebrew put daemons, which is not in everyone's PATH. */
const FOLDERS = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];

/** The exit status where something has to be installed or said first. */
const USAGE = 2;

/** Milliseconds for it to accept connections, and between two looks whether it does. */
const START_TIMEOUT = 5_000;
const LOOK = 20;

/** How often to try another port, where somebody has taken the free one that was found. */
const ATTEMPTS = 3;

/** The path of the mosquitto that is installed. @throws Failure that says how to install it. */
export function findMosquitto(folders: readonly string[] = FOLDERS): string {
  const program = folders.map((folder) => join(folder, "mosquitto")).find((path) => existsSync(path));
  if (program !== undefined) return program;
  throw new Failure(
    "--protocol 5 needs a broker that speaks MQTT 5.0: install mosquitto, which is then started by itself " +
      "(Debian, Ubuntu: apt-get install mosquitto; macOS: brew install mosquitto), or name one with --broker",
    USAGE,
  );
}

/** Starts mosquitto on a free port. Resolves when it accepts connections. @throws Failure when it does not. */
export async function startMosquitto(program: string): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), "mqtt-xs-mosquitto-"));
  try {
    return await launch(program, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function launch(program: string, folder: string): Promise<Broker> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = new Child(program, await configure(folder, port));
    if (await child.accepts(port)) return brokerOf(child, port, folder);
    await child.end();
    if (attempt === ATTEMPTS) throw new Failure(`mosquitto (${program}) does not start: ${child.complaint}`);
  }
}

function brokerOf(child: Child, port: number, folder: string): Broker {
  return {
    address: { protocol: "mqtt", host: "127.0.0.1", port },
    name: `its own mosquitto on port ${port}`,
    stop: async () => {
      await child.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Writes the configuration. @returns its file's path. */
async function configure(folder: string, port: number): Promise<string> {
  const file = join(folder, "mosquitto.conf");
  const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true", "persistence false", "set_tcp_nodelay true", "log_type error"];
  await writeFile(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

/** The process. */
class Child {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #errors = "";

  constructor(program: string, configuration: string) {
    // In a process group of its own, it is not ended by Ctrl-C in the terminal before the device has said goodbye.
    this.#child = spawn(program, ["-c", configuration], { stdio: ["ignore", "ignore", "pipe"], detached: true });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#ended = once(this.#child, "close").catch((error: unknown) => (this.#errors += String(error)));
    process.once("exit", this.#kill);
  }

  /** What it says is wrong, in one line. */
  get complaint(): string {
    return this.#errors.trim().split("\n").at(-1) ?? "";
  }

  /** Waits until it listens; false when it has ended, or takes too long. */
  async accepts(port: number): Promise<boolean> {
    for (const deadline = performance.now() + START_TIMEOUT; performance.now() < deadline && this.#runs; ) {
      if (await isListening(port)) return this.#runs;
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    return false;
  }

  async end(): Promise<void> {
    this.#child.kill();
    await this.#ended;
    process.off("exit", this.#kill);
  }

  get #runs(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  readonly #kill = (): void => void this.#child.kill("SIGKILL");
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", answer(true)).once("error", answer(false));
  });
}
