import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { texts } from '../../../ui/texts.ts';
import { searchInEffect, searchToSend, type TypedSearch } from '../typed-search.ts';
import classes from './sessions.module.css';

const pauseMs = 300;

interface SearchFieldProps {
  readonly q: string | null;
  readonly onChange: (q: string | null) => void;
}

/** The search starts after a short pause in typing. */
export function SearchField({ q, onChange }: SearchFieldProps) {
  const [search, setSearch] = useState<TypedSearch>({ typed: q ?? '', sent: [] });
  const { typed } = search;
  const latest = useRef({ search, q, onChange });
  latest.current = { search, q, onChange };
  useEffect(() => setSearch((before) => searchInEffect(before, q)), [q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each key restarts the pause
  useEffect(() => {
    const timer = setTimeout(() => {
      const { search, q, onChange } = latest.current;
      const wanted = searchToSend(search, q);
      if (wanted === undefined) return;
      setSearch({ ...search, sent: [...search.sent, wanted] });
      onChange(wanted);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const setTyped = (text: string) => setSearch((before) => ({ ...before, typed: text }));
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
