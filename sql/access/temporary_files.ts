/**
 * Temporary files of a session: where sorts, joins and groups put what their
 * memory is not to hold, see `storage/spill/`.
 *
 * @module
 */
export type { SpillFile } from "../../storage/spill/spill_file.ts";
export type { SpillFiles } from "../../storage/spill/spill_space.ts";
export {
  type SpillReader,
  SpillStream,
} from "../../storage/spill/spill_stream.ts";
