import type { Stills } from '@spinbay/contracts';
import { Text, View } from 'react-native';
import type { OwnLists } from '../../features/session/own-shot-lists.ts';
import { slotName } from '../../features/session/slot-name.ts';
import { useTexts } from '../../texts/texts.tsx';
import { Choice } from '../../ui/choice.tsx';
import { useTheme } from '../../ui/theme.tsx';

interface StillsSetupProps {
  readonly lists: OwnLists;
  /** Null: the standard list. */
  readonly chosen: string | null;
  /** Of the chosen list. */
  readonly shots: Stills;
  readonly onChoose: (id: string | null) => void;
}

/** Which stills to shoot. Without lists of its own, an organization shoots the standard list. */
export function StillsSetup({ lists, chosen, shots, onChoose }: StillsSetupProps) {
  const texts = useTexts();
  const theme = useTheme();
  const required = shots.filter((shot) => shot.required).length;
  const names = shots.map(({ name, label }) =>
    slotName({ angleDeg: null, shotName: name, label: label ?? null }, texts),
  );
  return (
    <>
      {lists.length > 0 && (
        <Choice
          label={texts.setup.shotList}
          options={[
            { value: '', title: texts.setup.standardList },
            ...lists.map(({ id, name }) => ({ value: id as string, title: name })),
          ]}
          value={chosen ?? ''}
          onChange={(id) => onChoose(id === '' ? null : id)}
        />
      )}
      <View style={{ gap: 6 }}>
        <Text style={{ color: theme.text, fontSize: 16, fontWeight: '600' }}>
          {texts.setup.shots(required, shots.length - required)}
        </Text>
        <Text style={{ color: theme.dim, fontSize: 16, lineHeight: 24 }}>{names.join(', ')}</Text>
      </View>
    </>
  );
}
