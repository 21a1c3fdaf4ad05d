import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('check-words.mjs', import.meta.url));
const [[word, replacement] = ['', '']] = Object.entries<string>(
  JSON.parse(readFileSync(new URL('private-words.json', import.meta.url), 'utf8')),
);

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'spinbay-words-'));
  git('init', '--quiet', '--initial-branch=main');
  commit('Begin');
});

afterEach(() => rmSync(repository, { recursive: true }));

test('a private word is refused with its file, line and replacement', () => {
  commit('Add a page', `First line.\nCall ${word} here.\n`);
  expect(check()).toMatchObject({ status: 1, stderr: `page.md:2: "${word}": write "${replacement}"\n` });
});

test('a page in plain words passes', () => {
  commit('Add a page', `Call ${replacement} here.\n`);
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

test.each([
  ['add a page', 'does not begin with a capital letter'],
  ['Added a page', 'is not in the imperative'],
  ['Adds a page', 'is not in the imperative'],
  ['Removing a page', 'is not in the imperative'],
  ['Add a page.', 'ends with a full stop'],
  [`Add ${'x'.repeat(69)}`, 'has 73 characters'],
])('the commit subject "%s" is refused before it is pushed', (subject, reason) => {
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  commit(subject);
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain(`commit "${subject}": the subject ${reason}`);
});

test.each(['Add a page', 'Address a fault', 'Use one name', `Add ${'x'.repeat(68)}`])(
  'the commit subject "%s" passes',
  (subject) => {
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    commit(subject);
    expect(check()).toMatchObject({ status: 0, stderr: '' });
  },
);

test('subjects of commits that the upstream branch has are not checked', () => {
  commit('added long ago');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  commit('Add a page');
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

test('without an upstream branch no subject is checked', () => {
  commit('added without an upstream');
  expect(check()).toMatchObject({ status: 0, stderr: '' });
});

function commit(subject: string, page = subject) {
  writeFileSync(join(repository, 'page.md'), page);
  git('add', '.');
  git('-c', 'user.name=Test', '-c', 'user.email=test@example.test', 'commit', '--quiet', '-m', subject);
}

function check() {
  return spawnSync(process.execPath, [script], { cwd: repository, encoding: 'utf8' });
}

function git(...args: string[]) {
  execFileSync('git', args, { cwd: repository });
}
