/** Who may change a channel: one objective at a time owns its beginning and its end. */
import { type Channel, phaseOf } from "../channel/channel.ts";
import { directDefundId } from "../channel/objective-id.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isActive } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Draft } from "./draft.ts";

/**
 * Refuses a new wish for a channel that is owned: by a direct fund until that is completed, or by a
 * direct defund from its creation on, which updates could otherwise put off for ever. What a mover has
 * signed already still goes on.
 */
export function checkOwner(draft: Draft, channel: Channel): Result<undefined, Rejection> {
  const phase = phaseOf(channel);
  if (phase !== "Running") return reject({ code: "ChannelNotRunning", phase });
  const defund = draft.tables.objectives.get(directDefundId(channel.id));
  const isOwned = defund !== undefined && isActive(defund);
  return isOwned ? reject({ code: "ChannelNotRunning", phase: "Closing" }) : accept(undefined);
}
