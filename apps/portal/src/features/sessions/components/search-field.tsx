import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { texts } from '../../../ui/texts.ts';
import { searchTextOf } from '../list-search.ts';
import classes from './sessions.module.css';

const pauseMs = 300;

interface SearchFieldProps {
  readonly q: string | null;
  readonly onChange: (q: string | null) => void;
}

/** The search starts after a short pause in typing. */
export function SearchField({ q, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(q ?? '');
  const latest = useRef(onChange);
  latest.current = onChange;
  // The search can also change through the browser's back button or "show all".
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the search changes, not when somebody types
  useEffect(() => {
    if (searchTextOf(typed) !== q) setTyped(q ?? '');
  }, [q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when somebody types, not when the search changes
  useEffect(() => {
    const wanted = searchTextOf(typed);
    if (wanted === q) return;
    const timer = setTimeout(() => latest.current(wanted), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const tooShort = typed.trim().length === 1;
  return (
    <TextInput
      className={classes.searchField}
      type="search"
      aria-label={texts.sessions.search}
      placeholder={texts.sessions.searchHint}
      maxLength={64}
      value={typed}
      onChange={({ currentTarget: { value } }) => setTyped(value)}
      leftSection={<IconSearch size={17} aria-hidden="true" />}
      rightSection={
        typed !== '' && <CloseButton size="sm" aria-label={texts.sessions.clearSearch} onClick={() => setTyped('')} />
      }
      description={tooShort ? texts.sessions.searchTooShort : undefined}
      inputWrapperOrder={['input', 'description']}
      autoComplete="off"
      spellCheck={false}
      data-testid="search"
    />
  );
}
