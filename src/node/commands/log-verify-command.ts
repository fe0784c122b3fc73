/** `channels log verify`: is this log whole, does it keep the rules, and does it end where it should? */
import { type Command, InvalidArgumentError } from "commander";
import type { RecordHash } from "../../events/record.ts";
import type { LogHead } from "../../events/record-head.ts";
import { counted } from "../../primitives/counted.ts";
import { toHex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { exportedText } from "../exported-event.ts";
import type { Finding } from "../finding.ts";
import {
  type AuditedSnapshots,
  findingOfError,
  type LogVerificationReport,
  verifyLogDisk,
} from "../log-verification.ts";
import { withLogCopy } from "../opened-log.ts";
import { type CommandShell, EXIT } from "./command-shell.ts";
import { ARCHIVES_OPTION, readDirectory } from "./log-arguments.ts";

type VerifyOptions = {
  readonly signatures: boolean;
  readonly head?: LogHead;
  readonly json: boolean;
  readonly archives?: string;
};

/** Findings that are shown to people; programs get more of them. */
const SHOWN_MAX = 20;

/** A report that holds one finding: a log that cannot even be opened. */
const unopened = (finding: Finding): LogVerificationReport => ({
  disk: undefined,
  findings: [finding],
  findingsInAll: 1,
  signatures: undefined,
  snapshots: undefined,
});

/** Adds the command. */
export function addLogVerifyCommand(log: Command, shell: CommandShell): void {
  log
    .command("verify")
    .description("check a log: its chain, its events, the causal rules, and where it ends")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .option("--signatures", "check every signature too, on all cores", false)
    .option("--head <offset:hash>", "an end that the log had once, as verify prints it", readHead)
    .option("--json", "print one JSON document and nothing else", false)
    .action((directory: string, options: VerifyOptions) => verify(directory, options, shell));
}

function readHead(text: string): LogHead {
  const [, digits = "", hash] = /^(\d{1,15}):(0x[0-9a-f]{64})$/i.exec(text) ?? [];
  if (hash !== undefined) return { length: Number(digits), hash: hash.toLowerCase() as RecordHash };
  throw new InvalidArgumentError(
    "Write it as offset:hash, for example 120:0x... with 64 digits; verify prints it so.",
  );
}

async function verify(
  directory: string,
  { archives, head: anchor, json, signatures }: VerifyOptions,
  shell: CommandShell,
): Promise<void> {
  const threads = signatures ? navigator.hardwareConcurrency : undefined;
  const report = await withLogCopy({ directory, archives }, shell, (disk) =>
    verifyLogDisk({
      disk,
      anchor,
      threads,
      onProgress: (events) => shell.progress(`checked ${events} events`),
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof NodeError) || error.code !== "LogDamaged") throw error;
    return unopened(findingOfError(error));
  });
  shell.out(json ? exportedText(documentOf(report), 2) : linesOf(report, shell).join("\n"));
  shell.finish(exitCodeOf(report));
}

function exitCodeOf(report: LogVerificationReport): number {
  if (report.findingsInAll === 0) return EXIT.held;
  return isTooNew(report) ? EXIT.wrongUsage : EXIT.checkFailed;
}

/** True when nothing is wrong, but that this program does not know all of it. */
function isTooNew({ findings }: LogVerificationReport): boolean {
  return findings.length > 0 && findings.every(({ code }) => code === "UnknownEvent");
}

function linesOf(report: LogVerificationReport, shell: CommandShell): readonly string[] {
  const { findings, findingsInAll, signatures, snapshots } = report;
  const { paint } = shell;
  const head = headOf(report);
  const shown = findings.slice(0, SHOWN_MAX);
  const hidden = findingsInAll - shown.length;
  return [
    ...(head === undefined ? [] : [`${head.length} events, end ${head.length}:${head.hash}`]),
    ...(signatures === undefined ? [] : [`${were(signatures.checked, "signature")} checked`]),
    ...(snapshots === undefined ? [] : [snapshotLine(snapshots)]),
    ...repairLines(report),
    ...shown.flatMap(({ advice, code, explanation, offset }) => [
      `${paint.red(code)} ${offset === undefined ? "" : `at offset ${offset}: `}${explanation}`,
      `  what to do: ${advice}`,
    ]),
    ...(hidden > 0 ? [`and ${hidden} more; --json lists up to a thousand`] : []),
    `${verdictWord(report, paint)}  ${verdictText(report)}`,
  ];
}

function snapshotLine({ areOfOtherShape, audited }: AuditedSnapshots): string {
  if (!areOfOtherShape) return `${were(audited, "snapshot")} checked`;
  return "no snapshot was checked: a program with other tables wrote them, and a node takes them anew";
}

/** So many of something, that something was done to. */
function were(count: number, noun: string): string {
  return `${counted(count, noun)} ${count === 1 ? "was" : "were"}`;
}

function verdictWord(report: LogVerificationReport, paint: CommandShell["paint"]): string {
  if (report.findingsInAll === 0) return paint.green("HELD");
  return isTooNew(report) ? paint.yellow("TOO NEW") : paint.red("FAILED");
}

function repairLines({ disk }: LogVerificationReport): readonly string[] {
  return (disk?.repairs ?? []).map(
    ({ offset, sizeBytes }) =>
      `a write of ${sizeBytes} bytes at offset ${offset} came to nothing; it was never acknowledged, and opening the log cuts it off`,
  );
}

/** The verdict in words. */
function verdictText(report: LogVerificationReport): string {
  const { disk, findings, findingsInAll } = report;
  if (isTooNew(report)) {
    const before = findings[0]?.offset ?? 0;
    return `a newer program wrote this: the first ${before} events were checked, and nothing is wrong with them`;
  }
  if (findingsInAll > 0) {
    const [first] = findings;
    const where = first?.offset === undefined ? "" : `, the first at offset ${first.offset}`;
    return `${findingsInAll} ${findingsInAll === 1 ? "thing is" : "things are"} wrong${where}`;
  }
  const { code } = disk?.verdict ?? {};
  if (code !== "Anchored") {
    return "consistent prefix, end not proven: nothing is wrong, but only an end that was kept elsewhere tells whether more followed (--head)";
  }
  const { headFile } = disk ?? {};
  const isOld = headFile?.type === "Head" && !headFile.isLatest;
  if (isOld || disk?.end.type !== "Proven") {
    return "anchored, end not proven: nothing is wrong up to the anchor, which may be older than the end";
  }
  return "anchored: nothing is wrong, and the log holds all that was acknowledged";
}

function headOf({ disk }: LogVerificationReport): LogHead | undefined {
  return disk !== undefined && "head" in disk.verdict ? disk.verdict.head : undefined;
}

function documentOf(report: LogVerificationReport): object {
  const { disk, findings, findingsInAll, signatures, snapshots } = report;
  const head = headOf(report);
  return {
    held: findingsInAll === 0,
    verdict: isTooNew(report) ? "TooNew" : (disk?.verdict.code ?? "Damaged"),
    text: verdictText(report),
    logId: disk === undefined ? undefined : toHex(disk.logId),
    length: head?.length,
    head: head === undefined ? undefined : `${head.length}:${head.hash}`,
    end: disk?.end,
    repairs: disk?.repairs ?? [],
    signatures,
    snapshots,
    findings,
    findingsInAll,
  };
}
