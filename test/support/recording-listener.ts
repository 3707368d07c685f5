import type { TransportListener } from "../../src/client/transport.js";
import type { MqttError } from "../../src/errors.js";

/** Writes down what a transport tells, and may do something about it. */
export class RecordingListener implements TransportListener {
  /** The names of the callbacks, in order. */
  readonly calls: string[] = [];
  /** What `onClose` was given last. */
  error: MqttError | undefined;
  /** Called after each callback, with its name. */
  then: (call: string) => void = () => undefined;

  onOpen(): void {
    this.#record("onOpen");
  }

  onReadable(): void {
    this.#record("onReadable");
  }

  onWritable(): void {
    this.#record("onWritable");
  }

  onClose(error: MqttError): void {
    this.error = error;
    this.#record("onClose");
  }

  #record(call: string): void {
    this.calls.push(call);
    this.then(call);
  }
}
