import { Text, View } from 'react-native';
import { languageOf } from '../features/settings/settings.ts';
import type { Platform } from '../platform/platform.tsx';
import { catalogue } from '../texts/texts.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { ThemeProvider, useTheme } from '../ui/theme.tsx';

interface StartFailedProps {
  readonly error: unknown;
  readonly platform: Pick<Platform, 'language' | 'isStorageFault'>;
  /** The app had started, and a screen failed. */
  readonly crashed?: boolean;
  readonly onRetry: () => void;
}

export function StartFailed(props: StartFailedProps) {
  return (
    <ThemeProvider>
      <Message {...props} />
    </ThemeProvider>
  );
}

function Message({ error, platform, crashed = false, onRetry }: StartFailedProps) {
  const theme = useTheme();
  const { config: texts, retry } = catalogue[languageOf('system', platform.language)];
  // Storage that fails later is reported where it is used.
  const startDetail = platform.isStorageFault(error) ? texts.storage : texts.detail;
  return (
    <View role="main" style={{ flex: 1, padding: 24, gap: 16, backgroundColor: theme.background }}>
      <Text role="heading" aria-level={1} style={{ color: theme.text, fontSize: 26, fontWeight: '800' }}>
        {crashed ? texts.crashed : texts.title}
      </Text>
      <Notice kind="danger" title={crashed ? texts.crashedDetail : startDetail} detail={String(error)}>
        <Button kind="main" title={crashed ? texts.restart : retry} onPress={onRetry} testID="start-again" />
      </Notice>
    </View>
  );
}
