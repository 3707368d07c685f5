import { makeClient } from "./support/client.js";
import { keepPinging } from "./support/pinging.js";

// Keeps alive, and does nothing else.

keepPinging(makeClient);
