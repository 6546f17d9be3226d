/** What coordinator, workers and clients agree on. */
export * from './core/index.js';
