// Run by `npm run check`: refuses the words of private-words.json in every tracked text file. Also refuses subjects that
// break the rules of CONTRIBUTING.md, in commits that the upstream branch does not have yet.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const listName = 'private-words.json';
const replacements = JSON.parse(readFileSync(new URL(listName, import.meta.url), 'utf8'));

const verbs =
  /^(?:(?:add|allow|chang|check|clean|correct|creat|delet|document|drop|dropp|fix|handl|implement|improv|introduc|mak|mov|refactor|remov|renam|replac|show|support|test|updat|upgrad|us)(?:e?s|ed|ing)|made|kept|keeping|keeps|wrote|writing|writes)$/i;

const faults = [...wordFaults(), ...unpushedSubjects().flatMap(subjectFaults)];
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

function wordFaults() {
  const patterns = Object.entries(replacements).map(([word, replacement]) => ({
    word,
    replacement,
    // A phrase may continue on the next line of a comment.
    pattern: new RegExp(`\\b${word.replaceAll(' ', '[\\s*/#]+')}\\b`, 'gi'),
  }));
  return (
    git('ls-files', '-z')
      .split('\0')
      // The recorded documents of earlier releases never change.
      .filter((path) => path !== '' && basename(path) !== listName && !path.startsWith('packages/contracts/recorded/'))
      .flatMap((path) => {
        const text = readText(path);
        return patterns.flatMap(({ word, replacement, pattern }) =>
          [...text.matchAll(pattern)].map(
            ({ index }) => `${path}:${text.slice(0, index).split('\n').length}: "${word}": write "${replacement}"`,
          ),
        );
      })
  );
}

/** Empty for a binary file, and for one that is tracked but deleted in the working tree. */
function readText(path) {
  try {
    const text = readFileSync(path, 'utf8');
    return text.includes('\0') ? '' : text;
  } catch {
    return '';
  }
}

function unpushedSubjects() {
  // Commits from before this check do not have to pass it.
  const [first] = git('log', '--diff-filter=A', '--format=%H', '--', 'scripts/check-words.mjs').split('\n');
  const old = first ? [`^${first}`] : [];
  for (const upstream of ['@{upstream}', 'origin/main']) {
    try {
      return git('log', '--no-merges', '--format=%s', `${upstream}..HEAD`, ...old)
        .split('\n')
        .filter(Boolean);
    } catch {
      // There is no such branch, for example in a shallow clone.
    }
  }
  return [];
}

function subjectFaults(subject) {
  const broken = [];
  if (subject.length > 72) broken.push(`has ${subject.length} characters, at most 72 are allowed`);
  if (!/^\p{Lu}/u.test(subject)) broken.push('does not begin with a capital letter');
  if (verbs.test(subject.split(' ')[0])) broken.push('is not in the imperative ("Add", not "Added" or "Adds")');
  if (subject.endsWith('.')) broken.push('ends with a full stop');
  return broken.map((what) => `commit "${subject}": the subject ${what}`);
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'ignore'] });
}
