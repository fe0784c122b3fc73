/** What the name of a go-nitro objective says: its protocol, and its channel. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";

/** A protocol that is run for a channel. */
export type GoNitroObjective = {
  readonly type: "DirectFund" | "DirectDefund" | "VirtualFund" | "VirtualDefund";
  readonly channelId: ChannelId;
};

/** How names begin. Source: go-nitro, the constant `ObjectivePrefix` of each protocol. */
const TYPES: ReadonlyMap<string, GoNitroObjective["type"]> = new Map([
  ["DirectFunding", "DirectFund"],
  ["DirectDefunding", "DirectDefund"],
  ["VirtualFund", "VirtualFund"],
  ["VirtualDefund", "VirtualDefund"],
]);

/**
 * Reads the name of an objective, by which go-nitro chooses what to do with a payload. A peer who writes
 * another is at fault, and is not answered: a go-nitro node would stop at the answer.
 */
export function goNitroObjectiveOf(
  objectiveId: ObjectiveId,
): Result<GoNitroObjective, { readonly code: "UnknownObjective" }> {
  const [, prefix = "", channelId] = /^([A-Za-z]+)-(0x[0-9a-f]{64})$/.exec(objectiveId) ?? [];
  const type = TYPES.get(prefix);
  return type === undefined
    ? reject({ code: "UnknownObjective" })
    : accept({ type, channelId: channelId as ChannelId });
}
