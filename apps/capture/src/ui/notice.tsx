import type { ReactNode } from 'react';
import { Text, View } from 'react-native';
import { gap, radius, useTheme } from './theme.tsx';

interface NoticeProps {
  readonly kind: 'info' | 'warning' | 'danger';
  readonly title: ReactNode;
  readonly detail?: string | undefined;
  readonly children?: ReactNode;
  readonly testID?: string;
}

/** A message to the operator, which also says what to do. */
export function Notice({ kind, title, detail, children, testID }: NoticeProps) {
  const theme = useTheme();
  const color = { info: theme.text, warning: theme.warning, danger: theme.danger }[kind];
  const surface = { info: theme.surface, warning: theme.warningSurface, danger: theme.dangerSurface }[kind];
  return (
    <View
      role={kind === 'danger' ? 'alert' : 'status'}
      {...(testID === undefined ? {} : { testID })}
      style={{ padding: 14, gap, borderRadius: radius, borderWidth: 1, borderColor: color, backgroundColor: surface }}
    >
      <View style={{ gap: 4 }}>
        <Text style={{ color, fontSize: 17, fontWeight: '700' }}>{title}</Text>
        {detail !== undefined && <Text style={{ color: theme.text, fontSize: 16, lineHeight: 22 }}>{detail}</Text>}
      </View>
      {children}
    </View>
  );
}
