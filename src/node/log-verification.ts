/** Checks a log as anybody can: chain, schemas, causal rules, its end, and if asked for every signature. */
import { auditSnapshots } from "../engine/audit-snapshots.ts";
import { createHistory } from "../engine/causal-history.ts";
import { learnEvent } from "../engine/causal-rules.ts";
import { claimsOf } from "../engine/signature-claims.ts";
import type { NodeEvent } from "../events/event.ts";
import { nodeCodec } from "../events/node-codec.ts";
import type { EventRecord } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { NodeError } from "../primitives/node-error.ts";
import { EventStore } from "../store/event-store.ts";
import type { LogDisk } from "../store/log-disk.ts";
import { type DiskReport, verifyDisk } from "../store/verify.ts";
import {
  type Finding,
  findingOfDamage,
  findingOfEnd,
  findingOfFiles,
  findingOfIndex,
  findingOfRule,
  findingOfSignature,
  findingOfSnapshot,
} from "./finding.ts";
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
  readonly signatures: { readonly checked: number } | undefined;
  /** Undefined where the log itself is not sound: then there is nothing to compare snapshots with. */
  readonly snapshots: AuditedSnapshots | undefined;
};

/** What was checked beside the log. */
export type AuditedSnapshots = {
  readonly audited: number;
  /** True when a program with other tables wrote them: nothing is wrong with them, and none was compared. */
  readonly areOfOtherShape: boolean;
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
    for (const finding of endFindings(report, walk.missedAnchor)) walk.note(finding);
    const { isSound } = walk;
    // An index that does not fit damaged records says nothing that the damage does not.
    if (isSound) for (const problem of report.index) walk.note(findingOfIndex(problem));
    const snapshots = isSound ? await checkSnapshots(disk, walk) : undefined;
    return await walk.finish(report, snapshots);
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

/** `missed` is the head that the reader brought, when it is none of the log's. */
function endFindings(
  { end, headFile, verdict }: DiskReport,
  missed: LogHead | undefined,
): readonly Finding[] {
  if (verdict.code === "Damaged") return [findingOfDamage(verdict.damage)];
  const { length } = "head" in verdict ? verdict.head : { length: 0 };
  if (verdict.code === "Truncated") {
    const known = missed?.length ?? (end.type === "Behind" ? end.anchor.length : undefined);
    const text =
      known === undefined ? "it was longer" : `a head that it had once tells of ${known}`;
    return [findingOfEnd("Truncated", length, `the log ends after ${length} events, and ${text}`)];
  }
  if (verdict.code !== "Forked") return [];
  const known = missed?.length ?? (headFile.type === "Head" ? headFile.head.length : length);
  const text = `every record is in order, but the head that the log had after ${known} events is of another log: this event or one before it was rewritten`;
  return [findingOfEnd("Forked", Math.max(known - 1, 0), text)];
}

/** Snapshots are folds of a log that is sound; of another shape, they are another program's business. */
async function checkSnapshots(disk: LogDisk, walk: Walk): Promise<AuditedSnapshots> {
  const store = await EventStore.open({ disk, codec: nodeCodec });
  const { audited, problems } = await auditSnapshots(store, disk.keyValue);
  const wrong = problems.filter(({ code }) => code !== "OtherShape");
  for (const problem of wrong) walk.note(findingOfSnapshot(problem));
  return { audited, areOfOtherShape: wrong.length < problems.length };
}

/** The walk along the records: each is judged, and what it claims is handed to the threads. */
class Walk {
  readonly #onProgress: LogVerification["onProgress"];
  readonly #history = createHistory();
  readonly #pool: SignaturePool | undefined;
  readonly #findings: Finding[] = [];
  readonly #anchor: LogHead | undefined;
  #isAnchorMet: boolean;
  #count = 0;

  constructor({ anchor, onProgress, threads }: LogVerification) {
    this.#anchor = anchor;
    this.#isAnchorMet = anchor === undefined;
    this.#onProgress = onProgress;
    this.#pool = threads === undefined ? undefined : new SignaturePool(threads);
  }

  pass({ event, hash, offset }: EventRecord<NodeEvent>): Promise<void> | undefined {
    if (this.#anchor?.length === offset + 1) this.#isAnchorMet = hash === this.#anchor.hash;
    for (const rule of learnEvent(this.#history, event)) this.note(findingOfRule(offset, rule));
    if ((offset + 1) % PROGRESS_EVENTS === 0) this.#onProgress(offset + 1);
    if (this.#pool === undefined) return undefined;
    this.#pool.add(claimsOf(this.#history, offset, event));
    return this.#pool.room();
  }

  /** True while nothing was found. */
  get isSound(): boolean {
    return this.#count === 0;
  }

  /** The head that the reader brought, unless the walk has met it. */
  get missedAnchor(): LogHead | undefined {
    return this.#isAnchorMet ? undefined : this.#anchor;
  }

  note(finding: Finding): void {
    this.#count += 1;
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push(finding);
  }

  async finish(
    disk: DiskReport | undefined,
    snapshots?: AuditedSnapshots,
  ): Promise<LogVerificationReport> {
    const wrong = (await this.#pool?.finish()) ?? [];
    for (const offset of wrong) this.note(findingOfSignature(offset));
    const findings = this.#findings.toSorted(
      (one, other) => (one.offset ?? -1) - (other.offset ?? -1),
    );
    const signatures = this.#pool && { checked: this.#pool.checked };
    return { disk, findings, findingsInAll: this.#count, signatures, snapshots };
  }

  close(): void {
    this.#pool?.close();
  }
}
