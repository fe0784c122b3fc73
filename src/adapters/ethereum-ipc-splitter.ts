/** Cuts a stream of bytes into JSON texts: over a socket they follow each other with nothing between. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = [0x7b, 0x5b] as const;
const CLOSING = [0x7d, 0x5d] as const;

/** Remembers the text that has begun and not ended. Objects and arrays only; what is between is dropped. */
export class JsonSplitter {
  #begun: Uint8Array[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Takes the next bytes and returns the texts that they complete, in order. Copies what it keeps. */
  push(chunk: Uint8Array): readonly string[] {
    const texts: string[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const wasOutside = this.#depth === 0;
      this.#step(chunk[at] ?? 0);
      if (wasOutside && this.#depth === 1) start = at;
      if (!wasOutside && this.#depth === 0) texts.push(this.#finish(chunk.subarray(start, at + 1)));
      if (this.#depth === 0) start = at + 1;
    }
    if (this.#depth > 0) this.#begun.push(chunk.slice(start));
    return texts;
  }

  #step(byte: number): void {
    if (this.#inString) this.#stepInString(byte);
    else if (byte === QUOTE) this.#inString = this.#depth > 0;
    else if (byte === OPENING[0] || byte === OPENING[1]) this.#depth++;
    else if ((byte === CLOSING[0] || byte === CLOSING[1]) && this.#depth > 0) this.#depth--;
  }

  #stepInString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  #finish(last: Uint8Array): string {
    const parts = [...this.#begun, last];
    this.#begun = [];
    return Buffer.concat(parts).toString("utf8");
  }
}
