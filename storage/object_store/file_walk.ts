/**
 * Listing a folder store in the byte order of its paths.
 *
 * A folder sorts as its name with a slash, so that a walk in order of names
 * is in order of paths (`a-b` before `a/b` before `a0`). Only folders that can
 * hold a wanted path are read: the walk begins in the folder that the prefix
 * names, leaves out what ends before `startAfter`, and stops after one path
 * more than was asked for.
 *
 * Links, temporary files, versions and names that no object has are not seen.
 *
 * @module
 */
import { promises as fs } from "node:fs";
import { isMissing } from "./file_errors.ts";
import { type FileFolders, folderOf } from "./file_folders.ts";
import {
  OBJECT_PATH_LENGTH_MAX,
  OBJECT_SEGMENT_LENGTH_MAX,
} from "./object_path.ts";
import type { ListRequest } from "./request.ts";

const SEGMENT = /^[A-Za-z0-9._-]+$/;

/** An entry of a folder: an object's path, or a folder's with its slash. */
interface Entry {
  readonly key: string;
  readonly isFolder: boolean;
}

/**
 * Calls `visit` with the paths of a listing, in order, until it returns
 * false.
 */
export async function walk(
  folders: FileFolders,
  request: ListRequest,
  visit: (path: string) => boolean,
): Promise<void> {
  await walkFolder(folders, folderOf(request.prefix), request, visit);
}

async function walkFolder(
  folders: FileFolders,
  folder: string,
  request: ListRequest,
  visit: (path: string) => boolean,
): Promise<boolean> {
  if (!folders.isPlain(folder)) return true;
  const entries = await readEntries(folders, folder, request);
  for (const { key, isFolder } of entries) {
    const more = isFolder
      ? await walkFolder(folders, key.slice(0, -1), request, visit)
      : visit(key);
    if (!more) return false;
  }
  return true;
}

/** The wanted entries of a folder, in order. */
async function readEntries(
  folders: FileFolders,
  folder: string,
  request: ListRequest,
): Promise<Entry[]> {
  const before = folder === "" ? "" : `${folder}/`;
  const entries: Entry[] = [];
  let found;
  try {
    found = await fs.readdir(folders.file(folder), { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  for (const entry of found) {
    const { name } = entry;
    const isFolder = entry.isDirectory();
    if (!isFolder && !entry.isFile()) continue;
    if (!SEGMENT.test(name) || name.length > OBJECT_SEGMENT_LENGTH_MAX) {
      continue;
    }
    const key = isFolder ? `${before}${name}/` : before + name;
    if (key.length > OBJECT_PATH_LENGTH_MAX) continue;
    const wanted = isFolder
      ? folderWanted(key, request)
      : key.startsWith(request.prefix) && key > request.startAfter;
    if (wanted) entries.push({ key, isFolder });
  }
  return entries.sort((a, b) => a.key < b.key ? -1 : 1);
}

/** Whether a wanted path can begin with `key`, which ends in a slash. */
function folderWanted(key: string, request: ListRequest): boolean {
  const { prefix, startAfter } = request;
  if (!key.startsWith(prefix) && !prefix.startsWith(key)) return false;
  return key > startAfter || startAfter.startsWith(key);
}
