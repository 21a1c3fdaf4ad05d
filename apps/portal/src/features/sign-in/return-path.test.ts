import { describe, expect, it } from 'vitest';
import { loginPath, safeReturnPath } from './return-path.ts';

const origin = 'http://127.0.0.1:4100';

describe('safeReturnPath', () => {
  it('keeps paths of this origin, with query and hash', () => {
    for (const path of ['/sessions', '/sessions/abc?frame=angle_15', '/sessions?site=a&page=2#top']) {
      expect(safeReturnPath(path, origin)).toBe(path);
    }
  });

  it('never leads to another origin', () => {
    for (const path of [
      null,
      undefined,
      '',
      'sessions',
      'https://evil.example/',
      '//evil.example/x',
      '///evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/x/..//evil.example',
      '/./\\evil.example',
      `/${'a'.repeat(3000)}`,
      'http://127.0.0.1:4100.evil.example/',
      '/@evil.example\\..//evil.example',
    ]) {
      const safe = safeReturnPath(path, origin);
      expect(new URL(safe, origin).origin, String(path)).toBe(origin);
      expect(safe.startsWith('//'), String(path)).toBe(false);
    }
  });

  it('does not lead back to the sign-in', () => {
    expect(safeReturnPath('/login?return_to=/login', origin)).toBe('/sessions');
    expect(safeReturnPath('/login/callback?code=1', origin)).toBe('/sessions');
    expect(safeReturnPath('/x/../login', origin)).toBe('/sessions');
  });
});

describe('loginPath', () => {
  it('contains the requested page', () => {
    const path = loginPath('/sessions/abc?frame=angle_15', 'expired');
    const query = new URL(path, origin).searchParams;
    expect(safeReturnPath(query.get('return_to'), origin)).toBe('/sessions/abc?frame=angle_15');
    expect(query.get('why')).toBe('expired');
  });

  it('leaves out the default page', () => {
    expect(loginPath('/sessions', null)).toBe('/login');
    expect(loginPath('/', null)).toBe('/login');
  });
});
