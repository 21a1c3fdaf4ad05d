import { Text, View } from 'react-native';
import { languageOf } from '../features/settings/settings.ts';
import type { Platform } from '../platform/platform.tsx';
import { catalogue } from '../texts/texts.tsx';
import { Notice } from '../ui/notice.tsx';
import { ThemeProvider, useTheme } from '../ui/theme.tsx';

interface StartFailedProps {
  readonly error: unknown;
  readonly platform: Pick<Platform, 'language' | 'isStorageFault'>;
}

export function StartFailed(props: StartFailedProps) {
  return (
    <ThemeProvider>
      <Message {...props} />
    </ThemeProvider>
  );
}

function Message({ error, platform }: StartFailedProps) {
  const theme = useTheme();
  const texts = catalogue[languageOf('system', platform.language)].config;
  return (
    <View role="main" style={{ flex: 1, padding: 24, gap: 16, backgroundColor: theme.background }}>
      <Text role="heading" aria-level={1} style={{ color: theme.text, fontSize: 26, fontWeight: '800' }}>
        {texts.title}
      </Text>
      <Notice
        kind="danger"
        title={platform.isStorageFault(error) ? texts.storage : texts.detail}
        detail={String(error)}
      />
    </View>
  );
}
