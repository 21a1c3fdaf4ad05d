import { createContext, type ReactNode, useContext } from 'react';
import { useColorScheme } from 'react-native';

export interface Theme {
  readonly background: string;
  readonly surface: string;
  readonly text: string;
  readonly dim: string;
  readonly border: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly good: string;
  readonly warning: string;
  readonly warningSurface: string;
  readonly danger: string;
  readonly dangerSurface: string;
}

const light: Theme = {
  background: '#f6f7f9',
  surface: '#ffffff',
  text: '#14191f',
  dim: '#4a5563',
  border: '#8b96a3',
  accent: '#0d6786',
  onAccent: '#ffffff',
  good: '#14653a',
  warning: '#7a4b00',
  warningSurface: '#fff4de',
  danger: '#a5211a',
  dangerSurface: '#fdeceb',
};

const dark: Theme = {
  background: '#101418',
  surface: '#1b2229',
  text: '#f1f4f7',
  dim: '#b8c2cd',
  border: '#77838f',
  accent: '#63c3e2',
  onAccent: '#05222c',
  good: '#7fd8a4',
  warning: '#ffcf7a',
  warningSurface: '#33270f',
  danger: '#ffb4ab',
  dangerSurface: '#3a1714',
};

/** Always dark over the camera's picture, because a picture looks too dark between bright controls. */
export const overCamera: Theme = { ...dark, background: '#000000', surface: 'rgba(12, 16, 20, 0.82)' };

/** Large enough for thumbs in gloves. */
export const touch = 56;
export const gap = 12;
export const radius = 14;

const ThemeContext = createContext<Theme | null>(null);

/** The theme of the children. Default: the theme of the system. */
export function ThemeProvider({ theme, children }: { readonly theme?: Theme; readonly children: ReactNode }) {
  const scheme = useColorScheme();
  return <ThemeContext value={theme ?? (scheme === 'dark' ? dark : light)}>{children}</ThemeContext>;
}

export function useTheme(): Theme {
  return useContext(ThemeContext) ?? light;
}
