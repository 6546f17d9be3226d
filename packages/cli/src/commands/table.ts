/** Every verb of the command line, in the order of the help. */
import type { RegisterCommand } from './command.js';
import { registerCoordinator } from './coordinator.js';
import { registerDoctor } from './doctor.js';
import { registerEvaluate } from './evaluate.js';
import { registerExplain } from './explain.js';
import { registerInit } from './init.js';
import { registerPredict } from './predict.js';
import { registerSubmit } from './submit.js';
import { registerTrain } from './train.js';
import { registerValidate } from './validate.js';
import { registerWatch } from './watch.js';
import { registerWorker } from './worker.js';

/** Verbs in the order of the help. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerTrain,
  registerInit,
  registerValidate,
  registerExplain,
  registerPredict,
  registerEvaluate,
  registerDoctor,
  registerCoordinator,
  registerWorker,
  registerSubmit,
  registerWatch,
];
