/** Every verb of the command line, in the order of the help. */

import { registerCancel } from './cancel.js';
import { registerCerts } from './certs.js';
import { registerChaos } from './chaos.js';
import type { RegisterCommand } from './command.js';
import { registerCoordinator } from './coordinator.js';
import { registerDelete } from './delete.js';
import { registerDescribe } from './describe.js';
import { registerDevices } from './devices.js';
import { registerDoctor } from './doctor.js';
import { registerEngines } from './engines.js';
import { registerEvaluate } from './evaluate.js';
import { registerExplain } from './explain.js';
import { registerInit } from './init.js';
import { registerJobs } from './jobs.js';
import { registerLogs } from './logs.js';
import { registerNatsConfig } from './nats-config.js';
import { registerPredict } from './predict.js';
import { registerProfile } from './profile.js';
import { registerResume } from './resume.js';
import { registerSubmit } from './submit.js';
import { registerSuspend } from './suspend.js';
import { registerTokens } from './tokens.js';
import { registerTrain } from './train.js';
import { registerUp } from './up.js';
import { registerValidate } from './validate.js';
import { registerWatch } from './watch.js';
import { registerWorker } from './worker.js';
import { registerWorkers } from './workers.js';

/** Verbs in the order of the help. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerTrain,
  registerProfile,
  registerInit,
  registerValidate,
  registerExplain,
  registerPredict,
  registerEvaluate,
  registerDoctor,
  registerDevices,
  registerEngines,
  registerUp,
  registerCoordinator,
  registerWorker,
  registerSubmit,
  registerJobs,
  registerWorkers,
  registerDescribe,
  registerWatch,
  registerLogs,
  registerSuspend,
  registerResume,
  registerCancel,
  registerDelete,
  registerChaos,
  registerCerts,
  registerTokens,
  registerNatsConfig,
];
