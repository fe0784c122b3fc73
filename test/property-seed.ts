/**
 * Fixes the chance of property tests, so that `check` says the same of the same code every time. Loaded
 * before every test. CHANNELS_PROPERTY_SEED=<number> draws other cases: run it for more, and keep what it finds.
 */
import fc from "fast-check";

/** Any number would do; this one is the day on which it was chosen. */
const SEED = 20_261_121;

fc.configureGlobal({ seed: Number(process.env["CHANNELS_PROPERTY_SEED"] ?? SEED) });
