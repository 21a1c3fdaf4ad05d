import { NativeSelect } from '@mantine/core';
import type { QcThresholds } from '@spinbay/contracts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Organization } from '../api/queries.ts';
import { useOrganizationChange } from './use-organization-change.ts';

const words = adminTexts.quality.minimum;
/** Widths of common cameras and screens, in pixels. */
const choices = [640, 1280, 1600, 1920, 2560, 3840];

interface MinimumResolutionProps {
  readonly organization: Organization;
  readonly defaults: QcThresholds;
}

/** The minimum number of pixels on the long side of a photo. Empty if an older server does not know the setting. */
export function MinimumResolution({ organization, defaults }: MinimumResolutionProps) {
  const { shown, change } = useOrganizationChange(organization, ({ qc_min_long_side = null }, before) => ({
    text: words.changed(qc_min_long_side),
    back: { qc_min_long_side: before.qc_min_long_side ?? null },
  }));
  if (organization.qc_min_long_side === undefined) return null;
  const pixels = shown.qc_min_long_side ?? null;
  const known = pixels === null || choices.includes(pixels) ? choices : [...choices, pixels].sort((a, b) => a - b);
  return (
    <NativeSelect
      label={words.label}
      description={words.hint}
      mb="md"
      maw="32rem"
      value={pixels ?? ''}
      onChange={({ currentTarget: { value } }) => change({ qc_min_long_side: value === '' ? null : Number(value) })}
    >
      <option value="">{words.standard(defaults.size_fail)}</option>
      {known.map((choice) => (
        <option key={choice} value={choice}>
          {words.pixels(choice)}
        </option>
      ))}
    </NativeSelect>
  );
}
