/**
 * Peers that are who they say, over a wire where anybody may read, write, lose and repeat.
 *
 *     Initiation -> Response -> Confirmation -> Accepted -> Message, Ping, Pong -> Goodbye
 *
 * Source: ADR 0033.
 */
import type { Address } from "../../crypto/address.ts";
import type { Endpoint, Transport } from "../../ports/transport.ts";
import { unreachable } from "../../primitives/assert.ts";
import { Admission } from "./admission.ts";
import { Answerer } from "./answerer.ts";
import { type Connection, Connections, statusOf } from "./connections.ts";
import { Dialer } from "./dialer.ts";
import { type Handshaker, handshakerOf, knownCode } from "./handshaker.ts";
import { encodeWord, wordOf } from "./introduction.ts";
import { KeepAlive } from "./keep-alive.ts";
import { Misbehaviour } from "./misbehaviour.ts";
import { type Kind, readSecureFrame, type SealedFrame, unknownFrame } from "./secure-frame.ts";
import { HINT_MS, KEPT_BYTES_EACH, PEERS_MAX, REKEY_FRAMES } from "./secure-limits.ts";
import type {
  KeptSecure,
  LossReason,
  PeerStatus,
  SecureFault,
  SecureFaultCode,
  SecureOptions,
} from "./secure-options.ts";
import type { SecureSession } from "./secure-session.ts";
import { Tickets } from "./tickets.ts";

/** What a sealed frame held. */
type Content = { readonly kind: Kind; readonly plain: Uint8Array };

type Listener = Parameters<Transport["listen"]>;

const NOTHING: Uint8Array = new Uint8Array();

/** The secure way to all peers of one node. One per node and life. */
export class SecureTransport {
  /** Its endpoints are the addresses of peers, which they have proved. For the session. */
  readonly transport: Transport;
  readonly #options: SecureOptions;
  readonly #connections: Connections;
  readonly #dialer: Dialer;
  readonly #answerer: Answerer;
  readonly #admission: Admission;
  readonly #misbehaviour = new Misbehaviour();
  readonly #tickets: Tickets;
  readonly #keepAlive: KeepAlive;
  #listener: Listener | undefined;
  #isClosed = false;

