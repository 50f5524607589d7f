/**
 * Opening the file that holds the current bytes of an object of a folder.
 *
 * Most objects have one file, under their own path. One that was changed by
 * compare-and-set has versions besides (`file_cell.ts`); whether it has is
 * asked first, by looking for their folder.
 *
 * @module
 */
import type { OpenFile } from "./descriptor_cache.ts";
import {
  anchorTag,
  cellFolder,
  type CellState,
  readCell,
} from "./file_cell.ts";
import { fileError, isMissing } from "./file_errors.ts";
import { closeFile, exists, factsOfOpen, openRead } from "./file_io.ts";

/** Attempts to open an object that others keep changing. */
const ATTEMPTS_MAX = 100;

/**
 * Opens the current bytes of the object whose path is `file`; undefined if
 * there is none. The caller closes what it gets.
 */
export function openObject(file: string): OpenFile | undefined {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    // Before the file is opened, for the reason `readCell` gives.
    const versioned = exists(cellFolder(file));
    const state = versioned ? readCell(file) : undefined;
    if (versioned && state === undefined) return undefined;
    const descriptor = tryOpen(state?.file ?? file);
    // A version may be collected before it is opened; a file is just absent.
    if (descriptor === undefined && !versioned) return undefined;
    if (descriptor === undefined) continue;
    const opened = describe(descriptor, state);
    if (opened !== undefined) return opened;
    closeFile(descriptor);
    if (!versioned) return undefined;
  }
  throw fileError("read", file, { code: "EBUSY" });
}

/** What was opened, unless it is not the file that was meant. */
function describe(
  descriptor: number,
  state: CellState | undefined,
): OpenFile | undefined {
  try {
    const facts = factsOfOpen(descriptor);
    if (!facts.isFile) return undefined;
    if (state === undefined) {
      return { descriptor, facts, etag: anchorTag(facts) };
    }
    const { etag } = state;
    return facts.ino === state.facts.ino
      ? { descriptor, facts, etag }
      : undefined;
  } catch (error) {
    closeFile(descriptor);
    throw error;
  }
}

function tryOpen(file: string): number | undefined {
  try {
    return openRead(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
