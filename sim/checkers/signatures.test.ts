/** The oracle is alive: each wrong signature is found. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { unit } from "../../test/kind.ts";
import {
  SAMPLE_CHANNEL_ID,
  SAMPLE_SIGNATURE,
  SAMPLE_VARIABLE_PART,
} from "../../test/sample-messages.ts";
import { signedWrongly } from "./signatures.ts";

function signed(
  turnNum: number,
  isFinal = false,
  channelId: ChannelId = SAMPLE_CHANNEL_ID,
): NodeEvent & { readonly type: "StateSigned" } {
  const variablePart = { ...SAMPLE_VARIABLE_PART, turnNum, isFinal };
  const objectiveId = `Update-${channelId}-0-${turnNum}` as never;
  return { type: "StateSigned", channelId, objectiveId, variablePart, signature: SAMPLE_SIGNATURE };
}

describe("signedWrongly", () => {
  unit("finds nothing where turns rise and the final state is the last", () => {
    expect(signedWrongly([signed(0), signed(1), signed(4), signed(5, true)])).toEqual([]);
  });

  unit("finds a turn that is signed again", () => {
    expect(signedWrongly([signed(4), signed(4)])).toEqual([signed(4)]);
  });

  unit("finds a turn below one that was signed", () => {
    expect(signedWrongly([signed(5), signed(4)])).toEqual([signed(4)]);
  });

  unit("finds whatever is signed after a final state", () => {
    expect(signedWrongly([signed(5, true), signed(6)])).toEqual([signed(6)]);
  });

  unit("keeps channels apart", () => {
    const other = `0x${"77".repeat(32)}` as ChannelId;

    expect(signedWrongly([signed(4), signed(4, false, other)])).toEqual([]);
  });
});
