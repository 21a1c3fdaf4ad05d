import { Text, Title } from '@mantine/core';
import { type QcFrame, type QcProfile, type QcThresholds, thresholdsOf, type Verdict } from '@spinbay/contracts';
import { IconPhoto } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { qcThresholdsQuery } from '../../../api/use-qc-thresholds.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { type Organization, organizationQuery, qcFramesQuery } from '../api/queries.ts';
import { changedVerdicts, type JudgedFrame, judgeFrames, limitOf, nearestToLimit } from '../calibration.ts';
import { ApplyChoice } from './apply-choice.tsx';
import { FrameStrip } from './frame-strip.tsx';
import { LimitSlider } from './limit-slider.tsx';
import { Loaded } from './loaded.tsx';
import { ProfileCounts } from './profile-counts.tsx';
import classes from './quality.module.css';
import { TabHead } from './tab-head.tsx';

const words = adminTexts.quality;
/** Pictures in a row beside the limit. */
const nearestCount = 6;

/** Tries the rules on the newest frames, and chooses those of the organization. */
export function QualityTab() {
  const { client } = useApi();
  const frames = useQuery(qcFramesQuery(client));
  const thresholds = useQuery(qcThresholdsQuery(client));
  const organization = useQuery(organizationQuery(client));
  return (
    <>
      <TabHead lead={words.lead} />
      <Loaded query={organization}>
        {(its) => (
          <Loaded query={thresholds}>
            {({ defaults }) => (
              <Loaded query={frames}>
                {(items) =>
                  items.length === 0 ? (
                    <PageState icon={IconPhoto} title={words.emptyTitle} body={words.emptyBody} level={2} />
                  ) : (
                    <Calibration frames={items} organization={its} defaults={defaults} />
                  )
                }
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

interface CalibrationProps {
  readonly frames: readonly QcFrame[];
  readonly organization: Organization;
  readonly defaults: QcThresholds;
}

/** Which frames are shown: those that the choice would change, or those that some rules judge so. */
type Shown = 'changed' | { readonly profile: QcProfile; readonly verdict: Verdict };

function Calibration({ frames, organization, defaults }: CalibrationProps) {
  const inForce = {
    qc_profile: organization.qc_profile ?? null,
    qc_edge_width_fail: organization.qc_edge_width_fail ?? null,
  };
  const [choice, setChoice] = useState(inForce);
  const [shown, setShown] = useState<Shown>('changed');
  const present = thresholdsOf(defaults, inForce);
  const wanted = thresholdsOf(defaults, choice);
  const judgedBy = useMemo(() => {
    const wantedLimit = thresholdsOf(defaults, { qc_profile: null, qc_edge_width_fail: choice.qc_edge_width_fail });
    const by = (profile: QcProfile) => judgeFrames(frames, { ...wantedLimit, profile });
    return { v1: by('v1'), v2: by('v2'), v3: by('v3') };
  }, [frames, defaults, choice.qc_edge_width_fail]);
  const changed = changedVerdicts(judgeFrames(frames, present), judgedBy[wanted.profile]);
  const nearest = nearestToLimit(frames, wanted.profile, limitOf(wanted, wanted.profile), nearestCount);
  const list =
    shown === 'changed' ? changed : judgedBy[shown.profile].filter(({ verdict }) => verdict === shown.verdict);
  return (
    <div className={classes.page}>
      <section className={classes.section} aria-labelledby="quality-rules">
        <Title order={2} size="h4" id="quality-rules">
          {words.rules}
        </Title>
        <Text size="sm" c="dimmed">
          {words.rulesLead(frames.length)}
        </Text>
        <ProfileCounts
          judgedBy={judgedBy}
          chosen={wanted.profile}
          inForce={present.profile}
          ofInstallation={defaults.profile}
          shown={shown === 'changed' ? null : shown}
          onChoose={(profile) => setChoice({ ...choice, qc_profile: profile === defaults.profile ? null : profile })}
          onShow={setShown}
        />
      </section>
      {wanted.profile === 'v3' && (
        <LimitSlider
          frames={frames}
          limit={wanted.edge_width_fail}
          byDefault={defaults.edge_width_fail}
          rejected={judgedBy.v3.filter(({ verdict }) => verdict === 'fail').length}
          onChange={(limit) => setChoice({ ...choice, qc_edge_width_fail: limit })}
        />
      )}
      <section className={classes.section} aria-labelledby="quality-nearest">
        <Title order={2} size="h4" id="quality-nearest">
          {words.nearest}
        </Title>
        <Text size="sm" c="dimmed">
          {words.nearestLead}
        </Text>
        {(['sharp', 'soft'] as const).map((side) => (
          <FrameStrip
            key={side}
            title={words[side]}
            tone={side === 'sharp' ? 'pass' : 'fail'}
            profile={wanted.profile}
            frames={nearest[side].map(({ frame }) => frame)}
            none={words.none}
          />
        ))}
      </section>
      <ApplyChoice choice={choice} isInForce={JSON.stringify(choice) === JSON.stringify(inForce)}>
        {changed.length === 0 ? words.unchanged : words.changed(changed.length)}
      </ApplyChoice>
      <section className={classes.section} aria-label={titleOf(shown, list)} data-testid="shown-frames">
        <FrameStrip
          title={titleOf(shown, list)}
          profile={shown === 'changed' ? wanted.profile : shown.profile}
          frames={list.map(({ frame }) => frame)}
          verdicts={list.map(({ verdict }) => verdict)}
          none=""
          key={JSON.stringify(shown)}
        />
      </section>
    </div>
  );
}

function titleOf(shown: Shown, list: readonly JudgedFrame[]): string {
  if (shown !== 'changed') return words.called(shown.profile, words.verdicts[shown.verdict], list.length);
  return list.length === 0 ? words.unchanged : words.changed(list.length);
}
