/** The ladder: how every protocol is written down, and the one loop that climbs it. */
import type { Profile } from "../channel/channel-use.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Result } from "../primitives/result.ts";
import type { Effect } from "./effects.ts";
import type { MessageLogApp } from "./message-log-app.ts";
import type { Rejection } from "./rejection.ts";
import { evolveSubject, type ProtocolEvent, type Subject } from "./subject.ts";

/** What one look at an objective leads to: facts to record, and effects to run once they are. */
export type Action = {
  readonly events: readonly ProtocolEvent[];
  readonly effects: readonly Effect[];
};

/** An action, and where the objective rests after it: a wait that others must end, or nothing. */
export type Step<Wait extends string> = Action & { readonly waitingFor: Wait | "Nothing" };

/** One rung of the ladder: do my part, then go on only once everyone's part is done. */
export type Rung<Wait extends string> = {
  readonly waitingFor: Wait;
  readonly act: (subject: Subject, context: Context) => Action;
  readonly until: (subject: Subject) => boolean;
};

/** What a state of a running channel must obey, besides being signed: the same rule as the contract's. */
export type AppRule = (from: VariablePart, to: VariablePart) => Result<undefined, Rejection>;

/** An app that this node signs for, by what its channels are used for. */
export type App =
  | { readonly type: "Direct"; readonly rule: AppRule }
  | { readonly type: "Ledger"; readonly profile: Profile }
  | { readonly type: "Virtual"; readonly profile: Profile }
  | MessageLogApp;

/** The little of the world that the core may use, as arguments: keys and rules. All of it is pure. */
export type Context = {
  /** Signs with this node's channel key. Deterministic (RFC 6979). */
  readonly sign: (hash: Hash) => Signature;
  /** Who signed a hash, or undefined. */
  readonly recoverSigner: (hash: Hash, signature: Hex) => Address | undefined;
  /** What an allow-listed app is for; undefined for any other. */
  readonly appOf: (appDefinition: Address) => App | undefined;
};

/** Nothing to record, nothing to do. */
export const nothing: Action = { events: [], effects: [] };

/**
 * Climbs an objective as far as it can go without anyone else's help.
 *
 * Pure, and safe to call again at any time: every `act` looks at the subject and returns `nothing`
 * when its part is already done. Restart after a crash is therefore the same call.
 */
export function climb<Wait extends string>(
  ladder: readonly Rung<Wait>[],
  subject: Subject,
  context: Context,
): Step<Wait> {
  const events: ProtocolEvent[] = [];
  const effects: Effect[] = [];
  let current = subject;

  for (const rung of ladder) {
    const action = rung.act(current, context);
    events.push(...action.events);
    effects.push(...action.effects);
    current = action.events.reduce(evolveSubject, current);

    if (current.objective.status === "Rejected") return { events, effects, waitingFor: "Nothing" };
    if (!rung.until(current)) return { events, effects, waitingFor: rung.waitingFor };
  }
  return { events, effects, waitingFor: "Nothing" };
}
