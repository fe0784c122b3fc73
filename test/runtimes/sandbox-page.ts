/** What runs outside Bun: takes tasks, gives their transcripts. Built into one file for Node.js and for a browser. */
import "./missing-hex.ts";
import { type TranscriptTask, transcripts } from "./reducer-transcript.ts";

const page = globalThis as {
  tasks?: readonly TranscriptTask[];
  told?: (lines: readonly string[]) => void;
};

page.told?.(transcripts(page.tasks ?? []));
