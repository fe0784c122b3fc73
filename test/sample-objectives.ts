/** A sample of each kind of objective, as the event that creates it. What is kept is only ever added to. */
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { ObjectiveEvent } from "../src/protocols/objective.ts";
import {
  SAMPLE_CHANNEL_ID,
  SAMPLE_OBJECTIVE_ID,
  SAMPLE_OUTCOME,
  SAMPLE_PLAY,
} from "./sample-messages.ts";

const about = { objectiveId: SAMPLE_OBJECTIVE_ID, channelId: SAMPLE_CHANNEL_ID };

export const sampleObjectives: readonly (ObjectiveEvent & { readonly type: "ObjectiveCreated" })[] =
  [
    { type: "ObjectiveCreated", ...about, goal: { type: "VirtualFund" }, openedBy: 0 },
    { type: "ObjectiveCreated", ...about, goal: { type: "VirtualDefund" }, openedBy: 2 },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: { type: "TopUp", asset: ZERO_ADDRESS, amount: 5n },
      openedBy: 1,
    },
    { type: "ObjectiveCreated", ...about, goal: { type: "DirectFund" }, openedBy: 0 },
    { type: "ObjectiveCreated", ...about, goal: { type: "DirectDefund" }, openedBy: 1 },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: { type: "Update", change: { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount: 1n } },
      openedBy: 254,
    },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: { type: "Update", change: undefined },
      openedBy: 2,
    },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: {
        type: "Update",
        change: { type: "Replace", baseTurnNum: 1, outcome: SAMPLE_OUTCOME, appData: "0x" },
      },
      openedBy: 0,
    },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: {
        type: "Withdrawal",
        nonce: 2n ** 64n - 1n,
        amounts: [{ asset: ZERO_ADDRESS, leader: 0n, follower: 2n ** 256n - 1n }],
      },
      openedBy: 1,
    },
    { type: "ObjectiveCreated", ...about, goal: { type: "Dispute" }, openedBy: 0 },
    {
      type: "ObjectiveCreated",
      ...about,
      goal: { type: "Update", change: SAMPLE_PLAY },
      openedBy: 1,
    },
  ];
