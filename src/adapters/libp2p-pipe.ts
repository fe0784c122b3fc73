/** A stream of libp2p as a wire's pipe. */
import type { Stream } from "@libp2p/interface";
import type { Pipe, WireConnection } from "./wire-connection.ts";

/** Milliseconds that a stream may take to send what it has before it is cut off. */
const CLOSE_TIMEOUT_MS = 5_000;

/** Why a stream is cut off. The other end is told that it was, not why. */
const CUT_OFF = "the wire has ended this stream";

/**
 * A stream takes all that it is given and keeps what the other end has no room for. So nothing is given to it until
 * what it keeps is gone: it never keeps more than one piece.
 */
export function pipeOfStream(stream: Stream): Pipe {
  const terminate = (): void => stream.abort(new Error(CUT_OFF));
  return {
    write: (bytes) => writeTo(stream, bytes),
    end: () => {
      // What was written goes out first; then the stream is gone, whether or not the other end closes its half.
      stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).then(terminate, terminate);
    },
    terminate,
  };
}

function writeTo(stream: Stream, bytes: Uint8Array): number {
  if (stream.writableNeedsDrain || stream.writeStatus !== "writable") return 0;
  try {
    // The stream may keep what it is given, and the wire uses its memory again.
    stream.send(bytes.slice());
    return bytes.length;
  } catch {
    // It has ended in the meantime, and says so with an event of its own.
    return 0;
  }
}

/** Lets a connection hear what a stream does, until the stream ends. */
export function attachStream(
  stream: Stream,
  connection: WireConnection,
  ended: (connection: WireConnection) => void,
): void {
  const end = (): void => ended(connection);
  stream.addEventListener("message", ({ data }) => {
    connection.receive(data instanceof Uint8Array ? data : data.subarray());
  });
  stream.addEventListener("drain", () => connection.flush());
  stream.addEventListener("remoteCloseWrite", end);
  stream.addEventListener("close", end);
  // It may have ended before anybody listened.
  if (stream.status !== "open") end();
}
