/** The pure part of the protocol: no sockets, clocks, files or randomness of the machine. */
export { CATALOGUE, type CatalogueEntry, type ErrorCode } from '../errors/catalogue.js';
export { type ErrorContext, type ErrorProblem, LockstepError } from '../errors/lockstep-error.js';
