import { createContext, useContext } from 'react';
import type { Language } from '../features/settings/settings.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

export const catalogue: Readonly<Record<Language, Texts>> = { en, de };

export const TextsContext = createContext<Texts>(en);

export function useTexts(): Texts {
  return useContext(TextsContext);
}
