/** Oracle: supported turns only rise, and so do the turns that a node signs. */
import type { NodeEvent } from "../../src/events/event.ts";
import type { NodeMirror } from "./node-mirror.ts";

/** What the next event of a log takes back of what stood in it before, in words; nothing when all rises. */
export function fallsWith({ channels }: NodeMirror, event: NodeEvent): string[] {
  switch (event.type) {
    case "SupportedStateAdvanced": {
      const before = channels.get(event.channelId)?.supported?.variablePart.turnNum;
      return rises(before, event.turnNum, `the supported turn of ${event.channelId}`);
    }
    case "StateSigned": {
      const before = channels.get(event.channelId)?.mySignedTurn;
      return rises(before, event.variablePart.turnNum, `the signed turn of ${event.channelId}`);
    }
    case "ProposalSigned": {
      const before = channels.get(event.channelId)?.mySignedTurn;
      return rises(before, event.turnNum, `the signed turn of ${event.channelId}`);
    }
    default:
      return [];
  }
}

function rises(before: number | undefined, after: number, what: string): string[] {
  return before === undefined || after > before ? [] : [`${what} goes from ${before} to ${after}`];
}
