/** What is remembered of each peer over its sessions: how much it may send, its faults, its bans. */
import type { Address } from "../../crypto/address.ts";
import {
  BAN_MS,
  FAULT_FORGOTTEN_MS,
  FAULTS_MAX,
  PEER_BYTES_RATE,
  PEER_MESSAGES_RATE,
  PEER_RECORDS_MAX,
} from "./secure-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/**
 * What a fault weighs that an honest peer may commit now and then: large payloads that overtake each other may
 * exceed a window, and a burst may be too fast. A session repeats no more than its window in a second, which is
 * forgotten as soon; ten thousand frames too many are a flood.
 */
const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ["WindowExceeded", 0.1],
  ["PeerTooFast", 0.001],
]);

type PeerRecord = {
  readonly bytes: TokenBucket;
  readonly messages: TokenBucket;
  faults: number;
  faultsAtMs: number;
  bans: number;
  bannedAtMs: number;
  bannedForMs: number;
};

/** The records of all peers. The one that was quiet longest is forgotten when there are too many. */
export class Misbehaviour {
  /** In the order of their last use. */
  readonly #records = new Map<Address, PeerRecord>();

  /** Peers that are remembered. */
  get size(): number {
    return this.#records.size;
  }

  /** True for a frame that the peer may send now. Each frame counts, allowed or not. */
  allowsFrame(peer: Address, sizeBytes: number, nowMs: number): boolean {
    const { bytes, messages } = this.#recordOf(peer, nowMs);
    return messages.take(1, nowMs) && bytes.take(sizeBytes, nowMs);
  }

  /** Notes a fault. True when it is one too many: the peer is banned from now on. */
  note(peer: Address, code: string, nowMs: number): boolean {
    const record = this.#recordOf(peer, nowMs);
    const forgotten = Math.max(0, nowMs - record.faultsAtMs) / FAULT_FORGOTTEN_MS;
    record.faults = Math.max(0, record.faults - forgotten) + (WEIGHTS.get(code) ?? 1);
    record.faultsAtMs = nowMs;
    if (record.faults < FAULTS_MAX) return false;
    record.faults = 0;
    record.bannedAtMs = nowMs;
    record.bannedForMs = Math.min(BAN_MS.min * 2 ** record.bans, BAN_MS.max);
    record.bans += 1;
    return true;
  }

  /** True while a peer is banned. A clock that is set back ends all bans, which might else last for years. */
  isBanned(peer: Address, nowMs: number): boolean {
    const record = this.#records.get(peer);
    if (record === undefined) return false;
    const { bannedAtMs, bannedForMs } = record;
    return nowMs >= bannedAtMs && nowMs < bannedAtMs + bannedForMs;
  }

  #recordOf(peer: Address, nowMs: number): PeerRecord {
    const record = this.#records.get(peer) ?? newRecord(nowMs);
    this.#records.delete(peer);
    this.#records.set(peer, record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > PEER_RECORDS_MAX && oldest !== undefined) this.#records.delete(oldest);
    return record;
  }
}

function newRecord(nowMs: number): PeerRecord {
  return {
    bytes: new TokenBucket(PEER_BYTES_RATE, nowMs),
    messages: new TokenBucket(PEER_MESSAGES_RATE, nowMs),
    faults: 0,
    faultsAtMs: nowMs,
    bans: 0,
    bannedAtMs: 0,
    bannedForMs: 0,
  };
}
