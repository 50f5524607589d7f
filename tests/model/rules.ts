/**
 * The rules of the protocol, each with a switch, so that a test can drop one
 * and see the explorer find what it prevents. The numbers are those of
 * `docs/decisions/001-protocol-model.md`.
 *
 * @module
 */

/** Which rules hold. */
export interface Rules {
  /** R1. Opening claims epoch + 1 by creating the next manifest. */
  readonly claimEpoch: boolean;
  /** R2. Opening creates a fence at the first free WAL id. */
  readonly fenceWal: boolean;
  /** R3. A fence's slot that is taken is replayed, and the next one tried. */
  readonly replayTakenSlot: boolean;
  /** R4. A fence of a higher epoch ends an opening. */
  readonly higherFenceEnds: boolean;
  /** R5. The boundary is read after the fence is there, before serving. */
  readonly checkAfterFence: boolean;
  /** R6. Fences are never collected. */
  readonly fencesStay: boolean;
  /** R7. Nothing is acknowledged before the store has answered. */
  readonly ackAfterAnswer: boolean;
  /** R8. After an unknown outcome or a refusal the WAL id is read back. */
  readonly readBack: boolean;
  /** R9. A WAL id is tried again until it is settled, never skipped. */
  readonly sameId: boolean;
  /** R10. It is tried again with the same bytes. */
  readonly sameBytes: boolean;
  /** R11. A manifest is made from the one just below it. */
  readonly rebase: boolean;
  /** R12. A publish counts once the boundary, read after it, is lower. */
  readonly checkAfterPublish: boolean;
  /** R13. Tables are published only once they are durable. */
  readonly uploadFirst: boolean;
  /** R14. A publish sets a replay point that its tables reach, no higher. */
  readonly replayPointCovered: boolean;
  /** R15. The boundary is advanced before anything is deleted. */
  readonly advanceFirst: boolean;
  /** R16. The boundary moves by compare-and-set. */
  readonly boundaryByMatch: boolean;
  /** R17. The boundary stays below the writer's own last manifest. */
  readonly keepWritersManifest: boolean;
  /** R18. WAL objects from the replay point of a live manifest on stay. */
  readonly keepReplayedWal: boolean;
  /** R19. The writer's own tables stay unless below its settled number. */
  readonly keepUnsettled: boolean;
  /** R20. Tables of registered jobs, and of jobs yet unknown, stay. */
  readonly keepJobs: boolean;
  /** R21. A job is registered before its first upload. */
  readonly registerFirst: boolean;
  /** R22. A job's edit is published only while the job is registered. */
  readonly publishWhileRegistered: boolean;
  /** R23. A snapshot below the horizon is refused. */
  readonly horizon: boolean;
  /** R24. A missing object means: refresh, or refuse; never "no such row". */
  readonly missingRefreshes: boolean;
  /** R25. "Nothing new" needs a boundary read after the WAL id was absent. */
  readonly boundaryAfterPoll: boolean;
  /** R26. A pin counts once the boundary, read after it, is lower. */
  readonly checkAfterPin: boolean;
  /** R27. The collector lists pins after it has advanced the boundary. */
  readonly pinsAfterAdvance: boolean;
  /** R28. What a follower finds needs a boundary read after it was found. */
  readonly boundaryAfterFind: boolean;
  /** R29. What a checkpoint of a live manifest needs stays. */
  readonly keepCheckpoints: boolean;
  /** R30. A checkpoint names the manifest that makes it, none below. */
  readonly checkpointOfItself: boolean;
}

/** Every rule holds: the protocol. */
export const ALL_RULES: Rules = {
  claimEpoch: true,
  fenceWal: true,
  replayTakenSlot: true,
  higherFenceEnds: true,
  checkAfterFence: true,
  fencesStay: true,
  ackAfterAnswer: true,
  readBack: true,
  sameId: true,
  sameBytes: true,
  rebase: true,
  checkAfterPublish: true,
  uploadFirst: true,
  replayPointCovered: true,
  advanceFirst: true,
  boundaryByMatch: true,
  keepWritersManifest: true,
  keepReplayedWal: true,
  keepUnsettled: true,
  keepJobs: true,
  registerFirst: true,
  publishWhileRegistered: true,
  horizon: true,
  missingRefreshes: true,
  boundaryAfterPoll: true,
  checkAfterPin: true,
  pinsAfterAdvance: true,
  boundaryAfterFind: true,
  keepCheckpoints: true,
  checkpointOfItself: true,
};

/** The protocol without one rule. */
export function without(rule: keyof Rules): Rules {
  return { ...ALL_RULES, [rule]: false };
}
