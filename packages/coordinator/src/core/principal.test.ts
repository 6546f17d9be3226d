import { describe, expect, it } from 'vitest';
import { CHANGES, LOCAL, mayCall, PERMISSIONS, principalOfAltNames, sees } from './principal.js';

describe('an identity in a certificate', () => {
  it('is taken where it stands there exactly once and exactly', () => {
    expect(principalOfAltNames('URI:lockstep://worker/gpu-1')).toEqual({
      ...{ id: 'certificate:worker/gpu-1', name: 'gpu-1', role: 'worker', namespaces: ['default'] },
    });
    expect(principalOfAltNames('DNS:a.example, URI:lockstep://submitter/vision/alice')).toMatchObject({
      ...{ role: 'submitter', name: 'alice', namespaces: ['vision'] },
    });
    expect(principalOfAltNames('URI:lockstep://admin/vision/root')?.namespaces).toEqual(['*']);
  });

  it.each([
    'DNS:lockstep://admin/x',
    'URI:lockstep://owner/x',
    'URI:lockstep://admin/',
    'URI:lockstep://admin/x/y/z',
    'URI:lockstep://admin/X',
    'URI:lockstep://admin/x?y',
    'URI:LOCKSTEP://admin/x',
    'URI:xlockstep://admin/x',
    'URI:lockstep://admin/x\n',
    'DNS:"a, URI:lockstep://admin/x, b"',
    'URI:lockstep://viewer/a, URI:lockstep://admin/a',
    '',
  ])('is none in %j', (text) => {
    expect(principalOfAltNames(text)).toBeNull();
  });
});

describe('a permission', () => {
  const viewer = { id: 'token:1', name: 'a', role: 'viewer', namespaces: ['vision'] } as const;

  it('is none where a method has no row', () => {
    expect(mayCall({ ...viewer, role: 'admin' }, PERMISSIONS['/lockstep.v1.JobService/DropAll'])).toBe(false);
  });

  it('is for the roles named, for anybody who is known, or for anybody', () => {
    expect(mayCall(viewer, ['viewer'])).toBe(true);
    expect(mayCall(viewer, ['submitter', 'admin'])).toBe(false);
    expect(mayCall(viewer, 'known')).toBe(true);
  });

  it('covers the namespaces named, or all', () => {
    expect([sees(viewer, 'vision'), sees(viewer, 'default'), sees({ ...viewer, namespaces: ['*'] }, 'x')]).toEqual([
      ...[true, false, true],
    ]);
  });
});

describe('a call that changes jobs', () => {
  const methods = Object.keys(PERMISSIONS).filter((path) => path.startsWith('/lockstep.v1.JobService/'));

  it('is every one of those who may write, but for the question what of a file is there', () => {
    const mayWrite = methods.filter((path) => !mayCall({ ...LOCAL, role: 'viewer' }, PERMISSIONS[path]));
    expect(mayWrite.filter((path) => !CHANGES.has(path))).toEqual(['/lockstep.v1.JobService/GetUpload']);
    expect([...CHANGES].filter((path) => !mayWrite.includes(path))).toEqual([]);
  });

  it('is a deletion above all, which nothing takes back', () => {
    expect(CHANGES.has('/lockstep.v1.JobService/DeleteJob')).toBe(true);
  });
});
