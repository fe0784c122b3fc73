/** What a secure transport is made from, and what it tells. */
import type { Profile } from "../../channel/channel-use.ts";
import type { Address } from "../../crypto/address.ts";
import type { Hash, Signature } from "../../crypto/signature.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Endpoint, Transport } from "../../ports/transport.ts";

/** The channel key, as far as the wire needs it. */
export type SecureIdentity = {
  readonly address: Address;
  /** Signs a 32-byte digest as it is. The secure transport alone makes these digests; a peer chooses none. */
  readonly signDigest: (digest: Hash) => Signature;
};

/** What a secure transport needs. Functions are asked each time, so their answers may change. */
export type SecureOptions = {
  /** The raw wire, which promises nothing. */
  readonly transport: Transport;
  readonly clock: Clock;
  /** Keys and waiting times are drawn from it. */
  readonly random: Random;
  readonly identity: SecureIdentity;
  readonly chainId: bigint;
  readonly adjudicator: Address;
  /** What this node speaks, at least one. */
  readonly profiles: readonly Profile[];
  /** Versions of the protocol that it speaks; all that this program knows when absent. */
  readonly versions?: readonly number[];
  /** Frames after which keys change, 1 to 2^20; 2^20 when absent. */
  readonly rekeyFrames?: number;
  /** Where to dial a peer, the best first; none: this node waits until the peer comes. */
  readonly placesOf: (peer: Address) => readonly Endpoint[];
  /** Asked for each peer that has proved who it is. */
  readonly isWelcome: (peer: Address) => boolean;
  /**
   * Told where a peer is as each session with it begins, before anything large goes by it: for wires that hold
   * strangers short. A peer may have several connections, of which `onPeer` tells the first.
   */
  readonly trust?: (place: Endpoint) => void;
  readonly onPeer?: (change: PeerChange) => void;
  /** Counts faults. Called for each bad frame, so it must be cheap. */
  readonly report?: (fault: SecureFault) => void;
};

/**
 * Why there is no session with a peer any more.
 *
 * - `Silent`: it answered no ping for 45 seconds.
 * - `ConnectionLost`: the wire says that the connection is gone.
 * - `Restarted`: it does not know the session any more.
 * - `Misbehaved`: it was punished beyond the limit, and is banned for a while.
 * - `Left`: it said goodbye.
 */
export type LossReason = "Silent" | "ConnectionLost" | "Restarted" | "Misbehaved" | "Left";

/** A peer came or went. */
export type PeerChange =
  | {
      readonly type: "Connected";
      readonly peer: Address;
      readonly place: Endpoint;
      /** What both speak, at least one. */
      readonly profiles: readonly Profile[];
    }
  | { readonly type: "Lost"; readonly peer: Address; readonly reason: LossReason };

/**
 * Why a handshake came to nothing. The first six are told to the other side where its identity allows that.
 *
 * - `VersionUnknown`, `OtherChain`, `OtherAdjudicator`, `NoCommonProfile`: the two cannot work together.
 * - `NotWelcome`: the peer is none of this node's, or is banned.
 * - `SignatureWrong`: the channel key that the other one claims did not sign this handshake.
 * - `HandshakeMalformed`: it does not open, or says nothing that is understood.
 * - `WrongPeer`: somebody else answers where a peer was dialed.
 * - `TalksToItself`: the other end is this node.
 */
export type HandshakeRefusal =
  | "VersionUnknown"
  | "OtherChain"
  | "OtherAdjudicator"
  | "NoCommonProfile"
  | "NotWelcome"
  | "SignatureWrong"
  | "HandshakeMalformed"
  | "WrongPeer"
  | "TalksToItself";

/**
 * What a frame, or a handshake, was dropped for. None of these stops the transport.
 *
 * - a `HandshakeRefusal`: this node refused. `RefusedByPeer`: the other one did.
 * - `FrameTooLarge`, `FrameMalformed`: no frame of this protocol.
 * - `SessionUnknown`: it belongs to no session that this node has. `FrameReplayed`, `FrameForged`: dropped.
 * - `HandshakesFull`, `HandshakesTooFast`: more strangers than this node serves. `HandshakeTimedOut`.
 * - `EndpointTooFast`: a connection was ended that brought too many frames which prove nothing.
 * - `PeerTooFast`: beyond the bytes or messages that a peer may send in a second.
 * - `PeerAway`: there was no session to send by; whoever sent it sends it again.
 * - `Punished`: the owner found fault with a peer, with its `detail`.
 */
export type SecureFaultCode =
  | HandshakeRefusal
  | "RefusedByPeer"
  | "FrameTooLarge"
  | "FrameMalformed"
  | "SessionUnknown"
  | "FrameReplayed"
  | "FrameForged"
  | "HandshakesFull"
  | "HandshakesTooFast"
  | "HandshakeTimedOut"
  | "EndpointTooFast"
  | "PeerTooFast"
  | "PeerAway"
  | "Punished";

/** A fault by its code, which is one of a short list, so that it can be counted. */
export type SecureFault = {
  readonly code: SecureFaultCode;
  /** Where on the raw wire it came from, if it came from anywhere. */
  readonly endpoint: Endpoint | undefined;
  /** Who is behind it, once that is proved. */
  readonly peer: Address | undefined;
  /** The other side's refusal, or the owner's code of a punishment. */
  readonly detail: string | undefined;
};

/** How it stands with one peer, for people and for metrics. */
export type PeerStatus = {
  readonly address: Address;
  /** Where it is on the raw wire. */
  readonly place: Endpoint;
  readonly connectedSinceMs: number;
  /** Milliseconds of the last ping; undefined before the first answer. */
  readonly roundTripMs: number | undefined;
  readonly profiles: readonly Profile[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Frames that were dropped because they came too fast. */
  readonly refused: number;
};

/** What is kept in memory for others. */
export type KeptSecure = {
  readonly handshakes: number;
  readonly sessions: number;
  /** An upper bound of the bytes that others make this node keep: handshakes, sessions, counts of endpoints. */
  readonly bytes: number;
};
