import { Image, Text, View } from 'react-native';
import { isTaken, type SessionSlot } from '../../features/session/session-slots.ts';
import { slotName } from '../../features/session/slot-name.ts';
import { useTexts } from '../../texts/texts.tsx';
import { radius, useTheme } from '../../ui/theme.tsx';
import { usePreviews } from './use-previews.ts';

export function ReviewStills({ slots }: { readonly slots: readonly SessionSlot[] }) {
  const theme = useTheme();
  const texts = useTexts();
  const previews = usePreviews(slots.flatMap(({ photo }) => photo?.image_id ?? []));
  return (
    <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: 10 }}>
      {slots.map((slot) => {
        const url = (slot.photo && previews.get(slot.photo.image_id)) ?? slot.remote?.thumbUrl;
        const name = slotName(slot, texts);
        return (
          <View key={slot.key} style={{ width: 150, gap: 4 }}>
            <View
              style={{
                height: 112,
                borderRadius: radius,
                overflow: 'hidden',
                borderWidth: 1,
                borderStyle: isTaken(slot) ? 'solid' : 'dashed',
                borderColor: theme.border,
                backgroundColor: theme.surface,
              }}
            >
              {url && (
                <Image source={{ uri: url }} alt={texts.review.taken(name)} resizeMode="cover" style={{ flex: 1 }} />
              )}
            </View>
            <Text style={{ color: isTaken(slot) ? theme.text : theme.dim, fontSize: 15 }}>
              {isTaken(slot) ? name : `${name}: ${texts.stills.open}`}
            </Text>
          </View>
        );
      })}
    </View>
  );
}
