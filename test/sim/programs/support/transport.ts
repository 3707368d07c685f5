import type { Transport } from "mqtt-xs";
import { WebSocketTransport } from "mqtt-xs/websocket";
import Sim from "sim";
import { TcpTransport } from "../../../../hosts/device/index.js";

/** To the runner's peer: the program's first argument is its port, behind `ws:` where it speaks WebSocket. */
export function makeTransport(): Transport {
  const argument = Sim.argument(0) ?? "";
  const port = Number(argument);
  if (port > 0) return overTcp(port);
  return new WebSocketTransport({ transport: overTcp(Number(argument.slice(3))), host: "localhost" });
}

function overTcp(port: number): Transport {
  return new TcpTransport({ address: "127.0.0.1", port });
}
