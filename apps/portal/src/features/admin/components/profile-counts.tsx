import { Radio } from '@mantine/core';
import type { QcProfile, Verdict } from '@spinbay/contracts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { countVerdicts, type JudgedFrame, profiles } from '../calibration.ts';
import classes from './quality.module.css';

interface ProfileCountsProps {
  /** The id of the heading. */
  readonly labelledBy: string;
  readonly judgedBy: Readonly<Record<QcProfile, readonly JudgedFrame[]>>;
  readonly chosen: QcProfile;
  readonly inUse: QcProfile;
  readonly ofInstallation: QcProfile;
  readonly shown: { readonly profile: QcProfile; readonly verdict: Verdict } | null;
  readonly onChoose: (profile: QcProfile) => void;
  readonly onShow: (shown: { profile: QcProfile; verdict: Verdict }) => void;
}

const words = adminTexts.quality;
const verdicts = ['pass', 'warn', 'fail'] as const satisfies readonly Verdict[];

/** How each set of rules judges the frames. A click on a count shows its frames. */
export function ProfileCounts(props: ProfileCountsProps) {
  const { labelledBy, judgedBy, chosen, inUse, ofInstallation, shown, onChoose, onShow } = props;
  return (
    <fieldset className={classes.profiles} aria-labelledby={labelledBy} data-testid="profile-counts">
      {profiles.map((profile) => {
        const counts = countVerdicts(judgedBy[profile]);
        const notes = [
          ...(profile === inUse ? [words.inUse] : []),
          ...(profile === ofInstallation ? [words.ofInstallation] : []),
        ];
        const name = words.profiles[profile];
        return (
          <div
            key={profile}
            className={classes.profile}
            data-chosen={profile === chosen}
            data-testid={`profile-${profile}`}
          >
            <Radio
              name="qc-profile"
              checked={profile === chosen}
              onChange={() => onChoose(profile)}
              label={notes.length === 0 ? name : `${name} (${notes.join(', ')})`}
              description={words.profileHints[profile]}
            />
            <div className={classes.verdicts}>
              {verdicts.map((verdict) => (
                <button
                  key={verdict}
                  type="button"
                  className={classes.count}
                  data-verdict={verdict}
                  aria-pressed={shown?.profile === profile && shown.verdict === verdict}
                  aria-label={words.show(counts[verdict], words.verdicts[verdict], profile)}
                  onClick={() => onShow({ profile, verdict })}
                >
                  <strong>{counts[verdict]}</strong> {words.verdicts[verdict]}
                </button>
              ))}
            </div>
          </div>
        );
      })}
    </fieldset>
  );
}
