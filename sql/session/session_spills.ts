/**
 * The temporary files of sessions, and when their transactions go on in them.
 *
 * @module
 */
import type { ScratchFiles } from "../../storage/object_store/scratch_file.ts";
import { SpillSpace } from "../../storage/spill/spill_space.ts";
import type { WriteSetSpill } from "../transaction/write_set_memory.ts";
import type { Settings } from "./settings.ts";

/** The temporary files of all sessions. */
export class SessionSpills {
  /** All of them together. */
  readonly space: SpillSpace;
  /** A session is known by its settings. */
  readonly #ofSessions = new WeakMap<Settings, WriteSetSpill>();

  /** The files are made in `scratch`. */
  constructor(scratch: ScratchFiles) {
    this.space = new SpillSpace(scratch);
  }

  /** Those of the session that has `settings`. */
  of(settings: Settings): WriteSetSpill {
    let spill = this.#ofSessions.get(settings);
    if (spill === undefined) {
      spill = {
        files: this.space.account(() => settings.integer("temp_file_limit")),
        get bytesMax(): number {
          return settings.integer("kriya.write_set_mem") * 1024;
        },
      };
      this.#ofSessions.set(settings, spill);
    }
    return spill;
  }
}
