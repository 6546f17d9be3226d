// Original file: protos/lockstep/v1/jobs.proto

export const Artifact = {
  ARTIFACT_UNSPECIFIED: 'ARTIFACT_UNSPECIFIED',
  ARTIFACT_MODEL: 'ARTIFACT_MODEL',
} as const;

export type Artifact =
  | 'ARTIFACT_UNSPECIFIED'
  | 0
  | 'ARTIFACT_MODEL'
  | 1

export type Artifact__Output = typeof Artifact[keyof typeof Artifact]
