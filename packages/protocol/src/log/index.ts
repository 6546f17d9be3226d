/** The log of coordinators and workers. */
export { createLogger, type LogSource } from './logger.js';
