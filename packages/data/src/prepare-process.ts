/** Entry of the preparation's own process: one request in, one answer out, then it ends. */
import { LockstepError } from '@lockstep/protocol/core';
import type { PrepareRequest } from './prepare-request.js';
import { runPreparation } from './run-preparation.js';

process.on('disconnect', () => process.exit(1));
process.once('message', (request: PrepareRequest) => {
  runPreparation(request)
    .then((prepared) => ({ prepared }))
    .catch((thrown: unknown) => ({ error: LockstepError.from(thrown).toJSON() }))
    .then((answer) => process.send?.(answer, () => process.exit(0)));
});
