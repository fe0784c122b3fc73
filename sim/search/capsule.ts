/**
 * A capsule: a failure in one file of JSON. It holds the plan itself, so it fails again on any machine, and also
 * after the generator has changed that once drew it. Source: ADR 0030.
 */
import { dependencies, version } from "../../package.json";
import { sha256 } from "../../src/crypto/sha256.ts";
import { type Hex, toHex } from "../../src/primitives/hex.ts";
import { accept, type Result, reject } from "../../src/primitives/result.ts";
import { CHAIN_TIERS, type ChainTier } from "../simulated-chain.ts";
import type { Violation } from "../violation.ts";
import { planShape, planText } from "./capsule-plan.ts";
import { object, objectAt, oneOf, type Shape, ShapeProblem, text } from "./capsule-shape.ts";
import type { Plan } from "./plan.ts";

/** A failure, with all that is needed to see it again. */
export type Capsule = {
  readonly plan: Plan;
  readonly chain: ChainTier;
  readonly signatures: "real" | "fast";
  /** What failed first, and the bucket that it is in. */
  readonly failure: Violation & { readonly bucket: string };
  /** Of the run that failed. */
  readonly traceHash: Hex;
  /** Of the programs that ran it. */
  readonly versions: Versions;
};

/** What a run depends on besides its plan. */
export type Versions = Readonly<Record<"channels" | "bun" | "anvil" | "edr", string>>;

/** A capsule that was read. */
export type ReadCapsule = {
  readonly capsule: Capsule;
  /** True when the plan is not the one that was written: somebody changed the file on purpose, or it is damaged. */
  readonly edited: boolean;
};

/** Why a text is no capsule for this program. Whoever gave it is at fault; `sentence` tells her what to do. */
export type CapsuleProblem = {
  readonly code: "Damaged" | "NotACapsule" | "Newer" | "Unknown";
  readonly sentence: string;
};

/** The first field of the file. The number counts up when older programs cannot read it any more. */
const FORMAT_NAME = "channels capsule";
const FORMAT_VERSION = 1;

/** Longest message that is kept, in characters: a diagram or a stack may be longer than any plan. */
const MESSAGE_CHARS_MAX = 8_000;

/** The versions of the programs that run now. */
export function presentVersions(): Versions {
  return {
    channels: version,
    bun: Bun.version,
    anvil: dependencies["@foundry-rs/anvil"],
    edr: dependencies["@nomicfoundation/edr"],
  };
}

/** The text of the file. The same capsule always gives the same text. */
export function writeCapsule({ plan, ...rest }: Capsule): string {
  const { bucket, message, oracle } = rest.failure;
  const failure = { oracle, message: message.slice(0, MESSAGE_CHARS_MAX), bucket };
  const planJson = planText(plan);
  const format = `${FORMAT_NAME} ${FORMAT_VERSION}`;
  const head = JSON.stringify(
    { format, ...rest, failure, checksum: checksumOf(planJson) },
    null,
    2,
  );
  return `${head.slice(0, -2)},\n  "plan": ${planJson}\n}\n`;
}

/** Reads the text of a capsule. `strategies` are the names of those that this program has. */
export function readCapsule(
  json: string,
  strategies: readonly string[],
): Result<ReadCapsule, CapsuleProblem> {
  const parsed = parse(json);
  if (parsed === undefined) {
    const isBegun = json.includes(`"${FORMAT_NAME} `);
    if (!isBegun) return refuse("NotACapsule", `is no capsule; ${WHO_WRITES}`);
    return refuse("Damaged", "is damaged: its JSON does not end as it should; get it anew");
  }
  const { format } = parsed;
  if (typeof format !== "string" || !format.startsWith(`${FORMAT_NAME} `)) {
    return refuse("NotACapsule", `is no capsule; ${WHO_WRITES}`);
  }
  if (Number(format.slice(FORMAT_NAME.length)) > FORMAT_VERSION) {
    const known = `${FORMAT_NAME} ${FORMAT_VERSION}`;
    const advice = `this program reads "${known}"; take the channels that wrote it`;
    return refuse("Newer", `has the format "${format}", ${advice}`);
  }
  try {
    return accept(readParsed(parsed, strategies));
  } catch (error) {
    if (!(error instanceof ShapeProblem)) throw error;
    return refuse("Unknown", `cannot be run: ${error.message}`);
  }
}

const WHO_WRITES = "`channels fuzz` and `channels shrink` write capsules";

const versionsShape: Shape<Versions> = object({
  channels: text,
  bun: text,
  anvil: text,
  edr: text,
});

function readParsed(
  parsed: Readonly<Record<string, unknown>>,
  strategies: readonly string[],
): ReadCapsule {
  type File = Capsule & { readonly format: string; readonly checksum: string };
  const { checksum, format, ...capsule } = object<File>({
    format: text,
    versions: versionsShape,
    chain: oneOf(CHAIN_TIERS),
    signatures: oneOf(["real", "fast"]),
    failure: object({ oracle: text, message: text, bucket: text }),
    traceHash: text as Shape<Hex>,
    checksum: text,
    plan: planShape(strategies),
  })(parsed, "the capsule");
  return { capsule, edited: checksumOf(planText(capsule.plan)) !== checksum };
}

function parse(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectAt(JSON.parse(json), "the file");
  } catch {
    // No JSON, or none of an object: the caller says what is wanted instead.
    return undefined;
  }
}

function refuse(code: CapsuleProblem["code"], sentence: string): Result<never, CapsuleProblem> {
  return reject({ code, sentence });
}

function checksumOf(planJson: string): string {
  return toHex(sha256(new TextEncoder().encode(planJson)));
}
