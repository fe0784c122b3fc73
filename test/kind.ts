/** The kinds of test, so that each test carries its own and `check` can count them. */
import { test } from "bun:test";

/** Declares a test of one kind. The name is a sentence that is true when the test passes. */
export type DeclareTest = (
  name: string,
  run: () => void | Promise<void>,
  timeoutMs?: number,
) => void;

/** All kinds, in the order in which `check` prints them. */
export const KINDS = [
  "unit",
  "invariant",
  "concurrency",
  "golden",
  "integration",
  "property",
  "crash",
  "adversarial",
] as const;

/** A minute, where most tests take milliseconds: others may keep the machine busy, and no test waits for time. */
const TIME_MAX_MS = 60_000;

const declare =
  (kind: (typeof KINDS)[number]): DeclareTest =>
  (name, run, timeoutMs = TIME_MAX_MS) =>
    test(`[${kind}] ${name}`, run, timeoutMs);

/** One public function: success, error, edge. */
export const unit: DeclareTest = declare("unit");
/** A rule of the domain or of the house that holds everywhere. */
export const invariant: DeclareTest = declare("invariant");
/** Many writers and readers, interleavings enumerated. */
export const concurrency: DeclareTest = declare("concurrency");
/** Bytes that must never change: encodings, hashes, samples. */
export const golden: DeclareTest = declare("golden");
/** Whole protocols in the simulator, on a real chain, or through the command line. */
export const integration: DeclareTest = declare("integration");
/** A law over generated values. */
export const property: DeclareTest = declare("property");
/** A stop at a boundary, and what is there after the restart. */
export const crash: DeclareTest = declare("crash");
/** Hostile or broken input. */
export const adversarial: DeclareTest = declare("adversarial");

/** Of several seconds each: `bun run patient` tells them, as `.ci/run` does, and `check` leaves them out. */
const ofPatience = (declareTest: DeclareTest): DeclareTest =>
  process.env["CHANNELS_PATIENT"] === "1" ? declareTest : () => undefined;

export const patientIntegration: DeclareTest = ofPatience(integration);
export const patientCrash: DeclareTest = ofPatience(crash);
export const patientAdversarial: DeclareTest = ofPatience(adversarial);
