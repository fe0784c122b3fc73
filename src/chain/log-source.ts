/** The adjudicator's logs of some blocks, with what the calldata adds to them. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { AdjudicatorEvent } from "./adjudicator-logs.ts";
import { type BlockHeader, readHeader } from "./block-header.ts";
import { explainLog, type TerseLog } from "./explained-logs.ts";
import { isSameLogs, mayHaveLogs, readBlockLogs, readRangeLogs } from "./log-reading.ts";
import type { Verdict } from "./rpc-panel.ts";

/** What one endpoint claims to be all logs of some blocks. */
type Claim = {
  readonly from: number;
  readonly end: BlockHeader;
  readonly logs: readonly AdjudicatorEvent[];
};

/** Reads logs of one adjudicator. */
export class LogSource {
  readonly #adjudicator: Address;
  readonly #isMine: (channelId: ChannelId) => boolean;

  constructor(adjudicator: Address, isMine: (channelId: ChannelId) => boolean) {
    this.#adjudicator = adjudicator;
    this.#isMine = isMine;
  }

  /** All logs of the blocks `from` to `end`, in the order of the chain. */
  read(rpc: EthereumRpc, from: number, end: BlockHeader): Promise<readonly AdjudicatorEvent[]> {
    return from === end.blockNumber
      ? readBlockLogs(rpc, this.#adjudicator, end)
      : readRangeLogs(rpc, this.#adjudicator, from, end);
  }

  /** Those of them that are about channels of this node. */
  async readMine(
    rpc: EthereumRpc,
    from: number,
    end: BlockHeader,
  ): Promise<readonly AdjudicatorEvent[]> {
    const logs = await this.read(rpc, from, end);
    return logs.filter(({ channelId }) => this.#isMine(channelId));
  }

  /** What another endpoint says to the claim. Unknown while it has not come to that block. */
  async verdict(rpc: EthereumRpc, { end, from, logs }: Claim): Promise<Verdict> {
    const there = await readHeader(rpc, end.blockNumber);
    if (there === undefined) return "Unknown";
    if (there.blockHash !== end.blockHash) return "Other";
    return isSameLogs(logs, await this.read(rpc, from, there)) ? "Same" : "Other";
  }

  /** True when the block's header says that there may be logs in it. */
  mayHaveLogs(block: BlockHeader): boolean {
    return mayHaveLogs(block, this.#adjudicator);
  }

  /** Adds what the calls say that the logs leave out, for channels of this node. */
  async explain(
    rpc: EthereumRpc,
    logs: readonly AdjudicatorEvent[],
  ): Promise<readonly AdjudicatorEvent[]> {
    const explained: AdjudicatorEvent[] = [];
    for (const [place, log] of logs.entries()) {
      const isAsked = isTerse(log);
      const before = isAsked ? logs.slice(0, place).filter((one) => isLike(one, log)).length : 0;
      explained.push(
        isAsked && this.#isMine(log.channelId)
          ? await explainLog(rpc, this.#adjudicator, log, before)
          : log,
      );
    }
    return explained;
  }
}

/** True for a log whose call says more than it does. */
function isTerse(log: AdjudicatorEvent): log is TerseLog {
  switch (log.type) {
    case "AllocationUpdated":
    case "Reclaimed":
    case "ChallengeCleared":
    case "Checkpointed":
      return true;
    default:
      return false;
  }
}

/** True for logs of one transaction that calls of one form have written. */
function isLike(one: AdjudicatorEvent, log: TerseLog): boolean {
  return (
    one.type === log.type &&
    one.channelId === log.channelId &&
    assetIndexOf(one) === assetIndexOf(log) &&
    one.position.transactionHash === log.position.transactionHash
  );
}

function assetIndexOf(log: AdjudicatorEvent): number | undefined {
  return "assetIndex" in log ? log.assetIndex : undefined;
}
