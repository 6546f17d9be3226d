/** Which parameters a command is about. */
import type { StepCommand__Output, WantedVersion } from '@lockstep/protocol';

/** The version of the parameters that a command names. */
export function wantedVersion(
  command: Pick<StepCommand__Output, 'leadershipEpoch' | 'version' | 'parameterDigest'>,
): WantedVersion {
  const { leadershipEpoch, version, parameterDigest } = command;
  return { leadershipEpoch, version, digest: parameterDigest };
}