  constructor(options: SecureOptions) {
    const { clock, identity, placesOf, random } = options;
    this.#options = options;
    this.#connections = new Connections(identity.address);
    this.#admission = new Admission(clock.nowMs());
    this.#tickets = new Tickets(random);
    const handshaker = this.#createHandshaker();
    this.#dialer = new Dialer(handshaker, {
      placesOf,
      ticketOf: (peer) => this.#tickets.for(peer),
      isConnected: (peer) => this.#connections.of(peer) !== undefined,
      onSession: (session) => this.#establish(session),
    });
    this.#answerer = new Answerer(handshaker, {
      admission: this.#admission,
      isKnown: (endpoint, ticket) =>
        this.#connections.uses(endpoint) ||
        this.#dialer.uses(endpoint) ||
        this.#tickets.isGiven(ticket),
      onSession: (session) => this.#establish(session),
    });
    this.#keepAlive = new KeepAlive({
      clock,
      ping: ({ current }) => this.#transmit(current, "Ping", NOTHING),
      onSilent: (connection) => this.#lose(connection, "Silent"),
      onSteady: (connection) => this.#beSteady(connection),
      onWorn: ({ current, peer }) => this.#dialer.want(peer, current.facts.endpoint),
    });
    this.transport = {
      send: (to, frame) => this.#send(to as Address, frame),
      listen: (...listener) => {
        this.#listener = listener;
      },
      drop: (endpoint) => this.#leave(endpoint as Address, "Left", "Left"),
    };
    options.transport.listen(
      (from, frame) => this.#receive(from, frame),
      (endpoint) => this.#loseEndpoint(endpoint),
    );
  }

  /** Who has a session with this node. */
  peers(): readonly PeerStatus[] {
    return this.#connections.all().map(statusOf);
  }

  /** Dials a peer now, if it has a place and no session: the address book has just learned of it. */
  dial(peer: Address): void {
    if (!this.#isClosed && this.#connections.of(peer) === undefined) this.#dialer.hurry(peer);
  }

  /** Notes that a peer broke a rule; too often, and it is dropped and banned for a while. */
  punish(peer: Address, code: string): void {
    if (this.#isClosed) return;
    this.#report("Punished", { peer, detail: code });
    const isTooMuch = this.#misbehaviour.note(peer, code, this.#options.clock.nowMs());
    if (isTooMuch) this.#ban(peer);
  }

  /** What others make this node keep. */
  kept(): KeptSecure {
    const handshakes = this.#answerer.size + this.#dialer.size;
    const sessions = this.#connections.sessionCount;
    const records = this.#admission.size + this.#misbehaviour.size;
    return { handshakes, sessions, bytes: (handshakes + sessions + records) * KEPT_BYTES_EACH };
  }

  /** Ends this life: says goodbye to all, no timer stays, later calls do nothing. */
  close(): void {
    if (this.#isClosed) return;
    const goodbye = encodeWord("Left");
    for (const { current } of this.#connections.all()) this.#transmit(current, "Goodbye", goodbye);
    this.#isClosed = true;
    this.#keepAlive.close();
    this.#dialer.close();
    this.#answerer.close();
    for (const connection of this.#connections.all()) this.#connections.remove(connection);
  }

  #createHandshaker(): Handshaker {
    return handshakerOf(this.#options, {
      isWelcome: (peer) => this.#isWelcome(peer),
      isIndexTaken: (index) =>
        this.#connections.at(index) !== undefined ||
        this.#dialer.has(index) ||
        this.#answerer.has(index),
      release: (endpoint) => this.#release(endpoint),
    });
  }

  #isWelcome(peer: Address): boolean {
    const { clock, isWelcome } = this.#options;
    if (this.#misbehaviour.isBanned(peer, clock.nowMs())) return false;
    const hasRoom = this.#connections.size < PEERS_MAX || this.#connections.of(peer) !== undefined;
    return hasRoom && isWelcome(peer);
  }

  #send(peer: Address, frame: Uint8Array): void {
    if (this.#isClosed) return;
    const connection = this.#connections.of(peer);
    if (connection === undefined) {
      this.#report("PeerAway", { peer });
      this.#dialer.want(peer);
      return;
    }
    const { current, traffic } = connection;
    if (frame.length > current.facts.agreement.frameBytesMax) {
      this.#report("FrameTooLarge", { peer });
      return;
    }
    traffic.messagesOut += 1;
    traffic.bytesOut += frame.length;
    if (!this.#transmit(current, "Message", frame)) this.#report("PeerAway", { peer });
    const { rekeyFrames = REKEY_FRAMES } = this.#options;
    if (current.sentCount === rekeyFrames) this.#dialer.want(peer, current.facts.endpoint);
  }

  #transmit(session: SecureSession, kind: Kind, plain: Uint8Array): boolean {
    const frame = session.seal(kind, plain);
    if (frame !== undefined) this.#options.transport.send(session.facts.endpoint, frame);
    return frame !== undefined;
  }

  #receive(endpoint: Endpoint, bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const read = readSecureFrame(bytes);
    const isSealed = read.ok && read.value.type === "Sealed";
    if (!isSealed && !this.#bears(endpoint)) return;
    if (!read.ok) {
      this.#report(read.reason.code, { endpoint });
      this.#release(endpoint);
      return;
    }
    const frame = read.value;
    switch (frame.type) {
      case "Sealed":
        this.#receiveSealed(endpoint, frame);
        break;
      case "Initiation":
        this.#answerer.takeInitiation(endpoint, frame);
        break;
      case "Response":
        this.#dialer.takeResponse(endpoint, frame);
        break;
      case "Confirmation":
        if (!this.#acceptAgain(endpoint, frame.receiverIndex)) {
          this.#answerer.takeConfirmation(endpoint, frame);
        }
        break;
      case "Unknown":
        this.#takeHint(endpoint, frame.receiverIndex);
        break;
      default:
        unreachable(frame);
    }
  }

  /** What proves nothing is little on an honest connection. One that serves somebody and brings more is ended. */
  #bears(endpoint: Endpoint): boolean {
    const { clock, transport } = this.#options;
    if (transport.drop === undefined || !this.#uses(endpoint)) return true;
    if (this.#admission.bears(endpoint, clock.nowMs())) return true;
    this.#report("EndpointTooFast", { endpoint });
    transport.drop(endpoint);
    this.#loseEndpoint(endpoint);
    return false;
  }

  #receiveSealed(endpoint: Endpoint, frame: SealedFrame): void {
    const { kind, receiverIndex } = frame;
    const session = this.#connections.at(receiverIndex) ?? this.#dialer.unconfirmed(receiverIndex);
    if (session === undefined || session.facts.endpoint !== endpoint) {
      if (this.#bears(endpoint)) this.#hint(endpoint, receiverIndex);
      return;
    }
    const opened = session.open(frame);
    if (opened.type !== "Opened") {
      if (this.#bears(endpoint)) this.#report(opened.type, { endpoint });
      return;
    }
    const { plain } = opened;
    if (this.#connections.at(receiverIndex) === undefined) {
      if (kind === "Refused") this.#dialer.refused(receiverIndex, wordOf(plain));
      else this.#dialer.confirmed(receiverIndex);
    }
    const connection = this.#connections.of(session.facts.peer);
    if (connection !== undefined) this.#receiveFrom(connection, session, { kind, plain });
  }

  #receiveFrom(connection: Connection, session: SecureSession, { kind, plain }: Content): void {
    const { peer, traffic } = connection;
    connection.silentPings = 0;
    traffic.bytesIn += plain.length;
    const nowMs = this.#options.clock.nowMs();
    if (!this.#misbehaviour.allowsFrame(peer, plain.length, nowMs)) {
      traffic.refused += 1;
      this.#report("PeerTooFast", { peer });
      if (this.#misbehaviour.note(peer, "PeerTooFast", nowMs)) this.#ban(peer);
      return;
    }
    switch (kind) {
      case "Message":
        traffic.messagesIn += 1;
        this.#listener?.[0](peer, plain);
        break;
      case "Ping":
        this.#transmit(session, "Pong", NOTHING);
        break;
      case "Pong":
        this.#keepAlive.heard(connection);
        break;
      case "Accepted":
        this.#tickets.keep(peer, plain);
        break;
      case "Goodbye":
        this.#hearGoodbye(connection, knownCode(wordOf(plain)));
        break;
      case "Refused":
        // Only the answer to a handshake can be a refusal, and that is over.
        break;
      default:
        unreachable(kind);
    }
  }

  #establish(session: SecureSession): void {
    const { agreement, endpoint, isInitiator, peer } = session.facts;
    this.#options.trust?.(endpoint);
    const before = this.#connections.endpointsOf(peer);
    const establishment = this.#connections.establish(session);
    for (const place of before) this.#release(place);
    if (!isInitiator) this.#transmit(session, "Accepted", this.#tickets.give(peer));
    // Of two who dial each other at once, the lower address goes on: both keep to that session.
    if (isInitiator || peer < this.#options.identity.address) this.#dialer.stop(peer);
    if (establishment === "Second") return;
    const connection = this.#connections.of(peer);
    if (connection !== undefined) this.#keepAlive.start(connection);
    if (establishment === "Replaced") return;
    if (establishment === "Restarted") this.#tellLost(peer, "Restarted");
    const { profiles } = agreement;
    this.#options.onPeer?.({ type: "Connected", peer, place: endpoint, profiles });
    this.#listener?.[2]?.(peer);
  }

  /** The peer missed that it was accepted. False when the index is of no session that it began. */
  #acceptAgain(endpoint: Endpoint, index: number): boolean {
    const session = this.#connections.at(index);
    if (session === undefined || session.facts.isInitiator) return false;
    const { endpoint: place, peer } = session.facts;
    if (place === endpoint) this.#transmit(session, "Accepted", this.#tickets.give(peer));
    return true;
  }

  /** Says that a session is not known: whoever sent has missed a restart. */
  #hint(endpoint: Endpoint, index: number): void {
    this.#report("SessionUnknown", { endpoint });
    if (this.#admission.allowsHint(this.#options.clock.nowMs())) {
      this.#options.transport.send(endpoint, unknownFrame(index));
    } else {
      this.#release(endpoint);
    }
  }

  /** Anybody may have said it, so it does no more than begin a handshake, now and then. */
  #takeHint(endpoint: Endpoint, index: number): void {
    const connection = this.#connections.all().find(({ current: { facts } }) => {
      return facts.peerIndex === index && facts.endpoint === endpoint;
    });
    const nowMs = this.#options.clock.nowMs();
    if (connection === undefined || Math.abs(nowMs - connection.hintedAtMs) < HINT_MS) return;
    connection.hintedAtMs = nowMs;
    connection.current.isDoubted = true;
    this.#dialer.want(connection.peer, endpoint);
  }

  #hearGoodbye(connection: Connection, code: string): void {
    const { current, peer } = connection;
    const { endpoint } = current.facts;
    if (code !== "Left") this.#report("RefusedByPeer", { endpoint, peer, detail: code });
    this.#end(connection, "Left");
    if (code === "Left") this.#dialer.retry(peer, 1);
    else this.#dialer.retryLate(peer);
  }

  /** A peer with a place is looked for again: it may not know where this node is, and both may have work left. */
  #ban(peer: Address): void {
    this.#leave(peer, "Misbehaved", "Misbehaved");
    this.#dialer.retryLate(peer);
  }

  #leave(peer: Address, code: "Left" | "Misbehaved", reason: LossReason): void {
    const connection = this.#connections.of(peer);
    this.#dialer.forget(peer);
    if (connection === undefined) return;
    this.#transmit(connection.current, "Goodbye", encodeWord(code));
    this.#end(connection, reason);
  }

  #loseEndpoint(endpoint: Endpoint): void {
    if (this.#isClosed) return;
    this.#admission.forget(endpoint);
    this.#answerer.lost(endpoint);
    this.#dialer.lost(endpoint);
    const lost = this.#connections.lose(endpoint);
    for (const connection of lost) this.#lose(connection, "ConnectionLost");
  }

  /** Tries to get a peer back at once; one that was just lost before, only after a while. */
  #lose(connection: Connection, reason: LossReason): void {
    const { peer, pings } = connection;
    this.#end(connection, reason);
    if (pings > 0) this.#dialer.want(peer);
    else this.#dialer.retry(peer, 0);
  }

  #end(connection: Connection, reason: LossReason): void {
    const endpoints = this.#connections.endpointsOf(connection.peer);
    this.#connections.remove(connection);
    this.#keepAlive.stop(connection.peer);
    for (const endpoint of endpoints) this.#release(endpoint);
    this.#tellLost(connection.peer, reason);
  }

  #tellLost(peer: Address, reason: LossReason): void {
    this.#options.onPeer?.({ type: "Lost", peer, reason });
    this.#listener?.[1]?.(peer);
  }

  #beSteady(connection: Connection): void {
    this.#dialer.forgive(connection.peer);
    for (const { facts } of this.#connections.age(connection)) this.#release(facts.endpoint);
  }

  #release(endpoint: Endpoint): void {
    if (!this.#uses(endpoint)) this.#options.transport.drop?.(endpoint);
  }

  #uses(endpoint: Endpoint): boolean {
    return [this.#connections, this.#dialer, this.#answerer].some((part) => part.uses(endpoint));
  }

  #report(code: SecureFaultCode, about: Partial<Omit<SecureFault, "code">>): void {
    const { detail, endpoint, peer } = about;
    this.#options.report?.({ code, detail, endpoint, peer });
  }
}
