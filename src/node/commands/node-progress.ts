/** Waits for the end of what was asked of a node, and shows how far it is. */
import type { ObjectiveView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";

/** Milliseconds after which the progress is written anew, where nothing ends sooner. */
const LOOK_MS = 1_000;

/** What is done about the end of an objective. */
export type WaitOptions = { readonly wait: boolean };

/**
 * Waits until the objective is over, unless the user does not want to. Throws one clear line, and code 1, when it
 * ends otherwise than as asked.
 */
export async function untilOver(
  client: NodeClient,
  objectiveId: string,
  { wait }: WaitOptions,
  shell: CommandShell,
): Promise<ObjectiveView> {
  let objective = await client.call("objectives_get", { objectiveId });
  while (wait && objective.waitingFor !== "Nothing") {
    shell.progress(`${objective.goal}: waiting for ${wordsOf(objective.waitingFor)} ...`);
    objective = await client.call("objectives_wait", { objectiveId, timeoutMs: LOOK_MS });
  }
  shell.progress("");
  if (objective.status !== "Rejected") return objective;
  const why = objective.rejectionCode ?? "no reason was given";
  throw failure(EXIT.checkFailed, `${objectiveId} was rejected: ${why}`);
}

/** `PrefundComplete` is `prefund complete`. */
export function wordsOf(code: string): string {
  return code.replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
