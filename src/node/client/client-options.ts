/** What a program says to connect with a node, and to follow its events. */
import type { EventFilter } from "../api/api-types.ts";

/** Where the node is, and what proves that we may ask. */
export type ClientOptions = {
  /** `http://host:port`, or https. */
  readonly url: string;
  /** Made by `channels node token`; some methods need none. */
  readonly token?: string;
  /** Milliseconds until a request without an answer fails; 70,000 where absent: a wait takes a minute. */
  readonly timeoutMs?: number;
  /**
   * True for a node of this machine that was found by its data directory: whatever name its certificate has, and
   * whoever made that. Certificates are checked where absent.
   */
  readonly isOwn?: boolean;
};

/** How events are followed. */
export type FollowOptions = EventFilter & {
  /** The offset of the first event; the end of the log where absent. */
  readonly from?: number | undefined;
  /** Ends the stream when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Hears that the connection was lost and is made anew, and why. */
  readonly onLost?: ((why: string) => void) | undefined;
};
