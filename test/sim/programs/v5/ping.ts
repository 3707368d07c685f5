import { keepPinging } from "../support/pinging.js";
import { makeClient } from "./support/client.js";

// Keeps alive, and does nothing else.

keepPinging(makeClient);
