// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface JobProgress {
  'leadershipEpoch'?: (number | string | Long);
  'step'?: (number | string | Long);
  'totalSteps'?: (number | string | Long);
  'epoch'?: (number | string | Long);
  'totalEpochs'?: (number | string | Long);
  'trainLoss'?: (number | string);
  'samplesPerSecond'?: (number | string);
  'remainingSeconds'?: (number | string);
  'workers'?: (number);
}

export interface JobProgress__Output {
  'leadershipEpoch': (number);
  'step': (number);
  'totalSteps': (number);
  'epoch': (number);
  'totalEpochs': (number);
  'trainLoss': (number);
  'samplesPerSecond': (number);
  'remainingSeconds': (number);
  'workers': (number);
}
