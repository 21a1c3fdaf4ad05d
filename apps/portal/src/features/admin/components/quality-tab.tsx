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
import {
  type Change,
  changesBetween,
  isKnownProfile,
  type JudgedFrame,
  judgeFrames,
  nearestToLimit,
} from '../calibration.ts';
import { figureScale, limitsOf } from '../figure-scale.ts';
import { ApplyChoice } from './apply-choice.tsx';
import { FigureChart } from './figure-chart.tsx';
import { FrameStrip } from './frame-strip.tsx';
import { LimitSlider } from './limit-slider.tsx';
import { Loaded } from './loaded.tsx';
import { MinimumResolution } from './minimum-resolution.tsx';
import { ProfileCounts } from './profile-counts.tsx';
import classes from './quality.module.css';
import { TabHead } from './tab-head.tsx';
import { VerdictChanges } from './verdict-changes.tsx';

const words = adminTexts.quality;
/** Pictures on each side of the limit. */
const nearestCount = 6;
/** Fewer frames are a poor sample. */
const enoughFrames = 50;

/** Shows how each set of rules judges the newest frames, so that an administrator can choose one for the organization. */
export function QualityTab() {
  const { client } = useApi();
  const frames = useQuery(qcFramesQuery(client));
  const thresholds = useQuery(qcThresholdsQuery(client));
  const organization = useQuery(organizationQuery(client));
  return (
    <>
      <TabHead lead={words.lead} />
      <Loaded query={organization}>
        {(settings) => (
          <Loaded query={thresholds}>
            {({ defaults }) => (
              <>
                <MinimumResolution organization={settings} defaults={defaults} />
                <Loaded query={frames}>
                  {(items) => <Frames frames={items} organization={settings} defaults={defaults} />}
                </Loaded>
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}

/** The calibration, or why there is none. */
function Frames(props: CalibrationProps) {
  const { frames, organization, defaults } = props;
  const inUse: string = organization.qc_profile ?? defaults.profile;
  if (!isKnownProfile(inUse))
    return <PageState icon={IconPhoto} title={words.unknownTitle(inUse)} body={words.unknownBody} level={2} />;
  if (frames.length === 0)
    return <PageState icon={IconPhoto} title={words.emptyTitle} body={words.emptyBody} level={2} />;
  return <Calibration {...props} />;
}

interface CalibrationProps {
  readonly frames: readonly QcFrame[];
  readonly organization: Organization;
  readonly defaults: QcThresholds;
}

/** Which frames the list shows: those with one verdict of a profile, or those whose verdict would change. */
type Shown =
  | { readonly kind: 'verdict'; readonly profile: QcProfile; readonly verdict: Verdict }
  | ({ readonly kind: 'change' } & Pick<Change, 'from' | 'to'>);

function Calibration({ frames, organization, defaults }: CalibrationProps) {
  const inUse = {
    qc_profile: organization.qc_profile ?? null,
    qc_edge_width_fail: organization.qc_edge_width_fail ?? null,
  };
  const qc_min_long_side = organization.qc_min_long_side ?? null;
  const [choice, setChoice] = useState(inUse);
  const [shown, setShown] = useState<Shown | null>(null);
  const [released, setReleased] = useState<number | null>(null);
  const present = thresholdsOf(defaults, { ...inUse, qc_min_long_side });
  const wanted = thresholdsOf(defaults, { ...choice, qc_min_long_side });
  const { qc_edge_width_fail } = choice;
  const judgedBy = useMemo(() => {
    const withLimit = thresholdsOf(defaults, { qc_profile: null, qc_edge_width_fail, qc_min_long_side });
    const by = (profile: QcProfile) => judgeFrames(frames, { ...withLimit, profile });
    return { v1: by('v1'), v2: by('v2'), v3: by('v3') };
  }, [frames, defaults, qc_edge_width_fail, qc_min_long_side]);
  const changes = changesBetween(judgeFrames(frames, present), judgedBy[wanted.profile]);
  // The scale must not change while the slider moves. A slider that is released at the end of the scale widens it.
  const scale = figureScale(wanted.profile, Math.max(present.edge_width_fail, released ?? 0));
  const nearest = nearestToLimit(frames, wanted.profile, limitsOf(wanted).fail, nearestCount);
  const isInUse = JSON.stringify(choice) === JSON.stringify(inUse);
  // A second press of the same button hides the frames again.
  const toggle = (next: Shown) => setShown(JSON.stringify(next) === JSON.stringify(shown) ? null : next);
  const shownFrames = shown !== null && (
    <ShownFrames
      key={JSON.stringify(shown)}
      shown={shown}
      judgedBy={judgedBy}
      changes={changes}
      profile={wanted.profile}
    />
  );
  return (
    <div className={classes.page}>
      <section className={classes.section} aria-labelledby="quality-rules">
        <Title order={2} size="h4" id="quality-rules">
          {words.rules}
        </Title>
        <Text size="sm" c="dimmed">
          {words.rulesLead(frames.length)} {frames.length < enoughFrames && words.fewFrames(enoughFrames)}
        </Text>
        <ProfileCounts
          labelledBy="quality-rules"
          judgedBy={judgedBy}
          chosen={wanted.profile}
          inUse={present.profile}
          ofInstallation={defaults.profile}
          shown={shown?.kind === 'verdict' ? shown : null}
          onChoose={(profile) => setChoice({ ...choice, qc_profile: profile === defaults.profile ? null : profile })}
          onShow={(verdict) => toggle({ kind: 'verdict', ...verdict })}
        />
        {shown?.kind === 'verdict' && shownFrames}
      </section>
      <section className={classes.section} aria-labelledby="quality-limit">
        <Title order={2} size="h4" id="quality-limit">
          {words.limit}
        </Title>
        <Text size="sm" c="dimmed">
          {words.limitLeads[wanted.profile]}
        </Text>
        <FigureChart frames={frames} thresholds={wanted} scale={scale}>
          {wanted.profile === 'v3' && (
            <LimitSlider
              scale={scale}
              limit={wanted.edge_width_fail}
              byDefault={defaults.edge_width_fail}
              rejected={judgedBy.v3.filter(({ verdict }) => verdict === 'fail').length}
              total={frames.length}
              onChange={(limit) => setChoice({ ...choice, qc_edge_width_fail: limit })}
              onRelease={setReleased}
            />
          )}
        </FigureChart>
      </section>
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
      <ApplyChoice choice={choice} isInUse={isInUse}>
        <VerdictChanges
          changes={changes}
          isInUse={isInUse}
          shown={shown?.kind === 'change' ? shown : null}
          onShow={(change) => toggle({ kind: 'change', ...change })}
        />
        {shown?.kind === 'change' && shownFrames}
      </ApplyChoice>
    </div>
  );
}

interface ShownFramesProps {
  readonly shown: Shown;
  readonly judgedBy: Readonly<Record<QcProfile, readonly JudgedFrame[]>>;
  readonly changes: readonly Change[];
  /** The chosen profile. */
  readonly profile: QcProfile;
}

/** The frames behind a count. */
function ShownFrames({ shown, judgedBy, changes, profile }: ShownFramesProps) {
  const list =
    shown.kind === 'verdict'
      ? judgedBy[shown.profile].filter(({ verdict }) => verdict === shown.verdict)
      : (changes.find(({ from, to }) => from === shown.from && to === shown.to)?.frames ?? []);
  const title =
    shown.kind === 'verdict'
      ? words.called(shown.profile, words.verdicts[shown.verdict], list.length)
      : words.changing(list.length, words.verdicts[shown.from], words.verdicts[shown.to]);
  return (
    <div data-testid="shown-frames">
      <FrameStrip
        title={title}
        profile={shown.kind === 'verdict' ? shown.profile : profile}
        frames={list.map(({ frame }) => frame)}
        verdicts={list.map(({ verdict }) => verdict)}
        none={words.noneShown}
      />
    </div>
  );
}
