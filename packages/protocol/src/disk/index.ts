/** Folders on a disk that several processes share. */
export { cacheFolder } from './cache-folder.js';
export { type FolderLock, type FolderLockOptions, type LockHolder, lockFolder, lockHolder } from './folder-lock.js';
export { makeFolder } from './make-folder.js';
export { syncFolder } from './sync-folder.js';
