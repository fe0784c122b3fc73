/** Oracle: supported turns only rise, and so do the turns that a node signs, and vouchers in every part. */
import type { Voucher } from "../../src/channel/voucher.ts";
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
    case "VoucherIssued": {
      const before = channels.get(event.channelId)?.vouchers.issued;
      return grows(before, event, `the voucher to participant ${event.to} of ${event.channelId}`);
    }
    case "VoucherReceived": {
      const before = channels.get(event.channelId)?.vouchers.received;
      return grows(before, event, `the voucher of participant ${event.by} of ${event.channelId}`);
    }
    default:
      return [];
  }
}

function rises(before: number | undefined, after: number, what: string): string[] {
  return before === undefined || after > before ? [] : [`${what} goes from ${before} to ${after}`];
}

function grows(before: Voucher | undefined, after: Voucher, what: string): string[] {
  if (before === undefined) return [];
  const fallen = after.amounts.findIndex((amount, index) => amount < (before.amounts[index] ?? 0n));
  const ofAmount = `${what} goes from ${before.amounts[fallen]} to ${after.amounts[fallen]}`;
  return [
    ...rises(before.counter, after.counter, `the counter of ${what}`),
    ...(fallen < 0 ? [] : [ofAmount]),
  ];
}
