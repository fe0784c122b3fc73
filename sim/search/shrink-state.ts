/** Where a search for a smaller plan was when it was stopped, as a file of JSON. */
import { jsonOf } from "../../src/primitives/json.ts";
import { type Capsule, presentVersions } from "./capsule.ts";
import { listOf, object, objectAt, ShapeProblem, text } from "./capsule-shape.ts";
import type { Verdict } from "./shrink-trial.ts";

/** The first field of the file. */
const FORMAT = "channels shrinking 1";

/** What must be the same, or the verdicts may be others now. */
export type ShrinkOrigin = Pick<Capsule, "traceHash" | "failure"> & { readonly chain: string };

/** The text of the file. */
export function shrinkStateText(origin: ShrinkOrigin, verdicts: readonly Verdict[]): string {
  return `${JSON.stringify({ format: FORMAT, of: originText(origin), verdicts: verdicts.map(letterOf) })}\n`;
}

/** The verdicts in such a text; undefined when it is damaged, or of another capsule, chain or program. */
export function readShrinkState(
  json: string,
  origin: ShrinkOrigin,
): readonly Verdict[] | undefined {
  try {
    const state = object<{ format: string; of: string; verdicts: readonly string[] }>({
      format: text,
      of: text,
      verdicts: listOf(text),
    })(objectAt(JSON.parse(json), "the file"), "the file");
    if (state.format !== FORMAT || state.of !== originText(origin)) return undefined;
    return state.verdicts.map(verdictOf);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeProblem) return undefined;
    throw error;
  }
}

function originText({ chain, failure, traceHash }: ShrinkOrigin): string {
  return jsonOf([chain, failure.oracle, failure.bucket, traceHash, presentVersions()]);
}

/** `o` for others; `s` and `a` with the time of what was found. */
function letterOf(verdict: Verdict): string {
  if (verdict.type === "Other") return "o";
  return `${verdict.type === "Same" ? "s" : "a"}${verdict.atMs}`;
}

function verdictOf(letters: string): Verdict {
  const [, letter, digits] = /^([sa])(\d+)$/.exec(letters) ?? [];
  if (letters === "o") return { type: "Other" };
  if (letter === undefined) throw new ShapeProblem(`"${letters}" is no verdict`);
  return { type: letter === "s" ? "Same" : "Alike", atMs: Number(digits) };
}
