/** The rungs of every protocol, taken from the ladders themselves, and where a node stands on them. */
import { type SubjectTables, subjectOf } from "../src/engine/crank-channel.ts";
import { ladder as directDefund } from "../src/protocols/direct-defund.ts";
import { ladder as directFund } from "../src/protocols/direct-fund.ts";
import { ladder as dispute } from "../src/protocols/dispute.ts";
import type { Goal, Objective } from "../src/protocols/objective.ts";
import type { Rung } from "../src/protocols/protocol.ts";
import { ladder as topUp } from "../src/protocols/top-up.ts";
import { ladder as update } from "../src/protocols/update.ts";
import { ladder as virtualDefund } from "../src/protocols/virtual-defund.ts";
import { ladder as virtualFund } from "../src/protocols/virtual-fund.ts";
import { ladder as withdrawal } from "../src/protocols/withdrawal.ts";

/** Every ladder that there is: a goal without one does not compile. */
export const LADDERS: Readonly<Record<Goal["type"], readonly Rung<string>[]>> = {
  DirectFund: directFund,
  DirectDefund: directDefund,
  Update: update,
  VirtualFund: virtualFund,
  VirtualDefund: virtualDefund,
  TopUp: topUp,
  Withdrawal: withdrawal,
  Dispute: dispute,
};

/** Where an objective that has nothing left to wait for stands. */
export const DONE = "Done";

/** Every rung of every protocol, as `protocol/rung`. */
export function allRungs(): readonly string[] {
  return Object.entries(LADDERS).flatMap(([goal, ladder]) =>
    ladder.map(({ waitingFor }) => `${goal}/${waitingFor}`),
  );
}

/** The rung on which an objective rests: the first one that is not over. */
export function rungOf(tables: SubjectTables, objective: Objective): string {
  const subject = subjectOf(tables, objective.id);
  if (objective.status === "Unapproved") return "Approval";
  if (objective.status !== "Approved") return DONE;
  const rung = LADDERS[objective.goal.type].find(({ until }) => !until(subject));
  return rung?.waitingFor ?? DONE;
}
