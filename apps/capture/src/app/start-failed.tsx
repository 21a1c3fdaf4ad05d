import { Text, View } from 'react-native';
import type { Language } from '../features/settings/settings.ts';
import { catalogue } from '../texts/texts.tsx';
import { Notice } from '../ui/notice.tsx';
import { ThemeProvider, useTheme } from '../ui/theme.tsx';

interface StartFailedProps {
  readonly error: unknown;
  readonly language: Language;
}

export function StartFailed(props: StartFailedProps) {
  return (
    <ThemeProvider>
      <Words {...props} />
    </ThemeProvider>
  );
}

function Words({ error, language }: StartFailedProps) {
  const theme = useTheme();
  const texts = catalogue[language].config;
  // The error of IndexedDB in private windows and if storage is disabled.
  const isStorage = error instanceof DOMException;
  return (
    <View role="main" style={{ flex: 1, padding: 24, gap: 16, backgroundColor: theme.background }}>
      <Text role="heading" aria-level={1} style={{ color: theme.text, fontSize: 26, fontWeight: '800' }}>
        {texts.title}
      </Text>
      <Notice kind="danger" title={isStorage ? texts.storage : texts.detail} detail={String(error)} />
    </View>
  );
}
