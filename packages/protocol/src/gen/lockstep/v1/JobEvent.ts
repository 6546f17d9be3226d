// Original file: protos/lockstep/v1/jobs.proto

import type { StateChanged as _lockstep_v1_StateChanged, StateChanged__Output as _lockstep_v1_StateChanged__Output } from '../../lockstep/v1/StateChanged.js';
import type { StepsCommitted as _lockstep_v1_StepsCommitted, StepsCommitted__Output as _lockstep_v1_StepsCommitted__Output } from '../../lockstep/v1/StepsCommitted.js';
import type { EpochEnded as _lockstep_v1_EpochEnded, EpochEnded__Output as _lockstep_v1_EpochEnded__Output } from '../../lockstep/v1/EpochEnded.js';
import type { WorkerChanged as _lockstep_v1_WorkerChanged, WorkerChanged__Output as _lockstep_v1_WorkerChanged__Output } from '../../lockstep/v1/WorkerChanged.js';
import type { Note as _lockstep_v1_Note, Note__Output as _lockstep_v1_Note__Output } from '../../lockstep/v1/Note.js';
import type { Rewound as _lockstep_v1_Rewound, Rewound__Output as _lockstep_v1_Rewound__Output } from '../../lockstep/v1/Rewound.js';
import type { StepStalled as _lockstep_v1_StepStalled, StepStalled__Output as _lockstep_v1_StepStalled__Output } from '../../lockstep/v1/StepStalled.js';
import type { Long } from '@grpc/proto-loader';

export interface JobEvent {
  'sequence'?: (number | string | Long);
  'unixSeconds'?: (number | string);
  'leadershipEpoch'?: (number | string | Long);
  /**
   * Steps that had finished.
   */
  'step'?: (number | string | Long);
  'stateChanged'?: (_lockstep_v1_StateChanged | null);
  'stepsCommitted'?: (_lockstep_v1_StepsCommitted | null);
  'epochEnded'?: (_lockstep_v1_EpochEnded | null);
  'workerChanged'?: (_lockstep_v1_WorkerChanged | null);
  'note'?: (_lockstep_v1_Note | null);
  'rewound'?: (_lockstep_v1_Rewound | null);
  'stepStalled'?: (_lockstep_v1_StepStalled | null);
  'kind'?: "stateChanged"|"stepsCommitted"|"epochEnded"|"workerChanged"|"note"|"rewound"|"stepStalled";
}

export interface JobEvent__Output {
  'sequence': (number);
  'unixSeconds': (number);
  'leadershipEpoch': (number);
  /**
   * Steps that had finished.
   */
  'step': (number);
  'stateChanged'?: (_lockstep_v1_StateChanged__Output | null);
  'stepsCommitted'?: (_lockstep_v1_StepsCommitted__Output | null);
  'epochEnded'?: (_lockstep_v1_EpochEnded__Output | null);
  'workerChanged'?: (_lockstep_v1_WorkerChanged__Output | null);
  'note'?: (_lockstep_v1_Note__Output | null);
  'rewound'?: (_lockstep_v1_Rewound__Output | null);
  'stepStalled'?: (_lockstep_v1_StepStalled__Output | null);
  'kind'?: "stateChanged"|"stepsCommitted"|"epochEnded"|"workerChanged"|"note"|"rewound"|"stepStalled";
}
