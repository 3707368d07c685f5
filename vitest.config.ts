import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The device's own modules, which Node does not have, as the tests' stand-ins. */
const deviceModule = (name: string, standIn: string): { find: RegExp; replacement: string } => ({
  find: new RegExp(`^${name}$`),
  replacement: path(`./test/support/device-modules/${standIn}.ts`),
});

export default defineConfig({
  resolve: {
    alias: [
      { find: /^mqtt-xs$/, replacement: path("./src/index.ts") },
      { find: /^mqtt-xs\/(v5|payload|websocket|scram-sha-256|request|store|queue)$/, replacement: path("./src/$1.ts") },
      { find: /^mqtt-xs\/device$/, replacement: path("./hosts/device/index.ts") },
      deviceModule("embedded:io/socket/tcp", "tcp"),
      deviceModule("embedded:io/socket/tcp/tls", "tls"),
      deviceModule("embedded:storage/flash", "flash"),
      deviceModule("timer", "timer"),
      deviceModule("time", "time"),
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Generous: how busy the machine is decides nothing. What takes longer waits for something that does not come.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { interval: 5, timeout: 20_000 } },
    teardownTimeout: 5_000,
  },
});
