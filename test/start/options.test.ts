import { describe, expect, it } from "vitest";
import { UsageFailure } from "../../hosts/start/failure.js";
import { HELP, parseOptions, type StartOptions } from "../../hosts/start/options.js";

const DEFAULTS: StartOptions = {
  broker: undefined,
  protocol: "3.1.1",
  host: "sim",
  count: 30,
  interval: 200,
  qos: 1,
  payloadSize: 0,
  heap: 65_536,
  json: false,
};

describe("the options of npm start", () => {
  it("are 30 messages of QoS 1 over MQTT 3.1.1, on the simulator, to a broker of its own", () => {
    expect(parseOptions([])).toEqual(DEFAULTS);
  });

  it.each([
    [["--host", "node"], { host: "node" }],
    [["--protocol", "3.1.1"], { protocol: "3.1.1" }],
    [["--protocol", "5"], { protocol: "5.0" }],
    [["--protocol", "5.0"], { protocol: "5.0" }],
    [["--count", "1"], { count: 1 }],
    [["--forever"], { count: Infinity }],
    [["--interval=10"], { interval: 10 }],
    [["--qos", "0"], { qos: 0 }],
    [["--qos", "2"], { qos: 2 }],
    [["--payload-size", "10000"], { payloadSize: 10_000 }],
    [["--heap", "98304"], { heap: 98_304 }],
    [["--heap", "96k"], { heap: 98_304 }],
    [["--json"], { json: true }],
    [["--host", "node", "--broker", "mqtts://host"], { host: "node", broker: { protocol: "mqtts", host: "host", port: 8883 } }],
    [["--host", "node", "--broker", "ws://host"], { host: "node", broker: { protocol: "ws", host: "host", port: 80, path: "/" } }],
    [["--host", "node", "--broker", "wss://host/a"], { host: "node", broker: { protocol: "wss", host: "host", port: 443, path: "/a" } }],
    [["--broker", "mqtt://host"], { broker: { protocol: "mqtt", host: "host", port: 1883 } }],
  ] as const)("%j", (args, expected) => {
    expect(parseOptions(args)).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each(["--help", "-h"])("%s asks for help, whatever else is given", (option) => {
    expect(parseOptions([option, "--count", "wrong"])).toBe("help");
  });

  it("are all in the help, in at most 80 columns", () => {
    for (const name of ["broker", "protocol", "host", "count", "forever", "interval", "qos", "payload-size", "heap", "json", "help"])
      expect(HELP).toContain(`--${name} `);
    for (const line of HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("a wrong option is named", () => {
  it.each([
    [["--cuont", "3"], "unknown option --cuont"],
    [["-x"], "unknown option -x"],
    [["3"], "unexpected argument; with npm, options come after two dashes: npm start -- --count 5"],
    [["--count"], "Option '--count <value>' argument missing"],
    [["--count", "0"], '--count: expected a whole number from 1 to 1000000000, got "0"'],
    [["--count", "1.5"], '--count: expected a whole number from 1 to 1000000000, got "1.5"'],
    [["--count", "many"], '--count: expected a whole number from 1 to 1000000000, got "many"'],
    [["--count", "3", "--forever"], "--count and --forever exclude each other"],
    [["--interval", "9"], '--interval: expected a whole number from 10 to 3600000, got "9"'],
    [["--qos", "3"], '--qos: expected 0 or 1 or 2, got "3"'],
    [["--protocol", "4"], '--protocol: expected 3.1.1 or 5, got "4"'],
    [["--protocol", ""], '--protocol: expected 3.1.1 or 5, got ""'],
    [["--protocol"], "Option '--protocol <value>' argument missing"],
    [["--host", "esp32"], '--host: expected sim or node, got "esp32"'],
    [["--payload-size", "1"], '--payload-size: expected a whole number from 128 to 1048576, got "1"'],
    [["--heap", "1k"], '--heap: expected a whole number from 16384 to 16777216, got "1024"'],
    [["--heap", "64k", "--host", "node"], "--heap is for --host sim only"],
    [["--json=yes"], "Option '--json' does not take an argument"],
  ])("%j", (args, message) => expect(() => parseOptions(args)).toThrow(new UsageFailure(message)));

  it("in one line, with the exit status 2", () => {
    const failure = new UsageFailure("wrong");
    expect(failure.message).toBe("wrong (npm start -- --help tells more)");
    expect(failure.exitStatus).toBe(2);
  });

  it.each([
    [["--broker", "mqt://user:secret@host"]],
    [["--broker", "wss://user:secret@host:65536"]],
    [["--broker", "wss://user:secret@host/?token=secret"]],
    [["mqtt://user:secret@host"]],
    [["--brokr=mqtt://user:secret@host"]],
    [["--broker", "mqtt://user:se%cret@host"]],
  ])("without quoting a password: %j", (args) => {
    expect(() => parseOptions(args)).toThrow(UsageFailure);
    expect(() => parseOptions(args)).not.toThrow(/se%?cret/);
  });
});
