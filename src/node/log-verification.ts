/** Checks a log as anybody can: chain, schemas, causal rules, its end, and if asked for every signature. */
import { auditSnapshots } from "../engine/audit-snapshots.ts";
import { createHistory } from "../engine/causal-history.ts";
import { learnEvent } from "../engine/causal-rules.ts";
import type { NodeEvent } from "../events/event.ts";
import { nodeCodec } from "../events/node-codec.ts";
import type { EventRecord } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import { EventStore } from "../store/event-store.ts";
import type { LogDisk } from "../store/log-disk.ts";
import type { LogHead } from "../store/log-head.ts";
import { type DiskReport, verifyDisk } from "../store/verify.ts";
import {
  type Finding,
  findingOfDamage,
  findingOfEnd,
  findingOfFiles,
  findingOfRule,
  findingOfSignature,
  findingOfSnapshot,
} from "./finding.ts";
import { claimsOf, isBeyondCheck } from "./signature-claims.ts";
import { SignaturePool } from "./signature-pool.ts";

/** What to check, and how far. */
export type LogVerification = {
  readonly disk: LogDisk;
  /** A head that the reader knows from elsewhere. */
  readonly anchor?: LogHead | undefined;
  /** Threads for signatures; undefined leaves signatures unchecked. */
  readonly threads?: number | undefined;
  readonly onProgress: (events: number) => void;
};

/** What came of it. */
export type LogVerificationReport = {
  /** Undefined where not even the start of the log could be read. */
  readonly disk: DiskReport | undefined;
  /** The first of them, by offset. */
  readonly findings: readonly Finding[];
  /** With those that are left out of `findings`. */
  readonly findingsInAll: number;
  readonly signatures: { readonly checked: number; readonly beyondCheck: number } | undefined;
};

/** Findings that are told. A log that was rewritten may have one for each event. */
const FINDINGS_MAX = 1_000;

/** Events between two signs of progress. */
const PROGRESS_EVENTS = 5_000;

/**
 * The disk is best a copy: opening the log beside the check may mark its end as not proven. Throws `NodeError` other
 * than `LogDamaged`: then there is no log to be checked.
 */
export async function verifyLogDisk(verification: LogVerification): Promise<LogVerificationReport> {
  const { anchor, disk } = verification;
  const walk = new Walk(verification);
  try {
    const onRecord = (record: EventRecord<NodeEvent>) => walk.pass(record);
    const report = await verifyDisk({ disk, codec: nodeCodec, anchor, onRecord });
    for (const finding of endFindings(report)) walk.note(finding);
    if (walk.isSound) for (const finding of await snapshotFindings(disk)) walk.note(finding);
    return await walk.finish(report);
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "LogDamaged") throw error;
    walk.note(findingOfError(error));
    return await walk.finish(undefined);
  } finally {
    walk.close();
  }
}

/** A log whose very files are damaged, as a finding. */
export function findingOfError({ data, message }: NodeError): Finding {
  const offset = data["offset"];
  return findingOfFiles(typeof offset === "number" ? offset : undefined, message);
}

function endFindings({ end, verdict }: DiskReport): readonly Finding[] {
  if (verdict.code === "Damaged") return [findingOfDamage(verdict.damage)];
  const { length } = "head" in verdict ? verdict.head : { length: 0 };
  if (verdict.code === "Truncated") {
    const known = end.type === "Behind" ? `its anchor knows ${end.anchor.length}` : "it was longer";
    return [findingOfEnd("Truncated", length, `the log ends after ${length} events, and ${known}`)];
  }
  if (verdict.code !== "Forked") return [];
  const text = "every record is in order, but the anchor is of another log: it was rewritten";
  return [findingOfEnd("Forked", length, text)];
}

/** Snapshots are folds of a log that is sound; of another shape, they are another program's business. */
async function snapshotFindings(disk: LogDisk): Promise<readonly Finding[]> {
  const store = await EventStore.open({ disk, codec: nodeCodec });
  const problems = await auditSnapshots(store, disk.keyValue);
  return problems.filter(({ code }) => code !== "OtherShape").map(findingOfSnapshot);
}

/** The walk along the records: each is judged, and what it claims is handed to the threads. */
class Walk {
  readonly #onProgress: LogVerification["onProgress"];
  readonly #history = createHistory();
  readonly #pool: SignaturePool | undefined;
  readonly #findings: Finding[] = [];
  #count = 0;
  #beyondCheck = 0;

  constructor({ onProgress, threads }: LogVerification) {
    this.#onProgress = onProgress;
    this.#pool = threads === undefined ? undefined : new SignaturePool(threads);
  }

  pass({ event, offset }: EventRecord<NodeEvent>): Promise<void> | undefined {
    for (const rule of learnEvent(this.#history, event)) this.note(findingOfRule(offset, rule));
    if ((offset + 1) % PROGRESS_EVENTS === 0) this.#onProgress(offset + 1);
    if (this.#pool === undefined) return undefined;
    if (isBeyondCheck(event)) this.#beyondCheck += 1;
    this.#pool.add(claimsOf(this.#history, offset, event));
    return this.#pool.room();
  }

  /** True while nothing was found. */
  get isSound(): boolean {
    return this.#count === 0;
  }

  note(finding: Finding): void {
    this.#count += 1;
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding);
  }

  async finish(disk: DiskReport | undefined): Promise<LogVerificationReport> {
    const wrong = (await this.#pool?.finish()) ?? [];
    for (const offset of wrong) this.note(findingOfSignature(offset));
    const findings = this.#findings.toSorted(
      (one, other) => (one.offset ?? -1) - (other.offset ?? -1),
    );
    const signatures = this.#pool && {
      checked: this.#pool.checked,
      beyondCheck: this.#beyondCheck,
    };
    return { disk, findings, findingsInAll: this.#count, signatures };
  }

  close(): void {
    this.#pool?.close();
  }
}
