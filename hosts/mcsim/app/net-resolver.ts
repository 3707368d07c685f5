import type { Resolver } from "mqtt-xs/device";
import Net from "net";

/** Resolves names through the SDK's `net`, as the simulator has no resolver of ECMA-419. */
export class NetResolver implements Resolver {
  #isClosed = false;

  /** {@inheritDoc Resolver.resolve} */
  resolve({ host, onResolved, onError }: Parameters<Resolver["resolve"]>[0]): void {
    Net.resolve(host, (name, address) => {
      if (this.#isClosed) return;
      if (address === undefined) onError(name);
      else onResolved(name, address);
    });
  }

  /** Nothing is called from now on; `net` itself cannot be stopped. */
  close(): void {
    this.#isClosed = true;
  }
}
