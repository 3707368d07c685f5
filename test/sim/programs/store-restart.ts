import Sim from "sim";
import { makeClient } from "./support/client.js";
import { stored } from "./support/stored.js";

// Publishes three messages when the session is new, and one more when it is not, and tells what comes in. What the topic
// "end" brings ends it, at once and without a word to the server.

const client = makeClient({
  ...stored(),
  onConnect: (sessionPresent) => {
    if (sessionPresent) {
      client.publish("readings", "four", 1);
      return;
    }
    client.publish("readings", "one", 1);
    client.publish("readings", "two", 2);
    client.publish("readings", "three", 2);
  },
  onMessage: (message) => {
    if (message.topic === "end") Sim.exit();
    trace(`received ${message.text()}`);
  },
});
client.connect();
