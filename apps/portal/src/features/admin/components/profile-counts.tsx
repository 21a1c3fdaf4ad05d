import { Radio, Table } from '@mantine/core';
import type { QcProfile, Verdict } from '@spinbay/contracts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { countVerdicts, type JudgedFrame, profiles } from '../calibration.ts';
import classes from './quality.module.css';

interface ProfileCountsProps {
  readonly judgedBy: Readonly<Record<QcProfile, readonly JudgedFrame[]>>;
  readonly chosen: QcProfile;
  readonly inForce: QcProfile;
  readonly ofInstallation: QcProfile;
  readonly shown: { readonly profile: QcProfile; readonly verdict: Verdict } | null;
  readonly onChoose: (profile: QcProfile) => void;
  readonly onShow: (shown: { profile: QcProfile; verdict: Verdict }) => void;
}

const words = adminTexts.quality;
const verdicts = ['pass', 'warn', 'fail'] as const satisfies readonly Verdict[];

/** What each set of rules says of the frames. A count shows its frames. */
export function ProfileCounts(props: ProfileCountsProps) {
  const { judgedBy, chosen, inForce, ofInstallation, shown, onChoose, onShow } = props;
  return (
    <Table className={classes.counts} verticalSpacing="sm" data-testid="profile-counts">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.columns.profile}</Table.Th>
          {verdicts.map((verdict) => (
            <Table.Th key={verdict} scope="col" className={classes.number}>
              {words.columns[verdict]}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {profiles.map((profile) => {
          const counts = countVerdicts(judgedBy[profile]);
          const notes = [
            ...(profile === inForce ? [words.inForce] : []),
            ...(profile === ofInstallation ? [words.ofInstallation] : []),
          ];
          return (
            <Table.Tr key={profile} data-testid={`profile-${profile}`}>
              <Table.Th scope="row" className={classes.profile}>
                <Radio
                  name="qc-profile"
                  checked={profile === chosen}
                  onChange={() => onChoose(profile)}
                  label={
                    notes.length === 0 ? words.profiles[profile] : `${words.profiles[profile]} (${notes.join(', ')})`
                  }
                  description={words.profileHints[profile]}
                />
              </Table.Th>
              {verdicts.map((verdict) => (
                <Table.Td key={verdict} className={classes.number}>
                  <button
                    type="button"
                    className={classes.count}
                    data-verdict={verdict}
                    aria-pressed={shown?.profile === profile && shown.verdict === verdict}
                    aria-label={words.show(profile, words.verdicts[verdict], counts[verdict])}
                    onClick={() => onShow({ profile, verdict })}
                  >
                    {counts[verdict]}
                  </button>
                </Table.Td>
              ))}
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
