/** Ids and addresses for the examples in the documents. Nobody has them. */

const CHANNEL_ID = `0x${"c1".repeat(32)}`;

/** Parameters of examples. */
export const EXAMPLE: {
  readonly channelId: string;
  readonly objectiveId: string;
  readonly peer: string;
  readonly hub: string;
  readonly coin: string;
  readonly signature: string;
} = {
  channelId: CHANNEL_ID,
  objectiveId: `DirectFunding-${CHANNEL_ID}`,
  peer: `0x${"b0".repeat(20)}`,
  hub: `0x${"12".repeat(20)}`,
  coin: `0x${"00".repeat(20)}`,
  signature: `0x${"5a".repeat(64)}1b`,
};
