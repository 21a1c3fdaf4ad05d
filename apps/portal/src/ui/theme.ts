import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const bay: MantineColorsTuple = [
  '#e8f6fb',
  '#d3eaf3',
  '#a6d5e7',
  '#76bfda',
  '#4facd0',
  '#379fc9',
  '#2390bd',
  '#137ba4',
  '#0d6786',
  '#084d66',
];

const slate: MantineColorsTuple = [
  '#dfe5ea',
  '#b9c3cd',
  '#9aa7b3',
  '#6f7d8a',
  '#46525d',
  '#36414b',
  '#28313a',
  '#192026',
  '#11171c',
  '#0a0f13',
];

/** The theme. With shade 8 and automatic contrast, text on every filled control is readable in both colour schemes. */
export const theme = createTheme({
  colors: { bay, dark: slate },
  primaryColor: 'bay',
  primaryShade: 8,
  autoContrast: true,
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '9px', lg: '14px', xl: '32px' },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
});

/**
 * The portal's own colours for both colour schemes, in addition to those of the design system. `-fg` on `-bg` has a contrast
 * of at least 4.5 to 1.
 */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: { '--sb-page-width': '110rem' },
  light: {
    '--mantine-color-dimmed': '#56626d',
    '--mantine-color-placeholder': '#66727d',
    '--mantine-color-error': '#b01f1f',
    '--sb-canvas': '#f5f7f9',
    '--sb-line': '#dfe5ea',
    '--sb-line-strong': '#b9c3cd',
    '--sb-sunken': '#edf1f4',
    '--sb-logo-mark': '#0d6786',
    '--sb-pass-bg': '#dcf3e3',
    '--sb-pass-fg': '#14582b',
    '--sb-pass': '#218a46',
    '--sb-warn-bg': '#ffd84d',
    '--sb-warn-fg': '#423300',
    '--sb-warn': '#e0a800',
    '--sb-vin-warning': '#9a5b00',
    '--sb-fail-bg': '#c62828',
    '--sb-fail-fg': '#ffffff',
    '--sb-fail': '#c62828',
    '--sb-fail-text': '#b01f1f',
    '--sb-calm-bg': '#e4eaef',
    '--sb-calm-fg': '#3d4954',
    '--sb-live-bg': '#d7eef7',
    '--sb-live-fg': '#084d66',
    '--sb-live': '#137ba4',
  },
  dark: {
    '--mantine-color-dimmed': '#a3afba',
    '--mantine-color-placeholder': '#8f9ca8',
    '--mantine-color-error': '#ff9a93',
    '--sb-canvas': '#11171c',
    '--sb-line': '#2e3841',
    '--sb-line-strong': '#46525d',
    '--sb-sunken': '#141a20',
    '--sb-logo-mark': '#137ba4',
    '--sb-pass-bg': '#163a24',
    '--sb-pass-fg': '#8fe0a8',
    '--sb-pass': '#3fae66',
    '--sb-warn-bg': '#f2c230',
    '--sb-warn-fg': '#2f2500',
    '--sb-warn': '#f2c230',
    '--sb-vin-warning': '#f2c230',
    '--sb-fail-bg': '#c93a36',
    '--sb-fail-fg': '#ffffff',
    '--sb-fail': '#e5534b',
    '--sb-fail-text': '#ff9a93',
    '--sb-calm-bg': '#2e3841',
    '--sb-calm-fg': '#ced7df',
    '--sb-live-bg': '#0f3b4d',
    '--sb-live-fg': '#9bd8ef',
    '--sb-live': '#37a9d6',
  },
});
