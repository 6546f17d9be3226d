// Original file: protos/lockstep/v1/jobs.proto

import type { Artifact as _lockstep_v1_Artifact, Artifact__Output as _lockstep_v1_Artifact__Output } from '../../lockstep/v1/Artifact.js';

export interface DownloadModelRequest {
  'jobId'?: (string);
  'artifact'?: (_lockstep_v1_Artifact);
}

export interface DownloadModelRequest__Output {
  'jobId': (string);
  'artifact': (_lockstep_v1_Artifact__Output);
}
